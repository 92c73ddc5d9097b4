"""What a chat's allowance is, and how much of it has been used: Telegram's limits as arithmetic.

One process keeps the allowances in memory (`bot/pacing.py`). They are rows for two reasons: what
Telegram has told us to wait is obeyed after a restart, and several processes on one database must
not each use the whole of it. Times are seconds since 1970 by the clock of the database, which all
processes share; the clock of the domain (`now`) may be moved in a demo, Telegram's cannot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, Float, cast, delete, extract, func
from sqlmodel import Field, Session, col, select

from storage.db import Row, upsert

# -- tables ------------------------------------------------------------------------------------


class Pace(Row, table=True):
    """A chat's allowance; chat 0 stands for all chats together."""

    chat_id: int = Field(sa_type=BigInteger, primary_key=True)
    full: float = 0.0
    held: float = 0.0
    wary: int = 0
    minute: list[float] = Field(default_factory=list, sa_type=JSON)


ALL = 0

# -- rules -------------------------------------------------------------------------------------

CHAT_EVERY = 1.05  # seconds; not 1.0, for a slow request must not meet a fast one
BURST = 3  # of replies in one chat
GROUP_PER_MINUTE = 18


def _empty() -> deque[float]:
    return deque(maxlen=GROUP_PER_MINUTE)


@dataclass(slots=True)
class Allowance:
    """What has been used of a chat's allowance; all times by one clock."""

    full: float = 0.0  # when the allowance is whole again
    held: float = 0.0  # until when Telegram told us to wait
    wary: int = 0  # after a 429 so many go one by one, the first of them as a probe
    minute: deque[float] = field(default_factory=_empty)

    def slot(self, chat_id: int, *, reply: bool) -> float:
        """When the next one may be sent."""
        burst = BURST if reply and not self.wary else 1
        slot = max(self.held, self.full - (burst - 1) * CHAT_EVERY)
        if chat_id < 0 and len(self.minute) == GROUP_PER_MINUTE:
            slot = max(slot, self.minute[0] + 60.0)
        return slot

    def take(self, now: float) -> None:
        """Something is sent."""
        self.full = max(self.full, now) + CHAT_EVERY
        self.wary = max(self.wary - 1, 0)
        self.minute.append(now)

    def spend(self, now: float) -> None:
        """Somebody of whom nothing is known may have used all of it just now."""
        self.full = max(self.full, now + BURST * CHAT_EVERY)

    def give_back(self, until: float) -> None:
        """Nothing before that moment: what was taken is given back, for nothing was sent."""
        self.held = max(self.held, until)
        self.full -= CHAT_EVERY
        if self.minute:
            self.minute.pop()

    def hold(self, until: float) -> None:
        """Telegram refused."""
        self.held = self.full = max(self.held, until)
        self.wary = BURST


# -- actions -----------------------------------------------------------------------------------


def take(session: Session, chat_id: int, *, reply: bool) -> float:
    """Takes one of the chat's allowance for this process; else the seconds to wait for it."""
    row, now = _locked(session, chat_id), _now(session)
    allowance = _allowance(row)
    wait = allowance.slot(chat_id, reply=reply) - now
    if wait > 0:
        return wait
    allowance.take(now)
    _write(session, row, allowance)
    return 0.0


def hold(session: Session, chat_id: int, seconds: float) -> None:
    """Writes down that Telegram has refused a chat (or ALL), for the others and for later."""
    row = _locked(session, chat_id)
    allowance = _allowance(row)
    allowance.hold(_now(session) + seconds)
    _write(session, row, allowance)


def sweep(session: Session) -> None:
    """Forgets allowances that have long been whole again."""
    session.execute(delete(Pace).where(col(Pace.full) < _now(session) - 3600.0))


# -- questions ---------------------------------------------------------------------------------


def held(session: Session) -> list[tuple[int, float]]:
    """The chats (and ALL) that Telegram has told us to leave alone, and for how many seconds."""
    now = _now(session)
    rows = session.exec(select(Pace.chat_id, Pace.held).where(col(Pace.held) > now)).all()
    return [(chat_id, until - now) for chat_id, until in rows]


# -- parts -------------------------------------------------------------------------------------


def _locked(session: Session, chat_id: int) -> Pace:
    blank = {"chat_id": chat_id, "full": 0.0, "held": 0.0, "wary": 0, "minute": []}
    session.execute(upsert(session, Pace).values(blank).on_conflict_do_nothing())
    return session.exec(
        select(Pace)
        .where(Pace.chat_id == chat_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _allowance(row: Pace) -> Allowance:
    times: Iterable[float] = row.minute
    return Allowance(row.full, row.held, row.wary, deque(times, maxlen=GROUP_PER_MINUTE))


def _write(session: Session, row: Pace, allowance: Allowance) -> None:
    row.full, row.held, row.wary = allowance.full, allowance.held, allowance.wary
    row.minute = list(allowance.minute) if row.chat_id < 0 else []
    session.add(row)
    session.flush()


def _now(session: Session) -> float:
    """Seconds since 1970, by the database's clock, at this very moment."""
    postgres = session.get_bind().dialect.name == "postgresql"
    moment: ColumnElement[Any] = (
        extract("epoch", func.clock_timestamp())
        if postgres
        else (func.julianday("now") - 2440587.5) * 86400.0
    )
    return float(session.execute(select(cast(moment, Float))).scalar_one())
