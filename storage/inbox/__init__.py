"""The inbox: what members ask their committee, and what comes back.

A ticket is answered by the committee of the asker's unit, or by the nearest one above where that
unit has none. The first answer counts.

An anonymous ticket is confidential towards the committee, no more: until it is answered the
system knows whom to answer. With the answer that address moves from the ticket to the outbox, and
a day later it is gone there too (`forget`). Whoever shows a ticket asks `asker`, which does not
tell it.

`tables` has the ticket and its texts, `answering` what is done with it, `finding` the questions.
Other floors import from here.
"""

from storage.inbox.answering import (
    answer,
    claim,
    forget,
    hand_on,
    release,
    save,
    send,
)
from storage.inbox.finding import (
    Page,
    answers_for,
    asker,
    committee_for,
    next_hand,
    page,
    sent_with,
    ticket_for,
)
from storage.inbox.tables import (
    Ticket,
    TicketKind,
    TicketState,
    checked_answer,
    checked_message,
    checked_question,
)

__all__ = [
    "Page",
    "Ticket",
    "TicketKind",
    "TicketState",
    "answer",
    "answers_for",
    "asker",
    "checked_answer",
    "checked_message",
    "checked_question",
    "claim",
    "committee_for",
    "forget",
    "hand_on",
    "next_hand",
    "page",
    "release",
    "save",
    "send",
    "sent_with",
    "ticket_for",
]
