"""What is to happen when: rows that outlive every process.

A schedule row names what is to happen (`kind`), to what (`subject`), and when: one moment, or a
cron line in a zone. `claim_due` takes the rows whose time has come, writes each occurrence
(unique on schedule and slot, so two clocks fire once) and moves the row on, in one transaction.
A slot that was missed while the bot was down is fired once, late; what is then no longer worth
doing is for the one who does it to say, by the slot's age.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import UniqueConstraint, delete, update
from sqlmodel import Field, Session, col, select

from storage.db import Row, upsert


class Schedule(Row, table=True):
    """One thing that is to happen, once or again and again."""

    __tablename__ = "schedule"
    __table_args__ = (UniqueConstraint("kind", "subject", "slot_name"),)

    id: int = Field(default=None, primary_key=True)
    kind: str
    subject: str = Field(index=True)  # "meeting:42"
    slot_name: str = ""  # tells apart several of one kind and subject: "3 days before"
    cron: str | None = None  # five fields, weekdays by name; None: once
    zone: str
    next_at: datetime | None = Field(default=None, index=True)  # None: over
    until: datetime | None = None  # no occurrence after this moment
    broken: str | None = None  # why this row was set aside


class Occurrence(Row, table=True):
    """One slot of a schedule that has been taken."""

    __table_args__ = (UniqueConstraint("schedule_id", "slot"),)

    id: int = Field(default=None, primary_key=True)
    schedule_id: int = Field(foreign_key="schedule.id", ondelete="CASCADE")
    slot: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Due:
    """A slot whose time has come: `slot` is when it was due, which may be long ago."""

    schedule_id: int
    kind: str
    subject: str
    slot_name: str
    slot: datetime


# -- rules -------------------------------------------------------------------------------------


class NeverComes(ValueError):
    """A cron line that is well formed and never fires, such as one for 31 February."""


def parse_remind(remind: str) -> str:
    """A `remind` line as five cron fields: "30 19 * * mon,thu", or "19:30" for every day.

    Weekdays are named, never numbered: the numbers mean different days to different programs.
    Raises ValueError with a sentence for people.
    """
    line = " ".join(remind.lower().split())
    hour, separator, minute = line.partition(":")
    if separator and hour.isdecimal() and minute.isdecimal():
        line = f"{int(minute)} {int(hour)} * * *"
    fields = line.split(" ")
    if len(fields) != 5:
        raise ValueError("five fields, as in 30 19 * * mon,thu, or a time, as in 19:30")
    if any(mark.isdigit() for mark in fields[4]):
        raise ValueError("weekdays by name: mon, tue, wed, thu, fri, sat, sun")
    if trigger(line, "UTC").get_next_fire_time(None, _ANY_MOMENT) is None:
        raise NeverComes("a day that is in the calendar")
    return line


_ANY_MOMENT = datetime(2001, 1, 1, tzinfo=UTC)  # what never comes after it never comes


def trigger(cron: str, zone: str) -> CronTrigger:
    """The trigger of five cron fields; raises ValueError for what is no cron line or no zone."""
    minute, hour, day, month, weekday = cron.split(" ")
    return CronTrigger(
        minute=minute, hour=hour, day=day, month=month, day_of_week=weekday, timezone=ZoneInfo(zone)
    )


def next_slot(cron: str, zone: str, *, after: datetime) -> datetime | None:
    """The first slot strictly after a moment, in UTC."""
    timer = trigger(cron, zone)
    found = timer.get_next_fire_time(None, after)
    if found is not None and found.astimezone(UTC) <= after:
        found = timer.get_next_fire_time(found, found)
    return None if found is None else found.astimezone(UTC)


# -- actions -----------------------------------------------------------------------------------


def once(
    session: Session, kind: str, subject: str, at: datetime, *, zone: str, slot_name: str = ""
) -> None:
    """Lets something happen at one moment; said again, it is moved there and no longer aside."""
    row = _find(session, kind, subject, slot_name)
    if row is None:
        row = Schedule(kind=kind, subject=subject, slot_name=slot_name, zone=zone)
    row.zone, row.next_at, row.cron, row.broken = zone, at, None, None
    session.add(row)
    session.flush()


def repeat(
    session: Session,
    kind: str,
    subject: str,
    cron: str,
    *,
    zone: str,
    now: datetime,
    until: datetime | None = None,
    slot_name: str = "",
) -> None:
    """Lets something happen at every slot of a cron line after now; said again, it is replaced.

    One that was set aside goes on with it.
    """
    row = _find(session, kind, subject, slot_name)
    if row is None:
        row = Schedule(kind=kind, subject=subject, slot_name=slot_name, zone=zone)
    elif (row.cron, row.zone, row.until) == (cron, zone, until) and _goes_on(row):
        return  # the same line again must not skip a slot that is due this minute
    row.cron, row.zone, row.until, row.broken = cron, zone, until, None
    row.next_at = _bounded(next_slot(cron, zone, after=now), until)
    session.add(row)
    session.flush()


def postpone(session: Session, subject: str, *, until: datetime) -> None:
    """Lets nothing happen to a subject before a moment; what was due by then happens at once."""
    session.execute(
        update(Schedule)
        .where(col(Schedule.subject) == subject, col(Schedule.next_at) < until)
        .values(next_at=until)
        .execution_options(synchronize_session="fetch")
    )


def drop(session: Session, subject: str, *, kind: str | None = None) -> None:
    """Forgets everything that was to happen to a subject, or what is of one kind."""
    statement = delete(Schedule).where(col(Schedule.subject) == subject)
    session.execute(statement if kind is None else statement.where(col(Schedule.kind) == kind))


def claim_due(session: Session, *, now: datetime, limit: int = 100) -> list[Due]:
    """Takes the slots that are due, moves their schedules on; each slot is given out once."""
    rows = session.exec(
        select(Schedule)
        .where(col(Schedule.next_at) <= now, col(Schedule.broken).is_(None))
        .order_by(col(Schedule.next_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    due: list[Due] = []
    for row in rows:
        slot = row.next_at or now  # the query asked for rows that have one
        if _take(session, row.id, slot, now):
            due.append(Due(row.id, row.kind, row.subject, row.slot_name, slot))
        _move_on(row, now)
        session.add(row)
    session.flush()
    return due


def set_aside(session: Session, schedule_id: int, reason: str) -> None:
    """One bad row must not stop the clock: it is set aside and shown by `chibo doctor`."""
    row = session.get(Schedule, schedule_id)
    if row is not None:
        row.broken = reason
        session.add(row)
        session.flush()


# -- questions ---------------------------------------------------------------------------------


def broken(session: Session) -> Sequence[Schedule]:
    """The schedules that were set aside."""
    return session.exec(select(Schedule).where(col(Schedule.broken).is_not(None))).all()


def _goes_on(row: Schedule) -> bool:
    return row.next_at is not None and row.broken is None


def _find(session: Session, kind: str, subject: str, slot_name: str) -> Schedule | None:
    return session.exec(
        select(Schedule).where(
            Schedule.kind == kind, Schedule.subject == subject, Schedule.slot_name == slot_name
        )
    ).first()


def _take(session: Session, schedule_id: int, slot: datetime, now: datetime) -> bool:
    """Writes the occurrence; False for a slot given out before, to which a row was moved back."""
    new = upsert(session, Occurrence).values(schedule_id=schedule_id, slot=slot, at=now)
    taken = new.on_conflict_do_nothing().returning(col(Occurrence.id))
    return session.execute(taken).first() is not None


def _move_on(row: Schedule, now: datetime) -> None:
    """After a slot: the next one after now, so that an outage fires once and not for each."""
    try:
        following = next_slot(row.cron, row.zone, after=now) if row.cron else None
    except (ValueError, KeyError, LookupError) as error:
        row.next_at, row.broken = None, f"{type(error).__name__}: {error}"
        return
    row.next_at = _bounded(following, row.until)


def _bounded(slot: datetime | None, until: datetime | None) -> datetime | None:
    return None if slot is None or (until is not None and slot > until) else slot
