"""Finding an answer in the base of questions, whether typed with accents or without.

Two steps. The database finds up to fifty candidates among folded syllables (`search_entry`, with
FTS5 on SQLite and a GIN index on PostgreSQL): entries with all terms of the query, then those with
any. Python ranks them (`rank`) on folded terms, pairs of neighbours and, where the query has
accents, the accented form. There is no word segmentation: it fails on text without accents, and
pairs of neighbouring syllables do nearly as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence, Set
from itertools import pairwise

from rapidfuzz import fuzz, process
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Float,
    Select,
    column,
    func,
    literal_column,
    table,
    text,
)
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session

from storage.db import Row
from storage.folding import WordKey, clean_text, fold, word_key

CONFIDENT = 60.0
CANDIDATES = 50
ALIKE = 0.2  # of a word that was found in another spelling
MAX_TERMS = 40

# Abbreviations of branch life. Those without a vowel are no syllable, so they count in any case;
# the others ("cu" may be "cũ") only in capitals.
ABBREVIATIONS = {
    "bch": "ban chấp hành",
    "bt": "bí thư",
    "btc": "ban tổ chức",
    "btv": "ban thường vụ",
    "cb": "chi bộ",
    "ct": "chỉ thị",
    "cu": "chi ủy",
    "d/c": "đồng chí",
    "d/v": "đảng viên",
    "db": "đảng bộ",
    "dp": "đảng phí",
    "dv": "đảng viên",
    "du": "đảng ủy",
    "hd": "hướng dẫn",
    "hdnd": "hội đồng nhân dân",
    "kp": "khu phố",
    "mttq": "mặt trận tổ quốc",
    "nq": "nghị quyết",
    "pbt": "phó bí thư",
    "qcut": "quần chúng ưu tú",
    "qd": "quyết định",
    "tw": "trung ương",
    "ubkt": "ủy ban kiểm tra",
    "ubnd": "ủy ban nhân dân",
}
_CAPITALS_ONLY = {"cu", "du"}
_WORD = re.compile(r"[^\W_]+")
_ABBREVIATION = re.compile(r"\b[đd]/[cv]\b|[^\W_]+", re.IGNORECASE)

# Ways to ask that say nothing of what is asked. As whole phrases they are certain without accents;
# single words only with them ("thế" says nothing, "thẻ" does).
_ASKING = re.compile(
    r"\b(?:bao nhieu|nhu the nao|the nao|la gi|nhung gi|co duoc khong|duoc khong|o dau|khi nao"
    r"|bao gio|vi sao|tai sao|lam sao|gi|xin hoi|cho hoi|cho toi hoi|what is|how much|how many)\b"
)
_EMPTY_WORDS = frozenset(
    (
        *(
            "là",
            "gì",
            "thì",
            "và",
            "của",
            "cho",
            "ạ",
            "ơi",
            "nhé",
            "xin",
            "hỏi",
            "tôi",
            "em",
            "mình",
        ),
        *("được", "không", "có", "các", "những", "nào", "thế", "of", "is"),
    )
)


class SearchEntry(Row, table=True):
    """What an entry can be found by: its folded syllables, then their pairs."""

    __tablename__ = "search_entry"

    entry_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    folded: str


# --- rules ------------------------------------------------------------------------------------


def expand_abbreviations(text: str) -> str:
    """ "CB họp" → "chi bộ họp"."""

    def expanded(match: re.Match[str]) -> str:
        word = match[0]
        key = fold(word)
        if key in _CAPITALS_ONLY and not word.isupper():
            return word
        return ABBREVIATIONS.get(key, word)

    return _ABBREVIATION.sub(expanded, unicodedata.normalize("NFC", text))


def terms(text: str) -> list[str]:
    """The folded syllables that tell what the text is about; all of them if none would be left."""
    expanded = expand_abbreviations(clean_text(text)).casefold()
    told = [word for word in _WORD.findall(expanded) if word not in _EMPTY_WORDS]
    telling = _WORD.findall(_ASKING.sub(" ", fold(" ".join(told))))
    return telling or _WORD.findall(fold(expanded))


def bigrams(syllables: Sequence[str]) -> list[str]:
    """Neighbours joined, so that "dangphi" weighs more than "dang" and "phi" apart."""
    return [first + second for first, second in pairwise(syllables)]


def score(query: str, document_fields: Sequence[str]) -> float:
    """How well a document answers, 0 to 100; its fields in order, the most telling first."""
    asked = terms(query)[:MAX_TERMS]
    fields = [terms(field) for field in document_fields]
    if not asked or not any(fields):
        return 0.0
    closeness = fuzz.token_set_ratio(" ".join(asked), " ".join(fields[0]))
    accented = expand_abbreviations(clean_text(query)).casefold()
    if accented.isascii():
        return 65 * _coverage(asked, fields) + 0.35 * closeness
    spelled = [expand_abbreviations(clean_text(field)).casefold() for field in document_fields]
    alike = _alike(accented, spelled)
    folded = 65 * _coverage(asked, fields, alike) + 0.35 * closeness * (ALIKE if alike else 1.0)
    return 0.75 * folded + 0.25 * max(fuzz.token_set_ratio(accented, field) for field in spelled)


def rank(
    query: str, documents: Iterable[tuple[int, Sequence[str]]], limit: int = 3
) -> list[tuple[int, float]]:
    """The best documents as (id, score), best first, those that have nothing in common left out."""
    scored = ((entry_id, score(query, fields)) for entry_id, fields in documents)
    return sorted((s for s in scored if s[1] > 0), key=lambda s: (-s[1], s[0]))[:limit]


def confident(score: float) -> bool:
    """Whether an answer is good enough to show without asking the committee."""
    return score >= CONFIDENT


def _alike(query: str, fields: Sequence[str]) -> Set[str]:
    """Syllables of the query that the fields hold only in other words: "bận" in "ban", "bạn"."""
    document = " ".join(fields)
    if document.isascii():  # was typed without accents
        return frozenset()
    asked, held = _spellings(query), _spellings(document)
    return {
        syllable
        for syllable in asked.keys() & held.keys()
        if word_key(syllable) not in asked[syllable] and not asked[syllable] & held[syllable]
    }


def _spellings(text: str) -> dict[str, set[WordKey]]:
    """The words behind each folded syllable; "hoà" and "hòa" are one."""
    found: dict[str, set[WordKey]] = {}
    for word in set(_WORD.findall(text)):
        found.setdefault(fold(word), set()).add(word_key(word))
    return found


def _coverage(
    asked: Sequence[str], fields: Sequence[Sequence[str]], alike: Set[str] = frozenset()
) -> float:
    """The share of what was asked that the fields hold; a later field counts less."""
    pairs = bigrams(asked)
    found = total = 0.0
    for wanted, weight in [(term, 1.0) for term in asked] + [(pair, 0.5) for pair in pairs]:
        total += weight
        found += (
            weight
            * (ALIKE if wanted in alike else 1.0)
            * max(
                _holds(field if weight == 1.0 else bigrams(field), wanted) * (0.85**position)
                for position, field in enumerate(fields)
            )
        )
    return found / total


def _holds(syllables: Sequence[str], wanted: str) -> float:
    """1 if the syllable stands there, less for a misspelling of a longer one, else 0."""
    if wanted in syllables:
        return 1.0
    if len(wanted) < 4:
        return 0.0
    near = process.extractOne(wanted, syllables, scorer=fuzz.ratio, score_cutoff=80)
    return near[1] / 100 * 0.8 if near else 0.0


# --- actions ----------------------------------------------------------------------------------


def create_index_ddl(dialect: str) -> list[str]:
    """What a migration runs after it has made the table `search_entry`."""
    if dialect == "postgresql":
        return [
            "CREATE INDEX ix_search_entry_folded ON search_entry"
            " USING gin (to_tsvector('simple'::regconfig, folded))"
        ]
    forget = (
        "INSERT INTO search_entry_fts (search_entry_fts, rowid, folded)"
        " VALUES ('delete', old.entry_id, old.folded);"
    )
    note = "INSERT INTO search_entry_fts (rowid, folded) VALUES (new.entry_id, new.folded);"
    return [
        "CREATE VIRTUAL TABLE search_entry_fts USING fts5 (folded, content='search_entry',"
        " content_rowid='entry_id', tokenize='unicode61 remove_diacritics 2')",
        f"CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN {note} END",
        f"CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN {forget} END",
        "CREATE TRIGGER search_entry_changed AFTER UPDATE ON search_entry"
        f" BEGIN {forget} {note} END",
    ]


def drop_index_ddl(dialect: str) -> list[str]:
    """What a migration runs before it drops the table `search_entry`."""
    if dialect == "postgresql":
        return ["DROP INDEX ix_search_entry_folded"]
    triggers = ("added", "removed", "changed")
    return [
        *(f"DROP TRIGGER search_entry_{name}" for name in triggers),
        "DROP TABLE search_entry_fts",
    ]


def index(session: Session, entry_id: int, content: str) -> None:
    """Make an entry findable by its text, in place of what it was found by before."""
    syllables = terms(content)
    session.connection().execute(
        text(
            "INSERT INTO search_entry (entry_id, folded) VALUES (:entry_id, :folded)"
            " ON CONFLICT (entry_id) DO UPDATE SET folded = excluded.folded"
        ),
        {"entry_id": entry_id, "folded": " ".join([*syllables, *bigrams(syllables)])},
    )


def remove(session: Session, entry_id: int) -> None:
    session.connection().execute(
        text("DELETE FROM search_entry WHERE entry_id = :entry_id"), {"entry_id": entry_id}
    )


# --- questions --------------------------------------------------------------------------------


def candidates(
    session: Session,
    query: str,
    limit: int = CANDIDATES,
    *,
    among: Select[int] | None = None,
) -> list[int]:
    """Entries with all terms of the query, then those with any; only those that `among` selects."""
    syllables = list(dict.fromkeys(terms(query)))[:MAX_TERMS]
    if not syllables:
        return []
    found = _matching(session, syllables, "all", limit, among)
    if len(found) < limit:
        every = [*syllables, *bigrams(syllables)]
        found += _matching(session, every, "any", limit, among)
    return list(dict.fromkeys(found))[:limit]


def _matching(
    session: Session,
    syllables: Sequence[str],
    how: str,
    limit: int,
    among: Select[int] | None,
) -> list[int]:
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        chosen = _postgresql((" & " if how == "all" else " | ").join(f"'{s}'" for s in syllables))
    else:
        chosen = _sqlite((" AND " if how == "all" else " OR ").join(f'"{s}"' for s in syllables))
    entry_id = chosen.selected_columns[0]
    if among is not None:
        # By the bare rowid SQLite would run the match anew for each entry that may be found.
        chosen = chosen.where((entry_id + 0).in_(among))
    return list(connection.scalars(chosen.limit(limit)))


def _sqlite(match: str) -> Select[int]:
    fts = table(
        "search_entry_fts", column("rowid", BigInteger), column("folded"), column("rank", Float)
    )
    # bm25, less is better.
    return (
        sa_select(fts.c.rowid)
        .where(fts.c.folded.op("MATCH")(match))
        .order_by(fts.c.rank, fts.c.rowid)
    )


def _postgresql(match: str) -> Select[int]:
    # The configuration is spelled as in the index, or the index is not used.
    simple: ColumnElement[str] = literal_column("'simple'::regconfig")
    entry = table("search_entry", column("entry_id", BigInteger), column("folded"))
    vector = func.to_tsvector(simple, entry.c.folded)
    wanted = func.to_tsquery(simple, match)
    return (
        sa_select(entry.c.entry_id)
        .where(vector.op("@@")(wanted))
        .order_by(func.ts_rank(vector, wanted).desc(), entry.c.entry_id)
    )
