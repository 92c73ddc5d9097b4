"""What came after a meeting of the town's past: ratings, a score, corrections, the minutes."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import select

from bot.demo import script
from bot.demo.evening import DAY, HOUR, Evening, seats
from bot.demo.past import PROFILE, QUIET
from storage import attendance, minutes, quality
from storage.attendance import Wrong
from storage.meetings import Meeting
from storage.minutes import Confirmation
from storage.powers import Actor
from storage.quality import Criterion, rating

TAPS = ("ggg", "ggf", "gfg", "fgg", "gff", "fgf", "ggg", "gfa")


def is_rated(evening: Evening) -> None:
    """Some of those who were there rate it, without their names."""
    moment = evening.ended + HOUR
    for (_seat, person), taps in zip(evening.with_account(), TAPS, strict=False):
        actor, paper = evening.past.actor(person, moment), rating.paper(evening.session, evening.id)
        rating.rate(evening.session, actor, PROFILE, evening.id, paper, taps, now=moment)


def is_scored(evening: Evening) -> None:
    """The committee proposes points, those present agree or comment, the committee agrees."""
    moment = evening.ended + DAY
    found = quality.scored(evening.session, PROFILE, evening.session.get_one(Meeting, evening.id))
    for each in found.given:
        if each.criterion is not Criterion.ATTENDANCE:
            _gets(evening, each.criterion, each.most - 1, moment)
    quality.ask(evening.session, evening.chair, PROFILE, evening.id, quiet=QUIET, now=moment)
    for number, (_seat, person) in enumerate(evening.with_account()[2:8]):
        actor, comment = evening.past.actor(person, moment), None if number else script.COMMENT
        quality.answer(evening.session, actor, evening.id, 0, comment, now=moment + HOUR)
    agreed = moment + DAY
    quality.agree(evening.session, evening.chair, PROFILE, evening.id, 0, quiet=QUIET, now=agreed)


def _gets(evening: Evening, criterion: Criterion, points: int, moment: datetime) -> None:
    quality.propose(
        evening.session, evening.chair, PROFILE, evening.id, criterion, points, now=moment
    )


def somebody_asks_to_be_entered(evening: Evening) -> None:
    """The morning after: they were there, they say; nobody has decided."""
    asked = evening.ended + 12 * HOUR
    _seat, person = next(
        (seat, person)
        for seat, person in seats(evening.past, evening.id)
        if seat.present_at is None and person.consented_at is not None
    )
    attendance.ask_correction(
        evening.session, evening.past.actor(person, asked), evening.id, quiet=QUIET, now=asked
    )


def somebody_was_there_to_the_end(evening: Evening) -> None:
    """Who is written down as having left says otherwise, and is believed."""
    asked = evening.ended + 12 * HOUR
    _seat, person = next(
        (seat, person) for seat, person in evening.with_account() if seat.left_at is not None
    )
    request = attendance.ask_correction(
        evening.session,
        evening.past.actor(person, asked),
        evening.id,
        wrong=Wrong.LEFT,
        quiet=QUIET,
        now=asked,
    )
    attendance.decide_correction(
        evening.session, evening.chair, request.id, granted=True, now=asked + HOUR
    )


def minutes_are_sent(evening: Evening, moment: datetime) -> None:
    """The two who sign are asked."""
    minutes.send(
        evening.session, evening.chair, evening.id, profile=PROFILE, quiet=QUIET, now=moment
    )


def minutes_are_confirmed(evening: Evening, moment: datetime, *by: Actor) -> None:
    """They are final once both have confirmed them."""
    for actor in by:
        asked = evening.session.exec(
            select(Confirmation).where(
                Confirmation.meeting_id == evening.id, Confirmation.person_id == actor.person_id
            )
        ).one()
        minutes.confirm(evening.session, actor, asked.id, profile=PROFILE, now=moment)


def minutes_are_signed_on_paper(evening: Evening) -> None:
    """As they were before the bot asked anybody."""
    attendance.lock(evening.session, evening.chair, evening.id, now=evening.starts + DAY)


def minutes_are_mended(evening: Evening) -> None:
    """A slip that was found when the minutes were final."""
    found = evening.starts + 6 * DAY
    minutes.correct(evening.session, evening.chair, evening.id, script.ERRATUM, now=found)
