"""The yearly commitment: what a member undertakes under a few headings, signed, and compared.

`tables` has the rows, `starting` is what the committee sets going, `signing` and `comparing` what
members do, `reminding` what happens by itself, and `finding` who has signed and who has not. Other
floors import from here.
"""

from storage.pledges.comparing import (
    Comparison,
    asked_to_compare,
    compare,
    comparison,
    comparisons,
    judge,
    remark,
)
from storage.pledges.finding import (
    State,
    covered,
    led,
    managed,
    mine,
    of_person,
    state,
    taken_away,
    versions,
    year_of,
)
from storage.pledges.reminding import COMPARE, REMINDER, STARTED, remind, waits_for
from storage.pledges.signing import Own, intact, own, own_signed, sign, write
from storage.pledges.starting import set_due, set_headings, start, undo, undoable
from storage.pledges.tables import (
    HEADING_LIMIT,
    HEADINGS,
    TEXT_LIMIT,
    WORD_LIMIT,
    Mark,
    Part,
    Pledge,
    PledgeYear,
    Signed,
    Verdict,
    check_headings,
    check_text,
    check_word,
)

__all__ = [
    "COMPARE",
    "HEADINGS",
    "HEADING_LIMIT",
    "REMINDER",
    "STARTED",
    "TEXT_LIMIT",
    "WORD_LIMIT",
    "Comparison",
    "Mark",
    "Own",
    "Part",
    "Pledge",
    "PledgeYear",
    "Signed",
    "State",
    "Verdict",
    "asked_to_compare",
    "check_headings",
    "check_text",
    "check_word",
    "compare",
    "comparison",
    "comparisons",
    "covered",
    "intact",
    "judge",
    "led",
    "managed",
    "mine",
    "of_person",
    "own",
    "own_signed",
    "remark",
    "remind",
    "set_due",
    "set_headings",
    "sign",
    "start",
    "state",
    "taken_away",
    "undo",
    "undoable",
    "versions",
    "waits_for",
    "write",
    "year_of",
]
