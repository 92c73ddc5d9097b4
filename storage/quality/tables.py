"""The tables of the quality of a session: its score sheet, and what members say of it.

A *sheet* goes from proposed to asked, agreed and confirmed. Its `round` grows when a proposal is
changed after members were asked: what they said of the earlier one no longer counts. The anonymous
rating beside it has tables of its own, which nothing leads to from here or from any person
(`storage/quality/rating.py`).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field

from storage.db import Row


class Criterion(StrEnum):
    """What a session gets points for; each has a rule `score.<criterion>`, its most points."""

    PREPARATION = "preparation"
    ATTENDANCE = "attendance"
    CONDUCT = "conduct"
    CLOSING = "closing"


class Grade(StrEnum):
    """What the points make of a session, best first."""

    GOOD = "good"
    FAIR = "fair"
    AVERAGE = "average"
    POOR = "poor"


class SheetState(StrEnum):
    """How far a score sheet has come."""

    PROPOSED = "proposed"
    ASKED = "asked"  # those who were present
    AGREED = "agreed"  # by the committee, after it has read what they said
    CONFIRMED = "confirmed"  # by the committee above; final


class Sheet(Row, table=True):
    """The score sheet of one meeting."""

    __tablename__ = "score_sheet"

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", unique=True)
    state: SheetState = Field(default=SheetState.PROPOSED, sa_type=String)
    round: int = 0
    grade: Grade | None = Field(default=None, sa_type=String)  # from the moment it is confirmed
    asked_by: int | None = Field(default=None, foreign_key="person.id")
    asked_at: datetime | None = None
    agreed_by: int | None = Field(default=None, foreign_key="person.id")
    agreed_at: datetime | None = None
    confirmed_by: int | None = Field(default=None, foreign_key="person.id")
    confirmed_at: datetime | None = None


class Points(Row, table=True):
    """What the committee proposes for one criterion, and the most there was to have."""

    __tablename__ = "score_points"
    __table_args__ = (UniqueConstraint("sheet_id", "criterion"),)

    id: int = Field(default=None, primary_key=True)
    sheet_id: int = Field(foreign_key="score_sheet.id", index=True)
    criterion: Criterion = Field(sa_type=String)
    points: int
    most: int


class Opinion(Row, table=True):
    """What one of those present says of a proposal: agrees, or comments under their name."""

    __tablename__ = "score_opinion"
    __table_args__ = (UniqueConstraint("sheet_id", "round", "person_id"),)

    id: int = Field(default=None, primary_key=True)
    sheet_id: int = Field(foreign_key="score_sheet.id", index=True)
    round: int
    person_id: int = Field(foreign_key="person.id")
    comment: str | None = None  # None: agrees
    at: datetime
