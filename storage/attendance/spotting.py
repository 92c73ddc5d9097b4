"""Odd signals: what makes it worth to look round the room once more. Nobody is accused.

Codes can be passed on and phones lent; nothing here proves that they were. So the chair is asked
in private, once for each meeting and signal, whether all is well, and it is kept what they said:

- three or more people have entered the room's code in the same second;
- somebody marked themselves present long before the meeting, or after it had ended;
- somebody who marked themselves present holds an account that was linked less than a week ago,
  unless that is true of most: then it is the bot that is new.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, String, UniqueConstraint
from sqlmodel import Field, Session, col, select

from storage import audit, outbox, schedule
from storage.acts import Did
from storage.attendance.roll import is_open
from storage.audit import CLOCK
from storage.db import Row, upsert
from storage.errors import NotFound
from storage.meetings import How, Meeting, MeetingState, Seat, managed
from storage.outbox import ANSWER, Class, to_person
from storage.powers import COMMITTEE, Actor
from storage.roster import Person, holders

EVERY = timedelta(minutes=1)  # between two looks while check-in is open
TOGETHER = 3  # code entries in one second
EARLY = timedelta(minutes=60)  # before the meeting begins
YOUNG = timedelta(days=7)  # of an account

SPOT = "attendance.spot"  # to the chair, or else to who opened check-in
BY_THEMSELVES = (How.TAP, How.PRIVATE, How.CODE)
Marked = Sequence[tuple[Seat, Person]]


class Signal(StrEnum):
    """What was noticed."""

    TOGETHER = "together"
    OUTSIDE = "outside"
    YOUNG = "young"


class SpotCheck(Row, table=True):
    """The chair was asked to look again: why, about whom, and when they had looked."""

    __tablename__ = "spot_check"
    __table_args__ = (UniqueConstraint("meeting_id", "signal"),)

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id")
    signal: Signal = Field(sa_type=String)
    seats: list[int] = Field(sa_type=JSON)
    asked_at: datetime
    asked_of: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = None
    answered_by: int | None = Field(default=None, foreign_key="person.id")

    @property
    def subject(self) -> str:
        """What notices call it."""
        return f"spot:{self.id}"


# -- rules -------------------------------------------------------------------------------------


def together(marked: Marked) -> list[Seat]:
    """Who entered the code in the same second as two others."""
    seconds: dict[int, list[Seat]] = defaultdict(list)
    for seat, _person in marked:
        if seat.how == How.CODE and seat.present_at is not None:
            seconds[int(seat.present_at.timestamp())].append(seat)
    return [seat for seats in seconds.values() if len(seats) >= TOGETHER for seat in seats]


def outside(meeting: Meeting, marked: Marked) -> list[Seat]:
    """Who marked themselves more than an hour before the meeting, or after its end."""
    return [
        seat
        for seat, _person in marked
        if seat.present_at is not None
        and (
            seat.present_at < meeting.starts_at - EARLY
            or (meeting.ended_at is not None and seat.present_at > meeting.ended_at)
        )
    ]


def young(marked: Marked) -> list[Seat]:
    """Who holds an account linked within the week before; nobody, where most do."""
    found = [
        seat
        for seat, person in marked
        if seat.present_at is not None
        and person.linked_at is not None
        and seat.present_at - person.linked_at < YOUNG
    ]
    return found if 2 * len(found) <= len(marked) else []


# -- actions -----------------------------------------------------------------------------------


def look(session: Session, meeting_id: int, *, now: datetime) -> None:
    """Looks at the roll of a meeting, and asks the chair about what is odd; again in a minute."""
    meeting = session.get(Meeting, meeting_id, populate_existing=True)
    if meeting is None or meeting.state not in (MeetingState.CALLED, MeetingState.CLOSED):
        return
    marked = _marked(session, meeting.id)
    for signal, seats in (
        (Signal.TOGETHER, together(marked)),
        (Signal.OUTSIDE, outside(meeting, marked)),
        (Signal.YOUNG, young(marked)),
    ):
        if seats:
            _ask(session, meeting, signal, seats, now)
    if is_open(meeting, now):
        schedule.once(
            session, "attendance.look", meeting.roll_subject, now + EVERY, zone=meeting.zone
        )


def answer_spot(session: Session, actor: Actor, spot_id: int, *, now: datetime) -> SpotCheck:
    """[Looked, all is right]; said twice is said once."""
    spot, meeting = spot_of(session, actor, spot_id)
    if spot.answered_at is None:
        spot.answered_at, spot.answered_by = now, actor.person_id
        session.add(spot)
        session.flush()
        audit.record(session, actor, Did.SPOT_ANSWER, meeting.about, now=now, signal=spot.signal)
    return spot


# -- questions ---------------------------------------------------------------------------------


def spot_of(session: Session, actor: Actor, spot_id: int) -> tuple[SpotCheck, Meeting]:
    """What was noticed, for the one who was asked and nobody else; the meeting is locked."""
    spot = session.get(SpotCheck, spot_id, populate_existing=True)
    if spot is None or actor.person_id is None or spot.asked_of != actor.person_id:
        raise NotFound
    return spot, managed(session, actor, spot.meeting_id, power="attendance.take")


def spotted(session: Session, spot: SpotCheck) -> list[tuple[Seat, Person]]:
    """The people it is about, by given name, and how they stand now."""
    found = session.exec(
        select(Seat, Person)
        .join(Person, col(Person.id) == Seat.person_id)
        .where(Seat.meeting_id == spot.meeting_id, col(Seat.id).in_(spot.seats))
        .order_by(col(Person.sort_key), col(Seat.id))
    ).all()
    return [(seat, person) for seat, person in found]


def _marked(session: Session, meeting_id: int) -> list[tuple[Seat, Person]]:
    """Who marked themselves present."""
    found = session.exec(
        select(Seat, Person)
        .join(Person, col(Person.id) == Seat.person_id)
        .where(Seat.meeting_id == meeting_id, col(Seat.present_at).is_not(None))
        .where(col(Seat.how).in_(BY_THEMSELVES))
        .order_by(col(Seat.id))
        .execution_options(populate_existing=True)
    ).all()
    return [(seat, person) for seat, person in found]


def _whom(session: Session, meeting: Meeting, now: datetime) -> int | None:
    """The chair, when that is somebody who may take the roll; else who opened check-in."""
    today = now.astimezone(ZoneInfo(meeting.zone)).date()
    committee = {each.id for each in holders(session, meeting.unit_id, COMMITTEE, today=today)}
    return meeting.chair_id if meeting.chair_id in committee else meeting.opened_by


def _ask(
    session: Session, meeting: Meeting, signal: Signal, seats: Iterable[Seat], now: datetime
) -> None:
    """Asks once: a signal that has been asked about stays as it was."""
    whom = _whom(session, meeting, now)
    values: dict[str, Any] = {
        "meeting_id": meeting.id,
        "signal": signal.value,
        "seats": [each.id for each in seats],
        "asked_at": now,
        "asked_of": whom,
    }
    new = upsert(session, SpotCheck).values(values).on_conflict_do_nothing()
    made = session.execute(new.returning(col(SpotCheck.id))).scalar()
    if made is None or whom is None:
        return
    audit.record(session, CLOCK, Did.SPOT_ASK, meeting.about, now=now, signal=signal)
    outbox.enqueue(
        session, SPOT, f"spot:{made}", [to_person(whom)], klass=Class.ONCE, priority=ANSWER, now=now
    )
