"""Entered by the committee: who forgot to check in, who was excused, who was not there."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from storage import audit, outbox
from storage.acts import Did
from storage.attendance.roll import CARD, subject
from storage.attendance.tables import Mark, Presence, presence
from storage.errors import NotFound, Refusal
from storage.meetings import (
    How,
    Leave,
    Meeting,
    MeetingState,
    Seat,
    check_reason,
    managed,
    settle,
)
from storage.meetings.settling import await_settling
from storage.meetings.tables import UNDER_WAY
from storage.powers import Actor
from storage.roster import Person

# -- actions -----------------------------------------------------------------------------------


def enter(
    session: Session,
    actor: Actor,
    meeting_id: int,
    seat_id: int,
    became: Presence,
    *,
    paper: bool = False,
    reason: str | None = None,
    now: datetime,
) -> tuple[Seat, Person]:
    """The committee enters somebody as present, excused or absent; it is kept who did.

    `paper`: they have signed the sheet that lay in the room. `reason` says why somebody is
    excused, where they have not said so themselves.
    """
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    how = How.PAPER if paper else How.COMMITTEE
    seat, person, was = put_down(session, actor, meeting, seat_id, became, how=how, now=now)
    if reason is not None and became == Presence.EXCUSED:
        seat.leave_reason = check_reason(reason)
        session.add(seat)
        session.flush()
    if presence(seat) != was:
        about, became = {**meeting.about, "person": person.id}, presence(seat)
        audit.record(session, actor, Did.PRESENCE_ENTER, about, now=now, was=was, became=became)
    return seat, person


def mark_late(
    session: Session, actor: Actor, meeting_id: int, seat_id: int, *, late: bool, now: datetime
) -> tuple[Seat, Person]:
    """The committee says that somebody who is there came late, or did not."""
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    seat, person = _there(session, meeting, seat_id)
    if seat.late != late:
        seat.late = late
        session.add(seat)
        session.flush()
        about = {**meeting.about, "person": person.id}
        audit.record(session, actor, Did.PRESENCE_LATE, about, now=now, late=late)
    return seat, person


def mark_left(
    session: Session, actor: Actor, meeting_id: int, seat_id: int, *, left: bool, now: datetime
) -> tuple[Seat, Person]:
    """The committee says that somebody who came has left before the end, or has not.

    Said long after the meeting, it is when that ended that is written down.
    """
    meeting = managed(session, actor, meeting_id, power="attendance.take")
    seat, person = _there(session, meeting, seat_id)
    if (seat.left_at is not None) != left:
        end = meeting.ended_at or meeting.starts_at + UNDER_WAY
        seat.left_at = max(seat.present_at or now, min(now, end)) if left else None
        session.add(seat)
        session.flush()
        about = {**meeting.about, "person": person.id}
        audit.record(session, actor, Did.PRESENCE_LEFT, about, now=now, left=left)
    return seat, person


def put_down(
    session: Session,
    actor: Actor,
    meeting: Meeting,
    seat_id: int,
    became: Presence,
    *,
    how: How = How.COMMITTEE,
    now: datetime,
) -> tuple[Seat, Person, Presence]:
    """The entry itself, for whoever writes down why; with what it was before."""
    seat, person = _on_roll(session, meeting, seat_id)
    was, open_still = presence(seat), meeting.state == MeetingState.CALLED
    if became == Presence.ABSENT and seat.present_at is not None and open_still:
        _take_back(seat)  # and no more
    else:
        decided = became in (Presence.EXCUSED, Presence.ABSENT)
        if decided and seat.leave == Leave.PENDING:
            settle(session, meeting, seat, actor, approve=became == Presence.EXCUSED, now=now)
        _enter(seat, became, actor, how, now)
    if presence(seat) != was:
        session.add(seat)
        session.add(
            Mark(seat_id=seat.id, at=now, marked_by=actor.person_id, was=was, became=presence(seat))
        )
        session.flush()
        outbox.refresh(session, CARD, subject(meeting.id))
        await_settling(session, meeting, now=now)
    return seat, person, was


# -- parts -------------------------------------------------------------------------------------


def _on_roll(session: Session, meeting: Meeting, seat_id: int) -> tuple[Seat, Person]:
    """Somebody on the roll of a meeting whose roll may be changed; locked."""
    if meeting.opened_at is None:
        raise Refusal("Check-in has not been opened yet.")
    if meeting.locked_at is not None:
        raise Refusal("The minutes are final; nothing can be changed any more.")
    found = session.exec(
        select(Seat, Person)
        .join(Person, col(Person.id) == Seat.person_id)
        .where(Seat.id == seat_id, Seat.meeting_id == meeting.id)
        .with_for_update(of=Seat)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    return found[0], found[1]


def _there(session: Session, meeting: Meeting, seat_id: int) -> tuple[Seat, Person]:
    seat, person = _on_roll(session, meeting, seat_id)
    if seat.present_at is None:
        raise Refusal("Please enter this person as present first.")
    return seat, person


def _take_back(seat: Seat) -> None:
    seat.present_at, seat.how, seat.marked_by = None, None, None
    seat.late, seat.left_at = False, None


def _enter(seat: Seat, became: Presence, actor: Actor, how: How, now: datetime) -> None:
    if became == Presence.PRESENT:
        if seat.present_at is None:
            seat.present_at, seat.how, seat.marked_by = now, how, actor.person_id
        return
    _take_back(seat)
    wanted = Leave.APPROVED if became == Presence.EXCUSED else Leave.REFUSED
    if seat.leave != wanted and (became == Presence.EXCUSED or seat.leave is not None):
        seat.leave, seat.decided_by, seat.decided_at = wanted, actor.person_id, now
