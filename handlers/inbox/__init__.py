"""The inbox: a member's question or suggestion goes to the committee, the answer comes back.

Nothing is sent that was not shown back before. What is typed stays in the open form only; each
showing has a token, so that a button sends exactly the text that stands above it.
"""

from __future__ import annotations

from handlers.inbox.asking import (
    answered_ticket,
    ask_committee,
    edit,
    forget,
    send,
    suggest,
    suggest_command,
    typed_to_send,
)
from handlers.inbox.committee import (
    begin,
    drop,
    first_page,
    hand_on,
    handed_ticket,
    keep,
    new_ticket,
    reword,
    save,
    send_answer,
    turn,
    typed_answer,
    typed_question,
)

# Routes are found by looking at the names of the package.
__all__ = [
    "answered_ticket",
    "ask_committee",
    "begin",
    "drop",
    "edit",
    "first_page",
    "forget",
    "hand_on",
    "handed_ticket",
    "keep",
    "new_ticket",
    "reword",
    "save",
    "send",
    "send_answer",
    "suggest",
    "suggest_command",
    "turn",
    "typed_answer",
    "typed_question",
    "typed_to_send",
]
