"""Days, times and numbers as the reader is used to seeing them, and the month keyboard as data."""

import calendar
import datetime as dt
from decimal import Decimal

from babel.numbers import format_decimal
from babel.numbers import format_percent as babel_percent

_WEEKDAY_NAMES = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


def format_day(date: dt.date, lang: str) -> str:
    """ "thứ Năm 13/8/2026"."""
    return f"{_WEEKDAY_NAMES[lang][date.weekday()]} {format_short_day(date)}/{date.year}"


def format_short_day(date: dt.date) -> str:
    """ "13/8"."""
    return f"{date.day}/{date.month}"


def format_when(local: dt.datetime, lang: str) -> str:
    """ "thứ Năm 13/8/2026, 19:30"; the caller has moved it to the reader's zone."""
    return f"{format_day(local.date(), lang)}, {local:%H:%M}"


def format_document_date(date: dt.date) -> str:
    """ "ngày 04 tháng 8 năm 2015": official papers pad days below 10 and the months 1 and 2."""
    month = f"{date.month:02}" if date.month < 3 else str(date.month)
    return f"ngày {date.day:02} tháng {month} năm {date.year}"


def format_number(number: int | float | Decimal, lang: str = "vi") -> str:
    """ "1.105", "7,9"."""
    return format_decimal(number, locale=lang)


def format_percent(share: float | Decimal, lang: str = "vi") -> str:
    """A share of one as "93,5%", to one decimal."""
    return babel_percent(share, format="#,##0.#%", locale=lang)


def month_grid(
    year: int, month: int, first: dt.date | None = None, last: dt.date | None = None
) -> list[list[dt.date | None]]:
    """The weeks of a month, Monday first; None where there is nothing to choose."""

    def choice(date: dt.date) -> dt.date | None:
        inside = (first is None or first <= date) and (last is None or date <= last)
        return date if inside and date.month == month else None

    weeks = calendar.Calendar(calendar.MONDAY).monthdatescalendar(year, month)
    return [[choice(date) for date in week] for week in weeks]
