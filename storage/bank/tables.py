"""The rows of the question bank: what quizzes and contests draw from, and half-given answers.

A question belongs to a unit and serves all units below it. Another wording is another row, so that
an answer which was given stays an answer to what was asked.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, String, UniqueConstraint
from sqlmodel import Field

from storage.db import Row


class ItemKind(StrEnum):
    """How a question is answered."""

    SINGLE = "single"  # one of the choices
    MULTIPLE = "multiple"  # all that are right, and no other
    TRUE_FALSE = "true_false"  # two choices, the first is "true"
    ORDER = "order"  # the choices put in order
    SHORT = "short"  # a word or a figure, typed


class Item(Row, table=True):
    """A question of the bank.

    `answer` holds indexes of `choices`: the right ones in rising order, or all of them in the
    right order. Of a SHORT one it is empty, and `choices` are the texts that are accepted.
    """

    __tablename__ = "bank_item"
    __table_args__ = (UniqueConstraint("unit_id", "digest"),)

    id: int = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    topic: str = ""
    kind: ItemKind = Field(sa_type=String)
    ask: str
    choices: list[str] = Field(sa_type=JSON)
    answer: list[int] = Field(sa_type=JSON)
    why: str = ""  # said after an answer
    fixed: bool = False  # the choices are never shuffled: one of them speaks of the others
    digest: str  # of kind, words, choices and answer: the same question is one row
    author_id: int | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    retired_at: datetime | None = None  # drawn no more; answers to it are kept

    @property
    def about(self) -> dict[str, int]:
        """What the audit calls it."""
        return {"item": self.id, "unit": self.unit_id}


class Half(Row, table=True):
    """What somebody has chosen or typed and not given yet, where an answer takes several taps.

    `asked` says in what: "quiz:42" is an attempt at a lesson's quiz.
    """

    __tablename__ = "bank_half"
    __table_args__ = (UniqueConstraint("person_id", "asked", "item_id"),)

    id: int = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    asked: str
    item_id: int = Field(foreign_key="bank_item.id", index=True)
    given: list[int] | str = Field(sa_type=JSON)
