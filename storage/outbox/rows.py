"""What a notice is: its states, its classes, its row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, UniqueConstraint, text
from sqlmodel import Field

from storage.db import Row

ANSWER, URGENT, NOTICE = PRIORITIES = (0, 3, 5)  # quiet hours hold notices only
LEASE = timedelta(seconds=30)
REPEAT_AFTER = timedelta(seconds=40)  # an unknown reminder is sent once more, 30-60 s later
STANDING_PACE = timedelta(seconds=3.4)  # between two edits of a card: 18 a minute


class State(StrEnum):
    """Where a notice is on its way."""

    QUEUED = "queued"
    LEASED = "leased"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    DEAD = "dead"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Class(StrEnum):
    """What a notice becomes when we cannot know whether it arrived."""

    ONCE = "once"
    REMINDER = "reminder"
    IDEMPOTENT = "idempotent"


UNSENT = (State.QUEUED, State.LEASED)
HELD = (State.LEASED, State.SENDING)  # by a sender, until its lease runs out or it is dead


class Notice(Row, table=True):
    """One notice for one recipient: a person, a group, or an account on no roll."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "revision", "recipient"),
        # The claim looks at unsent rows only, however many have been sent.
        Index(
            "ix_outbox_due",
            "priority",
            "due_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_outbox_leases",
            "lease_until",
            sqlite_where=text("state IN ('leased', 'sending')"),
            postgresql_where=text("state IN ('leased', 'sending')"),
        ),
        Index("ix_outbox_subject", "subject"),
        Index("ix_outbox_recipient", "recipient"),
        Index(
            "ix_outbox_doubtful",
            "recipient",
            sqlite_where=text("unknowns > 0 AND message_id IS NULL"),
            postgresql_where=text("unknowns > 0 AND message_id IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    kind: str
    subject: str  # "meeting:42"
    revision: int = 0
    recipient: str  # "p7" a person, "g3" a group, "a500" an account
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="group_chat.id")
    account: int | None = Field(default=None, sa_type=BigInteger)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    klass: Class = Field(sa_type=String)
    priority: int = NOTICE
    state: State = Field(default=State.QUEUED, sa_type=String)
    created_at: datetime
    due_at: datetime
    valid_until: datetime | None = None
    lease_until: datetime | None = None
    worker: int = 0  # the process that holds the lease; see storage/workers.py
    attempts: int = 0
    unknowns: int = 0  # how often we could not know whether it arrived
    standing: bool = False
    version: int = 0  # of a standing message; grows with each refresh
    message_id: int | None = Field(default=None, sa_type=BigInteger)
    sent_to: int | None = Field(default=None, sa_type=BigInteger)  # the chat it went to
    settled_at: datetime | None = None
    reason: str | None = None
    closed_at: datetime | None = None  # somebody has decided to let a failed one rest

    @property
    def about(self) -> dict[str, int]:
        """What the audit calls it; never for whom: that of a confidential answer is forgotten."""
        return {"notice": self.id}


@dataclass(frozen=True, slots=True)
class Arrived:
    """A notice that Telegram has taken: the message that it is now, where it is a new one."""

    id: int
    version: int  # of the words that were sent
    standing: bool
    message_id: int | None
    chat_id: int
    poll_id: str = ""  # Telegram's, where it is a quiz


@dataclass(frozen=True, slots=True)
class Claimed:
    """A leased notice and the chat it goes to now (None: nobody there to send it to)."""

    notice: Notice
    chat_id: int | None
