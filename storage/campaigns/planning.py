"""When a campaign's reminders and totals fall due: its schedule rows, and what a change moves.

There is a row for each zone in which people of the campaign live, and without a `remind` line one
for each zone and day. Planning again leaves alone what is as it should be, so that a slot that is
due this minute is not lost.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from storage import outbox, schedule
from storage.campaigns.rules import (
    day_of,
    days_that_remind,
    good_until,
    morning_within,
    over_at,
    runs,
)
from storage.campaigns.studying import REMINDER, lessons_of
from storage.campaigns.tables import Campaign, Lesson, Progress
from storage.outbox import Notice, State
from storage.roster import Person, Unit, within
from storage.schedule import Schedule

TOTAL = "campaign.total"
MONDAY_MORNING = "0 8 * * mon"


def zone_there(campaign: Campaign) -> ColumnElement[str]:
    """The zone of a person's day, in a query that has `Person` and `Unit` in it."""
    return func.coalesce(col(Person.zone), col(Unit.zone), campaign.zone)


def zones_of(session: Session, campaign: Campaign) -> list[str]:
    """The zones in which people of the campaign live; its own first."""
    unit = session.get_one(Unit, campaign.unit_id)
    found = session.execute(
        sa_select(zone_there(campaign))
        .select_from(Person)
        .join(Unit, col(Unit.id) == col(Person.unit_id))
        .where(within(unit), col(Person.ended).is_(None))
        .distinct()
    ).scalars()
    return [campaign.zone, *sorted(set(found) - {campaign.zone})]


def plan_reminders(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """After a change: schedules the slots in place of those it had, and moves what is queued."""
    plan_slots(session, campaign, now=now)
    _move_queued(session, campaign, lessons_of(session, campaign.id), now)


def plan_slots(session: Session, campaign: Campaign, *, now: datetime) -> None:
    """Schedules the slots after now, in place of those it had."""
    silent = campaign.paused_at is not None
    lessons = lessons_of(session, campaign.id)
    wanted = set() if silent or campaign.closed_at else _slots(session, campaign, lessons, now)
    session.execute(
        delete(Schedule)
        .where(col(Schedule.subject) == campaign.subject, col(Schedule.kind) == REMINDER)
        .where(col(Schedule.slot_name).not_in(wanted))
    )
    if silent:
        schedule.drop(session, campaign.subject, kind=TOTAL)
    else:
        schedule.repeat(
            session,
            TOTAL,
            campaign.subject,
            MONDAY_MORNING,
            zone=campaign.zone,
            until=over_at(campaign) + timedelta(days=7),  # the last total comes after the end
            now=now,
        )


def _slots(session: Session, campaign: Campaign, lessons: list[Lesson], now: datetime) -> set[str]:
    """Writes the rows of the slots to come; returns the names of all that are in order."""
    wanted: set[str] = set()
    for zone in zones_of(session, campaign):
        if campaign.remind is not None:
            wanted.add(zone)
            schedule.repeat(
                session,
                REMINDER,
                campaign.subject,
                campaign.remind,
                zone=zone,
                until=over_at(campaign),
                now=now,
                slot_name=zone,
            )
            continue
        for day in days_that_remind(lessons):
            name, at = f"{zone} {day}", morning_within(day, campaign.zone, zone)
            wanted.add(name)
            if at > now:
                schedule.once(session, REMINDER, campaign.subject, at, zone=zone, slot_name=name)
    return wanted


def _move_queued(
    session: Session, campaign: Campaign, lessons: list[Lesson], now: datetime
) -> None:
    """What waits to be sent is as true as the lesson's days are; else it is taken back."""
    today = day_of(now, campaign.zone)
    for lesson in lessons:
        if not runs(campaign, now) or lesson.opens > today:
            take_back(session, lesson)
    true = [lesson.subject for lesson in lessons]
    waiting = session.exec(
        select(Notice.subject)
        .where(Notice.kind == REMINDER, col(Notice.subject).in_(true))
        .where(col(Notice.state).in_(outbox.UNSENT))
        .distinct()
    ).all()
    for lesson in lessons:
        if lesson.subject in waiting:
            session.execute(
                update(Notice)
                .where(col(Notice.kind) == REMINDER, col(Notice.subject) == lesson.subject)
                .where(col(Notice.state).in_(outbox.UNSENT), col(Notice.valid_until) >= now)
                .values(valid_until=good_until(campaign, lesson, today))
                .execution_options(synchronize_session=False)
            )


def take_back(session: Session, lesson: Lesson) -> None:
    """Cancels the reminders of a lesson that wait; they do not count."""
    gone = session.execute(
        update(Notice)
        .where(col(Notice.kind) == REMINDER, col(Notice.subject) == lesson.subject)
        .where(col(Notice.state).in_(outbox.UNSENT))
        .values(state=State.CANCELLED)
        .returning(col(Notice.person_id), col(Notice.revision))
        .execution_options(synchronize_session=False)
    ).all()
    counted = [person_id for person_id, revision in gone if revision > 0]
    if counted:
        session.execute(
            update(Progress)
            .where(col(Progress.lesson_id) == lesson.id, col(Progress.person_id).in_(counted))
            .where(col(Progress.reminders) > 0)
            .values(reminders=Progress.reminders - 1)
            .execution_options(synchronize_session="fetch")
        )
