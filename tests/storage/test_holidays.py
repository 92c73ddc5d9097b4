"""Public holidays: the days of the file, and the lunar ones calculated once more.

The Vietnamese calendar from first principles, after Jean Meeus, "Astronomical Algorithms": months
begin on the day of the new moon at UTC+7, month 11 holds the winter solstice, and where thirteen
months lie between two of those, the first without a major solar term is the leap month.
"""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from math import floor, radians, sin

import pytest

from storage.series import holiday
from storage.series.holidays import FILE, works

YEARS = range(2025, 2036)
HANOI = 7 / 24  # days ahead of UTC
SYNODIC = 29.530588861


def day_at(moment: float) -> date:
    """The day that a Julian date falls on in Hà Nội."""
    return date.fromordinal(floor(moment + HANOI - 1721424.5))


def midnight(day: date) -> float:
    """The Julian date at which a day begins in Hà Nội."""
    return day.toordinal() + 1721424.5 - HANOI


def new_moon(k: int) -> float:
    """The Julian date (UT) of a new moon; number 0 is that of 6 January 2000 (chapter 49)."""
    t = k / 1236.85
    e = 1 - 0.002516 * t - 0.0000074 * t * t
    m = radians(2.5534 + 29.10535670 * k)  # the sun's mean anomaly
    p = radians(201.5643 + 385.81693528 * k + 0.0107582 * t * t)  # the moon's
    f = radians(160.7108 + 390.67050284 * k - 0.0016118 * t * t)
    o = radians(124.7746 - 1.56375588 * k)
    found = 2451550.09766 + SYNODIC * k + 0.00015437 * t * t
    found += -0.40720 * sin(p) + 0.17241 * e * sin(m) + 0.01608 * sin(2 * p)
    found += 0.01039 * sin(2 * f) + 0.00739 * e * sin(p - m) - 0.00514 * e * sin(p + m)
    found += 0.00208 * e * e * sin(2 * m) - 0.00111 * sin(p - 2 * f) - 0.00057 * sin(p + 2 * f)
    found += 0.00056 * e * sin(2 * p + m) - 0.00042 * sin(3 * p) + 0.00042 * e * sin(m + 2 * f)
    found += 0.00038 * e * sin(m - 2 * f) - 0.00024 * e * sin(2 * p - m) - 0.00017 * sin(o)
    return found - 72 / 86400  # the earth's clock is about 72 s behind in these years


def term(day: date) -> int:
    """The twelfth of the zodiac in which the sun stands as a day begins (chapter 25)."""
    t = (midnight(day) - 2451545) / 36525
    m = radians(357.52911 + 35999.05029 * t)
    longitude = 280.46646 + 36000.76983 * t + 0.000289 * sin(3 * m)
    longitude += (1.914602 - 0.004817 * t) * sin(m) + (0.019993 - 0.000101 * t) * sin(2 * m)
    longitude += -0.00569 - 0.00478 * sin(radians(125.04 - 1934.136 * t))
    return floor(longitude % 360 / 30)


def eleventh(year: int) -> int:
    """The number of the new moon with which month 11 begins: the sun has not yet reached 270°."""
    k = round((midnight(date(year, 12, 31)) - 2451550.1) / SYNODIC) + 1
    while day_at(new_moon(k)) > date(year, 12, 31) or term(day_at(new_moon(k))) > 8:
        k -= 1
    return k


def lunar(year: int, month: int, day: int) -> date:
    """A day of the first ten months of a lunar year."""
    first, last = eleventh(year - 1), eleventh(year)
    begins = [day_at(new_moon(k)) for k in range(first, last + 2)]
    place = month + 1  # after months 11 and 12
    if last - first == 13:
        leap = next(i for i in range(1, 14) if term(begins[i]) == term(begins[i + 1]))
        place += leap <= place
    return begins[place] + timedelta(days=day - 1)


def told(name: str) -> list[date]:
    rows = tomllib.loads(FILE.read_text("utf-8"))["lunar"]
    return next(row["days"] for row in rows if row["name"] == name)


def test_the_calculation_knows_the_years_that_everybody_remembers() -> None:
    assert lunar(2007, 1, 1) == date(2007, 2, 17)  # a day before China's
    assert lunar(1985, 1, 1) == date(1985, 1, 21)  # a month before China's
    assert lunar(2024, 1, 1) == date(2024, 2, 10)
    assert lunar(2023, 3, 10) == date(2023, 4, 29)  # after a leap month


def test_tet_of_every_year_is_where_the_moon_has_it() -> None:
    assert told("tet") == [lunar(year, 1, 1) for year in YEARS]


def test_the_day_of_the_hung_kings_is_where_the_moon_has_it() -> None:
    assert told("hung_kings") == [lunar(year, 3, 10) for year in YEARS]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        ("2026-01-01", "new_year"),
        ("2026-02-14", None),
        ("2026-02-15", "tet"),  # two days before the first of the year
        ("2026-02-20", "tet"),
        ("2026-02-21", None),
        ("2026-04-26", "hung_kings"),
        ("2026-04-30", "liberation"),
        ("2027-05-01", "labour"),
        ("2026-09-01", "national"),
        ("2026-09-02", "national"),
        ("2026-09-03", None),
        ("2036-01-28", None),  # no lunar days are told so far ahead
    ],
)
def test_a_day_off_has_its_name(day: str, name: str | None) -> None:
    assert holiday(date.fromisoformat(day)) == name


def test_nobody_works_on_a_sunday_or_a_holiday() -> None:
    assert not works(date(2026, 8, 9))
    assert not works(date(2026, 2, 18))
    assert works(date(2026, 8, 13))
