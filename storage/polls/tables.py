"""The tables of polls, what an answer may be, and what is told of a poll."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field

from storage.db import Row
from storage.errors import Refusal
from storage.folding import clean_name, fold

QUESTION_LIMIT, OPTION_LIMIT = 200, 18  # letters; an option is a button
FEWEST, MOST = 2, 6
USUAL = ("yes", "no", "other")  # agreed, not agreed, another opinion; the floor above names them

# -- tables ------------------------------------------------------------------------------------


class Poll(Row, table=True):
    """One question to a meeting; `totals` from the moment it is closed."""

    __table_args__ = (
        # One question of a meeting is open at a time.
        Index(
            "ix_poll_open",
            "meeting_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    meeting_id: int = Field(foreign_key="meeting.id", index=True)
    question: str
    options: list[str] = Field(sa_type=JSON)  # empty: the usual ones
    live: bool = False  # the group sees totals while it is open
    token: str = Field(unique=True)  # the form's: one form, one poll
    opened_by: int | None = Field(default=None, foreign_key="person.id")
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None = None
    closed_by: int | None = Field(default=None, foreign_key="person.id")
    totals: list[int] | None = Field(default=None, sa_type=JSON)
    asked: int | None = None  # how many might have answered

    @property
    def subject(self) -> str:
        """What notices and schedules call it."""
        return f"poll:{self.id}"

    @property
    def choices(self) -> Sequence[str]:
        """What can be answered, in order."""
        return self.options or USUAL

    def takes(self, now: datetime) -> bool:
        """Whether an answer given now counts: until the second at which it closes."""
        return self.closed_at is None and now < self.closes_at


class Choice(Row, table=True):
    """What somebody has chosen in an open poll; gone when it closes."""

    __tablename__ = "poll_choice"
    __table_args__ = (UniqueConstraint("poll_id", "person_id"),)

    id: int = Field(default=None, primary_key=True)
    poll_id: int = Field(foreign_key="poll.id", index=True)
    person_id: int = Field(foreign_key="person.id")
    choice: int  # its place among the options, from 0


@dataclass(frozen=True, slots=True)
class Result:
    """A closed poll, as the minutes tell it: the usual options are empty, the floor above names."""

    question: str
    options: tuple[str, ...]
    totals: tuple[int, ...]
    asked: int
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """An open poll now: `totals` are for the chair, and for the group where the chair wants it."""

    totals: tuple[int, ...]
    asked: int

    @property
    def answered(self) -> int:
        """How many have answered."""
        return sum(self.totals)


# -- rules -------------------------------------------------------------------------------------


def check_question(question: str) -> str:
    """A question as it is stored."""
    tidy = clean_name(question)
    if not tidy:
        raise Refusal("Please type the question.")
    if len(tidy) > QUESTION_LIMIT:
        raise Refusal("A question takes at most {limit} letters here.", limit=QUESTION_LIMIT)
    return tidy


def check_options(options: Sequence[str]) -> list[str]:
    """The options as they are stored; none at all means the usual ones."""
    tidy = [each for option in options if (each := clean_name(option))]
    if not tidy:
        return []
    if not FEWEST <= len(tidy) <= MOST:
        raise Refusal("Please give {least} to {most} answers.", least=FEWEST, most=MOST)
    if any(len(each) > OPTION_LIMIT for each in tidy):
        raise Refusal(
            "An answer takes at most {limit} letters: it is a button.", limit=OPTION_LIMIT
        )
    if len({fold(each) for each in tidy}) < len(tidy):
        raise Refusal("Two of these answers are the same.")
    return tidy
