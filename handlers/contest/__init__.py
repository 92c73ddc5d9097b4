"""Contests: a round played in one message, its results, and what the committee does with them.

`playing` is the members' side, `results` what everybody reads when a round is over; `desk` is the
committee's side, `form` makes a new one; `notices` are the words of what is sent, `files` what is
taken away; `live` is the
round in the group; `showing` says how a contest is called everywhere.
"""

from handlers.contest import desk, files, form, live, playing, results
from handlers.contest.live import step_due
from handlers.contest.notices import open_due, seal_due

__all__ = [
    "desk",
    "files",
    "form",
    "live",
    "open_due",
    "playing",
    "results",
    "seal_due",
    "step_due",
]
