"""The documents of a meeting: files that Telegram keeps, known to us by its number for them.

Nothing of their content is stored here. Members are to have them some days before the meeting
(`papers.days` in storage/rules); a committee that has sent none by then is told, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import UniqueConstraint, func
from sqlmodel import Field, Session, col, select

from storage import audit, meetings, outbox, rules, schedule
from storage.acts import Did
from storage.db import Row
from storage.errors import NotFound, Refusal
from storage.folding import clean_name
from storage.meetings import PAPERS, Meeting, MeetingState
from storage.outbox import Class, to_person
from storage.powers import COMMITTEE, Actor
from storage.quiet import Quiet
from storage.roster import Unit, holders
from storage.rules import Rule

AT_MOST = 10  # documents of a meeting
NAME_LIMIT = 100
HELD_BACK = timedelta(minutes=2)  # a change that waits puts off what is due by so much at most

# -- tables ------------------------------------------------------------------------------------


class Paper(Row, table=True):
    """One document of a meeting."""

    __tablename__ = "meeting_paper"
    __table_args__ = (UniqueConstraint("meeting_id", "unique_id"),)

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    file_id: str  # Telegram's, for this bot alone
    unique_id: str  # Telegram's for the file itself: sent twice, it is one document
    photo: bool = False
    name: str
    added_by: int | None = Field(default=None, foreign_key="person.id")
    added_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as Telegram told of it."""

    file_id: str
    unique_id: str
    name: str
    photo: bool = False


# -- rules -------------------------------------------------------------------------------------


def open_(meeting: Meeting) -> bool:
    """Whether documents may be added and taken away: also afterwards, until the minutes."""
    return meeting.state != MeetingState.CANCELLED and meeting.locked_at is None


# -- actions -----------------------------------------------------------------------------------


def add(
    session: Session, actor: Actor, meeting_id: int, files: Sequence[Sent], *, now: datetime
) -> Sequence[Paper]:
    """Adds documents; one that is there already is not added again. Returns all that there are."""
    meeting = _writable(session, actor, meeting_id)
    held = {each.unique_id for each in papers(session, meeting_id)}
    new = {each.unique_id: each for each in files if each.unique_id not in held}
    if len(held) + len(new) > AT_MOST:
        raise Refusal("A meeting takes at most {limit} documents.", limit=AT_MOST)
    for each in new.values():
        paper = Paper(
            meeting_id=meeting_id,
            file_id=each.file_id,
            unique_id=each.unique_id,
            photo=each.photo,
            name=clean_name(each.name)[:NAME_LIMIT] or "?",
            added_by=actor.person_id,
            added_at=now,
        )
        session.add(paper)
        session.flush()
        audit.record(session, actor, Did.PAPER_ADD, {**meeting.about, "paper": paper.id}, now=now)
    schedule.drop(session, meeting.subject, kind=PAPERS)
    outbox.cancel(session, meeting.subject, kind=PAPERS)
    return papers(session, meeting_id)


def remove(
    session: Session, actor: Actor, meeting_id: int, paper_id: int, *, now: datetime
) -> bool:
    """Takes a document away; False when it is gone already."""
    meeting = _writable(session, actor, meeting_id)
    held = papers(session, meeting_id)
    paper = next((each for each in held if each.id == paper_id), None)
    if paper is None:
        return False
    session.delete(paper)
    session.flush()
    audit.record(session, actor, Did.PAPER_REMOVE, {**meeting.about, "paper": paper_id}, now=now)
    if len(held) == 1 and meeting.ahead(now):  # none is left: look again when it is time
        schedule.once(session, PAPERS, meeting.subject, now, zone=meeting.zone)
    return True


def look(
    session: Session,
    meeting_id: int,
    profile: str,
    *,
    slot: datetime,
    quiet: Quiet,
    now: datetime,
) -> int:
    """Reminds the committee of a meeting that has no document by the day the rule names.

    The first slot is the moment of the call (or of a move): it waits for that day, of which no
    caller need know. Who calls a meeting later than that is not told off for it.
    """
    meeting = session.get(Meeting, meeting_id)
    days = None if meeting is None else days_before(session, profile, meeting).value
    if meeting is None or days is None or not meeting.ahead(now) or papers(session, meeting_id):
        return 0
    due = meeting.starts_at - timedelta(days=days)
    if now < due:
        schedule.once(session, PAPERS, meeting.subject, due, zone=meeting.zone)
        return 0
    if slot > due + HELD_BACK:
        return 0
    today = now.astimezone(ZoneInfo(meeting.zone)).date()
    return outbox.enqueue(
        session,
        PAPERS,
        meeting.subject,
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


def papers(session: Session, meeting_id: int) -> Sequence[Paper]:
    """The documents of a meeting, in the order in which they were added."""
    return session.exec(
        select(Paper).where(Paper.meeting_id == meeting_id).order_by(col(Paper.id))
    ).all()


def number(session: Session, meeting_id: int) -> int:
    """How many documents a meeting has."""
    return session.exec(select(func.count()).where(Paper.meeting_id == meeting_id)).one()


def one(session: Session, actor: Actor, paper_id: int) -> tuple[Paper, Meeting]:
    """A document and its meeting, for the committee."""
    paper = session.get(Paper, paper_id)
    if paper is None:
        raise NotFound
    return paper, meetings.managed(session, actor, paper.meeting_id)


def for_member(session: Session, actor: Actor, meeting_id: int) -> Sequence[Paper]:
    """The documents of a meeting, for who is convened to it."""
    meetings.seat_of(session, actor, meeting_id)
    return papers(session, meeting_id)


def days_before(session: Session, profile: str, meeting: Meeting) -> Rule:
    """How many days before the meeting members are to have its documents."""
    unit = session.get_one(Unit, meeting.unit_id)
    return rules.rule(session, profile, "papers.days", unit, on=meeting.starts_at.date())


def _writable(session: Session, actor: Actor, meeting_id: int) -> Meeting:
    meeting = meetings.managed(session, actor, meeting_id)
    if meeting.state == MeetingState.CANCELLED:
        raise Refusal("This meeting has been cancelled.")
    if meeting.locked_at is not None:
        raise Refusal("The minutes are final; nothing can be changed any more.")
    return meeting
