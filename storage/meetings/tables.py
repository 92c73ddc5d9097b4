"""The tables of meetings: what was called, a seat for everybody expected, and what will change.

The roster, not the group, says who is expected: calling a meeting writes one `Seat` for each
person convened, so "has not answered" is right from the first second. What happens in the room
(`storage/attendance/`) is written on the same seats.

A move or a cancellation is a `Change` that waits for a minute before anything comes of it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlmodel import Field

from storage.db import Row

UNDER_WAY = timedelta(hours=4)  # how long after its start a meeting still counts as the present one


class MeetingKind(StrEnum):
    """What a branch meets for."""

    REGULAR = "regular"
    THEMATIC = "thematic"
    JOINT = "joint"  # regular and thematic in one, which counts as both
    COMMITTEE = "committee"
    EXTRAORDINARY = "extraordinary"
    CONGRESS = "congress"


MONTHLY = (MeetingKind.REGULAR, MeetingKind.JOINT)  # each is the regular meeting of its month
QUARTERLY = (MeetingKind.THEMATIC, MeetingKind.JOINT)  # each is the thematic one of its quarter
SITTINGS = (*MONTHLY, MeetingKind.THEMATIC)  # those that have a least duration


class MeetingState(StrEnum):
    """A meeting is called once its notice is ordered; a saved draft is not yet one."""

    DRAFT = "draft"
    CALLED = "called"
    CANCELLED = "cancelled"
    CLOSED = "closed"  # the roll is closed; the result stands


class ChangeState(StrEnum):
    """What became of a change that somebody ordered."""

    WAITING = "waiting"
    UNDONE = "undone"
    DONE = "done"


class Answer(StrEnum):
    """What a person has said about coming."""

    NONE = "none"
    COMING = "coming"
    ONLINE = "online"  # will take part from afar
    LEAVE = "leave"  # asks leave of absence


class Leave(StrEnum):
    """Where a request for leave stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"


class How(StrEnum):
    """How presence was marked."""

    TAP = "tap"  # by the person, in the group
    PRIVATE = "private"  # by the person, in private
    CODE = "code"  # by the person, with the code shown in the room
    COMMITTEE = "committee"  # by the committee, for somebody
    DEPUTY = "deputy"  # by whoever may answer for them
    PAPER = "paper"  # by the committee, from a signed sheet


class Meeting(Row, table=True):
    """One meeting of a unit and all below it, or of some units below (`MeetingUnit`)."""

    id: int = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    kind: MeetingKind = Field(sa_type=String)
    starts_at: datetime = Field(index=True)
    zone: str
    place: str
    state: MeetingState = Field(default=MeetingState.DRAFT, sa_type=String)
    revision: int = 0  # grows when it is moved, so that everybody is told anew
    token: str | None = Field(default=None, unique=True)  # the form's: one form, one meeting
    created_by: int | None = Field(default=None, foreign_key="person.id")
    chair_id: int | None = Field(default=None, foreign_key="person.id")
    minute_taker_id: int | None = Field(default=None, foreign_key="person.id")
    online: bool = False  # one may take part from afar
    online_link: str | None = None  # where; for those who are convened
    called_at: datetime | None = None
    opened_at: datetime | None = None  # check-in
    opened_by: int | None = Field(default=None, foreign_key="person.id")
    closes_at: datetime | None = None  # when check-in is meant to end
    late_after: datetime | None = None  # who marks themselves present later than that is late
    closed_at: datetime | None = None
    closed_by: int | None = Field(default=None, foreign_key="person.id")
    begun_at: datetime | None = None  # the session itself, as the chair said
    ended_at: datetime | None = None
    conclusion: str | None = None
    locked_at: datetime | None = None  # the minutes are final
    locked_by: int | None = Field(default=None, foreign_key="person.id")

    def ahead(self, now: datetime) -> bool:
        """Whether it is still to come, whatever has been done with its roll already."""
        called = self.state in (MeetingState.CALLED, MeetingState.CLOSED)
        return called and now < self.starts_at

    def over(self, now: datetime) -> bool:
        """Whether nobody needs to hear of it any more."""
        if self.state == MeetingState.CALLED:
            return now >= self.starts_at + UNDER_WAY
        return not self.ahead(now)

    @property
    def subject(self) -> str:
        """What schedules and notices call it."""
        return f"meeting:{self.id}"

    @property
    def about(self) -> dict[str, int]:
        """What the audit calls it."""
        return {"meeting": self.id, "unit": self.unit_id}

    @property
    def roll_subject(self) -> str:
        """What the schedule and the notices of its roll call call it."""
        return f"attendance:{self.id}"


class MeetingUnit(Row, table=True):
    """One of the units below that a meeting calls, where it does not call all of them."""

    __tablename__ = "meeting_unit"
    __table_args__ = (UniqueConstraint("meeting_id", "unit_id"),)

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id")
    unit_id: int = Field(foreign_key="unit.id")


class Change(Row, table=True):
    """A move or a cancellation: ordered, and in force once its minute is over.

    The row stays when it is over, so that an old [Undo] can say what became of it.
    """

    __tablename__ = "meeting_change"
    __table_args__ = (
        # One change of a meeting waits at a time.
        Index(
            "ix_meeting_change_waiting",
            "meeting_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id")
    starts_at: datetime | None = None  # with `place`: where it is moved; None: it is called off
    place: str | None = None
    ordered_by: int | None = Field(default=None, foreign_key="person.id")
    due_at: datetime  # until then it can be undone
    urgent: bool = False  # its news does not wait for the end of quiet hours
    state: ChangeState = Field(default=ChangeState.WAITING, sa_type=String)


class Seat(Row, table=True):
    """One person convened to one meeting: what they said, and whether they came."""

    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")  # their own unit on that day
    member_kind: str  # storage.roster.Kind on that day
    answer: Answer = Field(default=Answer.NONE, sa_type=String)
    answered_at: datetime | None = None
    answered_by: int | None = Field(default=None, foreign_key="person.id")  # None: themselves
    leave_reason: str | None = None  # "business" | "illness" | "family" | own words
    requests: int = 0  # how often leave was asked; tells an old request from the present one
    leave: Leave | None = Field(default=None, sa_type=String)
    decided_by: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = None
    decision_reason: str | None = None  # the committee's word with a refusal
    present_at: datetime | None = None  # None: not there (as far as is known)
    how: How | None = Field(default=None, sa_type=String)
    late: bool = False  # came after the meeting had begun, by more than the rule allows
    left_at: datetime | None = None  # before the end
    marked_by: int | None = Field(default=None, foreign_key="person.id")
    reminders: int = 0  # sent or owed; at most two

    @property
    def subject(self) -> str:
        """What notices call it."""
        return f"seat:{self.id}"
