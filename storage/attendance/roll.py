"""The roll call: opened, tapped, closed, opened again; and its one live card.

A tap is one conditional update: it succeeds once, and only while the check-in is open. The card
in the group is a standing message of the outbox, so that two hundred taps make a few edits.
Posted anew, it gets a row of its own; the row before turns into one that takes the buttons off
the older card.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, exists, func, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col, select

from storage import audit, groups, outbox, rules, schedule
from storage.acts import Did
from storage.attendance.tables import Reopening
from storage.audit import CLOCK
from storage.db import ask
from storage.errors import NotFound, Refusal
from storage.groups import Group
from storage.meetings import (
    How,
    Meeting,
    MeetingKind,
    MeetingState,
    Seat,
    managed,
    sync_seats,
    waiting_change,
)
from storage.meetings.finding import locked
from storage.meetings.seats import ROLL_CARD
from storage.meetings.settling import await_settling
from storage.meetings.tables import UNDER_WAY
from storage.outbox import ANSWER, Class, Notice, to_group, to_person
from storage.powers import Actor
from storage.roster import Unit

AHEAD = timedelta(hours=24)  # how long before a meeting its check-in may be opened
LENGTH = timedelta(minutes=20)  # of a check-in, from the meeting's start or its own, if later
REOPEN = timedelta(hours=24)  # how long after its end a check-in may be opened again

CARD = ROLL_CARD  # to the group; standing
RETIRED = "attendance.retired"  # an older card, edited once more
PANEL = "attendance.panel"  # to who opened the check-in
RESULT = "attendance.result"  # to the same, when it has closed by itself
LATE = "attendance.late"  # to who tapped in the group after the end: the way on
CLOSING = "attendance.close"  # what happens at the end
LOOKING = "attendance.look"  # what happens every minute, and once more after it


class Outcome(StrEnum):
    """What came of a tap."""

    RECORDED = "recorded"
    ALREADY = "already"
    CLOSED = "closed"
    NOT_OPEN = "not_open"
    NOT_CONVENED = "not_convened"


@dataclass(frozen=True, slots=True)
class Tap:
    """What came of a tap: `at` is when they were entered, or when check-in closed."""

    outcome: Outcome
    at: datetime | None = None
    meeting: Meeting | None = None
    late: bool = False


# -- rules -------------------------------------------------------------------------------------


def subject(meeting_id: int) -> str:
    """What the notices and the schedule of a roll call call it."""
    return f"attendance:{meeting_id}"


def is_open(meeting: Meeting, now: datetime) -> bool:
    """Whether people may tap now."""
    called = meeting.state == MeetingState.CALLED and meeting.opened_at is not None
    return called and meeting.closes_at is not None and now < meeting.closes_at


def reopenable(meeting: Meeting, now: datetime) -> bool:
    """Whether a closed check-in may be opened again: for a day, unless the minutes are final."""
    if meeting.state != MeetingState.CLOSED or meeting.closed_at is None:
        return False
    return meeting.locked_at is None and now < meeting.closed_at + REOPEN


def closes(meeting: Meeting, now: datetime) -> datetime:
    """When a check-in opened now ends. Long after the meeting it is for the committee alone."""
    if now > meeting.starts_at + UNDER_WAY:
        return now
    return max(meeting.starts_at, now) + LENGTH


def late_after(session: Session, meeting: Meeting, profile: str) -> datetime | None:
    """Who marks themselves present after that is late; None where no rule says so."""
    unit = session.get_one(Unit, meeting.unit_id)
    day = meeting.starts_at.astimezone(ZoneInfo(meeting.zone)).date()
    minutes = rules.rule(session, profile, "late.after", unit, on=day).value
    return None if minutes is None else meeting.starts_at + timedelta(minutes=minutes)


# -- actions: the committee opens and closes ---------------------------------------------------


def open_roll(
    session: Session,
    actor: Actor,
    meeting_id: int,
    *,
    panel: bool = False,
    profile: str = "party",
    now: datetime,
) -> Meeting:
    """Opens check-in; opening twice is opening once. `panel` sends the opener the controls."""
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    if meeting.opened_at is not None:
        return meeting
    if meeting.state == MeetingState.CANCELLED:
        raise Refusal("This meeting has been cancelled.")
    if meeting.state != MeetingState.CALLED:
        raise NotFound
    if meeting.starts_at > now + AHEAD:
        raise Refusal("Check-in can be opened from 24 hours before the meeting.")
    if waiting_change(session, meeting) is not None:
        raise Refusal("This meeting is about to be moved or called off. Please wait a minute.")
    ends = closes(meeting, now)
    if ends > now:
        sync_seats(session, meeting, now=now)
    meeting.opened_at, meeting.opened_by, meeting.closes_at = now, actor.person_id, ends
    meeting.late_after = late_after(session, meeting, profile)
    session.add(meeting)
    session.flush()
    audit.record(session, actor, Did.ROLL_OPEN, meeting.about, now=now)
    if ends > now:
        _plan(session, meeting, ends, now)
        _post(session, meeting, now=now)
        if panel:
            person_id, again = meeting.opened_by, meeting.revision
            _tell(session, meeting.id, PANEL, person_id, revision=again, now=now)
    return meeting


def post_card(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Meeting:
    """Posts the card of an open check-in anew, with the same roll."""
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    if is_open(meeting, now):
        _post(session, meeting, now=now)
    return meeting


def close(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Meeting:
    """Closes check-in; closing twice is closing once."""
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    if meeting.state == MeetingState.CLOSED:
        return meeting
    if meeting.opened_at is None or meeting.state != MeetingState.CALLED:
        raise Refusal("Check-in has not been opened yet.")
    _close(session, meeting, actor, at=now, now=now)
    schedule.drop(session, subject(meeting.id), kind=CLOSING)
    return meeting


def close_due(session: Session, meeting_id: int, *, now: datetime) -> None:
    """Closes check-in when its time has come; however late that is noticed, the time stands."""
    meeting = locked(session, meeting_id)
    if meeting is None or meeting.state != MeetingState.CALLED or meeting.closes_at is None:
        return
    if meeting.closes_at <= now:
        _close(session, meeting, CLOCK, at=meeting.closes_at, now=now)
        again = times_reopened(session, meeting.id)
        _tell(session, meeting.id, RESULT, meeting.opened_by, revision=again, now=now)


def reopen(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Meeting:
    """Opens a closed check-in again, with the same roll; pressed twice, it is opened once."""
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    if is_open(meeting, now):
        return meeting
    if meeting.locked_at is not None:
        raise Refusal("The minutes are final; nothing can be changed any more.")
    if not reopenable(meeting, now):
        raise Refusal("Check-in can be opened again within 24 hours after it was closed.")
    session.add(
        Reopening(
            meeting_id=meeting.id,
            at=now,
            reopened_by=actor.person_id,
            closed_at=meeting.closed_at,
            closed_by=meeting.closed_by,
        )
    )
    ends = max(meeting.starts_at, now) + LENGTH
    meeting.state, meeting.closes_at = MeetingState.CALLED, ends
    meeting.closed_at, meeting.closed_by = None, None
    session.add(meeting)
    session.flush()
    audit.record(session, actor, Did.ROLL_REOPEN, meeting.about, now=now)
    _plan(session, meeting, ends, now)
    _post(session, meeting, now=now)
    return meeting


# -- actions: the one who is there ----------------------------------------------------------------


def tap(
    session: Session,
    actor: Actor,
    meeting_id: int,
    *,
    private: bool = False,
    code: bool = False,
    now: datetime,
) -> Tap:
    """[I am here], by the one who is; `code`: with the right code of the room."""
    if actor.person_id is None:
        return Tap(Outcome.NOT_CONVENED)
    values = {
        "meeting": meeting_id,
        "person": actor.person_id,
        "moment": now,
        "way": How.CODE if code else How.PRIVATE if private else How.TAP,
    }
    seated = ask(session, _TAP, values).first()
    if seated is not None:
        outbox.refresh(session, CARD, subject(meeting_id))
        return Tap(Outcome.RECORDED, now, session.get(Meeting, meeting_id), seated.late)
    found = _untapped(session, meeting_id, actor.person_id, now)
    if found.outcome == Outcome.CLOSED and not private:
        again = times_reopened(session, meeting_id)
        _tell(session, meeting_id, LATE, actor.person_id, revision=again, now=now)
    return found


# -- questions ---------------------------------------------------------------------------------


def live_card(session: Session, meeting_id: int) -> Notice | None:
    """The newest card of a roll call, sent or about to be."""
    return session.exec(
        select(Notice)
        .where(Notice.kind == CARD, Notice.subject == subject(meeting_id))
        .order_by(col(Notice.revision).desc())
    ).first()


def times_reopened(session: Session, meeting_id: int) -> int:
    """How often a closed check-in was opened again."""
    again = select(func.count()).where(Reopening.meeting_id == meeting_id)
    return session.exec(again).one()


def room(session: Session, meeting: Meeting) -> Group | None:
    """The group that sees the card; what a committee does among itself is shown in none."""
    if meeting.kind == MeetingKind.COMMITTEE:
        return None
    return groups.of_unit(session, meeting.unit_id)


# -- parts -------------------------------------------------------------------------------------


def _post(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Owes the group a card; the one before loses its buttons. The meeting's row is locked."""
    group, about = room(session, meeting), subject(meeting.id)
    if group is None:
        return
    outbox.retire(session, CARD, about, into=RETIRED)
    newest = session.exec(
        select(func.max(Notice.revision)).where(
            Notice.subject == about, col(Notice.kind).in_((CARD, RETIRED))
        )
    ).one()
    outbox.enqueue(
        session,
        CARD,
        about,
        [to_group(group.id)],
        klass=Class.REMINDER,
        revision=0 if newest is None else newest + 1,
        priority=ANSWER,
        standing=True,
        now=now,
    )


def _plan(session: Session, meeting: Meeting, ends: datetime, now: datetime) -> None:
    """When it closes by itself, and when somebody looks whether all is well (`spotting`)."""
    about = subject(meeting.id)
    schedule.once(session, CLOSING, about, ends, zone=meeting.zone)
    schedule.once(session, LOOKING, about, now + timedelta(minutes=1), zone=meeting.zone)


def _close(
    session: Session, meeting: Meeting, actor: Actor, *, at: datetime, now: datetime
) -> None:
    meeting.state, meeting.closed_at, meeting.closed_by = MeetingState.CLOSED, at, actor.person_id
    session.add(meeting)
    session.flush()
    audit.record(session, actor, Did.ROLL_CLOSE, meeting.about, now=now)
    schedule.once(session, "rating.ask", f"rating:{meeting.id}", now, zone=meeting.zone)
    outbox.refresh(session, CARD, subject(meeting.id))
    await_settling(session, meeting, now=now)


def _tell(
    session: Session,
    meeting_id: int,
    kind: str,
    person_id: int | None,
    *,
    revision: int,
    now: datetime,
) -> None:
    """An answer to what somebody did themselves: no quiet hours hold it."""
    if person_id is not None:
        outbox.enqueue(
            session,
            kind,
            subject(meeting_id),
            [to_person(person_id)],
            klass=Class.ONCE,
            revision=revision,
            priority=ANSWER,
            now=now,
        )


def _untapped(session: Session, meeting_id: int, person_id: int, now: datetime) -> Tap:
    """Why a tap changed nothing."""
    found = session.exec(
        select(Meeting, Seat)
        .join(Seat, col(Seat.meeting_id) == Meeting.id)
        .where(Meeting.id == meeting_id, Seat.person_id == person_id)
        .execution_options(populate_existing=True)
    ).first()
    if found is None or found[0].state == MeetingState.DRAFT:
        return Tap(Outcome.NOT_CONVENED)
    meeting, seat = found
    if seat.present_at is not None:
        return Tap(Outcome.ALREADY, seat.present_at, meeting, seat.late)
    if meeting.opened_at is None or is_open(meeting, now):
        return Tap(Outcome.NOT_OPEN, None, meeting)
    return Tap(Outcome.CLOSED, meeting.closed_at or meeting.closes_at, meeting)


_seats, _meetings = (SQLModel.metadata.tables[name] for name in ("seat", "meeting"))
_moment = bindparam("moment", type_=_meetings.c.closes_at.type)
_TAP = (
    update(_seats)
    .where(
        _seats.c.meeting_id == bindparam("meeting"),
        _seats.c.person_id == bindparam("person"),
        _seats.c.present_at.is_(None),
        exists(
            sa_select(_meetings.c.id).where(
                _meetings.c.id == bindparam("meeting"),
                _meetings.c.state == MeetingState.CALLED.value,
                _meetings.c.opened_at.is_not(None),
                _meetings.c.closes_at > _moment,
            )
        ),
    )
    .values(
        present_at=_moment,
        how=bindparam("way"),
        marked_by=None,
        late=exists(
            sa_select(_meetings.c.id).where(
                _meetings.c.id == bindparam("meeting"), _meetings.c.late_after < _moment
            )
        ),
    )
    .returning(_seats.c.late)
)
