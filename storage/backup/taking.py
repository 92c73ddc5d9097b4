"""Taking a backup: on request, before an upgrade, and every night.

What is in the folder under its own name is whole, on the disk and checked. A copy that is to be
encrypted is encrypted on its way to the disk. It cannot be opened again here, where only the
public key is: it is checked before, and read back and compared after.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlmodel import Session

from storage import migrate, upkeep
from storage.backup import postgres, sealing, sqlite
from storage.backup.common import BackupError, Rest, at_once, in_place_of, run
from storage.backup.keeping import Keeping, beside, sweep
from storage.backup.sqlite import sqlite_file
from storage.upkeep import Mark


def backup(url: str, target: Path, *, now: datetime, key: str = "", rest: Rest = at_once) -> int:
    """Writes a checked copy of the database to a file; returns its size in bytes."""
    write(url, target, key, now=now, rest=rest)
    run(url, lambda session: upkeep.backed_up(session, sealed=bool(key), now=now))
    return target.stat().st_size


def before_upgrade(url: str, *, now: datetime, keeping: Keeping | None = None) -> Path | None:
    """Backs up a database of an older schema; returns the file, None where no tool is there."""
    if sqlite_file(url) is None and shutil.which("pg_dump") is None:
        return None
    keeping = keeping or Keeping(beside(url))
    target = keeping.named(url, now, why="before-upgrade")
    _make(keeping.folder)
    write(url, target, keeping.key, now=now)
    return target


def set_aside(url: str, keeping: Keeping, *, now: datetime) -> Path:
    """Backs up a database that is about to be replaced; returns the file."""
    target = keeping.named(url, now, why="replaced")
    _make(keeping.folder)
    write(url, target, keeping.key, now=now)
    return target


def nightly(url: str, keeping: Keeping, *, now: datetime, rest: Rest = at_once) -> Path:
    """Takes tonight's backup and lets those go that are past keeping; returns the new one."""
    target = keeping.named(url, now)
    _make(keeping.folder)
    backup(url, target, now=now, key=keeping.key, rest=rest)
    sweep(keeping, url, target, now=now)
    return target


def size(session: Session, url: str) -> int:
    """About how many bytes a backup takes, at most."""
    file = sqlite_file(url)
    if file is not None:
        return sqlite.size(file)
    return int(session.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def unfit(url: str) -> str | None:
    """Why no backup can be taken from here; None where it can."""
    return None if sqlite_file(url) is not None else postgres.unfit(url)


def write(url: str, target: Path, key: str, *, now: datetime, rest: Rest = at_once) -> None:
    """Writes a checked copy, whole or not at all; notes nothing in the database."""
    if not target.parent.is_dir():
        raise BackupError(f"there is no folder {target.parent}")
    if target.is_dir():
        raise BackupError(f"{target} is a folder; name a file in it")
    file = sqlite_file(url)
    if file is not None and target.resolve() == file.resolve():
        raise BackupError(f"{target} is the database itself")
    if file is None:
        postgres.program("pg_dump")
        run(url, lambda session: upkeep.note(session, Mark.COPIED, now=now))
    with in_place_of(target) as fresh:
        if file is None:
            sealing.write(postgres.dump(url, rest), fresh, key)
            if not key:
                migrate.refuse_newer(postgres.read(fresh).revision)
        elif key:
            sealing.write(sqlite.plain(file, now=now, rest=rest), fresh, key)
        else:
            sqlite.copy(file, fresh, now=now, rest=rest)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(f"{folder} cannot be made (CHIBO_BACKUPS): {error.strerror}") from None
