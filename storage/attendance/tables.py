"""What happens in the room, beside the seats: the committee's own entries, and late requests.

Presence itself stands on the seats (`storage/meetings/tables.py`). What the committee enters for
somebody is kept here as well, so that it can be seen who changed what, and when.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field

from storage.db import Row
from storage.meetings import Leave, Seat
from storage.roster import Kind


class Presence(StrEnum):
    """How a person stands on the roll of a meeting."""

    PRESENT = "present"
    EXCUSED = "excused"
    PENDING = "pending"  # not here, and nobody has decided about the leave they asked for
    ABSENT = "absent"  # not yet here, or, once the roll is closed, without reason
    EXEMPT = "exempt"  # need not come and has not; counts nowhere


class Mark(Row, table=True):
    """One entry by the committee: what it was, what it became."""

    __tablename__ = "attendance_mark"

    id: int = Field(default=None, primary_key=True)
    seat_id: int = Field(foreign_key="seat.id", index=True)
    at: datetime
    marked_by: int | None = Field(default=None, foreign_key="person.id")
    was: Presence = Field(sa_type=String)
    became: Presence = Field(sa_type=String)


class Wrong(StrEnum):
    """What somebody says is wrong about their entry."""

    ABSENT = "absent"  # they were there
    LATE = "late"  # they were in time
    LEFT = "left"  # they stayed until the end


class Correction(Row, table=True):
    """Somebody asks to have their entry put right; once for each meeting and mistake."""

    __tablename__ = "attendance_correction"
    __table_args__ = (UniqueConstraint("seat_id", "wrong"),)

    id: int = Field(default=None, primary_key=True)
    seat_id: int = Field(foreign_key="seat.id")
    wrong: Wrong = Field(default=Wrong.ABSENT, sa_type=String)
    asked_at: datetime
    granted: bool | None = None
    decided_by: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None

    @property
    def subject(self) -> str:
        """What notices call it."""
        return f"correction:{self.id}"


class Reopening(Row, table=True):
    """A closed check-in was opened again: by whom, and how it had been closed."""

    __tablename__ = "attendance_reopening"

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    at: datetime
    reopened_by: int | None = Field(default=None, foreign_key="person.id")
    closed_at: datetime | None = None
    closed_by: int | None = Field(default=None, foreign_key="person.id")


# -- rules -------------------------------------------------------------------------------------


def presence(seat: Seat) -> Presence:
    """Who came is present, exempt or not; who is exempt and did not come counts nowhere."""
    if seat.present_at is not None:
        return Presence.PRESENT
    if seat.member_kind == Kind.EXEMPT:
        return Presence.EXEMPT
    if seat.leave == Leave.APPROVED:
        return Presence.EXCUSED
    return Presence.PENDING if seat.leave == Leave.PENDING else Presence.ABSENT
