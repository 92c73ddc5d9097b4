"""The rows of a study campaign: what is to be studied, and how far each person is."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, LargeBinary, UniqueConstraint
from sqlmodel import Field

from storage.db import Row


class Campaign(Row, table=True):
    """A campaign of a unit and all below it; a file is recognised by its unit and name."""

    __table_args__ = (UniqueConstraint("unit_id", "folded"),)

    id: int = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id")
    name: str
    folded: str
    citation: str = ""
    starts: date
    ends: date = Field(index=True)  # the last day
    remind: str | None = None  # five cron fields
    zone: str
    passing: float  # the share of right answers that passes a quiz
    imported_at: datetime  # or begun, where it was made in the chat
    paused_at: datetime | None = None  # nothing is sent until it goes on
    closed_at: datetime | None = None  # ended before its last day
    token: str | None = Field(default=None, unique=True)  # of the form that it was made with

    @property
    def subject(self) -> str:
        """What schedules and notices call it."""
        return f"campaign:{self.id}"


class Lesson(Row, table=True):
    """One lesson: a text, a link or a file, and perhaps a quiz."""

    id: int = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", index=True)
    place: int | None  # counted from 1; None: no longer in the file, progress is kept
    title: str
    minutes: int | None = None
    opens: date  # the campaign's first day where the file names none
    due: date  # the campaign's last day where the file names none
    text: str | None = None
    url: str | None = None
    file: str | None = None  # its name; the content is a `LessonFile`
    digest: str | None = None  # of the content
    draw: int | None = None  # so many questions for each attempt, by chance; None: all
    topic: str | None = None  # of the bank, whose questions are asked as well
    meeting_id: int | None = Field(default=None, foreign_key="meeting.id", index=True)  # its theme

    @property
    def subject(self) -> str:
        """What schedules and notices call it."""
        return f"lesson:{self.id}"


class LessonFile(Row, table=True):
    """The content of a lesson that is a file; apart, for it is rarely read."""

    __tablename__ = "lesson_file"

    lesson_id: int = Field(primary_key=True, foreign_key="lesson.id")
    content: bytes = Field(sa_type=LargeBinary)


class LessonPart(Row, table=True):
    """A message that a lesson is made of: its text, or a file that Telegram keeps, or both."""

    __tablename__ = "lesson_part"

    id: int = Field(default=None, primary_key=True)
    lesson_id: int = Field(foreign_key="lesson.id", index=True)
    place: int
    html: str = ""  # safe: written by `handlers/campaigns/marking.py` alone
    kind: str | None = None  # "document", "photo", "voice", "audio", "video"
    file_id: str | None = None
    name: str = ""  # of the file


class Silence(Row, table=True):
    """Somebody wants no reminders of a campaign, or of any."""

    __tablename__ = "study_silence"

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id")  # None: of any
    at: datetime


class LessonItem(Row, table=True):
    """A question of the bank in a lesson's quiz."""

    __tablename__ = "lesson_item"
    __table_args__ = (UniqueConstraint("lesson_id", "item_id"),)

    id: int = Field(default=None, primary_key=True)
    lesson_id: int = Field(foreign_key="lesson.id")
    item_id: int = Field(foreign_key="bank_item.id", index=True)
    place: int


class Progress(Row, table=True):
    """How far one person is with one lesson."""

    __tablename__ = "lesson_progress"
    __table_args__ = (UniqueConstraint("person_id", "lesson_id"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    lesson_id: int = Field(foreign_key="lesson.id", index=True)
    opened_at: datetime | None = None
    done_at: datetime | None = None
    reminders: int = 0  # of the campaign's own; at most two


class QuizRun(Row, table=True):
    """One attempt at a quiz; which question is next follows from the answers given.

    `items` are its questions, drawn when it began. Its number is also the seed of the order in
    which choices are shown.
    """

    __tablename__ = "quiz_run"
    __table_args__ = (UniqueConstraint("person_id", "lesson_id", "attempt"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    lesson_id: int = Field(foreign_key="lesson.id", index=True)
    attempt: int
    started_at: datetime
    finished_at: datetime | None = None
    score: int = 0
    total: int = 0
    items: list[int] = Field(default_factory=list, sa_type=JSON)


class QuizAnswer(Row, table=True):
    """An answer, judged when it was given; once for each question of an attempt."""

    __tablename__ = "quiz_answer"
    __table_args__ = (UniqueConstraint("run_id", "item_id"),)

    id: int = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="quiz_run.id")
    item_id: int = Field(foreign_key="bank_item.id", index=True)
    given: list[int] | str = Field(sa_type=JSON)
    right: bool
    at: datetime
