"""Public holidays: which days are off, as the file beside this one says."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("holidays.toml")
WEEKEND = (5, 6)


@cache
def _table() -> tuple[dict[str, str], dict[date, str]]:
    """The days of every year ("05-01"), and those of single years, each with its name."""
    told = tomllib.loads(FILE.read_text("utf-8"))
    fixed = {day: each["name"] for each in told["fixed"] for day in each["days"]}
    lunar = {
        day + timedelta(days=number): each["name"]
        for each in told["lunar"]
        for day in each["days"]
        for number in range(-each.get("before", 0), each.get("after", 0) + 1)
    }
    return fixed, lunar


def holiday(day: date) -> str | None:
    """The name of the public holiday that a day is; None for any other day."""
    fixed, lunar = _table()
    return lunar.get(day) or fixed.get(f"{day:%m-%d}")


def works(day: date) -> bool:
    """Whether a day is a working day."""
    return day.weekday() not in WEEKEND and holiday(day) is None
