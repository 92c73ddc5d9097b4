"""The rows of study essays, and what can be told from one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from storage.db import Row
from storage.errors import Refusal
from storage.folding import clean_name, clean_text

TOPIC_LIMIT = 300  # letters
TEXT_LIMIT = 30_000
WORD_LIMIT = 500
FILES = 10  # at most
NAME_LIMIT = 100


class EssayCall(Row, table=True):
    """What a campaign asks its people to write about, and until when."""

    __tablename__ = "essay_call"

    id: int = Field(default=None, primary_key=True)
    campaign_id: int = Field(foreign_key="campaign.id", unique=True)
    topic: str
    due: date  # the last day; what comes later is taken and marked late
    zone: str
    asked_at: datetime
    asked_by: int | None = Field(default=None, foreign_key="person.id")

    @property
    def subject(self) -> str:
        """What notices call it."""
        return f"essay:{self.id}"

    @property
    def over_at(self) -> datetime:
        """The first moment that is late: when the last day is over."""
        return datetime.combine(self.due + timedelta(days=1), time(), ZoneInfo(self.zone))

    def late(self, at: datetime) -> bool:
        """Whether what is sent at that moment is late."""
        return at >= self.over_at


class Essay(Row, table=True):
    """One essay as it was handed in: a text, files that Telegram keeps, or both."""

    __table_args__ = (
        UniqueConstraint("call_id", "number"),
        Index(
            "ix_essay_standing",
            "call_id",
            "person_id",
            unique=True,
            sqlite_where=text("taken_back_at IS NULL"),
            postgresql_where=text("taken_back_at IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    call_id: int = Field(foreign_key="essay_call.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    number: int  # of the receipt, from 1; none is given twice
    token: str = Field(unique=True)  # the form's: handed in twice, it is one essay
    text: str = ""  # "" where it is files only, and once it is taken back
    digest: str  # of the text and of the files' numbers at Telegram
    sent_at: datetime
    opened_at: datetime | None = None  # the committee has opened it: it stays
    seen_at: datetime | None = None  # the committee has marked it as seen
    seen_by: int | None = Field(default=None, foreign_key="person.id")
    word: str = ""  # of the committee, to its author
    taken_back_at: datetime | None = None

    @property
    def subject(self) -> str:
        """What notices call it."""
        return f"essay_seen:{self.id}"


class EssayFile(Row, table=True):
    """A file of an essay: its number at Telegram, and nothing of its content."""

    __tablename__ = "essay_file"
    __table_args__ = (UniqueConstraint("essay_id", "unique_id"),)

    id: int = Field(default=None, primary_key=True)
    essay_id: int = Field(foreign_key="essay.id", index=True)
    file_id: str  # Telegram's, for this bot alone
    unique_id: str  # Telegram's for the file itself
    photo: bool = False
    name: str


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as Telegram told of it."""

    file_id: str
    unique_id: str
    name: str
    photo: bool = False


# -- rules -------------------------------------------------------------------------------------


def check_topic(text: str) -> str:
    """What the essay is about, as it is stored."""
    tidy = clean_name(text)
    if not tidy:
        raise Refusal("Please say in words what the essay is about.")
    if len(tidy) > TOPIC_LIMIT:
        raise Refusal("A topic takes at most {limit} letters.", limit=TOPIC_LIMIT)
    return tidy


def joined(parts: Sequence[str]) -> str:
    """Several messages as one text."""
    return clean_text("\n\n".join(parts))


def check(parts: Sequence[str], files: Sequence[Attached]) -> str:
    """The text of an essay as it is stored; raises Refusal for too much, or for nothing at all."""
    whole = joined(parts)
    if len(whole) > TEXT_LIMIT:
        raise Refusal("An essay takes at most {limit} letters here.", limit=TEXT_LIMIT)
    if len(files) > FILES:
        raise Refusal("An essay takes at most {limit} files.", limit=FILES)
    if not whole and not files:
        raise Refusal("There is nothing to hand in yet.")
    return whole


def check_word(text: str) -> str:
    """A word to the author, as it is stored."""
    tidy = clean_text(text)
    if not tidy:
        raise Refusal("Please write it in a few words.")
    if len(tidy) > WORD_LIMIT:
        raise Refusal("That takes at most {limit} letters.", limit=WORD_LIMIT)
    return tidy


def digest_of(text: str, unique_ids: Sequence[str]) -> str:
    """What tells one essay from another: the same for the same text and the same files."""
    return sha256("\n".join([text, *sorted(unique_ids)]).encode()).hexdigest()
