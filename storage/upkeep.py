"""What the installation remembers about itself: a name and the moment it was noted.

Not settings (those are the environment's) and nothing about people: when the last backup was
taken, that the outbox is paused, that Telegram spoke of a second instance.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, col

from storage.db import Row

# -- tables ------------------------------------------------------------------------------------


class Mark(StrEnum):
    """What may be noted."""

    BACKED_UP = "backed_up"
    OUTBOX_PAUSED = "outbox_paused"  # since a restore; see storage/backup.py
    PROBED = "probed"  # the database was last tried with a write
    CONFLICT = "conflict"  # Telegram told us that somebody else polls with our token


class Upkeep(Row, table=True):
    """One thing noted, and when it was last so."""

    name: str = Field(primary_key=True)
    at: datetime


# -- actions -----------------------------------------------------------------------------------


def note(session: Session, mark: Mark, *, now: datetime) -> None:
    """Notes it, in place of the last time."""
    upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    noted = upsert(Upkeep).values(name=mark.value, at=now)
    # Two processes may note the same thing for the first time at the same moment.
    session.execute(noted.on_conflict_do_update(index_elements=["name"], set_={"at": now}))


def forget(session: Session, mark: Mark) -> None:
    """It no longer holds."""
    session.execute(delete(Upkeep).where(col(Upkeep.name) == mark.value))


# -- questions ---------------------------------------------------------------------------------


def since(session: Session, mark: Mark) -> datetime | None:
    """When it was last noted; None where it does not hold."""
    row = session.get(Upkeep, mark.value)
    return None if row is None else row.at
