"""What has come of a study campaign, for its committees, for its group and for paper.

`counting` makes the figures, `asking` tells who may have which of them. Other floors import from
here.
"""

from storage.follow.asking import (
    CARD,
    Outcome,
    all_lessons,
    followed,
    from_above,
    outcome,
    post,
    printable,
    take_away,
    total,
)
from storage.follow.counting import (
    ENOUGH,
    HardPoint,
    Learner,
    LessonFigures,
    Tally,
    percent,
)

__all__ = [
    "CARD",
    "ENOUGH",
    "HardPoint",
    "Learner",
    "LessonFigures",
    "Outcome",
    "Tally",
    "all_lessons",
    "followed",
    "from_above",
    "outcome",
    "percent",
    "post",
    "printable",
    "take_away",
    "total",
]
