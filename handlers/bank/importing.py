"""A file of questions in the chat: what it would do is shown, and written after a yes."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from handlers.kit import Ask, Button, File, Say, Talk, button, maker
from handlers.roster.importing import problem, remarks
from handlers.text import Text, _
from storage import bank, bank_files
from storage.bank import ItemKind, NewItem, Plan
from storage.errors import NotFound, Refusal
from storage.reading import Read
from storage.sheets import Problem, Sheet, SheetError, write_xlsx

FORM = "bank.file"
PROBLEMS_SHOWN = 4
HOMES_SHOWN = 4
BANK = Button(_("‹ Question bank"), "bank")


def preview(talk: Talk, found: Read) -> Say:
    """What the file would do; nothing is written before the yes. Called by `handlers/files.py`."""
    problems = [*found.table.problems]
    try:
        items = bank.items_of(found.table)
    except SheetError as error:
        told = {(each.row, each.column) for each in problems}
        problems += [each for each in error.problems if (each.row, each.column) not in told]
    if problems:
        return _not_taken(sorted(problems, key=lambda each: each.row or 0))
    units = bank.homes(talk.session, talk.actor)[:HOMES_SHOWN]
    if not units:
        raise NotFound
    plan = bank.plan(talk.session, talk.actor, units[0].id, items)
    one = len(units) == 1
    if one and not plan.added + plan.changed:
        return Say(
            _("All {n} questions are in the bank already. Nothing to write.", n=plan.same),
            buttons=[[BANK]],
        )
    label = _("Write {n} questions", n=plan.added + plan.changed)
    return Ask(
        FORM,
        _("{file}: {n} questions", file=found.name, n=len(items)),
        _counted(plan) if one else _("Into which bank? It serves the unit and all below it."),
        _("They serve {unit} and all below.", unit=units[0].name) if one else None,
        *remarks(found.table.warnings),
        _("NOTHING IS WRITTEN YET."),
        data={"items": [asdict(each) for each in items]},
        buttons=[
            *[[Button(label if one else each.name, "bankwrite", each.id)] for each in units],
            [Button(_("Cancel"), "cancel", FORM), BANK],
        ],
    )


@button("bankwrite", power="campaign.manage")
def write(talk: Talk, unit_id: int) -> Say:
    """[Write 40 questions]: all of the file."""
    if talk.draft is None or talk.draft.form != FORM:
        raise Refusal("This file has been dealt with. Send it again to change something.")
    items = [_restored(each) for each in talk.draft.data["items"]]
    plan = bank.plan(talk.session, talk.actor, unit_id, items)
    bank.put(talk.session, talk.actor, unit_id, items, now=talk.now)
    talk.close()
    return Say(_("Written to the question bank."), _counted(plan), buttons=[[BANK]])


def _counted(plan: Plan) -> Text:
    return _(
        "Questions: {added} new, {changed} changed, {same} as before",
        added=plan.added,
        changed=plan.changed,
        same=plan.same,
    )


def _restored(stored: dict[str, Any]) -> NewItem:
    kind = ItemKind(stored["kind"])
    lists = {name: tuple(stored[name]) for name in ("choices", "answer")}
    return NewItem(**{**stored, **lists, "kind": kind})


def _not_taken(problems: list[Problem]) -> Say:
    more = len(problems) - PROBLEMS_SHOWN
    return Say(
        _("The file has not been taken. Nothing was written."),
        *(problem(each) for each in problems[:PROBLEMS_SHOWN]),
        _("… and {n} more", n=more) if more > 0 else None,
        buttons=[[BANK]],
    )


@button("bankexample", power="campaign.manage")
def example(talk: Talk) -> Say:
    """[Example]: a table to fill in, one question of each kind."""
    return Say(
        toast=_("The file is on its way."),
        files=[File("bank.example", (), "mau-cau-hoi.xlsx")],
    )


@maker("bank.example", power="campaign.manage")
def make_example(_talk: Talk) -> Callable[[], bytes]:
    """The same for everybody: its columns are those that are read."""
    columns = bank_files.COLUMNS
    rows = [[each.get(column.name) for column in columns] for each in bank.EXAMPLE]

    def build() -> bytes:
        book = io.BytesIO()
        write_xlsx(book, [Sheet("Câu hỏi", [column.title for column in columns], rows)])
        return book.getvalue()

    return build
