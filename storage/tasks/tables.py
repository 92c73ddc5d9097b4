"""The table of tasks, and what can be told from one row."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field

from storage.db import Row
from storage.errors import Refusal
from storage.folding import clean_name

TEXT_LIMIT = 300
WORD_LIMIT = 300  # of a proof, or of a reason


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
    done_by: int | None = Field(default=None, foreign_key="person.id")
    proof: str | None = None  # a word of what shows it
    dropped_at: datetime | None = None  # it need not be done any more
    reopened: str | None = None  # why it is to be done again
    tells: bool = False  # whoever gave it wants to hear when it is done
    reminders: int = 0  # sent or owed to its owner; at most two
    revision: int = 0  # grows with every change, so that an old button is known as such
    token: str | None = Field(default=None, unique=True)  # the form's: one form, one task

    @property
    def subject(self) -> str:
        """What notices and schedules call it."""
        return f"task:{self.id}"

    @property
    def open(self) -> bool:
        """Whether it is still to be done."""
        return self.done_at is None and self.dropped_at is None

    @property
    def about(self) -> dict[str, int | None]:
        """What the audit calls it."""
        return {"task": self.id, "meeting": self.meeting_id, "unit": self.unit_id}

    def overdue(self, today: date) -> int:
        """For how many days it should have been done."""
        return max((today - self.due).days, 0) if self.open else 0


# -- rules -------------------------------------------------------------------------------------


def check_text(text: str) -> str:
    """What is to be done, as it is stored."""
    tidy = clean_name(text)
    if not tidy:
        raise Refusal("Please say in words what is to be done.")
    if len(tidy) > TEXT_LIMIT:
        raise Refusal("A resolution takes at most {limit} letters.", limit=TEXT_LIMIT)
    return tidy


def check_word(text: str) -> str:
    """A proof or a reason, as it is stored."""
    tidy = clean_name(text)
    if not tidy:
        raise Refusal("Please write it in a few words.")
    if len(tidy) > WORD_LIMIT:
        raise Refusal("That takes at most {limit} letters.", limit=WORD_LIMIT)
    return tidy


def check_due(due: date, *, today: date) -> date:
    """Nobody can be given a day that has passed."""
    if due < today:
        raise Refusal("That day has passed. Please choose a later one.")
    return due
