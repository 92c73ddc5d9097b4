"""The quality of a session: its score, and what members say of it without their names.

`committee` is where points are given and the year is seen, `members` asks who was present and the
committee above, `rating` is the anonymous rating; `saying` holds the words that several use.
"""

from handlers.quality.rating import ask_due

__all__ = ["ask_due"]
