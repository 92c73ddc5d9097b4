"""Tasks: what a meeting resolved, who is to do it and by when, and the word that says it is done.

Everybody sees their own under [Việc của tôi]; the committee sees its unit's. What is not done
opens the next agenda.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Field, Session, col, select

from storage.db import Row

# -- tables ------------------------------------------------------------------------------------


class Task(Row, table=True):
    """One resolution of a meeting that somebody has to carry out."""

    id: int = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id", index=True)
    text: str
    owner_id: int = Field(foreign_key="person.id", index=True)
    due: date
    given_by: int | None = Field(default=None, foreign_key="person.id")
    given_at: datetime
    done_at: datetime | None = None
    proof: str | None = None  # a word of what shows it
    dropped_at: datetime | None = None  # it need not be done any more

    @property
    def subject(self) -> str:
        """What notices and schedules call it."""
        return f"task:{self.id}"


# -- questions ---------------------------------------------------------------------------------


def of_meeting(session: Session, meeting_id: int) -> Sequence[Task]:
    """What a meeting resolved, in the order in which it was written down."""
    return session.exec(
        select(Task)
        .where(Task.meeting_id == meeting_id, col(Task.dropped_at).is_(None))
        .order_by(col(Task.id))
    ).all()
