"""Which processes are at work: what a killed one has left is taken up at once.

Whoever has a reply to say or a notice to send writes the number of its process beside it. On
PostgreSQL that number is an advisory lock as well, held by a connection of its own: the server
lets go of it when the process dies, however it dies, and so the others can tell a killed process
from a slow one. On SQLite there is one process at a time (`bot/single.py`), and whatever bears
another number has been left behind.
"""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select, union

from storage.outbox import HELD, Notice
from storage.updates import HandledUpdate

LOCKS = 0x43484957  # the class of our locks among PostgreSQL's advisory locks
NOBODY = 0  # the number on what no process has taken


class Worker:
    """This process, as the others see it."""

    def __init__(self, engine: Engine) -> None:
        self.id = secrets.randbelow(2**31 - 1) + 1
        self._engine = engine
        self._lock: Connection | None = None
        self._missing: set[int] = set()

    def enter(self) -> None:
        """Is at work; takes the lock again where the database has been away meanwhile."""
        if self._engine.dialect.name != "postgresql":
            return
        if self._lock is not None:
            try:
                self._lock.execute(text("SELECT 1"))
                return
            except DBAPIError:
                self.leave()
        lock = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        # Never waits: a connection that the server still takes for alive may hold it for us.
        lock.execute(
            text("SELECT pg_try_advisory_lock(:locks, :id)"), {"locks": LOCKS, "id": self.id}
        )
        self._lock = lock

    def leave(self) -> None:
        """Is at work no more."""
        if self._lock is not None:
            lock, self._lock = self._lock, None
            lock.invalidate()
            lock.close()

    def dead(self, session: Session) -> set[int]:
        """Processes that have left something behind and will not come back to it.

        On PostgreSQL a process counts as dead when it is missing twice running: after a restart
        of the server everybody is missing for a moment.
        """
        named = _named(session) - {self.id}
        if self._engine.dialect.name != "postgresql":
            return named
        missing = named - at_work(session) if named else set()
        found, self._missing = missing & self._missing | missing & {NOBODY}, missing
        return found


def sharing(session: Session) -> int:
    """How many processes share the work; on SQLite there is one."""
    if session.get_bind().dialect.name != "postgresql":
        return 1
    return max(len(at_work(session)), 1)


def _named(session: Session) -> set[int]:
    """The processes that have something to say or to send."""
    saying = select(HandledUpdate.worker).where(col(HandledUpdate.reply).is_not(None))
    sending = select(Notice.worker).where(col(Notice.state).in_(HELD))
    return set(session.execute(union(saying, sending)).scalars())


def at_work(session: Session) -> set[int]:
    """The processes that hold their lock; on PostgreSQL only."""
    held = text(
        "SELECT objid::bigint FROM pg_locks JOIN pg_database ON pg_database.oid = database "
        "WHERE locktype = 'advisory' AND classid = :locks AND objsubid = 2 AND granted "
        "AND datname = current_database()"
    )
    return set(session.execute(held, {"locks": LOCKS}).scalars())
