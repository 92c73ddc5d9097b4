"""Taking the agenda in the room: the session begins, point after point is done, it ends.

One point is under way at a time. Each press names the point that it is about, so pressing twice,
or two of the committee at once, does nothing twice; and each can be taken back until the minutes
are final. Nothing here closes the roll, and a closed roll stops nothing here: people are counted
in the first minutes, and the session goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from storage import audit, chairing, meetings
from storage.acts import Did
from storage.agenda.preparing import open_, point_of
from storage.agenda.tables import Content, Point, points
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingState
from storage.meetings.tables import UNDER_WAY
from storage.powers import Actor

EARLY = timedelta(hours=2)  # a session does not begin longer before its time


# -- rules -------------------------------------------------------------------------------------


def current(order: Sequence[Point]) -> Point | None:
    """The point under way."""
    return next((each for each in order if each.begun_at and not each.done_at), None)


def last_done(order: Sequence[Point]) -> Point | None:
    """The point that was done last: the one whose tick can be taken back."""
    done = [each for each in order if each.done_at is not None]
    return max(done, key=lambda each: (each.done_at, each.number), default=None)


def length(meeting: Meeting) -> int | None:
    """How many minutes the session took; None while it has not ended."""
    if meeting.begun_at is None or meeting.ended_at is None:
        return None
    return round((meeting.ended_at - meeting.begun_at).total_seconds() / 60)


# -- actions -----------------------------------------------------------------------------------


def begin(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Meeting:
    """The session begins, and its first point with it; the secretary takes an empty chair."""
    meeting = _meeting(session, actor, meeting_id)
    if meeting.begun_at is not None:
        return meeting
    if now < meeting.starts_at - EARLY:
        raise Refusal("It is too early: this meeting has not come together yet.")
    meeting.begun_at = now
    meeting.chair_id = meeting.chair_id or chairing.usual_chair(session, meeting)
    session.add(meeting)
    _begin_next(session, points(session, meeting_id), now)
    audit.record(session, actor, Did.SESSION_BEGIN, meeting.about, now=now)
    return meeting


def take(session: Session, actor: Actor, point_id: int, *, now: datetime) -> Meeting:
    """Begins a point that has not been taken, where none is under way."""
    point, meeting = _running(session, actor, point_id)
    free = meeting.ended_at is None and current(points(session, meeting.id)) is None
    if free and point.begun_at is None:
        point.begun_at = now
        session.add(point)
        session.flush()
    return meeting


def done(session: Session, actor: Actor, point_id: int, *, now: datetime) -> Meeting:
    """Ticks the point under way off, and begins the next."""
    point, meeting = _running(session, actor, point_id)
    order = points(session, meeting.id)
    if meeting.ended_at is None and current(order) is point:
        point.done_at = now
        session.add(point)
        _begin_next(session, order, now)
    return meeting


def undo(session: Session, actor: Actor, point_id: int) -> Meeting:
    """Takes the last tick back: that point goes on, and the one begun after it waits again."""
    point, meeting = _running(session, actor, point_id)
    order = points(session, meeting.id)
    if meeting.ended_at is not None or last_done(order) is not point:
        return meeting
    following = current(order)
    if following is not None:
        following.begun_at = None
        session.add(following)
    point.done_at = None
    session.add(point)
    session.flush()
    return meeting


def forgotten(meeting: Meeting, *, now: datetime) -> bool:
    """Whether the end of a session was so long ago, if anything, that it has to be asked for."""
    running = meeting.begun_at is not None and meeting.ended_at is None
    return running and meeting.begun_at is not None and now > meeting.begun_at + UNDER_WAY


def end(
    session: Session, actor: Actor, meeting_id: int, *, after: int | None = None, now: datetime
) -> Meeting:
    """The session ends, and the point under way with it: now, or so many minutes `after` it began.

    It cannot have ended in the time to come, nor before a point that was ticked off.
    """
    meeting = _meeting(session, actor, meeting_id)
    if meeting.begun_at is None or meeting.ended_at is not None:
        return meeting
    order = points(session, meeting_id)
    at = now if after is None else meeting.begun_at + timedelta(minutes=after)
    last = max((each.done_at for each in order if each.done_at), default=meeting.begun_at)
    if not last <= at <= now:
        raise Refusal("The meeting cannot have ended then.")
    meeting.ended_at = at
    session.add(meeting)
    point = current(order)
    if point is not None:
        point.done_at = max(at, point.begun_at or at)
        session.add(point)
    session.flush()
    audit.record(session, actor, Did.SESSION_END, meeting.about, now=now)
    return meeting


def resume(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> Meeting:
    """The session goes on as if its end had not been said, and so does the point that it ended."""
    meeting = _meeting(session, actor, meeting_id)
    if meeting.ended_at is None:
        return meeting
    point = last_done(points(session, meeting_id))
    if point is not None and point.done_at == meeting.ended_at:
        point.done_at = None
        session.add(point)
    meeting.ended_at = None
    session.add(meeting)
    session.flush()
    audit.record(session, actor, Did.SESSION_RESUME, meeting.about, now=now)
    return meeting


# -- questions ---------------------------------------------------------------------------------


def minutes_by_content(session: Session, meeting_id: int) -> dict[Content, int]:
    """How many minutes were spent on each kind of content, by the points that are done."""
    spent: Counter[Content] = Counter()
    for point in points(session, meeting_id):
        if point.minutes is not None:
            spent[Content(point.content)] += point.minutes
    return dict(spent)


# -- parts -------------------------------------------------------------------------------------


def _meeting(session: Session, actor: Actor, meeting_id: int) -> Meeting:
    """A meeting whose session may be run."""
    meeting = meetings.managed(session, actor, meeting_id)
    _check(meeting)
    return meeting


def _running(session: Session, actor: Actor, point_id: int) -> tuple[Point, Meeting]:
    point, meeting = point_of(session, actor, point_id)
    _check(meeting)
    if meeting.begun_at is None:
        raise Refusal("The meeting has not begun yet.")
    return point, meeting


def _check(meeting: Meeting) -> None:
    if meeting.state == MeetingState.DRAFT:
        raise NotFound
    if meeting.state == MeetingState.CANCELLED:
        raise Refusal("This meeting has been cancelled.")
    if not open_(meeting):
        raise Refusal("The minutes are final; nothing can be changed any more.")


def _begin_next(session: Session, order: Sequence[Point], now: datetime) -> None:
    following = next((each for each in order if each.begun_at is None), None)
    if following is not None:
        following.begun_at = now
        session.add(following)
    session.flush()
