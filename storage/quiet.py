"""Quiet hours: when a notice waits until the morning.

Written "21:30-06:30" in the person's own zone; an empty line means none. An answer to somebody's
own question is never held, and whoever marks a notice as urgent does not come here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

Span = tuple[time, time]


def parse_quiet_hours(line: str) -> Span | None:
    """The two times of "21:30-06:30", or None for an empty line; raises ValueError."""
    if not line.strip():
        return None
    found = re.fullmatch(r"\s*(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})\s*", line)
    if found is None:
        raise ValueError("takes two times, as in 21:30-06:30, or nothing")
    hours, minutes, until_hours, until_minutes = (int(part) for part in found.groups())
    try:
        span = time(hours, minutes), time(until_hours, until_minutes)
    except ValueError:
        raise ValueError("takes two times of a day, as in 21:30-06:30") from None
    return None if span[0] == span[1] else span


class Sleeper(Protocol):
    """Whoever has quiet hours and a zone of their own, or none: a person, or two columns of one."""

    @property
    def quiet_hours(self) -> str | None:
        """A choice of one's own."""

    @property
    def zone(self) -> str | None:
        """The same."""


@lru_cache(maxsize=1024)  # a hundred thousand people have few choices between them
def not_before(moment: datetime, line: str, zone: str) -> datetime:
    """The moment itself, or the end of the quiet hours that it falls into (UTC)."""
    span = parse_quiet_hours(line)
    if span is None:
        return moment
    start, end = span
    local = moment.astimezone(ZoneInfo(zone))
    clock = local.time().replace(tzinfo=None)
    quiet = start <= clock < end if start < end else clock >= start or clock < end
    if not quiet:
        return moment
    morning = datetime.combine(local.date(), end, ZoneInfo(zone))
    if morning <= local:
        morning = datetime.combine(local.date() + timedelta(days=1), end, ZoneInfo(zone))
    return morning.astimezone(UTC)


def due_for(person: Sleeper, moment: datetime, *, house_quiet: str, house_zone: str) -> datetime:
    """When a notice that is ready at `moment` may reach the person: their own choice wins."""
    line = house_quiet if person.quiet_hours is None else person.quiet_hours
    return not_before(moment, line, person.zone or house_zone)


@dataclass(frozen=True, slots=True)
class Quiet:
    """The installation's quiet hours and zone, handed to those who owe many people a notice."""

    line: str
    zone: str

    def for_person(self, person: Sleeper, moment: datetime) -> datetime:
        """When what is ready at `moment` may reach the person."""
        return due_for(person, moment, house_quiet=self.line, house_zone=self.zone)

    def for_group(self, moment: datetime) -> datetime:
        """When what is ready at `moment` may be said in a group."""
        return not_before(moment, self.line, self.zone)
