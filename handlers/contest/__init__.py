"""Contests: a round played in one message, its results, and what the committee does with them.

`playing` is the members' side, `results` what everybody reads when a round is over; `desk` is the
committee's side, `form` makes a new one; `notices` are the words of what is sent, `files` what is
taken away; `showing` says how a contest is called everywhere.
"""

from handlers.contest import desk, files, form, playing, results
from handlers.contest.notices import open_due, seal_due

__all__ = ["desk", "files", "form", "open_due", "playing", "results", "seal_due"]
