"""Which day a series comes to in a month; plain functions of values.

A shifted meeting stays in its month: one on 1 May that would go back to April goes forward
instead, for a meeting of May held in April leaves May without one.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from storage.errors import Refusal
from storage.meetings import MeetingKind
from storage.series.holidays import holiday, works
from storage.series.tables import LAST, Pattern, Shift

KINDS = (MeetingKind.REGULAR, MeetingKind.THEMATIC, MeetingKind.COMMITTEE)
AHEAD = 2  # months after this one whose meetings are rows already
AHEAD_QUARTERLY = 5  # the same, so that two quarters are covered


@dataclass(frozen=True, slots=True)
class Plan:
    """What a form has gathered about a series."""

    unit_id: int
    kind: MeetingKind
    pattern: Pattern
    clock: str
    place: str
    quarter_month: int | None = None
    shift: Shift = Shift.AFTER


@dataclass(frozen=True, slots=True)
class Date:
    """What a series comes to in a month: the moment, and the holiday that it makes room for."""

    month: date
    starts_at: datetime
    why: str | None


def check(plan: Plan) -> None:
    """Refuses what is no monthly rule; only a forged button says such a thing."""
    pattern = plan.pattern
    by_day = pattern.day is not None and 1 <= pattern.day <= 31 and pattern.weekday is None
    by_weekday = pattern.weekday in range(7) and pattern.nth in (1, 2, 3, 4, LAST)
    quarterly = plan.kind == MeetingKind.THEMATIC
    month_fits = (plan.quarter_month in (1, 2, 3)) if quarterly else plan.quarter_month is None
    if not (by_day or (by_weekday and pattern.day is None)) or not month_fits:
        raise Refusal("Please choose one of these.")
    if plan.kind not in KINDS:
        raise Refusal("Please choose one of these.")


def day_in(pattern: Pattern, month: date) -> date:
    """The day of a month that the pattern means."""
    first, length = month.replace(day=1), calendar.monthrange(month.year, month.month)[1]
    if pattern.day is not None:
        return first.replace(day=min(pattern.day, length))
    weekday, nth = pattern.weekday or 0, pattern.nth or 1
    number = 1 + (weekday - first.weekday()) % 7
    if nth == LAST:
        return first.replace(day=number + (length - number) // 7 * 7)
    return first.replace(day=number + (nth - 1) * 7)


def shifted(day: date, shift: Shift) -> tuple[date, str | None]:
    """The day on which the meeting is held, and the holiday that it makes room for."""
    name = holiday(day)
    if name is None or shift == Shift.STAYS:
        return day, None
    steps = (1, -1) if shift == Shift.AFTER else (-1, 1)
    for step in steps:
        found = day + timedelta(days=step)
        while not works(found):
            found += timedelta(days=step)
        if found.month == day.month:
            return found, name
    return day, None


def date_in(plan: Plan, month: date, zone: str) -> Date:
    """What the plan comes to in a month, in the zone where the unit meets."""
    day, why = shifted(day_in(plan.pattern, month), plan.shift)
    local = datetime.combine(day, time.fromisoformat(plan.clock), ZoneInfo(zone))
    return Date(month, local.astimezone(UTC), why)


def comes_in(plan: Plan, month: date) -> bool:
    """Whether there is a meeting in that month at all."""
    return plan.quarter_month is None or (month.month - 1) % 3 + 1 == plan.quarter_month


def months_from(today: date) -> Iterator[date]:
    """The first days of this month and of those that come."""
    month = today.replace(day=1)
    while True:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)


def months_kept(plan: Plan, today: date) -> list[date]:
    """The months whose meetings are rows already."""
    ahead = AHEAD if plan.quarter_month is None else AHEAD_QUARTERLY
    months = [month for _number, month in zip(range(ahead + 1), months_from(today), strict=False)]
    return [month for month in months if comes_in(plan, month)]


def next_dates(plan: Plan, *, zone: str, now: datetime, count: int = 3) -> list[Date]:
    """The next meetings that the plan comes to."""
    found: list[Date] = []
    for month in months_from(now.astimezone(ZoneInfo(zone)).date()):
        date_ = date_in(plan, month, zone)
        if comes_in(plan, month) and date_.starts_at > now:
            found.append(date_)
        if len(found) == count:
            break
    return found
