"""Reminders and weekly totals: whom a slot reaches, by the policy written in `rules.py`.

A slot is a schedule row. One that was missed while the bot was down fires once, late, as long as
the campaign runs. Nothing is worded here: a notice says which lesson and to whom, and is asked
again when it is sent.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import literal, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from storage import groups, outbox, schedule
from storage.campaigns.following import LessonTally, tally_of
from storage.campaigns.rules import (
    AT_MOST,
    day_of,
    first_unfinished,
    over_at,
    runs,
    to_remind_of,
    tomorrow_evening,
)
from storage.campaigns.studying import (
    REMINDER,
    Course,
    course,
    lesson_for,
    lessons_of,
    units_of,
)
from storage.campaigns.tables import Campaign, Lesson, Progress
from storage.db import upsert
from storage.errors import Refusal
from storage.outbox import Class, Notice, to_group, to_person
from storage.powers import Actor
from storage.quiet import Quiet
from storage.roster import Person, Unit, within

TOMORROW = "campaign.tomorrow"
TOTAL = "campaign.total"
MONDAY_MORNING = "0 8 * * mon"


class Addressee(NamedTuple):
    """Of a person, what it takes to owe them something; there may be a hundred thousand."""

    id: int
    quiet_hours: str | None
    zone: str | None


@dataclass(frozen=True, slots=True)
class Total:
    """What a group is told once a week."""

    campaign: Campaign
    people: int
    lessons: list[LessonTally]


# -- actions -----------------------------------------------------------------------------------


def plan_reminders(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """Schedules the slots after now, in place of those it had, and moves what is queued."""
    over = over_at(campaign)
    if campaign.remind is None:
        schedule.drop(session, campaign.subject)
    else:
        schedule.repeat(
            session,
            REMINDER,
            campaign.subject,
            campaign.remind,
            zone=campaign.zone,
            until=over,
            now=now,
        )
    schedule.repeat(
        session,
        TOTAL,
        campaign.subject,
        MONDAY_MORNING,
        zone=campaign.zone,
        until=over + timedelta(days=7),  # the last total comes after the end
        now=now,
    )
    subjects = [lesson.subject for lesson in lessons_of(session, campaign.id)]
    session.execute(
        update(Notice)
        .where(col(Notice.kind) == REMINDER, col(Notice.subject).in_(subjects))
        .where(col(Notice.state).in_(outbox.UNSENT))
        .values(valid_until=over)
        .execution_options(synchronize_session=False)
    )


def remind(
    session: Session, campaign_id: int, slot: datetime, *, quiet: Quiet, now: datetime
) -> int:
    """Owes a reminder to everybody whom this slot reaches; returns to how many."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or not runs(campaign, now):
        return 0
    lessons = to_remind_of(lessons_of(session, campaign.id), day_of(now, campaign.zone))
    owed = 0
    for lesson, people in _reached(session, campaign, lessons):
        told = _owe(session, campaign, lesson, people, slot, quiet=quiet, now=now)
        _count(session, lesson, slot, now)
        owed += len(told)
    return owed


def remind_tomorrow(
    session: Session, actor: Actor, lesson_id: int, *, zone: str, now: datetime
) -> datetime:
    """A member asks to be reminded of a lesson tomorrow evening; returns when."""
    lesson, campaign = lesson_for(session, actor, lesson_id, now=now)
    if course(session, actor.person_id or 0, campaign).step(lesson.id).done:
        raise Refusal("You have finished this lesson already.")
    at = tomorrow_evening(now, zone)
    if at > over_at(campaign):
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
    lesson = found.step(lesson_id).lesson
    return len(_owe(session, found.campaign, lesson, [person], slot, quiet=quiet, now=now))


def tell_total(session: Session, campaign_id: int, slot: datetime, *, now: datetime) -> int:
    """Owes the linked group the total of the week; returns 0 where there is no such group."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None or day_of(now, campaign.zone) <= campaign.starts:
        return 0
    group = groups.of_unit(session, campaign.unit_id)
    if group is None:
        return 0
    return outbox.enqueue(
        session,
        TOTAL,
        campaign.subject,
        [to_group(group.id)],
        klass=Class.REMINDER,
        revision=_revision(slot),
        valid_until=now + timedelta(days=1),
        now=now,
    )


def _owe(
    session: Session,
    campaign: Campaign,
    lesson: Lesson,
    people: Iterable[Addressee | Person],
    slot: datetime,
    *,
    quiet: Quiet,
    now: datetime,
) -> list[int]:
    """Owes the reminder to those for whom none waits already; returns to whom."""
    waiting = set(
        session.exec(
            select(Notice.person_id).where(
                Notice.kind == REMINDER,
                Notice.subject == lesson.subject,
                col(Notice.state).in_(outbox.UNSENT),
            )
        ).all()
    )
    due = {each.id: quiet.for_person(each, now) for each in people if each.id not in waiting}
    outbox.enqueue(
        session,
        REMINDER,
        lesson.subject,
        [{**to_person(person_id), "due_at": at} for person_id, at in due.items()],
        klass=Class.REMINDER,
        revision=_revision(slot),
        valid_until=over_at(campaign),
        now=now,
    )
    return list(due)


def _count(session: Session, lesson: Lesson, slot: datetime, now: datetime) -> None:
    """One reminder more for everybody who has just been owed this slot's."""
    owed = (
        sa_select(col(Notice.person_id), literal(lesson.id), literal(1))
        .where(col(Notice.subject) == lesson.subject, col(Notice.kind) == REMINDER)
        .where(col(Notice.revision) == _revision(slot), col(Notice.created_at) == now)
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


def total_of(session: Session, campaign_id: int, *, now: datetime) -> Total | None:
    """What the group is told: how many have finished each lesson that is open."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        return None
    today = day_of(now, campaign.zone)
    people, lessons = tally_of(session, campaign)
    return Total(campaign, people, [each for each in lessons if each.lesson.opens <= today])


def _reached(
    session: Session, campaign: Campaign, lessons: Sequence[Lesson]
) -> list[tuple[Lesson, list[Addressee]]]:
    """For each lesson, whom a slot reaches: Telegram lets us write to them, it is their first
    unfinished one, and they have been reminded of it less than twice."""
    unit = session.get_one(Unit, campaign.unit_id)
    people = session.exec(
        select(Person.id, Person.quiet_hours, Person.zone)
        .join(Unit, col(Unit.id) == Person.unit_id)
        .where(within(unit), col(Person.ended).is_(None), col(Person.telegram_id).is_not(None))
        .where(col(Person.consented_at).is_not(None))
        .where(col(Person.started), col(Person.blocked_at).is_(None))
    ).all()
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
        if lesson is not None and (person.id, lesson.id) not in exhausted:
            reached[lesson.id].append(person)
    return [(lesson, reached[lesson.id]) for lesson in lessons if reached[lesson.id]]


def _revision(slot: datetime) -> int:
    """Two slots of one lesson are two notices; the same slot twice is one."""
    return int(slot.timestamp()) // 60
