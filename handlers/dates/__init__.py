"""Days and times: as people type them (`reading`, `hours`, `monthly`) and as we say them back."""

from handlers.dates.hours import Hours, hours_meant
from handlers.dates.mistakes import NoSuchDay, NotUnderstood, OtherWeekday
from handlers.dates.monthly import Monthly, parse_monthly
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
    "Monthly",
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
    "parse_monthly",
    "parse_when",
]
