"""Marked by a deputy: who may answer for an elder may also say that they are here.

It is evidence of its own kind, and only while check-in is open; afterwards the committee decides.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from storage import audit, deputies, outbox
from storage.acts import Did
from storage.attendance.roll import CARD, is_open
from storage.attendance.tables import presence
from storage.errors import NotFound, Refusal
from storage.meetings import How, Meeting, Seat
from storage.meetings.finding import locked, seat_of
from storage.powers import Actor


def mark_for(
    session: Session, actor: Actor, meeting_id: int, elder_id: int, *, now: datetime
) -> tuple[Meeting, Seat]:
    """An elder is here, says their deputy; pressed twice, it is said once."""
    deputies.check(session, actor, elder_id)
    meeting = locked(session, meeting_id)  # nobody closes it meanwhile
    if meeting is None:
        raise NotFound
    _meeting, seat = seat_of(session, actor, meeting_id, elder=elder_id)
    if seat.present_at is not None:
        return meeting, seat
    if not is_open(meeting, now):
        raise Refusal("Check-in is not open.")
    was = presence(seat)
    seat.present_at, seat.how, seat.marked_by = now, How.DEPUTY, actor.person_id
    seat.late = meeting.late_after is not None and now > meeting.late_after
    session.add(seat)
    session.flush()
    about = {**meeting.about, "person": elder_id}
    audit.record(session, actor, Did.DEPUTY_MARK, about, now=now, was=was, became=presence(seat))
    outbox.refresh(session, CARD, meeting.roll_subject)
    deputies.tell(session, seat.subject, elder_id, now=now)
    return meeting, seat
