"""Reminders: whom a slot reaches, by the policy written in `rules.py`.

A slot is a schedule row (`planning.py`), one for each zone in which people of the campaign live.
Nothing is worded here: a notice says which lesson and to whom, and is asked again when it is sent.
A notice that somebody wished for has a negative revision; a slot that comes together with it takes
it over.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, literal, or_, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from storage import outbox, schedule
from storage.campaigns.planning import plan_slots, zone_there
from storage.campaigns.rules import (
    AT_MOST,
    LATE,
    TOGETHER,
    day_of,
    first_unfinished,
    gives_way,
    good_until,
    of_the_day,
    over_at,
    runs,
    to_remind_of,
    tomorrow_evening,
)
from storage.campaigns.silencing import silenced
from storage.campaigns.studying import (
    REMINDER,
    TOMORROW,
    Course,
    course,
    lesson_for,
    lessons_of,
    units_of,
)
from storage.campaigns.tables import Campaign, Lesson, Progress
from storage.db import upsert
from storage.errors import Refusal
from storage.outbox import Class, Notice, State, to_person
from storage.powers import Actor
from storage.quiet import Quiet
from storage.roster import Person, Unit, within

BUSY = (*outbox.UNSENT, State.SENDING)


class Addressee(NamedTuple):
    """Of a person, what it takes to owe them something; there may be a hundred thousand."""

    id: int
    quiet_hours: str | None
    zone: str | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot that has come: when it was due, for which zone, of which day where it has one."""

    at: datetime
    zone: str
    day: date | None

    @classmethod
    def named(cls, name: str, at: datetime, campaign: Campaign) -> Slot:
        """What a schedule row's name says."""
        zone, _space, day = name.partition(" ")
        return cls(at, zone or campaign.zone, date.fromisoformat(day) if day else None)

    @property
    def revision(self) -> int:
        """Two slots of one lesson are two notices; the same slot twice is one."""
        return int(self.at.timestamp()) // 60


# -- actions -----------------------------------------------------------------------------------


def remind(
    session: Session,
    campaign_id: int,
    at: datetime,
    *,
    slot_name: str = "",
    quiet: Quiet,
    now: datetime,
) -> int:
    """Owes a reminder to everybody whom this slot reaches; returns to how many."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or not runs(campaign, now):
        return 0
    slot = Slot.named(slot_name, at, campaign)
    lessons, today = lessons_of(session, campaign.id), day_of(now, campaign.zone)
    if slot.day is None:
        asked = to_remind_of(lessons, today)
    else:
        asked = of_the_day(lessons, slot.day, today)
    owed = 0
    for lesson, people in _reached(session, campaign, asked, slot.zone):
        due = {each.id: quiet.for_person(each, now) for each in people}
        due = _sensible(campaign, lessons, lesson, slot, due, now)
        owed += _owe(session, campaign, lesson, due, slot.revision, now=now)
        _take_over(session, lesson, due, slot, now)
        _count(session, campaign, lesson, slot)
    plan_slots(session, campaign, now=now)  # somebody may have moved to another zone
    return owed


def _sensible(
    campaign: Campaign,
    lessons: Sequence[Lesson],
    lesson: Lesson,
    slot: Slot,
    due: dict[int, datetime],
    now: datetime,
) -> dict[int, datetime]:
    """Those to whom it still makes sense at the moment at which it can be said."""
    until = good_until(campaign, lesson, day_of(now, campaign.zone))
    moments = {at: at <= until for at in set(due.values())}
    if now - slot.at >= LATE:
        for at in moments:
            moments[at] &= not gives_way(campaign, lessons, lesson, slot.zone, at)
    return {person_id: at for person_id, at in due.items() if moments[at]}


def remind_tomorrow(
    session: Session, actor: Actor, lesson_id: int, *, zone: str, now: datetime
) -> datetime:
    """A member asks to be reminded of a lesson tomorrow evening; returns when."""
    lesson, campaign = lesson_for(session, actor, lesson_id, now=now)
    if course(session, actor.person_id or 0, campaign).step(lesson.id).done:
        raise Refusal("You have finished this lesson already.")
    at = tomorrow_evening(now, zone)
    if campaign.paused_at is not None:
        raise Refusal("The campaign is paused; nothing is sent meanwhile.")
    if at > over_at(campaign) or campaign.closed_at is not None:
        raise Refusal("The campaign is over by tomorrow evening.")
    schedule.once(session, TOMORROW, lesson.subject, at, zone=zone, slot_name=f"p{actor.person_id}")
    return at


def remind_one(
    session: Session,
    lesson_id: int,
    slot_name: str,
    slot: datetime,
    *,
    quiet: Quiet,
    now: datetime,
) -> int:
    """Owes one person the reminder that they asked for; it does not count."""
    person = session.get(Person, int(slot_name.removeprefix("p")))
    found = None if person is None else still_to_do(session, lesson_id, person.id, now=now)
    if person is None or found is None:
        return 0
    lesson, campaign = found.step(lesson_id).lesson, found.campaign
    unit = session.get_one(Unit, person.unit_id)
    whom = Addressee(person.id, person.quiet_hours, person.zone or unit.zone or campaign.zone)
    due = {person.id: quiet.for_person(whom, now)}
    wished = Slot(slot, "", None)
    return _owe(session, campaign, lesson, due, -wished.revision, now=now)


def _owe(
    session: Session,
    campaign: Campaign,
    lesson: Lesson,
    due: dict[int, datetime],
    revision: int,
    *,
    now: datetime,
) -> int:
    """Owes the reminder to those to whom none of the lesson is near; returns to how many."""
    near = set(session.exec(select(Notice.person_id).where(_near(lesson, now))).all())
    return outbox.enqueue(
        session,
        REMINDER,
        lesson.subject,
        [
            {**to_person(person_id), "due_at": at}
            for person_id, at in due.items()
            if person_id not in near
        ],
        klass=Class.REMINDER,
        revision=revision,
        valid_until=good_until(campaign, lesson, day_of(now, campaign.zone)),
        now=now,
    )


def _near(lesson: Lesson, now: datetime) -> ColumnElement[bool]:
    """The reminders of a lesson that wait, or were said within the hour."""
    said = func.coalesce(col(Notice.settled_at), col(Notice.created_at)) > now - TOGETHER
    return and_(
        col(Notice.kind) == REMINDER,
        col(Notice.subject) == lesson.subject,
        or_(
            and_(col(Notice.state).in_(BUSY), col(Notice.valid_until) >= now),
            and_(col(Notice.state).in_((State.SENT, State.UNKNOWN)), said),
        ),
    )


def _take_over(
    session: Session, lesson: Lesson, people: Collection[int], slot: Slot, now: datetime
) -> None:
    """What these wished for and the slot's reminder are one; it is the slot's."""
    wished = session.execute(
        sa_select(col(Notice.id), col(Notice.person_id)).where(
            _near(lesson, now), col(Notice.revision) < 0
        )
    ).all()
    taken = [each.id for each in wished if each.person_id in people]
    session.execute(
        update(Notice)
        .where(col(Notice.id).in_(taken))
        .values(revision=slot.revision)
        .execution_options(synchronize_session=False)
    )


def _count(session: Session, campaign: Campaign, lesson: Lesson, slot: Slot) -> None:
    """One reminder more for everybody who has been owed this slot's."""
    owed = (
        sa_select(col(Notice.person_id), literal(lesson.id), literal(1))
        .join(Person, col(Person.id) == col(Notice.person_id))
        .join(Unit, col(Unit.id) == col(Person.unit_id))
        .where(col(Notice.subject) == lesson.subject, col(Notice.kind) == REMINDER)
        .where(col(Notice.revision) == slot.revision, zone_there(campaign) == slot.zone)
    )
    first = upsert(session, Progress).from_select(["person_id", "lesson_id", "reminders"], owed)
    counted = first.on_conflict_do_update(
        index_elements=["person_id", "lesson_id"],
        set_={"reminders": col(Progress.reminders) + first.excluded.reminders},
    )
    session.flush()
    session.connection().execute(counted)
    session.expire_all()  # what it has loaded of them is out of date


# -- questions ---------------------------------------------------------------------------------


def still_to_do(
    session: Session, lesson_id: int, person_id: int, *, now: datetime
) -> Course | None:
    """The campaign as the person has it, while a reminder of this lesson is still true."""
    lesson = session.get(Lesson, lesson_id)
    if lesson is None or lesson.place is None:
        return None
    campaign = session.get_one(Campaign, lesson.campaign_id)
    if not runs(campaign, now) or campaign.unit_id not in units_of(session, person_id):
        return None
    found = course(session, person_id, campaign)
    return None if found.step(lesson.id).done else found


def _reached(
    session: Session, campaign: Campaign, lessons: Sequence[Lesson], zone: str
) -> list[tuple[Lesson, list[Addressee]]]:
    """For each lesson, whom a slot reaches: Telegram lets us write to them, they have not stopped
    it, it is their first unfinished one, and they have been reminded of it less than twice."""
    if not lessons:
        return []
    unit = session.get_one(Unit, campaign.unit_id)
    people = session.execute(
        sa_select(col(Person.id), col(Person.quiet_hours), zone_there(campaign))
        .join(Unit, col(Unit.id) == col(Person.unit_id))
        .where(within(unit), col(Person.ended).is_(None), col(Person.telegram_id).is_not(None))
        .where(col(Person.consented_at).is_not(None), zone_there(campaign) == zone)
        .where(col(Person.started), col(Person.blocked_at).is_(None))
    ).all()
    silent = silenced(session, campaign.id)
    progress = session.execute(
        sa_select(
            col(Progress.person_id),
            col(Progress.lesson_id),
            col(Progress.done_at),
            col(Progress.reminders),
        ).where(col(Progress.lesson_id).in_([lesson.id for lesson in lessons]))
    ).all()
    finished: dict[int, set[int]] = defaultdict(set)
    exhausted: set[tuple[int, int]] = set()
    for row in progress:
        if row.done_at is not None:
            finished[row.person_id].add(row.lesson_id)
        if row.reminders >= AT_MOST:
            exhausted.add((row.person_id, row.lesson_id))
    reached: dict[int, list[Addressee]] = {lesson.id: [] for lesson in lessons}
    for person in itertools.starmap(Addressee, people):
        lesson = first_unfinished(lessons, finished[person.id])
        if lesson is None or person.id in silent or (person.id, lesson.id) in exhausted:
            continue
        reached[lesson.id].append(person)
    return [(lesson, reached[lesson.id]) for lesson in lessons if reached[lesson.id]]
