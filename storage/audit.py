"""The audit: who did what to whom, so that nobody can take a word of it back unseen.

Every act that changes rights, people's data or what counts as official calls `record` in its own
transaction: no act without its entry, no entry without its act. An entry holds ids and keyed
hashes, never a name, a text or a telephone number; what becomes of the people, it stays, so it
points at nobody by a foreign key. A member's own presses (coming, checking in, studying) are no
acts of this kind.

Each entry is signed when it is written (`storage/keyed.py`), and a moment later the clock seals
it: it gets the next number, and a hash over the number, the hash of the entry before and its own
signature. Sealing is apart from writing because a chain has one end. Were the end taken by each
act, every committee of every process would wait for whoever has it, be that one a process that
hangs; so an act only inserts a row, and whoever seals takes the end for a moment, or leaves it to
whoever has it already. What it costs: an entry that is deleted within the second before it is
sealed is not missed. It cannot be changed or forged even then, for want of the key.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, bindparam, insert, update
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, SQLModel, col, select

from storage.acts import Did
from storage.db import Row, utc
from storage.keyed import Keys, Match, keys_of
from storage.powers import Actor

CLOCK = Actor(0)  # what happens by itself has nobody who did it
Detail = int | str | datetime | None

# -- tables ------------------------------------------------------------------------------------


class Deed(Row, table=True):
    """One act: by whom, what, to whom; `number` and `hash` from the moment it is sealed."""

    __tablename__ = "audit"

    id: int = Field(default=None, primary_key=True)
    at: datetime
    actor: str  # "person:5", or a keyed hash: "owner:91c2…", "account:91c2…"; "shell", "clock"
    did: str
    about: dict[str, int] = Field(sa_type=JSON)  # {"person": 7, "unit": 3}
    details: dict[str, Any] = Field(sa_type=JSON)  # ids, names of roles, counts
    nonce: str = Field(unique=True)  # an entry that is copied is no new one
    signature: str
    number: int | None = Field(default=None, unique=True)
    hash: str | None = None


class Head(Row, table=True):
    """The one row that says where the chain ends."""

    __tablename__ = "audit_head"

    id: int = Field(default=None, primary_key=True)
    number: int = 0
    hash: str = ""


_audit = SQLModel.metadata.tables["audit"]  # written and read as it stands, without objects

# -- rules -------------------------------------------------------------------------------------


class What(StrEnum):
    """What can be wrong with an entry."""

    CHANGED = "changed"
    MISSING = "missing"
    OUT_OF_ORDER = "out of order"
    OTHER_KEY = "signed with another key"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first entry that is not as it was sealed."""

    number: int
    what: What


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of checking: how many entries, where the chain ends, and what is wrong."""

    count: int
    head: str
    fault: Fault | None


def spans(ids: Iterable[int]) -> str | None:
    """Many ids in few letters, "1-40,57"; None for none."""
    runs: list[list[int]] = []
    for number in sorted(set(ids)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    words = [str(first) if first == last else f"{first}-{last}" for first, last in runs]
    return ",".join(words) or None


def parse_head(text: str) -> tuple[int, str]:
    """Number and hash of a head as `verify` gives it; raises ValueError."""
    found = re.fullmatch(r"([0-9]{1,15}):([0-9a-f]{8}\.[0-9a-f]{64})?", text.strip())
    if found is None or (found[1] == "0") != (found[2] is None):
        raise ValueError("is no head that `chibo audit verify` has printed")
    return int(found[1]), found[2] or ""


def _plain(details: Mapping[str, Detail]) -> dict[str, int | str]:
    """The details that are there, as they are stored; whatever could be somebody's words is not."""
    plain: dict[str, int | str] = {}
    for name, value in details.items():
        if isinstance(value, datetime):
            value = utc(value).isoformat()
        if isinstance(value, str) and not re.fullmatch(r"[\w.,:+-]*", value, re.ASCII):
            raise ValueError(f"the audit takes ids and names of ours, no texts: {name}")
        if value is not None:
            plain[name] = value
    return plain


def _content(entry: Mapping[str, Any]) -> str:
    """What is signed of an entry: all but its place in the chain."""
    said = {name: entry[name] for name in ("nonce", "actor", "did", "about", "details")}
    said["at"] = utc(entry["at"]).isoformat()
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def _place(number: int, before: str, signature: str) -> str:
    """What is hashed of an entry's place: which one it is, after which, and what it says."""
    return f"{number}\n{before}\n{signature}"


# -- actions -----------------------------------------------------------------------------------


def record(
    session: Session,
    actor: Actor,
    did: Did,
    about: Mapping[str, int | None],
    *,
    now: datetime,
    **details: Detail,
) -> None:
    """Writes who did what to whom, in the transaction of the act."""
    keys = keys_of(session)
    content = {
        "nonce": secrets.token_hex(8),
        "at": utc(now),
        "actor": _who(keys, actor),
        "did": did.value,
        "about": {name: number for name, number in about.items() if number is not None},
        "details": _plain(details),
    }
    session.execute(insert(_audit), {**content, "signature": keys.sign(_content(content))})


def account(session: Session, telegram_id: int | None) -> str | None:
    """A Telegram account as the audit names it: only who has the key can tell which it is."""
    return None if telegram_id is None else _account(keys_of(session), telegram_id)


def seal(session: Session) -> int:
    """Gives the entries that wait their places in the chain; returns how many.

    While another process is at it, it is left to that one.
    """
    waits = sa_select(_audit.c.id, _audit.c.signature).where(_audit.c.number.is_(None))
    if session.execute(waits.limit(1)).first() is None:
        return 0
    ending = select(Head).with_for_update(skip_locked=True)
    head = session.exec(ending.execution_options(populate_existing=True)).first()
    if head is None or not isinstance(head.number, int):
        return 0
    keys = keys_of(session)
    ends = (_newest(session), (head.number, head.hash))
    number, before = max(ends, key=lambda end: end[0])  # the head may have been set back
    places: list[dict[str, Any]] = []
    for entry in session.execute(waits.order_by(_audit.c.id)):
        number += 1
        before = keys.sign(_place(number, before, entry.signature))
        places.append({"entry": entry.id, "place": number, "hashed": before})
    session.execute(_SEAL, places)
    head.number, head.hash = number, before
    session.add(head)
    session.flush()
    return len(places)


def _who(keys: Keys, actor: Actor) -> str:
    if actor.person_id is not None:
        return f"person:{actor.person_id}"
    if not actor.telegram_id:
        return "shell" if actor.owner else "clock"
    return _account(keys, actor.telegram_id, "owner" if actor.owner else "account")


def _account(keys: Keys, telegram_id: int, known_as: str = "account") -> str:
    return f"{known_as}:{keys.name(f'telegram:{telegram_id}')}"


# -- questions ---------------------------------------------------------------------------------


def latest(session: Session, *, limit: int) -> Sequence[Deed]:
    """The newest entries, the newest first."""
    return session.exec(select(Deed).order_by(col(Deed.id).desc()).limit(limit)).all()


def verify(
    session: Session, *, pinned: tuple[int, str] | None = None, last: int | None = None
) -> Verdict:
    """Reads the chain from its beginning, or only its last entries.

    `pinned` is a head of another day (`parse_head`): what it stood for must still be there.
    """
    number, hashed = pinned or (0, "")
    found = session.get(Head, 1, populate_existing=True)
    head = found if found is not None and isinstance(found.number, int) else Head()
    begin = 0 if last is None else max(0, head.number - last)
    count, before, fault = _follow(session, begin, _hash_at(session, begin))
    if fault is None:
        fault = _ending(head, count, before)
    if fault is None and number > count:
        fault = Fault(count + 1, What.MISSING)
    elif fault is None and number and _hash_at(session, number) != hashed:
        fault = Fault(number, What.CHANGED)
    return Verdict(count, f"{count}:{before}", fault)


def _follow(session: Session, number: int, before: str) -> tuple[int, str, Fault | None]:
    """From an entry on: the last that is right, its hash, and what is wrong with the next."""
    keys = keys_of(session)
    after = _audit.c.number > number if number else _audit.c.number.is_not(None)
    chain = sa_select(_audit).where(after).order_by(_audit.c.number)
    try:
        for entry in session.execute(chain.execution_options(yield_per=1000)):
            fault = _judge(keys, entry, number + 1, before)
            if fault is not None:
                return number, before, fault
            number, before = entry.number, entry.hash
    except (ValueError, TypeError):  # SQLite keeps anything anywhere: this is no date, no JSON
        return number, before, Fault(number + 1, What.CHANGED)
    return number, before, None


def _judge(keys: Keys, entry: Any, expected: int, before: str) -> Fault | None:
    """What is wrong with the entry that comes next."""
    if entry.number > expected:
        return Fault(expected, What.MISSING)
    if entry.number < expected:
        return Fault(entry.number, What.OUT_OF_ORDER)
    signed = keys.check(_content(entry._asdict()), entry.signature)
    placed = keys.check(_place(expected, before, entry.signature), entry.hash or "")
    if Match.OTHER_KEY in (signed, placed):
        return Fault(expected, What.OTHER_KEY)
    if signed is Match.NO:
        return Fault(expected, What.CHANGED)
    return Fault(expected, What.OUT_OF_ORDER) if placed is Match.NO else None


def _ending(head: Head, number: int, hashed: str) -> Fault | None:
    """What is wrong where the entries end in another place than the head says."""
    if head.number > number:
        return Fault(number + 1, What.MISSING)
    if (head.number, head.hash) != (number, hashed):
        return Fault(min(head.number + 1, number), What.OUT_OF_ORDER)
    return None


def _newest(session: Session) -> tuple[int, str]:
    """Number and hash of the last entry that has its place, as they stand."""
    last = sa_select(_audit.c.number, _audit.c.hash).where(_audit.c.number.is_not(None))
    found = session.execute(last.order_by(_audit.c.number.desc()).limit(1)).first()
    return (0, "") if found is None else (found.number, found.hash or "")


def _hash_at(session: Session, number: int) -> str:
    """The hash of an entry, as it stands; "" before the first."""
    return session.exec(select(Deed.hash).where(Deed.number == number)).first() or ""


_SEAL = (
    update(_audit)
    .where(_audit.c.id == bindparam("entry"))
    .values(number=bindparam("place"), hash=bindparam("hashed"))
)
