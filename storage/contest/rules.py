"""The rules of a contest: its figures, when its rounds open and close, what counts of an attempt.

A contest knows whole seconds only, those of the server's clock: whoever is level to the second is
level. A round takes answers from its opening second on, and none in its closing second. An
attempt begins when its first question is shown; what is answered within the limit, its last
second included, counts, and nothing after that. An attempt that is never handed in is handed in
by the clock, as it stands, in the last second that it had.

Whoever has answered no question of a round has not taken part in it. Nor have its organisers: who
may manage a contest sees the bank that it draws from.

With a prediction it is typed before the first question, once for each attempt: so typing takes
nothing of the time, and an attempt that runs out lacks nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from storage.db import utc
from storage.errors import Refusal

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SECOND = timedelta(seconds=1)
WEEK = timedelta(days=7)
LONGEST_NAME = 100
PREDICTION_AT_MOST = 10_000_000
# What a figure may be; these are no rules of contests, but what the screens can show.
BOUNDS = {
    "questions": (1, 50),
    "attempts": (0, 100),
    "minutes": (0, 180),
    "rounds": (1, 52),
    "places": (0, 100),
    "unit_places": (0, 100),
}


class Order(StrEnum):
    """Who is before whom."""

    PREDICTION = "prediction"  # all correct, then nearest prediction, then earliest
    SHORTEST = "shortest"  # most correct, then shortest, then earliest
    EARLIEST = "earliest"  # most correct, then earliest


@dataclass(frozen=True, slots=True)
class Figures:
    """What a committee may choose of a contest."""

    order: Order
    questions: int
    attempts: int  # in a round; 0: as many as wanted
    minutes: int  # of an attempt; 0: as long as wanted
    personal: bool  # questions drawn for each person, else for the round
    rounds: int
    places: int  # how many are given a prize, of those who took part
    unit_places: int  # and of the units


@dataclass(frozen=True, slots=True)
class RuleSet:
    """What a new contest starts with."""

    key: str
    citation: str
    figures: Figures
    opens: tuple[int, time]  # weekday, time of day
    closes: tuple[int, time]


# -- rules -------------------------------------------------------------------------------------


@cache
def sets() -> dict[str, RuleSet]:
    """The rule sets that there are, by their keys."""
    data = tomllib.loads((Path(__file__).parent / "sets.toml").read_text("utf-8"))
    return {each["key"]: _set(each) for each in data["set"]}


def _set(row: dict[str, Any]) -> RuleSet:
    names = ("questions", "attempts", "minutes", "personal", "rounds", "places", "unit_places")
    figures = Figures(Order(row["order"]), **{name: row[name] for name in names})
    return RuleSet(row["key"], row["citation"], figures, _slot(row["opens"]), _slot(row["closes"]))


def _slot(line: str) -> tuple[int, time]:
    weekday, _space, clock = line.partition(" ")
    return WEEKDAYS.index(weekday), time.fromisoformat(clock)


def check_figures(figures: Figures) -> None:
    """Raises Refusal for a figure that is out of bounds."""
    for name, (least, most) in BOUNDS.items():
        if not least <= getattr(figures, name) <= most:
            raise Refusal("This takes a number from {least} to {most}.", least=least, most=most)


def first_day(rules: RuleSet, today: date) -> date:
    """The first day after today on which a round may open."""
    return today + timedelta(days=(rules.opens[0] - today.weekday() - 1) % 7 + 1)


def times(
    rules: RuleSet, first: date, rounds: int, zone: str
) -> Iterator[tuple[datetime, datetime]]:
    """When each round opens and closes: the same hours on the clocks of the zone, every week."""
    length = (rules.closes[0] - rules.opens[0]) % 7
    if length == 0 and rules.closes[1] <= rules.opens[1]:
        length = 7
    for number in range(rounds):
        opens = first + number * WEEK
        yield (
            _at(opens, rules.opens[1], zone),
            _at(opens + timedelta(days=length), rules.closes[1], zone),
        )


def _at(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def second(moment: datetime) -> datetime:
    """The whole second that a moment lies in."""
    return utc(moment).replace(microsecond=0)


def last_second(started: datetime, closes: datetime, minutes: int) -> datetime:
    """The last second in which an attempt takes anything."""
    last = closes - SECOND
    return min(last, started + timedelta(minutes=minutes)) if minutes else last
