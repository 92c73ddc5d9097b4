"""The agenda of a meeting: its points in order, what kind of content each is, and the time it took.

A share of kinds over many meetings answers whether a branch speaks of its work only ("nặng về
chuyên môn"), so every point has one kind of content.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field, Session, col, select

from storage.db import Row


class Content(StrEnum):
    """What a point of the agenda is about."""

    STUDY = "study"  # politics and ideas, study and follow
    LEADERSHIP = "leadership"  # leading, inspecting, self-criticism and criticism
    PROFESSIONAL = "professional"  # the work of the office, the school, the neighbourhood
    MEMBERS = "members"  # admissions, cards, dues, people


class Point(Row, table=True):
    """One point of a meeting's agenda."""

    __tablename__ = "agenda_point"
    __table_args__ = (UniqueConstraint("meeting_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    number: int  # from 1, in the order in which they are taken
    title: str
    content: Content = Field(sa_type=String)
    planned: int | None = None  # minutes
    begun_at: datetime | None = None
    done_at: datetime | None = None  # None: not taken, or under way

    @property
    def minutes(self) -> int | None:
        """How long it took, in whole minutes; None while it is not done."""
        if self.begun_at is None or self.done_at is None:
            return None
        return round((self.done_at - self.begun_at).total_seconds() / 60)


# -- questions ---------------------------------------------------------------------------------


def points(session: Session, meeting_id: int) -> Sequence[Point]:
    """The agenda, in order, as it is now."""
    return session.exec(
        select(Point)
        .where(Point.meeting_id == meeting_id)
        .order_by(col(Point.number))
        .execution_options(populate_existing=True)
    ).all()
