"""The quality of a session: its score sheet, its year, and what members say without their names.

`tables` has the rows of the score, `scoring` what points make and what is known of a sheet,
`proposing` how one comes about, `yearly` the year, `rating` the anonymous rating.
"""

from storage.quality.proposing import (
    ASKED,
    TO_CONFIRM,
    UNDO,
    agree,
    answer,
    ask,
    check_comment,
    confirm,
    propose,
    recall,
)
from storage.quality.scoring import (
    Given,
    Heard,
    Scored,
    above,
    attendance_bar,
    attendance_points,
    check_points,
    check_typed,
    comments,
    grade_of,
    heard,
    opinion_of,
    own,
    present_at,
    scored,
    suggested,
)
from storage.quality.tables import Criterion, Grade, SheetState
from storage.quality.yearly import Year, is_good, of_unit, year

__all__ = [
    "ASKED",
    "TO_CONFIRM",
    "UNDO",
    "Criterion",
    "Given",
    "Grade",
    "Heard",
    "Scored",
    "SheetState",
    "Year",
    "above",
    "agree",
    "answer",
    "ask",
    "attendance_bar",
    "attendance_points",
    "check_comment",
    "check_points",
    "check_typed",
    "comments",
    "confirm",
    "grade_of",
    "heard",
    "is_good",
    "of_unit",
    "opinion_of",
    "own",
    "present_at",
    "propose",
    "recall",
    "scored",
    "suggested",
    "year",
]
