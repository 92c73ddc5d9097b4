"""Brings a database to the newest schema, and refuses one that is newer than the program.

All migrations that are due run in one transaction, so a process killed in the middle leaves the
database as it was. The way back is the backup that is taken before. Foreign keys are off meanwhile
on SQLite, because a table rebuilt in batch mode would take its children with it; they are checked
before the commit.

Alembic is loaded where there is something to migrate: every start asks, few have to.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection, Engine, MetaData, inspect, text
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

import storage
from storage.db import make_engine

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 0x43484942  # of PostgreSQL's advisory locks


class NewerSchema(Exception):
    """The database was written by a newer version of the program."""


class BrokenDatabase(Exception):
    """The database contradicts itself after a migration; nothing of it was kept."""


def upgrade(url: str, *, before: Callable[[], object] | None = None) -> bool:
    """Creates or upgrades the database; True when there was something to do.

    `before` is called first where that changes a database that is in use: the moment to back up.
    """
    engine = make_engine(url)
    try:
        found = current(engine)
        refuse_newer(found)
        if found == head():
            return False
        if found is not None and before is not None:
            before()
        with engine.connect() as connection:
            _migrate(connection)
    finally:
        engine.dispose()
    return True


def current(engine: Engine) -> str | None:
    """The revision that the database is at; None before the first."""
    with engine.connect() as connection:
        return _revision(connection)


def revision(session: Session) -> str | None:
    """The same, asked in a transaction."""
    return _revision(session.connection())


def known() -> list[str]:
    """The revisions that this program knows, oldest first: each file begins with its own."""
    return sorted(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def head() -> str | None:
    """The newest revision that this program knows."""
    return next(reversed(known()), None)


def refuse_newer(revision: str | None) -> None:
    """Raises NewerSchema for a revision that this program does not know."""
    if revision is not None and revision not in known():
        raise NewerSchema(
            f"this database is at {revision}, which this program does not know: it was written by "
            "a newer version. Install that version, or restore a backup from before."
        )


def revise(message: str) -> Path:
    """Writes the migration that leads from the newest revision to the tables in the code."""
    from alembic import command

    with TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/newest.db")
        with engine.connect() as connection:
            if head() is not None:
                _migrate(connection)
            number = f"{len(known()) + 1:04}"
            made = command.revision(_config(connection), message, autogenerate=True, rev_id=number)
        engine.dispose()
    if made is None or isinstance(made, list):
        raise TypeError("one message makes one migration")
    return Path(made.path)


def metadata() -> MetaData:
    """Every table: all modules of storage are loaded, so that no list can forget one."""
    for module in walk_packages(storage.__path__, "storage."):
        import_module(module.name)
    return SQLModel.metadata


def compared(_object: Any, name: str | None, *_more: Any) -> bool:
    """Whether a table or index is one of the models'; the search index is DDL of its own."""
    return not (name or "").startswith(("search_entry_fts", "ix_search_entry"))


def rendered(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Writes SQLModel's own types as what they are to a database; False for all others."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return "sa.String()" if kind == "type" and isinstance(item, AutoString) else False


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _migrate(connection: Connection) -> None:
    from alembic import command

    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA foreign_keys=OFF")  # has no effect within a transaction
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ONE_AT_A_TIME})"))
        command.upgrade(_config(connection), "head")
        if connection.dialect.name == "sqlite":
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            if broken:
                raise BrokenDatabase(f"{len(broken)} rows point at rows that are not there")


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
