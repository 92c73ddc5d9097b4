"""Questions: whatever somebody types in private is looked for in the base.

The screen of results answers the person's own message and carries the numbers of the entries, so
that nothing of the question is kept: [Send to committee] (`handlers/inbox`) reads it from the
message that the screen replies to.

This is the last feature in routing order, because it takes any text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

from handlers.home import HOME
from handlers.kit import Ask, Button, Say, Talk, button, command, typed
from handlers.roster.importing import problem, remarks
from handlers.text import Day, Text, _
from storage import groups, questions
from storage.errors import Refusal
from storage.powers import may_somewhere
from storage.questions import Entry, NewEntry, Plan
from storage.reading import Read
from storage.sheets import Problem, SheetError

SHOWN = 3
PROBLEMS_SHOWN = 4
FORM = "questions.file"
MANAGE = Button(_("‹ Manage"), "manage")


@command(
    "ask",
    vi="hoi",
    power="question.base",
    label=_("Questions"),
    help=_("Ask a question"),
    group=True,
)
def ask(talk: Talk) -> Say:
    """/ask with a question, or alone, or in a group."""
    if not talk.private:
        return _in_group(talk)
    if talk.text:
        return look(talk)
    talk.leave()  # what is typed next is the question
    return Say(
        _("What would you like to know? Simply type it, with accents or without."),
        _("For example: {example}", example="dang phi dong bao nhieu"),
        buttons=[[HOME]],
    )


@typed(r".+", power="question.base")
def look(talk: Talk) -> Say:
    """The best answers of the base, and the way to the committee."""
    hits = questions.find(talk.session, talk.text, questions.units_of(talk.actor), limit=SHOWN)
    entries = [hit.entry for hit in hits]
    head: Text | None = None
    if not hits:
        head = _("I have found no answer to this.")
    elif not hits[0].confident:
        head = _("I am not sure that these answer your question:")
    return _results(talk, entries, head)


@button("entry", power="question.base")
def show(talk: Talk, entry_id: int, found: str) -> Say:
    """One answer, with where it comes from; back to the results it was among."""
    entry = questions.entry_for(talk.session, questions.units_of(talk.actor), entry_id)
    return Say(
        *_answer(entry), buttons=[[_to_committee(talk)], [Button(_("‹ Back"), "found", found)]]
    )


@button("found", power="question.base")
def results(talk: Talk, found: str) -> Say:
    """The results again, as far as they still stand."""
    ids = [int(part) for part in found.split("-") if part.isascii() and part.isdecimal()][:SHOWN]
    entries = questions.readable(talk.session, questions.units_of(talk.actor), ids)
    head = None if entries else _("These answers have been taken out. Please ask again.")
    return _results(talk, [entries[number] for number in ids if number in entries], head)


def _results(talk: Talk, entries: Sequence[Entry], head: Text | None) -> Say:
    ids = "-".join(str(entry.id) for entry in entries)
    return Say(
        head,
        *(_line(number, entry) for number, entry in enumerate(entries, 1)),
        buttons=[
            [Button(str(n), "entry", entry.id, ids) for n, entry in enumerate(entries, 1)],
            [_to_committee(talk)],
            [HOME],
        ],
        reply_to=talk.message_id is None,
    )


def _line(number: int, entry: Entry) -> Text:
    if not entry.source:
        return _("{number}. {question}", number=number, question=entry.question)
    return _(
        "{number}. {question} ({origin})",
        number=number,
        question=entry.question,
        origin=entry.source,
    )


def _to_committee(talk: Talk) -> Button | None:
    """Who is on no roll has no committee to ask."""
    if not may_somewhere(talk.actor, "question.ask"):
        return None
    return Button(_("Send to committee"), "ask-send")


def _answer(entry: Entry) -> list[Text | str]:
    lines: list[Text | str] = [_("<b>{question}</b>", question=entry.question), entry.answer]
    if entry.source:
        lines.append(_("Source: {origin}", origin=entry.source))
    if entry.valid_from is not None:
        lines.append(_("In force from {day}", day=Day(entry.valid_from, dated=True)))
    return lines


def _in_group(talk: Talk) -> Say:
    """A certain answer of the base for everybody to read, else the way to the private chat."""
    group = groups.at(talk.session, talk.chat_id)
    units = questions.units_of_group(talk.session, group.unit_id if group else None)
    hits = questions.find(talk.session, talk.text, units, limit=1) if talk.text else []
    if hits and hits[0].confident:
        return Say(*_answer(hits[0].entry), reply_to=True)
    return Say(
        _("I have no certain answer to this for the group. Please ask me in private.")
        if talk.text
        else _("Type the question after /ask, or ask me in private."),
        buttons=[[Button(_("Ask in private"), url=talk.house.link(""))]],
        reply_to=True,
    )


# -- a file of questions -----------------------------------------------------------------------


def preview(talk: Talk, found: Read) -> Say:
    """What the file would do; nothing is written before the yes. Called by `handlers/files.py`."""
    problems = found.table.problems
    try:
        entries = questions.entries_of(found.table, today=talk.today)
    except SheetError as error:
        told = {(each.row, each.column) for each in problems}
        more = [each for each in error.problems if (each.row, each.column) not in told]
        problems = sorted(problems + more, key=lambda each: each.row or 0)
    if problems:
        return _not_taken(problems)
    plan = questions.plan(talk.session, talk.actor, entries)
    if not plan.added + plan.changed:
        return Say(
            _("All {n} questions are in the base already. Nothing to write.", n=plan.same),
            buttons=[[MANAGE]],
        )
    return Ask(
        FORM,
        _counted(plan),
        _("They hold for {unit} and all below.", unit=plan.unit.name)
        if plan.unit
        else _("They hold for all units."),
        *remarks(found.table.warnings),
        _("NOTHING IS WRITTEN YET."),
        data={"entries": [_stored(entry) for entry in entries]},
        buttons=[[Button(_("Write it"), "questionswrite"), Button(_("Cancel"), "cancel", FORM)]],
    )


@button("questionswrite", power="question.import")
def write(talk: Talk) -> Say:
    """[Write it]: all of the file."""
    if talk.draft is None or talk.draft.form != FORM:
        raise Refusal("This file has been dealt with. Send it again to change something.")
    entries = [_restored(stored) for stored in talk.draft.data["entries"]]
    plan = questions.apply(talk.session, talk.actor, entries, now=talk.now)
    talk.close()
    return Say(_("Written to the question base."), _counted(plan), buttons=[[MANAGE]])


def _counted(plan: Plan) -> Text:
    return _(
        "Questions: {added} new, {changed} changed, {same} as before",
        added=plan.added,
        changed=plan.changed,
        same=plan.same,
    )


def _stored(entry: NewEntry) -> dict[str, Any]:
    day = entry.valid_from
    return {**asdict(entry), "valid_from": day.isoformat() if day else None}


def _restored(stored: dict[str, Any]) -> NewEntry:
    day = stored["valid_from"]
    return NewEntry(**{**stored, "valid_from": date.fromisoformat(day) if day else None})


def _not_taken(problems: list[Problem]) -> Say:
    more = len(problems) - PROBLEMS_SHOWN
    return Say(
        _("The file has not been taken. Nothing was written."),
        *(problem(each) for each in problems[:PROBLEMS_SHOWN]),
        _("… and {n} more", n=more) if more > 0 else None,
        buttons=[[MANAGE]],
    )
