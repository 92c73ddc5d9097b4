"""Migrations: the same schema as the models', all or nothing, and never backwards."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from storage import migrate, search
from storage.db import make_engine
from storage.migrate import NewerSchema


def test_the_migrated_schema_is_the_one_of_the_models(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        options = {"include_object": migrate.compared, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, migrate.metadata()) == []
    engine.dispose()


def test_a_migrated_database_can_be_searched(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            found = connection.execute(text("SELECT count(*) FROM search_entry_fts"))
        else:
            found = connection.execute(
                text("SELECT count(*) FROM pg_indexes WHERE indexname = 'ix_search_entry_folded'")
            )
        assert found.scalar() == (0 if engine.dialect.name == "sqlite" else 1)
    engine.dispose()


def test_a_migration_is_named_by_the_number_that_its_file_begins_with() -> None:
    """Every start reads the names of the files alone."""
    scripts = ScriptDirectory(str(migrate.MIGRATIONS))
    assert [script.revision for script in scripts.walk_revisions()][::-1] == migrate.known()
    assert scripts.get_heads() == [migrate.head()]


def test_upgrading_twice_is_upgrading_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'chibo.db'}"
    assert migrate.upgrade(url)
    assert not migrate.upgrade(url)


def test_a_new_database_needs_no_backup(tmp_path: Path) -> None:
    asked: list[bool] = []
    migrate.upgrade(f"sqlite:///{tmp_path / 'chibo.db'}", before=lambda: asked.append(True))
    assert asked == []


def test_a_database_from_the_future_is_refused(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerSchema, match="9999"):
        migrate.upgrade(database_url)
    engine.dispose()


def test_two_processes_that_upgrade_at_once_make_one_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'chibo.db'}"
    script = f"from storage import migrate; migrate.upgrade({url!r})"
    both = [
        subprocess.Popen([sys.executable, "-c", script], cwd=Path(__file__).parents[2])
        for _each in range(2)
    ]
    assert [each.wait(60) for each in both] == [0, 0]
    assert not migrate.upgrade(url)


def test_a_migration_that_is_cut_off_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "chibo.db"
    monkeypatch.setattr(search, "create_index_ddl", lambda _dialect: ["CREATE NONSENSE"])
    with pytest.raises(Exception, match="NONSENSE"):
        migrate.upgrade(f"sqlite:///{file}")
    tables = sqlite3.connect(file).execute("SELECT name FROM sqlite_master").fetchall()
    assert tables == []
