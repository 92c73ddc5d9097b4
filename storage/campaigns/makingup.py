"""Making up: whoever was absent from a thematic meeting gets its lesson, once the roll is settled.

A lesson is linked to a meeting by the committee. What it suggests is private and counts as no
reminder; it is said once, and to nobody who has finished the lesson.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from storage import audit, outbox
from storage.acts import Did
from storage.attendance import Presence, presence
from storage.campaigns.changing import managed_lesson
from storage.campaigns.rules import day_of, morning_within
from storage.campaigns.studying import LINGERS, Course, course, units_of
from storage.campaigns.tables import Campaign, Lesson, Progress
from storage.errors import NotFound
from storage.meetings import Meeting, MeetingState, Seat
from storage.meetings.settling import await_settling, is_settled
from storage.meetings.tables import QUARTERLY
from storage.outbox import Class, to_person
from storage.powers import Actor
from storage.quiet import Quiet
from storage.roster import Person, Unit, within

MAKE_UP = "campaign.makeup"
LATELY = timedelta(days=120)  # how far back a meeting may lie that a lesson is linked to
AWAY = (Presence.ABSENT, Presence.EXCUSED)

# -- actions -----------------------------------------------------------------------------------


def link(
    session: Session, actor: Actor, lesson_id: int, meeting_id: int, *, now: datetime
) -> tuple[Lesson, Campaign]:
    """Links a lesson to a meeting of its theme; 0 unlinks it."""
    lesson, campaign = managed_lesson(session, actor, lesson_id)
    meeting = None
    if meeting_id:
        offered = meetings_for(session, campaign, now=now)
        meeting = next((each for each in offered if each.id == meeting_id), None)
        if meeting is None:
            raise NotFound
    if lesson.meeting_id != (meeting_id or None):
        lesson.meeting_id = meeting_id or None
        session.add(lesson)
        session.flush()
        if meeting is not None:
            await_settling(session, meeting, now=now)
        about = {"campaign": campaign.id, "unit": campaign.unit_id, "lesson": lesson.id}
        audit.record(session, actor, Did.CAMPAIGN_CHANGE, about, now=now, what="meeting")
    return lesson, campaign


def make_up(session: Session, meeting_id: int, *, quiet: Quiet, now: datetime) -> int:
    """A roll is settled: owes the lessons of its theme to those who were absent."""
    meeting = session.get(Meeting, meeting_id, populate_existing=True)
    if meeting is None or not is_settled(meeting, now):
        if meeting is not None:
            await_settling(session, meeting, now=now)
        return 0
    seats = session.exec(select(Seat).where(Seat.meeting_id == meeting.id)).all()
    away = [seat.person_id for seat in seats if presence(seat) in AWAY]
    found = session.exec(select(Lesson).where(Lesson.meeting_id == meeting.id)).all()
    return sum(_owe(session, lesson, away, quiet=quiet, now=now) for lesson in found)


def _owe(session: Session, lesson: Lesson, away: list[int], *, quiet: Quiet, now: datetime) -> int:
    campaign = session.get_one(Campaign, lesson.campaign_id)
    if lesson.place is None or day_of(now, campaign.zone) > campaign.ends + LINGERS:
        return 0
    done = set(
        session.exec(
            select(Progress.person_id).where(
                Progress.lesson_id == lesson.id, col(Progress.done_at).is_not(None)
            )
        ).all()
    )
    people = session.exec(
        select(Person)
        .join(Unit, col(Unit.id) == Person.unit_id)
        .where(within(session.get_one(Unit, campaign.unit_id)))
        .where(col(Person.id).in_(away), col(Person.ended).is_(None))
    ).all()
    opens = now
    if day_of(now, campaign.zone) < lesson.opens:
        opens = morning_within(lesson.opens, campaign.zone, campaign.zone)
    return outbox.enqueue(
        session,
        MAKE_UP,
        lesson.subject,
        [
            {**to_person(each.id), "due_at": quiet.for_person(each, opens)}
            for each in people
            if each.id not in done
        ],
        klass=Class.REMINDER,
        now=now,
    )


# -- questions ---------------------------------------------------------------------------------


def meetings_for(session: Session, campaign: Campaign, *, now: datetime) -> list[Meeting]:
    """The thematic meetings, lately or to come, that a lesson of the campaign may belong to."""
    found = session.exec(
        select(Meeting)
        .join(Unit, col(Unit.id) == Meeting.unit_id)
        .where(within(session.get_one(Unit, campaign.unit_id)))
        .where(col(Meeting.kind).in_(QUARTERLY), col(Meeting.starts_at) > now - LATELY)
        .where(col(Meeting.state).in_((MeetingState.CALLED, MeetingState.CLOSED)))
        .order_by(col(Meeting.starts_at).desc(), col(Meeting.id))
    ).all()
    return list(found)


def to_make_up(session: Session, lesson_id: int, person_id: int) -> tuple[Course, Meeting] | None:
    """The campaign as the person has it and the meeting missed, while the suggestion is true."""
    lesson = session.get(Lesson, lesson_id)
    if lesson is None or lesson.place is None or lesson.meeting_id is None:
        return None
    campaign = session.get_one(Campaign, lesson.campaign_id)
    seat = session.exec(
        select(Seat).where(Seat.meeting_id == lesson.meeting_id, Seat.person_id == person_id)
    ).first()
    if seat is None or presence(seat) not in AWAY:
        return None
    found = course(session, person_id, campaign)
    theirs = campaign.unit_id in units_of(session, person_id)
    if not theirs or found.step(lesson.id).done:
        return None
    return found, session.get_one(Meeting, lesson.meeting_id)
