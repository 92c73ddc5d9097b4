"""A roster file in the chat: what it would change is shown, and written after a yes."""

from __future__ import annotations

import io
from collections.abc import Callable

from handlers.kit import Button, File, Say, Talk, button, maker
from handlers.text import Text, _
from storage import roster_import
from storage.reading import Read
from storage.roster_import import Plan
from storage.sheets import Problem, Sheet, write_xlsx

SHOWN = 2  # problems told on the screen; the rest is in the file
REMARKS = 5  # what was left out, and whom a row changes that may be somebody else


def preview(talk: Talk, found: Read) -> Say:
    """What the file would do. Nothing is written."""
    name, table = found.name, found.table
    kept = roster_import.keep_file(
        talk.session, talk.actor, name, table, table.problems, now=talk.now
    )
    planned = roster_import.plan_kept(talk.session, talk.actor, kept, today=talk.today)
    planned.warnings = table.warnings + planned.warnings
    return _preview(kept.id, name, planned)


def _preview(file_id: int, name: str, planned: Plan) -> Say:
    wrong = planned.wrong
    return Say(
        _(
            "CHECKING {file} → {new} new · {changed} changed · {same} the same · {wrong} wrong."
            " NOTHING WRITTEN YET.",
            file=name,
            new=len(planned.new),
            changed=len(planned.changed),
            same=planned.same,
            wrong=wrong,
        )
        if planned.changed
        else _(
            "CHECKING {file} → {new} new · {same} the same · {wrong} wrong. NOTHING WRITTEN YET.",
            file=name,
            new=len(planned.new),
            same=planned.same,
            wrong=wrong,
        ),
        _("{count} on the roll are not in the file and stay as they are.", count=planned.absent)
        if planned.absent
        else None,
        *(problem(each) for each in planned.problems[:SHOWN]),
        *remarks(planned.warnings),
        _("Rows with errors stay out; everything else is written at once.")
        if wrong and planned.writes
        else None,
        buttons=[
            [
                Button(_("Write {n} people", n=planned.writes), "rosterwrite", file_id)
                if planned.writes
                else None
            ],
            [
                Button(_("Get wrong rows"), "rosterwrong", file_id) if wrong else None,
                Button(_("Cancel"), "rosterdrop", file_id),
            ],
        ],
    )


def remarks(warnings: list[Problem]) -> list[Text]:
    """The first of the warnings, and how many more there are."""
    more = len(warnings) - REMARKS
    said = [problem(each) for each in warnings[:REMARKS]]
    return [*said, _("… and {n} more", n=more)] if more > 0 else said


def problem(each: Problem) -> Text:
    """One problem, with its place."""
    message = _(each.message, **each.values)
    if each.row is None:
        return message
    if not each.column:
        return _("Row {row}: {message}", row=str(each.row), message=message)
    return _(
        "Row {row}, column {column}: {message}",
        row=str(each.row),
        column=each.column,
        message=message,
    )


@button("rosterwrite", power="roster.import")
def write(talk: Talk, file_id: int) -> Say:
    """Written, all in one."""
    kept, planned = roster_import.write_kept(
        talk.session,
        talk.actor,
        file_id,
        quiet=talk.house.quiet,
        now=talk.now,
        today=talk.today,
    )
    return Say(
        _(
            "Written: {new} new · {changed} changed, from {file}.",
            new=len(planned.new),
            changed=len(planned.changed),
            file=kept.name,
        ),
        _("This can be undone for 24 hours. Links for new people: [New link] under Roster."),
        buttons=[
            [Button(_("Undo"), "rosterundo", kept.id), Button(_("Roster"), "roster")],
            [Button(_("‹ Manage"), "manage")],
        ],
    )


@button("rosterdrop", power="roster.import")
def drop(talk: Talk, file_id: int) -> Say:
    """Nothing is written, nothing is kept."""
    roster_import.give_up(talk.session, talk.actor, file_id)
    return Say(
        _("Cancelled. Nothing was written, the file is not kept."),
        buttons=[[Button(_("‹ Manage"), "manage")]],
    )


@button("rosterwrong", power="roster.import")
def wrong_rows(talk: Talk, file_id: int) -> Say:
    """The errors as a workbook."""
    kept = roster_import.kept_file(talk.session, talk.actor, file_id)
    return Say(
        toast=_("The file with the errors follows."),
        files=[File("rosterwrong", (kept.id,), "dong-loi.xlsx")],
    )


@maker("rosterwrong", power="roster.import")
def make_wrong_rows(talk: Talk, file_id: int) -> Callable[[], bytes]:
    """Row, column, and what is wrong."""
    kept = roster_import.kept_file(talk.session, talk.actor, file_id)
    planned = roster_import.plan_kept(talk.session, talk.actor, kept, today=talk.today)
    say = talk.reader.plain
    header = [say(_("Row")), say(_("Column")), say(_("What is wrong"))]
    rows = [
        (each.row, each.column, say(_(each.message, **each.values))) for each in planned.problems
    ]

    def build() -> bytes:
        book = io.BytesIO()
        write_xlsx(book, [Sheet("Lỗi", header, rows)])
        return book.getvalue()

    return build


@button("rosterundo", power="roster.import")
def undo(talk: Talk, file_id: int) -> Say:
    """Asks again: it concerns many."""
    kept, count = roster_import.undoable(talk.session, talk.actor, file_id, now=talk.now)
    return Say(
        _("Undo the import of {file}? It concerns {count} people.", file=kept.name, count=count),
        buttons=[
            [Button(_("Undo {n} people", n=count), "rosterundoyes", kept.id)],
            [Button(_("‹ Manage"), "manage")],
        ],
    )


@button("rosterundoyes", power="roster.import")
def undo_yes(talk: Talk, file_id: int) -> Say:
    """As before the import."""
    count = roster_import.undo(talk.session, talk.actor, file_id, now=talk.now)
    return Say(
        _("Undone: {count} people are as before.", count=count),
        buttons=[[Button(_("‹ Manage"), "manage")]],
    )
