"""The tables of series: a monthly rule, and one row for each month that it has come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlmodel import Field

from storage.db import Row
from storage.meetings import MeetingKind

LAST = -1  # as `nth`: the last such weekday of the month


class Shift(StrEnum):
    """What becomes of a meeting that would fall on a public holiday."""

    AFTER = "after"  # the next working day
    BEFORE = "before"  # the working day before
    STAYS = "stays"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which day of a month: its number, or a weekday (Monday is 0) and which one of them."""

    day: int | None = None  # 29 to 31 mean the last day where the month is shorter
    weekday: int | None = None
    nth: int | None = None  # 1 to 4, or LAST


class Series(Row, table=True):
    """Meetings of one kind that a unit holds every month, or in one month of each quarter."""

    __table_args__ = (
        # A unit has one running series of a kind.
        Index(
            "ix_series_running",
            "unit_id",
            "kind",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    kind: MeetingKind = Field(sa_type=String)
    day: int | None = None
    weekday: int | None = None
    nth: int | None = None
    clock: str  # "19:30", where the unit meets
    place: str
    quarter_month: int | None = None  # 1 to 3: thematic, in that month of each quarter
    shift: Shift = Field(default=Shift.AFTER, sa_type=String)
    sends_itself: bool = False  # its meetings are called without a press
    revision: int = 0  # grows with each change
    token: str = Field(unique=True)  # the form's: one form, one series
    created_by: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    ended_at: datetime | None = None
    ended_by: int | None = Field(default=None, foreign_key="person.id")

    @property
    def pattern(self) -> Pattern:
        """Which day of the month."""
        return Pattern(self.day, self.weekday, self.nth)

    @property
    def subject(self) -> str:
        """What the schedule calls it."""
        return f"series:{self.id}"

    @property
    def about(self) -> dict[str, int]:
        """What the audit calls it."""
        return {"series": self.id, "unit": self.unit_id}


class Turn(Row, table=True):
    """One month of a series and the meeting that it became, whatever became of that since.

    The row is what keeps a month from being made twice: by two clocks, or after its meeting was
    moved or skipped.
    """

    __tablename__ = "series_turn"
    __table_args__ = (UniqueConstraint("series_id", "month"),)

    id: int = Field(default=None, primary_key=True)
    series_id: int = Field(foreign_key="series.id")
    month: date  # its first day
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id", unique=True)
    starts_at: datetime  # as the series has it; the meeting may have been moved
    place: str  # likewise
    why: str | None = None  # the holiday that it makes room for
