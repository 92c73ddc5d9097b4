"""The rows of a contest: its rounds, attempts and answers, and what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, String, UniqueConstraint
from sqlmodel import Field

from storage.contest.rules import Figures, Order
from storage.db import Row


class Contest(Row, table=True):
    """A contest of a unit and all below it; perhaps part of a campaign."""

    id: int = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    campaign_id: int | None = Field(default=None, foreign_key="campaign.id", index=True)
    name: str
    topic: str = ""  # of the bank; empty: all of it
    zone: str
    rules: str  # the key of the rule set that it started with
    order: Order = Field(sa_type=String)
    questions: int
    attempts: int
    minutes: int
    personal: bool
    places: int
    unit_places: int
    token: str = Field(unique=True)  # the form's: one form, one contest
    created_by: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    stopped_at: datetime | None = None  # no round opens any more

    @property
    def figures(self) -> Figures:
        """Its figures, as the rules take them."""
        names = ("questions", "attempts", "minutes", "personal", "places", "unit_places")
        return Figures(Order(self.order), rounds=0, **{name: getattr(self, name) for name in names})

    @property
    def predicts(self) -> bool:
        """Whether each attempt predicts how many will answer everything correctly."""
        return self.order == Order.PREDICTION

    @property
    def about(self) -> dict[str, int]:
        """What the audit calls it."""
        return {"contest": self.id, "unit": self.unit_id}


class Round(Row, table=True):
    """A round: open from `opens_at` on, and not any more in the second of `closes_at`."""

    __tablename__ = "contest_round"
    __table_args__ = (UniqueConstraint("contest_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    contest_id: int = Field(foreign_key="contest.id")
    number: int  # counted from 1
    opens_at: datetime
    closes_at: datetime
    seed: str  # of the draw; nobody is shown it
    pool: list[int] | None = Field(default=None, sa_type=JSON)  # fixed when the round opens
    sealed_at: datetime | None = None  # when its results were computed
    took_part: int | None = None
    perfect: int | None = None  # how many answered everything correctly
    seal: str | None = None  # a digest of the results

    @property
    def subject(self) -> str:
        """What schedules and notices call it."""
        return f"contest_round:{self.id}"


class Attempt(Row, table=True):
    """One attempt of a person; begun in the second in which its first question was shown."""

    __tablename__ = "contest_attempt"
    __table_args__ = (UniqueConstraint("round_id", "person_id", "number"),)

    id: int = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="contest_round.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    number: int  # counted from 1
    prediction: int | None = None
    items: list[int] = Field(sa_type=JSON)  # of the bank, in the order in which they are asked
    started_at: datetime
    ended_at: datetime | None = None  # handed in; nothing changes any more


class Answer(Row, table=True):
    """The answer to one question of an attempt; it may be changed until that is handed in."""

    __tablename__ = "contest_answer"
    __table_args__ = (UniqueConstraint("attempt_id", "item_id"),)

    id: int = Field(default=None, primary_key=True)
    attempt_id: int = Field(foreign_key="contest_attempt.id")
    item_id: int = Field(foreign_key="bank_item.id")
    choice: int  # index in the question's choices
    at: datetime


class Result(Row, table=True):
    """What somebody's attempt that counts has come to, once the round is over."""

    __tablename__ = "contest_result"
    __table_args__ = (UniqueConstraint("round_id", "person_id"),)

    id: int = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="contest_round.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")  # whose roll they were on
    team_id: int | None = Field(default=None, foreign_key="unit.id")  # the unit they count for
    attempt_id: int = Field(foreign_key="contest_attempt.id")
    place: int | None = None
    rank: int  # in the list, from 1: who is level stands in some order
    right: int
    of: int
    off: int | None = None  # how far the prediction was from what came about
    seconds: int
    ended_at: datetime


class UnitResult(Row, table=True):
    """How a unit right below the contest's own has done in a round."""

    __tablename__ = "contest_unit_result"
    __table_args__ = (UniqueConstraint("round_id", "unit_id"),)

    id: int = Field(default=None, primary_key=True)
    round_id: int = Field(foreign_key="contest_round.id")
    unit_id: int = Field(foreign_key="unit.id")
    members: int  # who might have taken part when the round closed
    took_part: int
    known: str  # the sum of their shares of right answers, as a fraction
    place: int | None = None  # by the share who took part
    gain_place: int | None = None  # by what they know more than in the round before


class Naming(Row, table=True):
    """Whether somebody lets the others of a contest read their name; asked once."""

    __tablename__ = "contest_naming"
    __table_args__ = (UniqueConstraint("contest_id", "person_id"),)

    id: int = Field(default=None, primary_key=True)
    contest_id: int = Field(foreign_key="contest.id")
    person_id: int = Field(foreign_key="person.id")
    named: bool
    at: datetime
