"""Series: meetings that come every month by a rule, and branches that have none this month.

`rules` says which day a rule comes to, `holidays` which days are off; `keeping` is what people do
and what happens by itself, `missing` who is told that a month is without its meeting. Other
floors import from here.
"""

from storage.series.holidays import holiday
from storage.series.keeping import (
    TEND,
    TURN,
    change,
    coming,
    end,
    managed,
    of_token,
    of_unit,
    plan_of,
    running,
    send,
    send_itself,
    start,
    tend,
    turn_of,
    untold,
    zone_of,
)
from storage.series.missing import MISSING, Lack, lacking, tell_missing
from storage.series.rules import KINDS, Date, Plan, check, next_dates
from storage.series.tables import LAST, Pattern, Series, Shift, Turn

__all__ = [
    "KINDS",
    "LAST",
    "MISSING",
    "TEND",
    "TURN",
    "Date",
    "Lack",
    "Pattern",
    "Plan",
    "Series",
    "Shift",
    "Turn",
    "change",
    "check",
    "coming",
    "end",
    "holiday",
    "lacking",
    "managed",
    "next_dates",
    "of_token",
    "of_unit",
    "plan_of",
    "running",
    "send",
    "send_itself",
    "start",
    "tell_missing",
    "tend",
    "turn_of",
    "untold",
    "zone_of",
]
