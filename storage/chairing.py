"""Who chairs a meeting and who takes its minutes: two of those convened.

Where nobody has said who chairs, it is the secretary of the unit, if convened.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from storage import audit, meetings
from storage.acts import Did
from storage.errors import NotFound, Refusal
from storage.folding import fold
from storage.meetings import Meeting, MeetingState, Seat
from storage.powers import Actor, Role
from storage.roster import Person, holders


class Part(StrEnum):
    """What somebody does for the meeting."""

    CHAIR = "chair"
    MINUTES = "minutes"


# -- rules -------------------------------------------------------------------------------------


def held_by(meeting: Meeting, part: Part) -> int | None:
    """Whom the committee has named for it."""
    return meeting.chair_id if part is Part.CHAIR else meeting.minute_taker_id


# -- actions -----------------------------------------------------------------------------------


def name(
    session: Session, actor: Actor, meeting_id: int, part: Part, person_id: int, *, now: datetime
) -> Person:
    """Names one of those convened; the same press twice is one."""
    meeting = meetings.managed(session, actor, meeting_id)
    if meeting.state == MeetingState.DRAFT:
        raise NotFound
    if meeting.state == MeetingState.CANCELLED:
        raise Refusal("This meeting has been cancelled.")
    if meeting.locked_at is not None:
        raise Refusal("The minutes are final; nothing can be changed any more.")
    person = next((each for each in convened(session, meeting_id) if each.id == person_id), None)
    if person is None:
        raise NotFound
    was = held_by(meeting, part)
    if was == person_id:
        return person
    if part is Part.CHAIR:
        meeting.chair_id = person_id
    else:
        meeting.minute_taker_id = person_id
    session.add(meeting)
    session.flush()
    about = {**meeting.about, "person": person_id}
    audit.record(session, actor, Did.MEETING_NAME, about, now=now, part=part.value, was=was)
    return person


# -- questions ---------------------------------------------------------------------------------


def convened(session: Session, meeting_id: int, query: str = "") -> Sequence[Person]:
    """Those convened, by given name; or those of them whose name has this part."""
    found = session.exec(
        select(Person)
        .join(Seat, col(Seat.person_id) == Person.id)
        .where(Seat.meeting_id == meeting_id, col(Person.ended).is_(None))
        .order_by(col(Person.sort_key), col(Person.id))
    ).all()
    wanted = fold(query)
    return [each for each in found if wanted in fold(each.full_name)]


def usual_chair(session: Session, meeting: Meeting) -> int | None:
    """The secretary of the unit on that day, if convened."""
    day = meeting.starts_at.astimezone(ZoneInfo(meeting.zone)).date()
    seated = select(Seat.person_id).where(Seat.meeting_id == meeting.id)
    secretaries = [
        each.id
        for each in holders(session, meeting.unit_id, frozenset({Role.SECRETARY}), today=day)
    ]
    found = session.exec(seated.where(col(Seat.person_id).in_(secretaries))).all()
    return next((each for each in secretaries if each in found), None)


def people(session: Session, meeting: Meeting) -> tuple[Person | None, Person | None]:
    """Who chairs, named or as usual, and who takes the minutes."""
    chair_id = meeting.chair_id or usual_chair(session, meeting)
    chair = session.get(Person, chair_id) if chair_id else None
    minutes = session.get(Person, meeting.minute_taker_id) if meeting.minute_taker_id else None
    return chair, minutes
