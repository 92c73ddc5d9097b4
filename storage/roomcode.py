"""The code of the room: four digits on the chair's phone, which only those who are there can read.

A meeting has a random key; the digits of each half minute are made of the key and the time, as
one-time passwords are (RFC 6238), so there is nothing to store and nothing to guess. Those of the
half minute before count as well, for whoever is slow to type. The digits stand on one phone at a
time, in a standing message that is edited whenever they change.

Who types wrong digits five times within ten minutes has to ask the chair: ten thousand codes are
not many. Whatever is wrong, the answer is the same, so that nobody learns of a meeting by typing.
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, Session, col, func, select

from storage import attendance, outbox, schedule
from storage.attendance import Tap
from storage.db import Row, upsert
from storage.errors import Refusal
from storage.meetings import Meeting, MeetingState, Seat, managed
from storage.outbox import ANSWER, Class, Notice, to_person
from storage.powers import Actor

STEP = 30  # seconds for which a code is shown
SHOWN = timedelta(minutes=20)  # how long a phone goes on showing it unasked
PATIENCE = timedelta(minutes=5)  # with digits that have waited for a bot that was away
TRIES, WITHIN = 5, timedelta(minutes=10)

SCREEN = "roomcode.screen"  # to who shows it; standing
RETIRED = "roomcode.retired"  # an older screen, edited once more

# -- tables ------------------------------------------------------------------------------------


class RoomCode(Row, table=True):
    """The key of a meeting's codes, and on whose phone they stand until when."""

    __tablename__ = "room_code"

    meeting_id: int = Field(primary_key=True, foreign_key="meeting.id")
    key: str
    shown_by: int | None = Field(default=None, foreign_key="person.id")
    shown_until: datetime


class WrongDigits(Row, table=True):
    """How many wrong codes somebody has typed lately."""

    __tablename__ = "wrong_digits"

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    since: datetime
    count: int = 0


class Unfit(StrEnum):
    """Why digits checked nobody in."""

    WRONG = "wrong"
    TOO_MANY = "too_many"


# -- rules -------------------------------------------------------------------------------------


def subject(meeting_id: int) -> str:
    """What the notices and the schedule of a room's code call it."""
    return f"roomcode:{meeting_id}"


def step_of(moment: datetime) -> int:
    """Which half minute this is."""
    return int(moment.timestamp()) // STEP


def ends_at(moment: datetime) -> datetime:
    """When the code that is shown at this moment changes."""
    return datetime.fromtimestamp((step_of(moment) + 1) * STEP, UTC)


def digits(key: str, step: int) -> str:
    """The four digits of a half minute."""
    mark = hmac.digest(bytes.fromhex(key), str(step).encode(), "sha256")
    return f"{int.from_bytes(mark[:8]) % 10_000:04}"


def fits(key: str, typed: str, now: datetime) -> bool:
    """Whether these are the digits of this half minute, or of the one before."""
    step = step_of(now)
    return any(hmac.compare_digest(digits(key, each), typed) for each in (step, step - 1))


def payload(meeting_id: int, code: str) -> str:
    """What the picture hands to /start."""
    return f"c{meeting_id}-{code}"


def read_payload(text: str) -> tuple[int, str] | None:
    """Meeting and digits of such a /start; None for any other, such as a personal link's."""
    found = re.fullmatch(r"c([0-9]{1,12})-([0-9]{4})", text)
    return (int(found[1]), found[2]) if found else None


def _judged(sent: datetime | None, now: datetime) -> datetime:
    """The moment by which digits are judged."""
    return now if sent is None else min(now, max(sent, now - PATIENCE))


# -- actions: the one who shows it -------------------------------------------------------------


def show(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Meeting:
    """Puts the code on this phone, in a new message; the phone that had it loses it."""
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    if not attendance.is_open(meeting, now):
        raise Refusal("Please open check-in first: the room's code works only while it is open.")
    row = session.get(RoomCode, meeting.id)
    if row is None:
        row = RoomCode(meeting_id=meeting.id, key=secrets.token_hex(32), shown_until=now)
    row.shown_by, row.shown_until = actor.person_id, now + SHOWN
    session.add(row)
    session.flush()
    about = subject(meeting.id)
    outbox.retire(session, SCREEN, about, into=RETIRED)
    newest = session.exec(select(func.max(Notice.revision)).where(Notice.subject == about)).one()
    if actor.person_id is not None:
        outbox.enqueue(
            session,
            SCREEN,
            about,
            [to_person(actor.person_id)],
            klass=Class.REMINDER,
            revision=0 if newest is None else newest + 1,
            priority=ANSWER,
            standing=True,
            now=now,
        )
    schedule.once(session, "roomcode.turn", about, ends_at(now), zone=meeting.zone)
    return meeting


def hide(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Meeting:
    """Takes the code off the phone that shows it."""
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    row = session.get(RoomCode, meeting.id)
    if row is not None and row.shown_until > now:
        row.shown_until = now
        session.add(row)
        session.flush()
        outbox.refresh(session, SCREEN, subject(meeting.id))
    return meeting


def turn(session: Session, meeting_id: int, *, now: datetime) -> None:
    """The half minute is over: the screen shows the next code, or that there is none any more."""
    row, meeting = session.get(RoomCode, meeting_id), session.get(Meeting, meeting_id)
    if row is None or meeting is None:
        return
    outbox.refresh(session, SCREEN, subject(meeting_id))
    if shows(row, meeting, now):
        schedule.once(
            session, "roomcode.turn", subject(meeting_id), ends_at(now), zone=meeting.zone
        )


# -- actions: the one who is there -------------------------------------------------------------


def check_in(
    session: Session,
    actor: Actor,
    typed: str,
    *,
    meeting_id: int | None = None,
    sent: datetime | None = None,
    now: datetime,
) -> Tap | Unfit:
    """Enters who has typed the digits of a room where they are expected; or counts the try.

    `meeting_id`: of that meeting alone, as the picture says. `sent`: when they were sent, which is
    a while ago when the bot was away: they are judged by that moment.
    """
    if actor.person_id is None:
        return Unfit.WRONG
    tried = _tries(session, actor.person_id, now)
    if tried.count >= TRIES:
        return Unfit.TOO_MANY
    for meeting, key in _rooms(session, actor.person_id, now):
        if meeting_id in (None, meeting.id) and fits(key, typed, _judged(sent, now)):
            return attendance.tap(session, actor, meeting.id, code=True, private=True, now=now)
    tried.count += 1
    session.add(tried)
    session.flush()
    return Unfit.TOO_MANY if tried.count >= TRIES else Unfit.WRONG


# -- questions ---------------------------------------------------------------------------------


def shows(row: RoomCode, meeting: Meeting, now: datetime) -> bool:
    """Whether the code stands on a phone now."""
    return attendance.is_open(meeting, now) and now < row.shown_until


def shown(session: Session, meeting: Meeting, now: datetime) -> tuple[RoomCode, str] | None:
    """The digits to be shown now; None when they are not."""
    row = session.get(RoomCode, meeting.id, populate_existing=True)
    if row is None or not shows(row, meeting, now):
        return None
    return row, digits(row.key, step_of(now))


def _rooms(session: Session, person_id: int, now: datetime) -> list[tuple[Meeting, str]]:
    """The open check-ins at which somebody is expected, with their keys."""
    found = session.exec(
        select(Meeting, RoomCode.key)
        .join(Seat, col(Seat.meeting_id) == Meeting.id)
        .join(RoomCode, col(RoomCode.meeting_id) == Meeting.id)
        .where(Seat.person_id == person_id, Meeting.state == MeetingState.CALLED)
        .where(col(Meeting.opened_at).is_not(None), col(Meeting.closes_at) > now)
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    ).all()
    return [(meeting, key) for meeting, key in found]


def _tries(session: Session, person_id: int, now: datetime) -> WrongDigits:
    """How often somebody has been wrong within ten minutes; locked until the end."""
    fresh = upsert(session, WrongDigits).values(person_id=person_id, since=now, count=0)
    session.execute(fresh.on_conflict_do_nothing())
    row = session.exec(
        select(WrongDigits)
        .where(WrongDigits.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.since <= now - WITHIN:
        row.since, row.count = now, 0
        session.add(row)
    return row
