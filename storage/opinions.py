"""Opinions beforehand: what somebody convened wants to say or to raise, for the committee to read.

They are the person's own words under their name, so they are kept close: the committee reads them,
nobody else, and whoever wrote one may withdraw it, which deletes it, until the meeting begins. No
notice is sent for each; the committee gets one word of them on the day before.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import UniqueConstraint, func
from sqlmodel import Field, Session, col, select

from storage import meetings, outbox, schedule
from storage.db import Row
from storage.errors import Refusal
from storage.folding import clean_text
from storage.meetings import Meeting, MeetingState
from storage.outbox import Class, to_person
from storage.powers import COMMITTEE, Actor
from storage.quiet import Quiet
from storage.roster import Person, holders

DIGEST = "opinion.digest"
AT_MOST = 3  # of one person to one meeting
TEXT_LIMIT = 1000
DAY_BEFORE = timedelta(days=1)

# -- tables ------------------------------------------------------------------------------------


class Opinion(Row, table=True):
    """One opinion, or a question to be raised."""

    __table_args__ = (UniqueConstraint("token"),)

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    text: str
    token: str  # the form's: sent twice, it is one opinion
    at: datetime


# -- rules -------------------------------------------------------------------------------------


def subject(meeting: Meeting) -> str:
    """What the schedule and the digest call them: a meeting that is moved keeps them."""
    return f"opinions:{meeting.id}"


def open_(meeting: Meeting, now: datetime) -> bool:
    """Whether opinions are taken, and given back: until the meeting begins."""
    return meeting.ahead(now) and meeting.begun_at is None


def check_text(text: str) -> str:
    """An opinion as it is stored."""
    tidy = clean_text(text)
    if not tidy:
        raise Refusal("Please write it in words.")
    if len(tidy) > TEXT_LIMIT:
        raise Refusal("An opinion takes at most {limit} letters.", limit=TEXT_LIMIT)
    return tidy


# -- actions -----------------------------------------------------------------------------------


def send(
    session: Session, actor: Actor, meeting_id: int, text: str, *, token: str, now: datetime
) -> Opinion:
    """Hands an opinion to the committee; the same form twice hands in one."""
    meeting, seat = own(session, actor, meeting_id)
    mine = of_person(session, meeting_id, seat.person_id)
    before = next((each for each in mine if each.token == token), None)
    if before is not None:
        return before
    check_open(meeting, mine, now=now)
    opinion = Opinion(
        meeting_id=meeting_id, person_id=seat.person_id, text=check_text(text), token=token, at=now
    )
    session.add(opinion)
    session.flush()
    day_before = meeting.starts_at - DAY_BEFORE
    if now < day_before:
        schedule.once(session, DIGEST, subject(meeting), day_before, zone=meeting.zone)
    return opinion


def check_open(meeting: Meeting, mine: Sequence[Opinion], *, now: datetime) -> None:
    """Refuses what comes too late, and more than a few from one person."""
    if meeting.state == MeetingState.CANCELLED:
        raise Refusal("This meeting has been cancelled.")
    if not open_(meeting, now):
        raise Refusal("This meeting has already begun.")
    if len(mine) >= AT_MOST:
        raise Refusal("You have sent {limit} already, which is the limit.", limit=AT_MOST)


def withdraw(
    session: Session, actor: Actor, meeting_id: int, opinion_id: int, *, now: datetime
) -> bool:
    """Takes one's own opinion back: it is deleted. False when it is gone already."""
    meeting, seat = own(session, actor, meeting_id)
    opinion = session.get(Opinion, opinion_id, populate_existing=True)
    if opinion is None or (opinion.meeting_id, opinion.person_id) != (meeting.id, seat.person_id):
        return False
    if not open_(meeting, now):
        raise Refusal("This meeting has already begun.")
    session.delete(opinion)
    session.flush()
    return True


def digest(session: Session, meeting_id: int, *, quiet: Quiet, now: datetime) -> int:
    """The day before: tells the committee that opinions wait, if any do."""
    meeting = session.get(Meeting, meeting_id)
    if meeting is None or not open_(meeting, now) or not number(session, meeting_id):
        return 0
    day_before = meeting.starts_at - DAY_BEFORE
    if now < day_before:  # it was moved
        schedule.once(session, DIGEST, subject(meeting), day_before, zone=meeting.zone)
        return 0
    today = now.astimezone(ZoneInfo(meeting.zone)).date()
    return outbox.enqueue(
        session,
        DIGEST,
        subject(meeting),
        [
            {**to_person(each.id), "due_at": quiet.for_person(each, now)}
            for each in holders(session, meeting.unit_id, COMMITTEE, today=today)
            if each.telegram_id is not None
        ],
        klass=Class.REMINDER,
        revision=meeting.revision,
        valid_until=meeting.starts_at,
        now=now,
    )


# -- questions ---------------------------------------------------------------------------------


def own(session: Session, actor: Actor, meeting_id: int) -> tuple[Meeting, meetings.Seat]:
    """The meeting and the seat of the one who speaks, locked; NotFound for who is not convened."""
    return meetings.seat_of(session, actor, meeting_id)


def of_person(session: Session, meeting_id: int, person_id: int) -> Sequence[Opinion]:
    """What one person has sent to a meeting."""
    return session.exec(
        select(Opinion)
        .where(Opinion.meeting_id == meeting_id, Opinion.person_id == person_id)
        .order_by(col(Opinion.id))
    ).all()


def received(
    session: Session, actor: Actor, meeting_id: int
) -> tuple[Meeting, list[tuple[Opinion, Person]]]:
    """All opinions with who wrote them, for the committee."""
    meeting = meetings.managed(session, actor, meeting_id)
    found = session.exec(
        select(Opinion, Person)
        .join(Person, col(Person.id) == Opinion.person_id)
        .where(Opinion.meeting_id == meeting_id)
        .order_by(col(Opinion.id))
    ).all()
    return meeting, [(opinion, person) for opinion, person in found]


def number(session: Session, meeting_id: int) -> int:
    """How many there are."""
    return session.exec(select(func.count()).where(Opinion.meeting_id == meeting_id)).one()
