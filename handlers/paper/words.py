"""Words that stand on every paper: the organisation, the day, the hour."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

from handlers.dates import format_document_date
from handlers.text import Reader, _


def organisation(reader: Reader) -> str:
    """What stands at the top right: the party's papers name it, others are left without."""
    return reader.plain(_("COMMUNIST PARTY OF VIETNAM")) if reader.profile == "party" else ""


def document_day(day: date, reader: Reader) -> str:
    """ "ngày 04 tháng 8 năm 2026"."""
    if reader.language == "vi":
        return format_document_date(day)
    return format_date(day, "d MMMM y", locale=reader.language)


def clock_of(moment: datetime, zone: str, reader: Reader) -> str:
    """ "19 giờ 30"."""
    there = moment.astimezone(ZoneInfo(zone))
    hours, minutes = f"{there:%H}", f"{there:%M}"
    return reader.plain(_("{hours}:{minutes} h", hours=hours, minutes=minutes))
