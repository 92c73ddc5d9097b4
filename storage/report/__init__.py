"""Reports: how a unit meets over a year, and who is told in private that somebody stays away.

`counting` is the figures of a year, in sums that the database makes; `asking` puts them together
for one who may see them; `missing` counts the months that somebody missed without reason. Other
floors import from here.
"""

from storage.report.asking import SEE, Member, Report, Sitting, below, members, report, sittings
from storage.report.counting import COUNTED, Figures, Reasons
from storage.report.missing import (
    TOLD,
    WITHDRAWN,
    Missed,
    acknowledge,
    missed_of,
    missed_told,
    weigh,
)

__all__ = [
    "COUNTED",
    "SEE",
    "TOLD",
    "WITHDRAWN",
    "Figures",
    "Member",
    "Missed",
    "Reasons",
    "Report",
    "Sitting",
    "acknowledge",
    "below",
    "members",
    "missed_of",
    "missed_told",
    "report",
    "sittings",
    "weigh",
]
