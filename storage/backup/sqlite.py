"""SQLite: a copy of a database in use, and whether a file is a sound database of ours.

The copy is of one moment: the reading end holds its snapshot from the first page to the last, so
that a busy bot neither waits for it nor makes it start anew. Between two steps it rests.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from sqlalchemy import make_url

from storage import migrate, trouble
from storage.backup.common import BackupError, Rest, at_once
from storage.backup.sealing import CHUNK
from storage.upkeep import Mark

COMPANIONS = ("", "-wal", "-shm")  # the files of one SQLite database
PAGES = 256  # that are copied in one step: a MiB
IN_MEMORY = 64 << 20  # bytes of a database that is copied in memory when it is to be encrypted
JOURNAL = slice(18, 20)  # in the header of a database: how it keeps its journal
WITHOUT_WAL = b"\1\1"


def sqlite_file(url: str) -> Path | None:
    """The file behind the address; None where that is no SQLite."""
    address = make_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def copy(source: Path, target: Path, *, now: datetime | None = None, rest: Rest = at_once) -> None:
    """Copies a database into one file, and notes in the copy when it was taken."""
    with _reading(source) as reading, closing(sqlite3.connect(target)) as writing:
        writing.execute("PRAGMA journal_mode=OFF")  # it is there whole or not at all
        try:
            _snapshot(reading, writing, rest)
        except sqlite3.Error as error:
            if trouble.advice(error) != trouble.FULL:
                raise
            raise BackupError(f"no copy fits into {target.parent}: {trouble.FULL}") from None
    one_file(target)
    with closing(sqlite3.connect(target)) as copied:
        _finish(copied, target, now)
    target.chmod(0o600)


def plain(source: Path, *, now: datetime, rest: Rest) -> Iterator[bytes]:
    """A checked copy of a database as a stream, to be encrypted: it is never in a file, or,
    a large one, in a file beside the database, where its contents lie anyhow."""
    if size(source) > IN_MEMORY:
        with NamedTemporaryFile(prefix=f".{source.name}.", dir=source.parent) as file:
            copy(source, Path(file.name), now=now, rest=rest)
            yield from _chunks(iter(lambda: file.read(CHUNK), b""), rest)
        return
    memory = "file:copy?vfs=memdb"
    with _reading(source) as reading, closing(sqlite3.connect(memory, uri=True)) as writing:
        _snapshot(reading, writing, rest)
        content = bytearray(writing.serialize())
    content[JOURNAL] = WITHOUT_WAL  # nothing in memory has companions
    with closing(sqlite3.connect(":memory:")) as copied:
        copied.deserialize(content)
        _finish(copied, source, now)
        content = bytearray(copied.serialize())
    yield from _chunks(
        (bytes(content[at : at + CHUNK]) for at in range(0, len(content), CHUNK)), rest
    )


def verify(file: Path) -> None:
    """Raises BackupError for a file that is no sound database of ours, NewerSchema for a newer."""
    with _told_of(file), closing(sqlite3.connect(_read_only(file), uri=True)) as connection:
        _inspect(connection, file)


def size(file: Path) -> int:
    """Bytes of a database and of what is not yet written into it."""
    parts = [file.with_name(file.name + companion) for companion in COMPANIONS]
    return sum(each.stat().st_size for each in parts if each.exists())


def revision(file: Path) -> str | None:
    """The schema that a database of ours is at."""
    with closing(sqlite3.connect(_read_only(file), uri=True)) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if found is None else str(found[0])


def refuse_unsound(url: str, *, newest: Path | None) -> None:
    """Raises BackupError for a database that must not be worked on; says what to do.

    A damaged one, and one that has gone while its backups are there: a bot that then began with
    an empty one would look as if it had forgotten everybody. `newest`: the newest backup.
    """
    file = sqlite_file(url)
    if file is None:
        return
    put_back = f"put the newest backup back with `chibo restore {newest or 'FILE'}`"
    if not file.exists() or not file.stat().st_size:
        if newest is not None:
            raise BackupError(
                f"the database {file} is not there, but its backups are: {put_back}, or move them "
                "away to begin anew"
            )
        return
    try:
        with closing(sqlite3.connect(_read_only(file), uri=True, timeout=30)) as connection:
            found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if trouble.advice(error) != trouble.DAMAGED:
            return  # whoever opens it next says so
        found = str(error)
    if found != "ok":
        raise BackupError(
            f"the database {file} is damaged ({found.splitlines()[0]}), and nothing was changed: "
            f"{put_back}; the damaged file is kept beside it"
        )


def one_file(file: Path) -> None:
    """Leaves the database without companions, so that it can be moved as one file."""
    with _told_of(file), closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


@contextmanager
def _reading(source: Path) -> Iterator[sqlite3.Connection]:
    with _told_of(source):
        connection = sqlite3.connect(
            _read_only(source), uri=True, timeout=30, isolation_level=None, check_same_thread=False
        )
        with closing(connection):
            yield connection


@contextmanager
def _told_of(file: Path) -> Iterator[None]:
    """Says of which file something is wrong, and what to do about a disk that is full."""
    try:
        yield
    except sqlite3.Error as error:
        said = trouble.advice(error)
        if said in (None, trouble.DAMAGED, trouble.CLOSED):
            raise BackupError(f"{file} is no database, or a damaged one") from None
        raise BackupError(f"{file}: {said}") from None


def _snapshot(reading: sqlite3.Connection, writing: sqlite3.Connection, rest: Rest) -> None:
    reading.execute("BEGIN")
    reading.execute("SELECT name FROM sqlite_master").fetchone()  # from here on it is held
    reading.backup(writing, pages=PAGES, progress=lambda *_progress: rest())


def _finish(copied: sqlite3.Connection, file: Path, now: datetime | None) -> None:
    """Checks a copy, and notes in it when it was taken."""
    with _told_of(file):
        _inspect(copied, file)
        if now is not None:
            at = f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
            with copied:
                copied.execute("REPLACE INTO upkeep (name, at) VALUES (?, ?)", (Mark.COPIED, at))


def _inspect(connection: sqlite3.Connection, file: Path) -> None:
    found = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise BackupError(f"{file} is damaged: {found}")
    tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    if not {"alembic_version", "person", "outbox"} <= tables:
        raise BackupError(f"{file} is a database, but not one of this program")
    for row in connection.execute("SELECT version_num FROM alembic_version").fetchall():
        migrate.refuse_newer(row[0])


def _chunks(chunks: Iterable[bytes], rest: Rest) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        rest()


def _read_only(file: Path) -> str:
    return f"{file.absolute().as_uri()}?mode=ro"
