"""The base of questions and answers: what a member finds before anybody has to be asked.

An entry holds for one unit and all below it, or for everybody (`unit_id` None). It is found by
its question, keywords and answer (`storage/search.py`), with accents or without. It is recognised
by the words of its question, so a file that is imported twice changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Index, UniqueConstraint, text
from sqlmodel import Field, Session, col, select

from storage import audit, search
from storage.acts import Did
from storage.db import Row
from storage.errors import NotFound
from storage.folding import clean_name, clean_text, fold
from storage.powers import Actor, may, require, units_with
from storage.roster import Unit, lineage_ids, unit_lineage
from storage.sheets import Column, Problems, parse_date, read_table
from storage.sheets import Row as SheetRow

# A question is short enough for an index entry of PostgreSQL (2,700 bytes), and together with its
# answer and source for one message of Telegram.
QUESTION_LIMIT, ANSWER_LIMIT, SOURCE_LIMIT, KEYWORDS_LIMIT = 600, 2500, 300, 600
NEAR = 40.0  # a score below this is two texts that share a word by chance

COLUMNS = (
    Column("question", ("Câu hỏi", "question"), required=True),
    Column("answer", ("Trả lời", "answer"), required=True),
    Column("source", ("Nguồn", "source")),
    Column("valid_from", ("Hiệu lực từ", "valid_from")),
    Column("keywords", ("Từ khóa", "keywords")),
)
_TITLES = {column.name: column.title for column in COLUMNS}
_LIMITS = {
    "question": QUESTION_LIMIT,
    "answer": ANSWER_LIMIT,
    "source": SOURCE_LIMIT,
    "keywords": KEYWORDS_LIMIT,
}

# -- tables ------------------------------------------------------------------------------------


class Entry(Row, table=True):
    """One question with its answer. `folded` is what the question is recognised by."""

    __table_args__ = (
        UniqueConstraint("unit_id", "folded"),
        # To a database no null is like another, so what holds for everybody needs its own index.
        Index(
            "ix_entry_general",
            "folded",
            unique=True,
            sqlite_where=text("unit_id IS NULL"),
            postgresql_where=text("unit_id IS NULL"),
        ),
    )

    id: int = Field(default=None, primary_key=True)
    unit_id: int | None = Field(default=None, foreign_key="unit.id")  # None: all units
    question: str
    folded: str
    answer: str
    source: str = ""
    valid_from: date | None = None
    keywords: str = ""  # with commas between
    approved: bool = False  # what is not, is not found


# -- rules -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewEntry:
    """A row of a file, or what a committee keeps: what an entry is to say."""

    question: str
    answer: str
    source: str = ""
    valid_from: date | None = None
    keywords: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import does, or would do; `unit` is None when it holds for everybody."""

    unit: Unit | None
    added: int
    changed: int
    same: int


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry that was found, and how well it fits (0 to 100)."""

    entry: Entry
    score: float

    @property
    def confident(self) -> bool:
        """Whether it may be shown as the answer."""
        return search.confident(self.score)


def recognised_by(question: str) -> str:
    """The words of a question without accents, case and punctuation."""
    return re.sub(r"[\W_]+", " ", fold(question)).strip()


def read(content: bytes, filename: str, *, today: date) -> list[NewEntry]:
    """The entries of a CSV or XLSX file; raises SheetError with every problem, row and column."""
    return entries_of(read_table(content, filename, COLUMNS), today=today)


def entries_of(rows: Iterable[SheetRow], *, today: date) -> list[NewEntry]:
    """What the rows of a file say; raises SheetError with every problem, row and column."""
    problems = Problems()
    found: list[NewEntry] = []
    first_at: dict[str, int] = {}
    for row in rows:
        entry = _entry(row, problems, today)
        words = recognised_by(entry.question)
        if not words:
            problems.add(row.number, _TITLES["question"], "The question has no words.")
        elif words in first_at:
            problems.add(
                row.number,
                _TITLES["question"],
                "The same question stands in row {first} already.",
                first=first_at[words],
            )
        first_at.setdefault(words, row.number)
        found.append(entry)
    problems.raise_any()
    return found


def _entry(row: SheetRow, problems: Problems, today: date) -> NewEntry:
    for name, limit in _LIMITS.items():
        if len(row[name]) > limit:
            problems.add(
                row.number,
                _TITLES[name],
                "The cell holds {count} letters; at most {limit} fit.",
                count=len(row[name]),
                limit=limit,
            )
    a_day = partial(parse_date, today=today, future=True)
    return NewEntry(
        question=clean_name(row["question"]),
        answer=clean_text(row["answer"]),
        source=clean_name(row["source"]),
        valid_from=problems.read(row.number, _TITLES["valid_from"], a_day, row["valid_from"]),
        keywords=_tidy_keywords(row["keywords"]),
    )


def _tidy_keywords(keywords: str) -> str:
    return ", ".join(word for part in re.split(r"[,;\n]", keywords) if (word := clean_name(part)))


# -- actions -----------------------------------------------------------------------------------


def put(session: Session, unit_id: int | None, new: NewEntry) -> Entry:
    """Adds an approved entry, or brings the one with the same question up to date.

    What the new one leaves empty stays as it is.
    """
    words = recognised_by(new.question)
    known = session.exec(select(Entry).where(Entry.unit_id == unit_id, Entry.folded == words))
    return _put(session, known.first(), unit_id, new)


def apply(session: Session, actor: Actor, entries: Sequence[NewEntry], *, now: datetime) -> Plan:
    """Writes the entries that are new or changed; returns what it did."""
    plan_made = plan(session, actor, entries)
    unit_id = plan_made.unit.id if plan_made.unit else None
    known = _known(session, unit_id)
    for new in entries:
        _put(session, known.get(recognised_by(new.question)), unit_id, new)
    counts = {"added": plan_made.added, "changed": plan_made.changed}
    if any(counts.values()):
        about = {"unit": unit_id}
        audit.record(session, actor, Did.QUESTION_IMPORT, about, now=now, **counts)
    return plan_made


def _put(session: Session, entry: Entry | None, unit_id: int | None, new: NewEntry) -> Entry:
    changes = _changes(entry, new)
    if entry is None:
        entry = Entry(unit_id=unit_id, folded=recognised_by(new.question), **changes)
    for name, value in changes.items():
        setattr(entry, name, value)
    if changes:
        session.add(entry)
        session.flush()
        search.index(session, entry.id, "\n".join((entry.question, entry.keywords, entry.answer)))
    return entry


def _changes(entry: Entry | None, new: NewEntry) -> dict[str, Any]:
    """What of the new is filled and differs."""
    values: dict[str, Any] = {
        "question": new.question,
        "answer": new.answer,
        "source": new.source,
        "valid_from": new.valid_from,
        "keywords": new.keywords,
        "approved": True,
    }
    return {
        name: value
        for name, value in values.items()
        if value and (entry is None or getattr(entry, name) != value)
    }


# -- questions ---------------------------------------------------------------------------------


def plan(session: Session, actor: Actor, entries: Sequence[NewEntry]) -> Plan:
    """What an import by this actor would do; raises NotFound for one who may not."""
    unit = import_unit(session, actor)
    known = _known(session, unit.id if unit else None)
    found = [known.get(recognised_by(new.question)) for new in entries]
    changed = sum(
        1
        for new, entry in zip(entries, found, strict=True)
        if entry is not None and _changes(entry, new)
    )
    added = found.count(None)
    return Plan(unit, added, changed, len(found) - added - changed)


def import_unit(session: Session, actor: Actor) -> Unit | None:
    """Whom an import by this actor holds for: everybody (None) when they lead the whole tree or
    run the installation, else the topmost unit that they lead."""
    roots = session.exec(select(Unit).where(col(Unit.parent_id).is_(None))).all()
    if actor.owner or (
        roots and all(may(actor, "question.import", lineage_ids(unit.lineage)) for unit in roots)
    ):
        return None
    led = [session.get_one(Unit, unit_id) for unit_id in units_with(actor, "question.import")]
    if not led:
        raise NotFound
    unit = min(led, key=lambda unit: (len(lineage_ids(unit.lineage)), unit.id))
    require(actor, "question.import", lineage_ids(unit.lineage))
    return unit


def units_of(actor: Actor) -> frozenset[int]:
    """The units whose entries somebody may find: their own and those above."""
    return frozenset(unit_id for grant in actor.grants for unit_id in grant.lineage)


def units_of_group(session: Session, unit_id: int | None) -> frozenset[int]:
    """The units whose entries may be read out in a group that is linked to this unit."""
    return frozenset(unit_lineage(session, unit_id)) if unit_id is not None else frozenset()


def find(session: Session, query: str, units: Collection[int], *, limit: int = 3) -> list[Hit]:
    """The entries that come nearest to a question, best first."""
    among = select(Entry.id).where(_readable(units))
    ids = search.candidates(session, query, among=among)
    entries = {
        entry.id: entry for entry in session.exec(select(Entry).where(col(Entry.id).in_(ids))).all()
    }
    ranked = search.rank(
        query,
        [(entry.id, (entry.question, entry.keywords, entry.answer)) for entry in entries.values()],
        limit,
    )
    return [Hit(entries[entry_id], score) for entry_id, score in ranked if score >= NEAR]


def readable(session: Session, units: Collection[int], ids: Collection[int]) -> dict[int, Entry]:
    """Those of the entries that hold for one of the units or for everybody, by their ids."""
    found = session.exec(select(Entry).where(col(Entry.id).in_(ids), _readable(units))).all()
    return {entry.id: entry for entry in found}


def entry_for(session: Session, units: Collection[int], entry_id: int) -> Entry:
    """The entry; raises NotFound when there is none, or none for them."""
    try:
        return readable(session, units, [entry_id])[entry_id]
    except KeyError:
        raise NotFound from None


def _readable(units: Collection[int]) -> ColumnElement[bool]:
    holds = col(Entry.unit_id).is_(None) | col(Entry.unit_id).in_(units)
    return holds & col(Entry.approved)


def _known(session: Session, unit_id: int | None) -> dict[str, Entry]:
    """What holds for exactly this unit (or for everybody), by the words of the question."""
    found = session.exec(select(Entry).where(Entry.unit_id == unit_id)).all()
    return {entry.folded: entry for entry in found}
