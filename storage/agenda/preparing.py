"""Writing the agenda: from a template, from the last meeting, by typing; in which order, how long.

Everything happens under the meeting's lock, so two of the committee may write at once. It may be
written until the minutes are final: in the room a point comes up that nobody has thought of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage import meetings, rules
from storage.agenda.tables import Content, Point, points
from storage.errors import NotFound, Refusal
from storage.folding import clean_name
from storage.meetings import SITTINGS, Meeting, MeetingKind, MeetingState
from storage.powers import Actor
from storage.roster import Unit
from storage.rules import Rule

TITLE_LIMIT = 200
AT_MOST = 20  # points
STEP, LONGEST = 5, 240  # minutes of a point

# The rule on length speaks of the sessions of a branch, not of its committee or its congress.


@dataclass(frozen=True, slots=True)
class Item:
    """A point that is not written yet."""

    title: str
    content: Content
    planned: int | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """An agenda in two numbers: how many points, and the minutes planned for them."""

    points: int = 0
    minutes: int = 0


# -- rules -------------------------------------------------------------------------------------


def open_(meeting: Meeting) -> bool:
    """Whether the agenda may be written."""
    return meeting.state != MeetingState.CANCELLED and meeting.locked_at is None


def check_title(title: str) -> str:
    """A point's title as it is stored."""
    tidy = clean_name(title)
    if not tidy:
        raise Refusal("Please say in a few words what the point is about.")
    if len(tidy) > TITLE_LIMIT:
        raise Refusal("A point takes at most {limit} letters.", limit=TITLE_LIMIT)
    return tidy


def check_room(held: int, more: int) -> None:
    """Refuses an agenda that nobody could get through."""
    if held + more > AT_MOST:
        raise Refusal("An agenda takes at most {limit} points.", limit=AT_MOST)


# -- actions -----------------------------------------------------------------------------------


def fill(session: Session, actor: Actor, meeting_id: int, items: Sequence[Item]) -> Sequence[Point]:
    """Writes a whole agenda; one that has points already is left as it is."""
    meeting = _writable(session, actor, meeting_id)
    found = points(session, meeting_id)
    return found or _append(session, meeting, found, items)


def copy_last(session: Session, actor: Actor, meeting_id: int) -> Sequence[Point]:
    """Takes over the agenda of the last meeting of this kind, untimed; never over another one."""
    meeting = _writable(session, actor, meeting_id)
    found, last = points(session, meeting_id), earlier(session, meeting)
    if found or last is None:
        return found
    old = points(session, last.id)
    return _append(session, meeting, [], [Item(p.title, p.content, p.planned) for p in old])


def add(session: Session, actor: Actor, meeting_id: int, items: Sequence[Item]) -> Sequence[Point]:
    """Adds points at the end."""
    meeting = _writable(session, actor, meeting_id)
    return _append(session, meeting, points(session, meeting_id), items)


def classify(session: Session, actor: Actor, point_id: int, content: Content) -> Point:
    """Says what kind of content a point is."""
    point, _meeting = point_of(session, actor, point_id, write=True)
    point.content = content
    session.add(point)
    session.flush()
    return point


def plan_minutes(session: Session, actor: Actor, point_id: int, minutes: int) -> Point:
    """Plans so many minutes for a point."""
    point, _meeting = point_of(session, actor, point_id, write=True)
    point.planned = max(STEP, min(minutes, LONGEST))
    session.add(point)
    session.flush()
    return point


def move(session: Session, actor: Actor, point_id: int, *, seen: int, to: int) -> Point:
    """Moves a point to another place, from where it was seen: pressed twice, it moves once.

    What has been taken stays before what has not.
    """
    point, meeting = point_of(session, actor, point_id, write=True)
    order = list(points(session, meeting.id))
    taken = sum(each.begun_at is not None for each in order)
    if point.number != seen or not taken < to <= len(order) or point.begun_at is not None:
        return point
    order.remove(point)
    order.insert(to - 1, point)
    _number(session, order)
    return point


def drop(session: Session, actor: Actor, meeting_id: int, point_id: int) -> None:
    """Takes a point off the agenda; one that is gone already is gone."""
    meeting = _writable(session, actor, meeting_id)
    order = list(points(session, meeting.id))
    point = next((each for each in order if each.id == point_id), None)
    if point is None:
        return
    if point.begun_at is not None:
        raise Refusal("This point has been begun, so it stays on the agenda.")
    session.delete(point)
    session.flush()
    _number(session, [each for each in order if each is not point])


# -- questions ---------------------------------------------------------------------------------


def point_of(
    session: Session, actor: Actor, point_id: int, *, write: bool = False
) -> tuple[Point, Meeting]:
    """A point and its meeting, locked, for the committee; raises NotFound for anybody else."""
    found = session.exec(select(Point.meeting_id).where(Point.id == point_id)).first()
    if found is None:
        raise NotFound
    meeting = _writable(session, actor, found) if write else meetings.managed(session, actor, found)
    point = session.get(Point, point_id, populate_existing=True)
    if point is None:  # taken off while we waited for the meeting
        raise NotFound
    return point, meeting


def for_member(session: Session, actor: Actor, meeting_id: int) -> tuple[Meeting, Sequence[Point]]:
    """The agenda as who is convened reads it."""
    meeting, _seat = meetings.seat_of(session, actor, meeting_id)
    return meeting, points(session, meeting_id)


def outline(session: Session, meeting_id: int) -> Outline:
    """How many points, and how long they are planned to take."""
    number, minutes = session.exec(
        select(func.count(), func.sum(Point.planned)).where(Point.meeting_id == meeting_id)
    ).one()
    return Outline(number, minutes or 0)


def earlier(session: Session, meeting: Meeting) -> Meeting | None:
    """The last meeting of this kind in the unit that had an agenda."""
    return session.exec(
        select(Meeting)
        .where(Meeting.unit_id == meeting.unit_id, Meeting.kind == meeting.kind)
        .where(col(Meeting.state).in_((MeetingState.CALLED, MeetingState.CLOSED)))
        .where(Meeting.starts_at < meeting.starts_at, Meeting.id != meeting.id)
        .where(select(Point.id).where(Point.meeting_id == Meeting.id).exists())
        .order_by(col(Meeting.starts_at).desc(), col(Meeting.id).desc())
    ).first()


def required(session: Session, profile: str, meeting: Meeting) -> Rule | None:
    """How long such a meeting lasts at least; None where no rule says so."""
    if meeting.kind not in SITTINGS:
        return None
    found = _length_rule(session, profile, meeting)
    return None if found.value is None else found


def expected(session: Session, profile: str, meeting: Meeting) -> int:
    """How many minutes to keep free for it: what is planned, at least what the rule says."""
    written = _length_rule(session, profile, meeting).value or 0
    planned = outline(session, meeting.id).minutes
    return max(planned, round(written)) if meeting.kind in SITTINGS else planned or round(written)


# -- parts -------------------------------------------------------------------------------------


def _length_rule(session: Session, profile: str, meeting: Meeting) -> Rule:
    unit = session.get_one(Unit, meeting.unit_id)
    key = "meeting.minutes_joint" if meeting.kind == MeetingKind.JOINT else "meeting.minutes"
    return rules.rule(session, profile, key, unit, on=meeting.starts_at.date())


def _writable(session: Session, actor: Actor, meeting_id: int) -> Meeting:
    meeting = meetings.managed(session, actor, meeting_id)
    if meeting.state == MeetingState.CANCELLED:
        raise Refusal("This meeting has been cancelled.")
    if meeting.locked_at is not None:
        raise Refusal("The minutes are final; nothing can be changed any more.")
    return meeting


def _append(
    session: Session, meeting: Meeting, held: Sequence[Point], items: Sequence[Item]
) -> Sequence[Point]:
    check_room(len(held), len(items))
    for number, item in enumerate(items, len(held) + 1):
        tidy = replace(item, title=check_title(item.title))
        planned = None if item.planned is None else max(1, min(item.planned, LONGEST))
        session.add(
            Point(
                meeting_id=meeting.id,
                number=number,
                title=tidy.title,
                content=tidy.content,
                planned=planned,
            )
        )
    session.flush()
    return points(session, meeting.id)


def _number(session: Session, order: Sequence[Point]) -> None:
    """Numbers anew, by way of numbers that nobody has: each statement must leave them unique."""
    for sign in (-1, 1):
        for number, point in enumerate(order, 1):
            point.number = sign * number
            session.add(point)
        session.flush()
