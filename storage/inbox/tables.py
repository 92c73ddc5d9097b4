"""What a ticket is, where it stands, and which texts are taken."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlmodel import Field

from storage.db import Row
from storage.errors import Refusal
from storage.folding import clean_text
from storage.powers import Role
from storage.questions import ANSWER_LIMIT, QUESTION_LIMIT

SUGGESTION_LIMIT = 2000

# -- tables ------------------------------------------------------------------------------------


class TicketKind(StrEnum):
    """What a member sends: something to answer, or something to consider."""

    QUESTION = "question"
    SUGGESTION = "suggestion"


class TicketState(StrEnum):
    """Where a ticket stands; until it is answered, everybody in the committee may answer it."""

    OPEN = "open"
    CLAIMED = "claimed"  # somebody is writing an answer
    HANDED = "handed"  # to a role, by another of the committee
    ANSWERED = "answered"


class Ticket(Row, table=True):
    """One message to a committee; its id is the number that people see."""

    __table_args__ = (Index("ix_ticket_unit_id_state", "unit_id", "state"),)

    id: int = Field(default=None, primary_key=True)
    kind: TicketKind = Field(sa_type=String)
    unit_id: int = Field(foreign_key="unit.id")  # whose committee answers
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    anonymous: bool = False
    text: str
    form: str = Field(unique=True)  # the sent form: pressing twice is one ticket
    state: TicketState = Field(default=TicketState.OPEN, sa_type=String)
    asked_at: datetime
    claimed_by: int | None = Field(default=None, foreign_key="person.id")
    claimed_at: datetime | None = None
    handed_to: Role | None = Field(default=None, sa_type=String)
    handed_at: datetime | None = None
    answered_by: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = None
    answer: str | None = None
    entry_id: int | None = Field(default=None, foreign_key="entry.id")  # kept in the base

    @property
    def answered(self) -> bool:
        """Whether the answer stands."""
        return self.state == TicketState.ANSWERED

    @property
    def subject(self) -> str:
        """What notices about the ticket are about."""
        return f"ticket:{self.id}"

    @property
    def about(self) -> dict[str, int]:
        """What the audit calls it; never who asked."""
        return {"ticket": self.id, "unit": self.unit_id}


# -- rules -------------------------------------------------------------------------------------


def checked(text: str, limit: int) -> str:
    """The text as it is stored; refused when it is empty or too long."""
    clean = clean_text(text)
    if not clean:
        raise Refusal("There is nothing to send in this message. Please type it as text.")
    if len(clean) > limit:
        raise Refusal(
            "This has {count} letters, at most {limit} fit. Please type it in fewer words.",
            count=len(clean),
            limit=limit,
        )
    return clean


def checked_message(kind: TicketKind, text: str) -> str:
    """What a member wants to send, as it is stored."""
    return checked(text, QUESTION_LIMIT if kind is TicketKind.QUESTION else SUGGESTION_LIMIT)


def checked_question(text: str) -> str:
    """The question under which an answer is to be found, as it is stored."""
    return checked(text, QUESTION_LIMIT)


def checked_answer(text: str) -> str:
    """What the committee wants to answer, as it is stored."""
    return checked(text, ANSWER_LIMIT)
