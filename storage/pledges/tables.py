"""The rows of commitments, and what can be told from one of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, String, UniqueConstraint
from sqlmodel import Field

from storage.db import Row
from storage.errors import Refusal
from storage.folding import clean_name, clean_text

HEADINGS = 8  # at most
HEADING_LIMIT = 120  # letters
TEXT_LIMIT = 1500
WORD_LIMIT = 500


class Verdict(StrEnum):
    """What has become of what was undertaken, as the member says at year's end."""

    DONE = "done"
    PARTLY = "partly"
    NOT = "not"


class Part(NamedTuple):
    """A heading and what somebody undertakes under it; the key outlives another wording."""

    key: int
    heading: str
    text: str = ""


class PledgeYear(Row, table=True):
    """The commitment of a unit and all below it for a year: its headings and its last day."""

    __tablename__ = "pledge_year"
    __table_args__ = (UniqueConstraint("unit_id", "year"),)

    id: int = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    year: int
    headings: list[list[int | str]] = Field(sa_type=JSON)  # key and words, in order
    due: date  # the last day to sign
    zone: str
    started_at: datetime
    started_by: int | None = Field(default=None, foreign_key="person.id")
    reminders: int = 0  # of the two that there are at most
    compared_at: datetime | None = None  # the committee has asked what has become of it

    @property
    def subject(self) -> str:
        """What schedules and notices call it."""
        return f"pledge:{self.id}"

    @property
    def about(self) -> dict[str, int]:
        """What the audit calls it."""
        return {"pledge_year": self.id, "unit": self.unit_id}

    @property
    def over_at(self) -> datetime:
        """The first moment that is too late: when the last day is over."""
        return datetime.combine(self.due + timedelta(days=1), time(), ZoneInfo(self.zone))

    @property
    def parts(self) -> list[Part]:
        """The headings, nothing written under them."""
        return [Part(int(key), str(words)) for key, words in self.headings]

    def late(self, at: datetime) -> bool:
        """Whether a signature of that moment comes after the last day."""
        return at >= self.over_at


class Pledge(Row, table=True):
    """What one person has written under the headings, signed or not yet."""

    __table_args__ = (UniqueConstraint("year_id", "person_id"),)

    id: int = Field(default=None, primary_key=True)
    year_id: int = Field(foreign_key="pledge_year.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    texts: dict[str, str] = Field(default_factory=dict, sa_type=JSON)  # by the heading's key


class Signed(Row, table=True):
    """A commitment as it was signed; it never changes, a later signature is another version."""

    __tablename__ = "pledge_version"
    __table_args__ = (UniqueConstraint("pledge_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    pledge_id: int = Field(foreign_key="pledge.id", index=True)
    number: int  # from 1
    parts: list[list[int | str]] = Field(sa_type=JSON)  # key, heading, text
    stamp: str  # of the words: what was shown is what was signed
    signed_at: datetime
    seal: str  # the keyed hash of all of this

    @property
    def written(self) -> list[Part]:
        """Headings with what stands under them."""
        return [Part(int(key), str(heading), str(text)) for key, heading, text in self.parts]


class Mark(Row, table=True):
    """What has become of one heading of a signed commitment."""

    __tablename__ = "pledge_mark"
    __table_args__ = (UniqueConstraint("version_id", "heading"),)

    id: int = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="pledge_version.id", index=True)
    heading: int  # its key
    verdict: Verdict = Field(sa_type=String)
    word: str = ""
    at: datetime


# -- rules -------------------------------------------------------------------------------------


def check_headings(lines: Sequence[str]) -> list[str]:
    """Headings as they are stored."""
    tidy = [each for line in lines if (each := clean_name(line))]
    if not tidy:
        raise Refusal("Please type at least one heading.")
    if len(tidy) > HEADINGS:
        raise Refusal("There can be at most {limit} headings.", limit=HEADINGS)
    if any(len(each) > HEADING_LIMIT for each in tidy):
        raise Refusal("A heading takes at most {limit} letters.", limit=HEADING_LIMIT)
    if len(set(tidy)) < len(tidy):
        raise Refusal("Two of the headings are the same.")
    return tidy


def check_text(text: str) -> str:
    """What somebody undertakes under a heading, as it is stored."""
    tidy = clean_text(text)
    if not tidy:
        raise Refusal("Please say in words what you undertake.")
    if len(tidy) > TEXT_LIMIT:
        raise Refusal("Under a heading stand at most {limit} letters.", limit=TEXT_LIMIT)
    return tidy


def check_word(text: str) -> str:
    """A word about what has become of it, as it is stored."""
    tidy = clean_text(text)
    if not tidy:
        raise Refusal("Please say it in a few words.")
    if len(tidy) > WORD_LIMIT:
        raise Refusal("A word about it takes at most {limit} letters.", limit=WORD_LIMIT)
    return tidy
