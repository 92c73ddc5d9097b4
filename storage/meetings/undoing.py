"""The minute before something is told to many, in which it can be taken back.

A call that is undone leaves no meeting; a change that is undone leaves the meeting as it was.
Quiet hours may hold the news longer than that; a second tap lets it out of them, not out of its
minute.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage import audit, outbox, schedule
from storage.acts import Did
from storage.meetings.calling import NEWS, UNDO
from storage.meetings.changing import PUT_OFF, cancel
from storage.meetings.finding import change_of, managed, waiting_change
from storage.meetings.seats import CHANGE, reachable, told
from storage.meetings.tables import Change, ChangeState, Meeting, MeetingState
from storage.outbox import Notice
from storage.powers import Actor
from storage.quiet import Quiet

# -- rules -------------------------------------------------------------------------------------


def undoable(meeting: Meeting, *, now: datetime) -> bool:
    """Whether the call can still be taken back: nobody has been told."""
    if meeting.state != MeetingState.CALLED or meeting.called_at is None:
        return False
    untouched = meeting.opened_at is None and meeting.revision == 0
    return untouched and now < meeting.called_at + UNDO


# -- actions -----------------------------------------------------------------------------------


def undo(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> bool:
    """Takes a call back while nobody has been told; False when it is too late for that."""
    meeting = managed(session, actor, meeting_id)
    if meeting.state == MeetingState.CANCELLED:
        return meeting.revision == 0  # called off, its revision has grown
    if not undoable(meeting, now=now):
        return False
    change = waiting_change(session, meeting)
    if change is not None:
        change.state = ChangeState.UNDONE
        session.add(change)
    cancel(session, meeting)
    audit.record(session, actor, Did.MEETING_UNDO, meeting.about, now=now)
    return True


def undo_change(
    session: Session, actor: Actor, change_id: int, *, now: datetime
) -> tuple[Change, Meeting]:
    """Takes a move or a cancellation back within its minute; returns what became of it."""
    change, meeting = change_of(session, actor, change_id)
    if change.state == ChangeState.WAITING and now < change.due_at:
        change.state = ChangeState.UNDONE
        session.add(change)
        session.flush()
        schedule.drop(session, meeting.subject, kind=CHANGE)
        about = {**meeting.about, "change": change.id}
        audit.record(session, actor, Did.CHANGE_UNDO, about, now=now)
    return change, meeting


def send_now(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> None:
    """Lets the news of a meeting out of the quiet hours, as urgent; the minute to undo stays."""
    meeting = managed(session, actor, meeting_id)
    change = waiting_change(session, meeting)
    if change is not None:
        change.urgent = True
        session.add(change)
        session.flush()
        return
    due_at = max(now, (meeting.called_at or now) + UNDO)
    outbox.hasten(session, meeting.subject, NEWS, due_at=due_at)


# -- questions ---------------------------------------------------------------------------------


def held_until(
    session: Session, meeting: Meeting, *, quiet: Quiet, now: datetime
) -> datetime | None:
    """Until when quiet hours hold back news of the meeting; None when they hold none."""
    change = waiting_change(session, meeting)
    if change is None:
        return session.exec(
            select(func.max(Notice.due_at))
            .where(Notice.subject == meeting.subject, col(Notice.kind).in_(NEWS))
            .where(Notice.state == outbox.State.QUEUED, Notice.due_at > now + PUT_OFF)
        ).one()
    if change.urgent:
        return None
    concerns = (
        told(session, meeting) if change.starts_at is None else reachable(session, meeting.id)
    )
    latest = max((quiet.for_person(each, change.due_at) for each in concerns), default=None)
    return latest if latest is not None and latest > change.due_at else None
