"""The documents of a meeting: files that Telegram keeps, known to us by its number for them.

Nothing of their content is stored here. Members are to have them a day before the meeting
(storage/rules).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, col, select

from storage.db import Row

# -- tables ------------------------------------------------------------------------------------


class Paper(Row, table=True):
    """One document of a meeting."""

    __tablename__ = "meeting_paper"

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    file_id: str  # Telegram's, for this bot alone
    name: str
    added_by: int | None = Field(default=None, foreign_key="person.id")
    added_at: datetime


# -- questions ---------------------------------------------------------------------------------


def papers(session: Session, meeting_id: int) -> Sequence[Paper]:
    """The documents of a meeting, in the order in which they were added."""
    return session.exec(
        select(Paper).where(Paper.meeting_id == meeting_id).order_by(col(Paper.id))
    ).all()
