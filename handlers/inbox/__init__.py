"""The inbox: a member's question or suggestion goes to the committee, the answer comes back.

Nothing is sent that was not shown back before. What is typed stays in the open form only; each
showing has a token, so that a button sends exactly the text that stands above it.
"""

from handlers.inbox.asking import forget

__all__ = ["forget"]
