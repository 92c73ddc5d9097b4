"""What is told of tasks, and what happens by itself: reminders, and the committee's digests.

The owner is reminded three days before and on the day itself, in the morning of their own zone, at
most twice in all. What is late stands in one private message to the committee on Monday morning,
what was done in one on the morning after; no task has a message of its own unless whoever gave it
has asked for that.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from storage import outbox, schedule
from storage.meetings import zone_of
from storage.outbox import Class, Notice, to_person
from storage.powers import COMMITTEE
from storage.quiet import Quiet
from storage.roster import Person, holders
from storage.tasks.finding import away, done_lately, overdue
from storage.tasks.tables import Task

# To the owner.
GIVEN = "task.given"
MOVED = "task.moved"
DROPPED = "task.dropped"
REOPENED = "task.reopened"
REMINDER = "task.reminder"
# To the committee.
TOLD = "task.told"  # to who gave it and has asked to hear
OVERDUE = "task.overdue"  # on Monday morning
DONE = "task.done"  # on the morning after

BEFORE = {"3d": 3, "0d": 0}  # days
AT_MOST = 2
MORNING = time(8)
MONDAY_MORNING = "0 8 * * mon"
AFTER_NEWS = timedelta(hours=1)  # no reminder on the heels of the news itself


# -- rules -------------------------------------------------------------------------------------


def slots(due: date, zone: str, *, now: datetime) -> dict[str, datetime]:
    """When to remind of a task whose owner hears of it now."""
    there = ZoneInfo(zone)
    mornings = {
        name: datetime.combine(due - timedelta(days=days), MORNING, there).astimezone(UTC)
        for name, days in BEFORE.items()
    }
    return {name: at for name, at in mornings.items() if at > now + AFTER_NEWS}


def end_of(due: date, zone: str) -> datetime:
    """When the day is over on which it should be done."""
    return datetime.combine(due + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


# -- actions -----------------------------------------------------------------------------------


def plan(session: Session, task: Task, owner: Person, *, quiet: Quiet, now: datetime) -> None:
    """Schedules the reminders of a task, in place of those it had."""
    schedule.drop(session, task.subject, kind=REMINDER)
    zone = _zone(session, task, owner, quiet)
    for name, at in slots(task.due, zone, now=now).items():
        schedule.once(session, REMINDER, task.subject, at, zone=zone, slot_name=name)


def take_back(session: Session, task: Task) -> None:
    """Cancels the reminders that have not left yet; they do not count as given."""
    task.reminders -= outbox.cancel(session, task.subject, kind=REMINDER)
    session.add(task)
    session.flush()


def remind(session: Session, task_id: int, slot_name: str, *, quiet: Quiet, now: datetime) -> int:
    """Owes the owner a reminder, as long as it still makes sense; returns how many."""
    task = session.exec(
        select(Task)
        .where(Task.id == task_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if task is None or not task.open or task.reminders >= AT_MOST:
        return 0
    owner = session.get_one(Person, task.owner_id)
    zone = _zone(session, task, owner, quiet)
    today, over = now.astimezone(ZoneInfo(zone)).date(), end_of(task.due, zone)
    if task.due - timedelta(days=BEFORE[slot_name]) > today:
        return 0  # the slot was given out in the very tick that moved the task
    if slot_name == "3d" and today >= task.due:
        return 0  # so late that the reminder of the day itself says it
    due_at = quiet.for_person(owner, now)
    if owner.telegram_id is None or due_at >= over or away(session, [task], today=today):
        return 0
    owed = outbox.enqueue(
        session,
        REMINDER,
        task.subject,
        [{**to_person(owner.id), "due_at": due_at}],
        klass=Class.REMINDER,
        revision=task.revision * len(BEFORE) + list(BEFORE).index(slot_name),
        valid_until=over,
        now=now,
    )
    task.reminders += owed
    session.add(task)
    session.flush()
    return owed


def tell_owner(
    session: Session, task: Task, owner: Person, kind: str, *, quiet: Quiet, now: datetime
) -> None:
    """Owes the owner the news of a task, after their quiet hours."""
    if owner.telegram_id is None or owner.ended is not None:
        return
    outbox.enqueue(
        session,
        kind,
        task.subject,
        [{**to_person(owner.id), "due_at": quiet.for_person(owner, now)}],
        klass=Class.ONCE,
        revision=task.revision,
        now=now,
    )


def plan_digest(session: Session, unit_id: int, *, quiet: Quiet, now: datetime) -> None:
    """From the unit's first task on its committee hears on Mondays what is late."""
    zone = zone_of(session, unit_id, quiet.zone)
    schedule.repeat(session, OVERDUE, subject(unit_id), MONDAY_MORNING, zone=zone, now=now)


def plan_done(session: Session, unit_id: int, *, quiet: Quiet, now: datetime) -> None:
    """What was done today is told tomorrow morning, all in one."""
    zone = zone_of(session, unit_id, quiet.zone)
    tomorrow = day_there(session, unit_id, quiet, now) + timedelta(days=1)
    at = datetime.combine(tomorrow, MORNING, ZoneInfo(zone)).astimezone(UTC)
    schedule.once(session, DONE, subject(unit_id), at, zone=zone)


def tell_overdue(session: Session, unit_id: int, *, quiet: Quiet, now: datetime) -> int:
    """It is Monday morning: owes the committee what is late, if anything is."""
    today = day_there(session, unit_id, quiet, now)
    if not overdue(session, unit_id, today=today):
        return 0
    return _tell_committee(session, OVERDUE, unit_id, today, quiet=quiet, now=now)


def digest(session: Session, unit_id: int, slot: datetime, *, quiet: Quiet, now: datetime) -> int:
    """The morning after: owes the committee what was done, if it still is."""
    since = slot - timedelta(days=1)
    if not done_lately(session, unit_id, since=since):
        return 0
    today = day_there(session, unit_id, quiet, now)
    facts = {"since": since.isoformat()}
    return _tell_committee(session, DONE, unit_id, today, facts, quiet=quiet, now=now)


# -- questions ---------------------------------------------------------------------------------


def subject(unit_id: int) -> str:
    """What the digests of a unit are about."""
    return f"tasks:{unit_id}"


def day_there(session: Session, unit_id: int, quiet: Quiet, now: datetime) -> date:
    """The day that it is where the unit is."""
    return now.astimezone(ZoneInfo(zone_of(session, unit_id, quiet.zone))).date()


# -- parts -------------------------------------------------------------------------------------


def _zone(session: Session, task: Task, owner: Person, quiet: Quiet) -> str:
    return owner.zone or zone_of(session, task.unit_id, quiet.zone)


def _tell_committee(
    session: Session,
    kind: str,
    unit_id: int,
    today: date,
    facts: dict[str, str] | None = None,
    *,
    quiet: Quiet,
    now: datetime,
) -> int:
    about = subject(unit_id)
    waiting = session.exec(
        select(Notice.person_id).where(
            Notice.subject == about, Notice.kind == kind, col(Notice.state).in_(outbox.UNSENT)
        )
    ).all()
    return outbox.enqueue(
        session,
        kind,
        about,
        [
            {**to_person(each.id), "due_at": quiet.for_person(each, now)}
            for each in holders(session, unit_id, COMMITTEE, today=today)
            if each.telegram_id is not None and each.id not in waiting
        ],
        klass=Class.REMINDER,
        revision=today.toordinal(),
        facts=facts,
        valid_until=now + timedelta(days=2),
        now=now,
    )
