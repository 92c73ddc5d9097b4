"""What all of it shares: what can go wrong, one transaction, a file that is whole or not there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlmodel import Session

from storage import trouble
from storage.db import Database
from storage.keyed import Keys

T = TypeVar("T")
Rest = Callable[[], None]  # called between two steps; may wait, and may raise Interrupted


class BackupError(Exception):
    """A backup cannot be taken or used; the text is a sentence that says what to do."""


class Interrupted(Exception):
    """Told to end in the middle; nothing of it is kept."""


def at_once() -> None:
    """No rest between two steps."""


@contextmanager
def in_place_of(target: Path) -> Iterator[Path]:
    """A file beside the target, for its owner only, that takes its place when it is complete."""
    name = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        os.close(handle)
        yield Path(name)
        settle(Path(name))
        Path(name).replace(target)
        settle(target.parent)
    except OSError as error:
        what = trouble.advice(error) or error.strerror
        raise BackupError(f"{target} cannot be written: {what}") from None
    finally:
        if name is not None:
            Path(name).unlink(missing_ok=True)


def settle(path: Path) -> None:
    """Returns when a file, or the names in a folder, would survive the loss of power."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def run(url: str, work: Callable[[Session], T], keys: Keys | None = None) -> T:
    """One transaction on a database that nobody has opened here."""
    database = Database(url, keys=keys)
    try:
        return database.run(work)
    finally:
        database.close()
