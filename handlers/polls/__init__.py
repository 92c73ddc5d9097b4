"""Polls: a show of hands in the chat, which is a consultation and never a vote.

`form` puts the question, `card` is what is seen and pressed, `desk` is the chair's own screen.
"""

from handlers.polls.card import close_due
from handlers.polls.saying import result_line

__all__ = ["close_due", "result_line"]
