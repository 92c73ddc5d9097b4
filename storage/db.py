"""The one way to the database: a function, run in one transaction, in a database thread.

`Database.submit(work)` hands `work(session)` to a writer thread and returns a future. On SQLite
there is one writer; it takes everything that waits, runs each piece in its own savepoint and
commits once (group commit), and only then lets any of them speak. On PostgreSQL a few threads
commit one by one and the server settles the races.

`Database.run(work)` does the same in the caller's thread, for commands and tests.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Engine,
    Executable,
    bindparam,
    create_engine,
    event,
    func,
    literal,
    make_url,
    select,
)
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, SQLModel

from storage import trouble
from storage.keyed import Keys

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """What every table derives from; importing it sets the naming convention first."""


BUSY_TIMEOUT_MS = 30_000
GROUP_COMMIT_LIMIT = 64  # updates that share one commit on SQLite
POSTGRES_THREADS = 4
RETRIED_SQLSTATES = {"40001", "40P01"}  # serialisation failure, deadlock
RETRIES = 5
# With a PostgreSQL that says nothing: seconds for a connection, milliseconds for an answer.
PATIENCE = {"connect_timeout": 10, "tcp_user_timeout": 20_000}

T = TypeVar("T")
Work = Callable[[Session], Any]
Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]


def utc(moment: datetime) -> datetime:
    """The same moment as aware UTC; raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place in the database")
    return moment.astimezone(UTC)


def upsert(session: Session, table: type[SQLModel]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that can say ON CONFLICT; only the dialect in use is loaded."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        return insert_postgresql(table)
    from sqlalchemy.dialects.sqlite import insert as insert_sqlite

    return insert_sqlite(table)


def add_new(session: Session, table: type[SQLModel], rows: Sequence[dict[str, Any]]) -> int:
    """Adds rows that name the same columns; what is there already is left alone.

    Returns how many are new. SQLite is quick row by row; on PostgreSQL a row costs a round of the
    driver, so what all rows have in common is said once and the rest goes as one array a column.
    """
    session.flush()
    new = upsert(session, table)
    first, types = rows[0], SQLModel.metadata.tables[str(table.__tablename__)].c
    differ = [name for name in first if any(row[name] != first[name] for row in rows)]
    if differ and session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import ARRAY

        arrays = [
            bindparam(None, [row[name] for row in rows], ARRAY(types[name].type)) for name in differ
        ]
        unnested = func.unnest(*arrays).table_valued(*differ).render_derived()
        same = [name for name in first if name not in differ]
        told = [literal(first[name], types[name].type) for name in same]
        chosen = select(*told, *(unnested.c[name] for name in differ))
        new = new.from_select([*same, *differ], chosen)
        rows = ()
    return (
        session.connection()
        .execute(
            new.on_conflict_do_nothing(),
            rows or None,
            execution_options={"preserve_rowcount": True},
        )
        .rowcount
    )


def ask(session: Session, statement: Executable, values: Values) -> CursorResult[Any]:
    """Executes a statement that is built once, past the ORM: a third of what it costs otherwise.

    What the session has still to write goes first.
    """
    session.flush()
    return session.connection().execute(statement, values)


def make_engine(url: str | URL) -> Engine:
    """An engine whose SQLite connections obey foreign keys, WAL and BEGIN IMMEDIATE."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        engine = create_engine(
            address,
            pool_size=POSTGRES_THREADS + 3,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args=PATIENCE,
        )
        _make_savepoints_cheap(engine)
        return engine
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, connect_args={"check_same_thread": False}, hide_parameters=True)
    _make_savepoints_cheap(engine)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",  # a confirmed update must survive the loss of power, too
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A read that turns into a write fails at once, whatever the busy timeout.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _make_savepoints_cheap(engine: Engine) -> None:
    """Savepoints as plain words: as a clause each is compiled anew, and costs as much as a query.

    Their names are the library's own ("sa_savepoint_7"), which need no quoting.
    """
    for method, words in (
        ("do_savepoint", "SAVEPOINT"),
        ("do_rollback_to_savepoint", "ROLLBACK TO SAVEPOINT"),
        ("do_release_savepoint", "RELEASE SAVEPOINT"),
    ):
        setattr(engine.dialect, method, partial(_savepoint, words))


def _savepoint(words: str, connection: Connection, name: str) -> None:
    connection.exec_driver_sql(f"{words} {name}")


class Database:
    """An engine and the threads that write to it; `keys` are those beside it unless given."""

    def __init__(self, url: str | URL, *, keys: Keys | None = None) -> None:
        self.engine = make_engine(url)
        self.keys = keys or Keys.beside(self.engine.url)
        self.engine.update_execution_options(keys=self.keys)
        self.dialect = self.engine.dialect.name
        # Told, in a database thread, of each transaction: how much work it held, and its seconds.
        self.committed: Callable[[int, float], None] | None = None
        self._jobs: queue.SimpleQueue[tuple[Work, Future[Any]] | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._starting = threading.Lock()

    def run(self, work: Callable[[Session], T]) -> T:
        """Runs `work` in one transaction here and now; returns what it returns."""
        future: Future[T] = Future()
        self._commit([(work, future)])
        return future.result()

    def submit(self, work: Callable[[Session], T]) -> Future[T]:
        """Runs `work` in a database thread; the future is done only after the commit."""
        if not self._threads:
            self._start()
        future: Future[T] = Future()
        self._jobs.put((work, future))
        return future

    def close(self) -> None:
        """Finishes what waits, ends the threads and closes the connections."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self.engine.dispose()

    def _start(self) -> None:
        with self._starting:
            if self._threads:
                return
            count = 1 if self.dialect == "sqlite" else POSTGRES_THREADS
            for number in range(count):
                thread = threading.Thread(target=self._serve, name=f"database-{number}")
                thread.daemon = True
                thread.start()
                self._threads.append(thread)

    def _serve(self) -> None:
        limit = GROUP_COMMIT_LIMIT if self.dialect == "sqlite" else 1
        while (job := self._jobs.get()) is not None:
            batch = [job]
            while len(batch) < limit and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    self._jobs.put(None)
                    break
                batch.append(following)
            # From here on a caller that gives up can no longer cancel: what is done is done.
            self._commit([each for each in batch if each[1].set_running_or_notify_cancel()])

    def _commit(self, batch: list[tuple[Work, Future[Any]]]) -> None:
        """One transaction for the batch; of several each has a savepoint, and spoils no other."""
        begun = time.perf_counter()
        for attempt in range(1, RETRIES + 1):
            outcomes: list[tuple[Future[Any], Any, Exception | None]] = []
            try:
                with self.engine.connect() as connection, connection.begin():
                    if len(batch) == 1:
                        work, future = batch[0]
                        outcomes.append((future, _run_alone(connection, work), None))
                    else:
                        for work, future in batch:
                            outcomes.append((future, *_run_one(connection, work)))
                break
            except DBAPIError as error:
                if attempt < RETRIES and _may_retry(error):
                    time.sleep(0.05 * attempt)
                    continue
                outcomes = [(future, None, error) for _, future in batch]
                break
            except Exception as error:
                outcomes = [(future, None, error) for _, future in batch]
                break
        if self.committed is not None:
            self.committed(len(batch), time.perf_counter() - begun)
        for future, result, failure in outcomes:
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)


def _run_alone(connection: Connection, work: Work) -> Any:
    """The whole transaction: when it fails, all of it is undone."""
    with Session(connection, join_transaction_mode="rollback_only") as session:
        session.expire_on_commit = False
        result = work(session)
        session.commit()
        return result


def _run_one(connection: Connection, work: Work) -> tuple[Any, Exception | None]:
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        session.expire_on_commit = False
        try:
            result = work(session)
            session.commit()
        except Exception as error:
            with suppress(DBAPIError):  # SQLite has undone the whole transaction by itself
                session.rollback()
            if isinstance(error, DBAPIError) and (_may_retry(error) or trouble.advice(error)):
                raise  # nothing of the batch can be kept
            return None, error
        return result, None


def _may_retry(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    return state in RETRIED_SQLSTATES or (
        isinstance(error, OperationalError) and "locked" in str(error.orig)
    )
