"""Where backups lie, what they are called, when the next one is due, and which ones go.

A name holds the database's own and the local time: `chibo-2026-08-03-030000.db`. Only files of
such a name are ever swept away, so that others may lie beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import make_url
from sqlmodel import Session

from storage import upkeep
from storage.backup.sealing import sealed_name
from storage.backup.sqlite import sqlite_file
from storage.upkeep import Mark

NIGHTLY_AT = time(3)
AGAIN_AFTER = timedelta(hours=1)  # of one that failed, or whose process is gone
STAMP = "%Y-%m-%d-%H%M%S"
LEFT_BEHIND = timedelta(days=1)  # the age of a half-written file that nobody is writing


@dataclass(frozen=True, slots=True)
class Keeping:
    """The folder of backups, how long they are kept, to which keys they are encrypted."""

    folder: Path
    days: int = 35
    key: str = ""  # public keys of age; empty: not encrypted
    zone: str = "UTC"

    def named(self, url: str, now: datetime, *, why: str = "") -> Path:
        """The file for a backup taken now; never one that is there."""
        stem, suffix = _stem(url)
        local = now.astimezone(ZoneInfo(self.zone))
        name = "-".join(part for part in (stem, why, local.strftime(STAMP)) if part)
        file = sealed_name(self.folder / f"{name}{suffix}", self.key)
        return self.named(url, now + timedelta(seconds=1), why=why) if file.exists() else file

    def files(self, url: str) -> list[Path]:
        """The backups of a database, the oldest first."""
        return [file for _taken, file in sorted(_ours(self.folder, url, self.zone))]


def beside(url: str) -> Path:
    """The folder for backups where none is named."""
    file = sqlite_file(url)
    return (file.parent if file else Path("data")) / "backups"


# -- rules -------------------------------------------------------------------------------------


def last_slot(now: datetime, zone: str) -> datetime:
    """The moment of the night at which a backup was last due."""
    local = now.astimezone(ZoneInfo(zone))
    slot = datetime.combine(local.date(), NIGHTLY_AT, local.tzinfo)
    return slot if slot <= local else slot - timedelta(days=1)


# -- actions -----------------------------------------------------------------------------------


def nightly_due(session: Session, *, now: datetime, zone: str) -> bool:
    """Whether tonight's backup is to be taken, and by us: of all who ask, one is told so."""
    taken = upkeep.since(session, Mark.NIGHTLY)
    if taken is not None and taken >= last_slot(now, zone):
        return False
    return upkeep.claim(session, Mark.BACKUP_BEGUN, now=now, unless_since=now - AGAIN_AFTER)


def renew(session: Session, *, now: datetime) -> None:
    """It is still being taken."""
    upkeep.note(session, Mark.BACKUP_BEGUN, now=now)


def nightly_taken(session: Session, *, begun: datetime, good: bool) -> None:
    """Tonight's backup is there, or could not be taken."""
    if good:
        upkeep.note(session, Mark.NIGHTLY, now=begun)
        upkeep.forget(session, Mark.BACKUP_FAILED)
    else:
        upkeep.note(session, Mark.BACKUP_FAILED, now=begun)


def sweep(keeping: Keeping, url: str, spare: Path, *, now: datetime) -> list[Path]:
    """Removes our own files that are past keeping, `spare` excepted; returns which."""
    gone = []
    for taken, file in _ours(keeping.folder, url, keeping.zone):
        if now - taken > timedelta(days=keeping.days) and file != spare:
            file.unlink(missing_ok=True)
            gone.append(file)
    before = (now - LEFT_BEHIND).timestamp()
    for half in keeping.folder.glob(f".{_stem(url)[0]}-*"):
        if _pattern(url).fullmatch(half.stem[1:]) and half.stat().st_mtime < before:
            half.unlink(missing_ok=True)
    return gone


def _ours(folder: Path, url: str, zone: str) -> Iterator[tuple[datetime, Path]]:
    if not folder.is_dir():
        return
    for file in folder.iterdir():
        if (named := _pattern(url).fullmatch(file.name)) and file.is_file():
            taken = datetime.strptime(named["stamp"], STAMP)
            yield taken.replace(tzinfo=ZoneInfo(zone)), file


def _stem(url: str) -> tuple[str, str]:
    file = sqlite_file(url)
    return (file.stem, ".db") if file else (make_url(url).database or "chibo", ".dump")


def _pattern(url: str) -> re.Pattern[str]:
    stem, suffix = _stem(url)
    stamp = r"(?P<stamp>\d{4}-[01]\d-[0-3]\d-[0-2]\d[0-5]\d[0-5]\d)"
    return re.compile(rf"{re.escape(stem)}(?:-[a-z-]+)?-{stamp}{re.escape(suffix)}(?:\.age)?")
