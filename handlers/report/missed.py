"""What a committee reads in private when somebody has missed whole months without reason."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from handlers.kit import Button, House, Note, Say, Talk, button, notice
from handlers.meetings.showing import MANAGE
from handlers.report.saying import source
from handlers.text import Moment, Text, Words, _
from storage import report, rules
from storage.errors import NotFound
from storage.outbox import Class
from storage.report import Missed
from storage.roster import Person, Unit
from storage.rules import Rule
from storage.schedule import Due


def weigh(session: Session, due: Due, house: House, now: datetime) -> None:
    """A roll is settled: is there somebody of whom the committee must hear?"""
    number = int(due.subject.rpartition(":")[2])
    report.weigh(session, number, profile=house.profile, quiet=house.quiet, now=now)


@notice(
    report.TOLD,
    power="absence.decide",
    klass=Class.ONCE,
    about=_("Months missed without reason"),
    named=False,
)
def told(note: Note) -> Say | None:
    """To each of the committee, as long as it is so."""
    found = _found(note)
    if found is None or found[0].withdrawn_at is not None:
        return None
    missed, person = found
    if missed.revision != note.notice.revision:
        return None
    lines = card(note.session, missed, person, note.house, note.now)
    return Say(*lines, buttons=[[Button(_("Noted"), "missed_seen", missed.id)], [MANAGE]])


@notice(
    report.WITHDRAWN,
    power="absence.decide",
    klass=Class.ONCE,
    about=_("Missed months put right"),
    named=False,
)
def withdrawn(note: Note) -> Say | None:
    """To those who were told what is not so any more."""
    found = _found(note)
    if found is None:
        return None
    missed, person = found
    if missed.withdrawn_at is None or missed.revision != note.notice.revision:
        return None
    return Say(_withdrawn(missed, person), buttons=[[MANAGE]])


@button("missed_seen", power="absence.decide")
def seen(talk: Talk, missed_id: int) -> Say:
    """[Noted]: the card stays, and says who has noted it first."""
    missed, person = report.acknowledge(talk.session, talk.actor, missed_id, now=talk.now)
    if missed.withdrawn_at is not None:
        return Say(_withdrawn(missed, person), buttons=[[MANAGE]])
    reader = talk.session.get(Person, missed.seen_by) if missed.seen_by else None
    return Say(
        *card(talk.session, missed, person, talk.house, talk.now),
        _(
            "Comrade {name} noted this, {at}.",
            name=reader.full_name if reader else "",
            at=Moment(missed.seen_at or talk.now),
        ),
        buttons=[[MANAGE]],
    )


def card(
    session: Session, missed: Missed, person: Person, house: House, now: datetime
) -> list[Words]:
    """Who, which months, what counts as one, and by which rules."""
    unit = session.get_one(Unit, missed.unit_id)

    def rule(key: str) -> Rule:
        return rules.rule(session, house.profile, key, unit, on=missed.told_at.date())

    ends, warn = rule("missed.months"), rule("missed.warn")
    return [
        _(
            "<b>Missed {n} months without reason</b> · {unit} · private",
            n=missed.count,
            unit=unit.name,
        ),
        _(
            "Comrade {name}: months {months} of {year}.",
            name=person.full_name,
            months=missed.months.replace(",", ", "),
            year=str(missed.year),
        ),
        _(
            "A month counts when somebody is absent without reason from all its regular meetings;"
            " present or excused once, it does not."
        ),
        _(
            "Missing {n} months of a year without reason can end membership ({cited}).",
            n=ends.value or 0,
            cited=source(ends),
        ),
        _(
            "The committee is told from {n} months on ({cited}).",
            n=warn.value or 0,
            cited=source(warn),
        ),
    ]


def _withdrawn(missed: Missed, person: Person) -> Text:
    return _(
        "Comrade {name}: the roll was put right. {n} missed months in {year} is no longer so.",
        name=person.full_name,
        n=missed.count,
        year=str(missed.year),
    )


def _found(note: Note) -> tuple[Missed, Person] | None:
    try:
        missed, person = report.missed_told(note.session, note.subject_id)
    except NotFound:
        return None
    own = note.person is not None and note.person.id == person.id
    if own or not note.may("absence.decide", missed.unit_id):
        return None
    return missed, person
