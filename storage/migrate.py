"""Brings a database to the newest schema, and refuses one that is newer than the program.

All migrations that are due run in one transaction, so a process killed in the middle leaves the
database as it was. The way back is the backup that is taken before. Foreign keys are off meanwhile
on SQLite, because a table rebuilt in batch mode would take its children with it; they are checked
before the commit.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from tempfile import TemporaryDirectory
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text
from sqlmodel import Session, SQLModel
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

import storage
from storage.db import make_engine

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
        return MigrationContext.configure(connection).get_current_revision()


def revision(session: Session) -> str | None:
    """The same, asked in a transaction."""
    return MigrationContext.configure(session.connection()).get_current_revision()


def head() -> str | None:
    """The newest revision that this program knows."""
    return _scripts().get_current_head()


def refuse_newer(revision: str | None) -> None:
    """Raises NewerSchema for a revision that this program does not know."""
    known = {script.revision for script in _scripts().walk_revisions()}
    if revision is not None and revision not in known:
        raise NewerSchema(
            f"this database is at {revision}, which this program does not know: it was written by "
            "a newer version. Install that version, or restore a backup from before."
        )


def revise(message: str) -> Path:
    """Writes the migration that leads from the newest revision to the tables in the code."""
    with TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{folder}/newest.db")
        with engine.connect() as connection:
            if head() is not None:
                _migrate(connection)
            number = f"{len(list(_scripts().walk_revisions())) + 1:04}"
            made = command.revision(_config(connection), message, autogenerate=True, rev_id=number)
        engine.dispose()
    if not isinstance(made, Script):
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


def _migrate(connection: Connection) -> None:
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
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config)
