"""What is sent about contests, with words found when it is sent; and what fires by itself."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from handlers.contest.results import own_line
from handlers.contest.showing import HOME, limits, round_line
from handlers.kit import Button, House, Note, Say, notice
from handlers.text import _
from storage import contest
from storage.errors import Refusal
from storage.outbox import Class
from storage.schedule import Due


def open_due(session: Session, due: Due, house: House, now: datetime) -> None:
    """A round opens."""
    contest.open_round(session, _number(due), quiet=house.quiet, now=now)


def seal_due(session: Session, due: Due, house: House, now: datetime) -> None:
    """A round is over; however late that is noticed, its second stands."""
    contest.seal(session, _number(due), quiet=house.quiet, now=now)


def _number(due: Due) -> int:
    return int(due.subject.rpartition(":")[2])


@notice(contest.OPENING, power="study.own", klass=Class.REMINDER, about=_("A round is open"))
def opened(note: Note) -> Say | None:
    """To everybody who may take part."""
    try:
        made, round_ = contest.opened(note.session, note.actor, note.subject_id, now=note.now)
    except Refusal:  # over meanwhile, or no longer theirs
        return None
    return Say(
        _("<b>{name}</b>", name=made.name),
        round_line(made, round_),
        limits(made),
        buttons=[[Button(_("Enter contest"), "contest", made.id)]],
    )


@notice(contest.RESULT, power="study.own", klass=Class.ONCE, about=_("Result of a contest"))
def result(note: Note) -> Say | None:
    """To those who took part."""
    try:
        found = contest.results(note.session, note.actor, note.subject_id)
    except Refusal:
        return None
    mine = contest.result_of(note.session, note.actor, note.subject_id)
    if mine is None:
        return None
    return Say(
        _("<b>{name}</b> · round {number} is over.", name=found.contest.name,
          number=found.round.number),
        _("{n} took part, {perfect} all correct.", n=found.round.took_part or 0,
          perfect=found.round.perfect or 0),
        own_line(found, mine),
        buttons=[[Button(_("See results"), "contest_results", found.round.id, 0)], [HOME]],
    )  # fmt: skip
