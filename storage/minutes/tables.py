"""The tables of the minutes: who confirmed which state of them, how they became final, and after.

Whoever confirms, confirms what they saw: each asking carries the digest of that state. What is
final is kept as it was on that day, and what turns out to be wrong in it stands beside it, for all
to see.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, LargeBinary, UniqueConstraint
from sqlmodel import Field

from storage.db import Row


class Confirmation(Row, table=True):
    """Somebody who signs the minutes was asked about one state of them, and what they said."""

    __tablename__ = "minutes_confirmation"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id", "digest"),)

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    digest: str  # of what they were shown
    asked_by: int | None = Field(default=None, foreign_key="person.id")
    asked_at: datetime
    times: int = 1  # asked about this state
    confirmed_at: datetime | None = None
    objected_at: datetime | None = None
    objection: str | None = None

    @property
    def subject(self) -> str:
        """What notices call it."""
        return f"minutes:{self.id}"


class Final(Row, table=True):
    """What the minutes said when they became final."""

    __tablename__ = "minutes_final"

    meeting_id: int = Field(foreign_key="meeting.id", primary_key=True)
    facts: dict[str, Any] = Field(sa_type=JSON)


class Erratum(Row, table=True):
    """A correction of final minutes: it is added to them, and nothing in them is changed."""

    __tablename__ = "minutes_erratum"
    __table_args__ = (UniqueConstraint("meeting_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    number: int  # from 1
    at: datetime
    by: int | None = Field(default=None, foreign_key="person.id")
    text: str


class Template(Row, table=True):
    """A unit's own form of the minutes, for itself and those below that have none."""

    __tablename__ = "minutes_template"

    unit_id: int = Field(foreign_key="unit.id", primary_key=True)
    name: str
    content: bytes = Field(sa_type=LargeBinary)
    set_by: int | None = Field(default=None, foreign_key="person.id")
    set_at: datetime
