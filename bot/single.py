"""One bot on one SQLite file: a lock of the operating system, which a killed process leaves open.

PostgreSQL needs none; there, as many processes as wanted share the work.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.backup import sqlite_file


class AlreadyRunning(Exception):
    """Somebody else works on this database; the text is a sentence that says who."""


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Holds the database for the length of the block; raises AlreadyRunning when it is taken."""
    file = sqlite_file(url)
    if file is None:
        yield
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with _lock_of(file).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise AlreadyRunning(
                f"the database {file} is in use: process {holder} runs on it; stop that one first"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def is_running(url: str) -> bool | None:
    """Whether a bot works on this database; None where nobody can tell."""
    file = sqlite_file(url)
    if file is None:
        return None
    if not _lock_of(file).exists():
        return False
    with _lock_of(file).open("r") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _lock_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.lock")
