"""What the installation remembers about itself: a name and the moment it was noted.

Not settings (those are the environment's) and nothing about people: when the last backup was
taken, that the outbox is paused, that Telegram spoke of a second instance.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete
from sqlmodel import Field, Session, col

from storage.db import Row, upsert

# -- tables ------------------------------------------------------------------------------------


class Mark(StrEnum):
    """What may be noted."""

    STARTED = "started"  # a bot began its work
    BACKED_UP = "backed_up"
    PROBED = "probed"  # the database was last tried with a write
    SEALED = "sealed"  # the last backup was encrypted
    NIGHTLY = "nightly"  # tonight's backup was begun, and is there
    BACKUP_BEGUN = "backup_begun"  # somebody is at it; see storage/backup/keeping.py
    BACKUP_FAILED = "backup_failed"
    COPIED = "copied"  # in a backup: when it was taken
    OUTBOX_PAUSED = "outbox_paused"  # since a restore; see storage/backup
    HEARD = "heard"  # Telegram was last heard, by the real time; see storage/outages.py
    CONFLICT = "conflict"  # Telegram told us that somebody else polls with our token


class Upkeep(Row, table=True):
    """One thing noted, and when it was last so."""

    name: str = Field(primary_key=True)
    at: datetime


# -- actions -----------------------------------------------------------------------------------


def note(session: Session, mark: Mark, *, now: datetime) -> None:
    """Notes it, in place of the last time."""
    noted = upsert(session, Upkeep).values(name=mark.value, at=now)
    # Two processes may note the same thing for the first time at the same moment.
    session.execute(noted.on_conflict_do_update(index_elements=["name"], set_={"at": now}))


def claim(session: Session, mark: Mark, *, now: datetime, unless_since: datetime) -> bool:
    """Notes it unless it was noted after that moment; of all who try, one gets True."""
    claimed = (
        upsert(session, Upkeep)
        .values(name=mark.value, at=now)
        .on_conflict_do_update(
            index_elements=["name"], set_={"at": now}, where=col(Upkeep.at) <= unless_since
        )
        .returning(col(Upkeep.name))
    )
    return session.execute(claimed).first() is not None


def backed_up(session: Session, *, sealed: bool, now: datetime) -> None:
    """There is a new backup, encrypted or not."""
    note(session, Mark.BACKED_UP, now=now)
    if sealed:
        note(session, Mark.SEALED, now=now)
    else:
        forget(session, Mark.SEALED)


def forget(session: Session, mark: Mark) -> None:
    """It no longer holds."""
    session.execute(delete(Upkeep).where(col(Upkeep.name) == mark.value))


# -- questions ---------------------------------------------------------------------------------


def since(session: Session, mark: Mark) -> datetime | None:
    """When it was last noted; None where it does not hold."""
    row = session.get(Upkeep, mark.value)
    return None if row is None else row.at
