"""Backups that can be trusted: taken beside a running bot, checked when taken and when restored.

SQLite's own online backup copies a database in use into one file. PostgreSQL's tools do it for
PostgreSQL. A restored database is in the past: what its outbox still owes may have been sent
since, and what its clock finds overdue may have happened. So its outbox starts paused, until
somebody has looked and says `resume` or `discard`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, func, make_url, null, update
from sqlmodel import Session, col, select

from storage import migrate, upkeep
from storage.db import Database
from storage.outbox import Notice, State
from storage.updates import HandledUpdate
from storage.upkeep import Mark

UNSENT = (State.QUEUED, State.LEASED, State.SENDING)
COMPANIONS = ("", "-wal", "-shm")  # the files of one SQLite database

T = TypeVar("T")


class BackupError(Exception):
    """A backup cannot be taken or used; the text is a sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Drill:
    """What a backup holds: rows by table, after it was upgraded."""

    rows: dict[str, int]


# -- actions -----------------------------------------------------------------------------------


def backup(url: str, target: Path, *, now: datetime) -> int:
    """Writes a checked copy of the database to a file; returns its size in bytes."""
    _write(url, target)
    _run(url, lambda session: upkeep.note(session, Mark.BACKED_UP, now=now))
    return target.stat().st_size


def before_upgrade(url: str, *, now: datetime) -> Path | None:
    """Backs up a database of an older schema; returns the file, None where no tool is there."""
    file = sqlite_file(url)
    if file is None and shutil.which("pg_dump") is None:
        return None
    folder = (file.parent if file else Path("data")) / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    suffix = ".db" if file else ".dump"
    target = folder / f"before-upgrade-{now:%Y%m%d-%H%M%S}{suffix}"
    _write(url, target)
    return target


def _write(url: str, target: Path) -> None:
    address = make_url(url)
    if not target.parent.is_dir():
        raise BackupError(f"there is no folder {target.parent}")
    if target.is_dir():
        raise BackupError(f"{target} is a folder; name a file in it")
    file = sqlite_file(url)
    if file is not None and target.resolve() == file.resolve():
        raise BackupError(f"{target} is the database itself")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    try:
        if file is not None:
            _copy(file, Path(name))
            verify(Path(name))
        else:
            _pg(address, "pg_dump", "--format=custom", f"--file={name}")
        Path(name).replace(target)
    except OSError as error:
        raise BackupError(f"{target} cannot be written: {error.strerror}") from None
    finally:
        Path(name).unlink(missing_ok=True)


def restore(url: str, source: Path, *, now: datetime) -> Path | None:
    """Puts a backup in place of the database; returns where the replaced one was kept.

    Nobody else may use the database meanwhile.
    """
    verify_any(url, source)
    file = sqlite_file(url)
    if file is None:
        aside = source.with_name(f"replaced-{now:%Y%m%d-%H%M%S}.dump")
        backup(url, aside, now=now)
        _pg(
            make_url(url),
            "pg_restore",
            *("--clean", "--if-exists", "--single-transaction", "--no-owner"),
            f"--dbname={make_url(url).database}",
            str(source),
        )
        migrate.upgrade(url)
        _run(url, lambda session: _pause(session, now))
        return aside
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f"{file.name}.restoring")
    for companion in COMPANIONS:
        fresh.with_name(fresh.name + companion).unlink(missing_ok=True)
    _copy(source, fresh)
    migrate.upgrade(f"sqlite:///{fresh}")
    _run(f"sqlite:///{fresh}", lambda session: _pause(session, now))
    _one_file(fresh)
    return _swap(file, fresh, now)


def drill(url: str, source: Path) -> Drill:
    """Restores a backup into a temporary folder, upgrades it and counts what is in it."""
    verify_any(url, source)
    if sqlite_file(url) is None:
        listed = _pg(make_url(url), "pg_restore", "--list", str(source))
        return Drill({"tables with data": listed.count(" TABLE DATA ")})
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "drill.db"
        _copy(source, copy)
        migrate.upgrade(f"sqlite:///{copy}")
        verify(copy)
        return Drill(_run(f"sqlite:///{copy}", _count))


def resume(session: Session) -> int:
    """Lets the outbox go on after a restore; returns how many notices it owes."""
    upkeep.forget(session, Mark.OUTBOX_PAUSED)
    return waiting(session)


def discard(session: Session, *, now: datetime) -> int:
    """Gives up what a restored outbox still owes, and lets it go on; returns how many notices."""
    upkeep.forget(session, Mark.OUTBOX_PAUSED)
    given_up = session.execute(
        update(Notice)
        .where(col(Notice.state).in_(UNSENT), col(Notice.standing).is_(False))
        .values(state=State.CANCELLED, settled_at=now, reason="given up after a restore")
        .returning(col(Notice.id))
        .execution_options(synchronize_session=False)
    )
    return len(given_up.all())


# -- questions ---------------------------------------------------------------------------------


def sqlite_file(url: str) -> Path | None:
    """The file behind the address; None where that is no SQLite."""
    address = make_url(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def waiting(session: Session) -> int:
    """How many notices are owed and not yet sent."""
    return session.exec(
        select(func.count()).select_from(Notice).where(col(Notice.state).in_(UNSENT))
    ).one()


def verify_any(url: str, source: Path) -> None:
    """Raises BackupError for a file that is no backup of this kind of database."""
    if not source.is_file():
        raise BackupError(f"there is no file {source}")
    if sqlite_file(url) is not None:
        verify(source)
    elif source.read_bytes()[:5] != b"PGDMP":
        raise BackupError(f"{source} is no backup of a PostgreSQL database")


def verify(file: Path) -> None:
    """Raises BackupError for a file that is no sound database of ours, NewerSchema for a newer."""
    try:
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            found = connection.execute("PRAGMA integrity_check").fetchone()[0]
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            ours = {"alembic_version", "person", "outbox"} <= tables
            revision = connection.execute("SELECT version_num FROM alembic_version") if ours else ()
            revisions = [row[0] for row in revision]
        finally:
            connection.close()
    except sqlite3.Error:
        raise BackupError(f"{file} is no database, or a damaged one") from None
    if found != "ok":
        raise BackupError(f"{file} is damaged: {found}")
    if not ours:
        raise BackupError(f"{file} is a database, but not one of this program")
    for each in revisions:
        migrate.refuse_newer(each)


def _count(session: Session) -> dict[str, int]:
    tables = migrate.metadata().sorted_tables
    return {
        table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
        for table in tables
    }


def _pause(session: Session, now: datetime) -> None:
    upkeep.note(session, Mark.OUTBOX_PAUSED, now=now)
    # Replies that the past still owed have long been said.
    session.execute(update(HandledUpdate).values(reply=null()))


def _copy(source: Path, target: Path) -> None:
    try:
        reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=30)
        writing = sqlite3.connect(target)
        try:
            reading.backup(writing)  # in one step: in steps, a busy bot would make it start anew
        finally:
            reading.close()
            writing.close()
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be copied: {error}") from None
    _one_file(target)
    target.chmod(0o600)


def _one_file(file: Path) -> None:
    """Leaves the database without companions, so that it can be moved as one file."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA journal_mode=DELETE")
    connection.close()


def _swap(file: Path, fresh: Path, now: datetime) -> Path | None:
    aside = file.with_name(f"{file.stem}.replaced-{now:%Y%m%d-%H%M%S}{file.suffix}")
    replaced = file.exists()
    for companion in COMPANIONS:
        part = file.with_name(file.name + companion)
        if part.exists():
            part.rename(aside.with_name(aside.name + companion))
    fresh.rename(file)
    return aside if replaced else None


def _run(url: str, work: Callable[[Session], T]) -> T:
    database = Database(url)
    try:
        return database.run(work)
    finally:
        database.close()


def _pg(address: URL, tool: str, *arguments: str) -> str:
    """Runs one of PostgreSQL's tools; the address goes by the environment, not by `ps`."""
    program = shutil.which(tool)
    if program is None:
        raise BackupError(
            f"{tool} is not installed here: install PostgreSQL's client programs (the package "
            "postgresql-client), or back up where the server runs"
        )
    known = {
        "PGHOST": address.host or address.query.get("host"),
        "PGPORT": address.port or address.query.get("port"),
        "PGUSER": address.username,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
    }
    given = {name: str(value) for name, value in known.items() if value}
    done = subprocess.run(
        [program, *arguments], env={**os.environ, **given}, capture_output=True, text=True
    )
    if done.returncode:
        told = done.stderr.strip().splitlines()
        raise BackupError(f"{tool}: {told[-1] if told else 'failed'}")
    return done.stdout
