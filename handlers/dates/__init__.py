"""Days and times: as people type them (`reading`) and as we say them back (`saying`)."""

from handlers.dates.hours import Hours, hours_meant
from handlers.dates.mistakes import NoSuchDay, NotUnderstood, OtherWeekday
from handlers.dates.reading import When, parse_when
from handlers.dates.saying import (
    format_day,
    format_document_date,
    format_number,
    format_percent,
    format_short_day,
    format_when,
    month_grid,
)

__all__ = [
    "Hours",
    "NoSuchDay",
    "NotUnderstood",
    "OtherWeekday",
    "When",
    "format_day",
    "format_document_date",
    "format_number",
    "format_percent",
    "format_short_day",
    "format_when",
    "hours_meant",
    "month_grid",
    "parse_when",
]
