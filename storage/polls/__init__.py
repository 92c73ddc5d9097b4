"""A show of hands in the chat: a question that the chair puts to those in the room.

It is a consultation and never a vote (Điều lệ: the vote is by hand or by card in the room), and it
is no record of anybody's opinion: what each person chose stands here only while the poll is open,
so that they can change it. Closing adds up and deletes the rows, in one transaction; what stays
are totals.

`tables` has the rows, `holding` what people do, `finding` answers questions. Other floors import
from here.
"""

from storage.polls.finding import (
    as_told,
    held_by,
    may_answer,
    of_form,
    of_meeting,
    results,
    standing,
)
from storage.polls.holding import (
    ASK,
    CARD,
    CLOSING,
    MINUTES,
    answer,
    close,
    close_due,
    hold,
)
from storage.polls.tables import (
    MOST,
    USUAL,
    Choice,
    Poll,
    Result,
    Standing,
    check_options,
    check_question,
)

__all__ = [
    "ASK",
    "CARD",
    "CLOSING",
    "MINUTES",
    "MOST",
    "USUAL",
    "Choice",
    "Poll",
    "Result",
    "Standing",
    "answer",
    "as_told",
    "check_options",
    "check_question",
    "close",
    "close_due",
    "held_by",
    "hold",
    "may_answer",
    "of_form",
    "of_meeting",
    "results",
    "standing",
]
