"""What is told of a commitment: that it has begun, two reminders at most, what became of it.

Reminders come in the morning, a week and a day before the last day, only to those who have not
signed; the exempt are invited once and not reminded.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from storage import outbox, schedule
from storage.outbox import Class, to_person
from storage.pledges.finding import covered, standing
from storage.pledges.tables import PledgeYear
from storage.quiet import Quiet

STARTED = "pledge.started"
REMINDER = "pledge.reminder"
COMPARE = "pledge.compare"

BEFORE = {"7d": 7, "1d": 1}  # days
AT_MOST = 2
MORNING = time(8)
AFTER_NEWS = timedelta(hours=12)  # no reminder on the heels of the news itself


# -- rules -------------------------------------------------------------------------------------


def slots(year: PledgeYear, *, now: datetime) -> dict[str, datetime]:
    """When to remind, as far as that is still ahead."""
    there = ZoneInfo(year.zone)
    mornings = {
        name: datetime.combine(year.due - timedelta(days=days), MORNING, there).astimezone(UTC)
        for name, days in BEFORE.items()
    }
    return {name: at for name, at in mornings.items() if at > now + AFTER_NEWS}


# -- actions -----------------------------------------------------------------------------------


def plan(session: Session, year: PledgeYear, *, now: datetime) -> None:
    """Schedules the reminders, in place of those it had; what is queued of them is taken back."""
    schedule.drop(session, year.subject, kind=REMINDER)
    outbox.cancel(session, year.subject, kind=REMINDER)
    for name, at in slots(year, now=now).items():
        schedule.once(session, REMINDER, year.subject, at, zone=year.zone, slot_name=name)


def tell_started(
    session: Session, year: PledgeYear, *, after: datetime, quiet: Quiet, now: datetime
) -> None:
    """Owes everybody whom it is for the news, the exempt as an invitation."""
    outbox.enqueue(
        session,
        STARTED,
        year.subject,
        [
            {**to_person(each.id), "due_at": quiet.for_person(each, after)}
            for each in covered(session, year)
            if each.telegram_id is not None
        ],
        klass=Class.REMINDER,
        valid_until=year.over_at,
        now=now,
    )


def remind(session: Session, year_id: int, slot_name: str, *, quiet: Quiet, now: datetime) -> int:
    """Owes a reminder to those who have not signed, while it makes sense; returns to how many."""
    year = session.exec(
        select(PledgeYear)
        .where(PledgeYear.id == year_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if year is None or year.compared_at is not None or year.reminders >= AT_MOST:
        return 0
    today = now.astimezone(ZoneInfo(year.zone)).date()
    ahead = (year.due - today).days
    if not 0 <= ahead <= BEFORE[slot_name]:
        return 0  # too late to sign in time, or the last day was moved in this very tick
    if slot_name == "7d" and ahead <= BEFORE["1d"]:
        return 0  # so late that the other one says it
    over = year.over_at
    due = [
        {**to_person(each.id), "due_at": at}
        for each in standing(session, year).unsigned
        if each.telegram_id is not None and (at := quiet.for_person(each, now)) < over
    ]
    revision = year.reminders
    year.reminders += 1
    session.add(year)
    session.flush()
    return outbox.enqueue(
        session,
        REMINDER,
        year.subject,
        due,
        klass=Class.REMINDER,
        revision=revision,
        valid_until=over,
        now=now,
    )


def tell_compare(
    session: Session, year: PledgeYear, *, after: datetime, quiet: Quiet, now: datetime
) -> None:
    """Owes everybody who has signed the question what has become of it."""
    found = standing(session, year)
    outbox.enqueue(
        session,
        COMPARE,
        year.subject,
        [
            {**to_person(person.id), "due_at": quiet.for_person(person, after)}
            for person, _version in found.all_signed
            if person.telegram_id is not None and person.ended is None
        ],
        klass=Class.REMINDER,
        now=now,
    )


# -- questions ---------------------------------------------------------------------------------


def waits_for(session: Session, year_id: int, person_id: int) -> tuple[PledgeYear, bool] | None:
    """The commitment, while a person's signature is still wanted; and whether it is only invited.

    None once they have signed, or where it is not for them any more.
    """
    year = session.get(PledgeYear, year_id)
    if year is None or year.compared_at is not None:
        return None
    found = standing(session, year)
    if any(person.id == person_id for person in found.unsigned):
        return year, False
    if any(person.id == person_id and version is None for person, version in found.invited):
        return year, True
    return None
