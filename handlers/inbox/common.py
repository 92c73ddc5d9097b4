"""What both sides of the inbox use: the open form, and a ticket in one line."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from handlers.home import given_name
from handlers.kit import Talk
from handlers.text import Text, _
from storage import inbox
from storage.inbox import Ticket, TicketKind


def form_of(talk: Talk, name: str) -> dict[str, Any]:
    """What the open form knows; nothing when it is closed or another one is open."""
    return talk.draft.data if talk.draft is not None and talk.draft.form == name else {}


def quoted(session: Session, ticket: Ticket) -> Text:
    """Number, who asked (as far as the committee may know) and what."""
    person = inbox.asker(session, ticket)
    name = given_name(person) if person else _("Anonymous")
    values = {"number": str(ticket.id), "name": name, "text": ticket.text}
    if ticket.kind == TicketKind.SUGGESTION:
        return _('#{number} {name} suggests: "{text}"', **values)
    return _('#{number} {name}: "{text}"', **values)
