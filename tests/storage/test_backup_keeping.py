"""Backups that are encrypted, taken once a night, and swept away when they are old."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from storage import backup, migrate, roster, upkeep
from storage.backup import BackupError, Interrupted, Keeping
from storage.backup import sqlite as copying
from storage.db import Database
from storage.roster import Person
from storage.upkeep import Mark
from tests.storage.test_backup import NOW, change, names, owe

ZONE = "Asia/Ho_Chi_Minh"
NAME = "Nguyễn Thị Hương"
NIGHT = datetime(2026, 8, 3, 20, 0, tzinfo=UTC)  # 3:00 on 4 August in Việt Nam


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'data' / 'chibo.db'}"
    migrate.upgrade(address)
    change(address, lambda session: owe(session, NAME))
    return address


@pytest.fixture
def key(tmp_path: Path) -> str:
    """The public key; the secret one is in key.txt."""
    return backup.new_key(tmp_path / "key.txt")


@pytest.fixture
def keeping(tmp_path: Path) -> Keeping:
    return Keeping(tmp_path / "backups", zone=ZONE)


class TestSealed:
    """A backup that opens to one key only."""

    def test_it_opens_to_its_key_and_is_the_database(
        self, url: str, tmp_path: Path, key: str
    ) -> None:
        sealed = tmp_path / "copy.db.age"
        backup.backup(url, sealed, now=NOW, key=key)
        change(url, lambda session: roster.rename(session.get_one(Person, 1), "Lan"))
        backup.restore(url, sealed, now=NOW, identity=tmp_path / "key.txt")
        assert names(url) == [NAME]
        assert sealed.stat().st_mode & 0o077 == 0

    @pytest.mark.parametrize("in_memory", [copying.IN_MEMORY, 0])
    def test_nothing_readable_is_ever_in_its_folder(
        self,
        url: str,
        tmp_path: Path,
        key: str,
        in_memory: int,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(copying, "IN_MEMORY", in_memory)
        monkeypatch.setattr(copying, "PAGES", 8)
        folder = tmp_path / "copies"
        folder.mkdir()
        steps: list[str] = []

        def look() -> None:
            for file in folder.iterdir():
                assert NAME.encode() not in file.read_bytes()
                steps.append(file.name)

        backup.backup(url, folder / "copy.db.age", now=NOW, key=key, rest=look)
        look()
        assert len(steps) > 5
        assert {each.name for each in folder.iterdir()} == {"copy.db.age"}
        assert [each.name for each in (tmp_path / "data").iterdir()] == ["chibo.db"]

    def test_whoever_restores_it_without_its_key_is_told_what_is_missing(
        self, url: str, tmp_path: Path, key: str
    ) -> None:
        sealed, other, empty = (tmp_path / name for name in ("copy.age", "other.txt", "empty.txt"))
        backup.backup(url, sealed, now=NOW, key=key)
        backup.new_key(other)
        empty.write_text(f"# public key: {key}\n")
        for identity, said in (
            (None, "--identity"),
            (other, "do not open"),
            (empty, "holds no secret key"),
            (sealed, "holds no secret key"),
            (tmp_path / "nowhere.txt", "cannot be read"),
        ):
            with pytest.raises(BackupError, match=said):
                backup.restore(url, sealed, now=NOW, identity=identity)
        assert names(url) == [NAME]

    @pytest.mark.parametrize("harm", ["cut", "changed"])
    def test_a_damaged_one_is_refused(self, url: str, tmp_path: Path, key: str, harm: str) -> None:
        sealed = tmp_path / "copy.db.age"
        backup.backup(url, sealed, now=NOW, key=key)
        content = bytearray(sealed.read_bytes())
        if harm == "cut":
            del content[-5000:]
        else:
            content[len(content) // 2] ^= 1
        sealed.write_bytes(content)
        with pytest.raises(BackupError, match="damaged"):
            backup.drill(url, sealed, identity=tmp_path / "key.txt")

    def test_a_key_is_never_written_over(self, tmp_path: Path, key: str) -> None:
        before = (tmp_path / "key.txt").read_text()
        with pytest.raises(BackupError, match="never written over"):
            backup.new_key(tmp_path / "key.txt")
        assert (tmp_path / "key.txt").read_text() == before
        assert (tmp_path / "key.txt").stat().st_mode & 0o077 == 0

    def test_a_secret_key_in_the_place_of_the_public_one_is_refused(
        self, tmp_path: Path, key: str
    ) -> None:
        secret = (tmp_path / "key.txt").read_text().splitlines()[-1]
        assert len(backup.recipients(f"{key}, {key}")) == 2
        with pytest.raises(ValueError, match="secret key"):
            backup.recipients(secret)


class TestOnceANight:
    """Of all who ask, one is told to take it; a night that was missed comes late."""

    def due(self, session: Session, **later: int) -> bool:
        return backup.nightly_due(session, now=NIGHT + timedelta(**later), zone=ZONE)

    def taken(self, session: Session, *, good: bool = True, **later: int) -> None:
        backup.nightly_taken(session, begun=NIGHT + timedelta(**later), good=good)

    def test_two_who_ask_at_once_are_told_different_things(self, session: Session) -> None:
        assert self.due(session)
        assert not self.due(session, seconds=1)

    def test_it_is_taken_once_for_each_local_date(self, session: Session) -> None:
        assert self.due(session)
        self.taken(session)
        assert not self.due(session, hours=2)
        assert not self.due(session, hours=23, minutes=59)
        assert self.due(session, hours=24)

    def test_a_machine_that_was_off_at_night_takes_it_when_it_is_on(self, session: Session) -> None:
        assert self.due(session)
        self.taken(session)
        assert self.due(session, days=3, hours=9)
        self.taken(session, days=3, hours=9)
        assert not self.due(session, days=3, hours=17)
        assert self.due(session, days=4)

    def test_one_that_failed_is_tried_again_after_an_hour(self, session: Session) -> None:
        assert self.due(session)
        self.taken(session, good=False)
        assert upkeep.since(session, Mark.BACKUP_FAILED) == NIGHT
        assert not self.due(session, minutes=59)
        assert self.due(session, minutes=60)
        self.taken(session, minutes=60)
        assert upkeep.since(session, Mark.BACKUP_FAILED) is None

    def test_one_whose_process_was_killed_is_taken_up_by_another(self, session: Session) -> None:
        assert self.due(session)
        backup.renew(session, now=NIGHT + timedelta(minutes=50))
        assert not self.due(session, minutes=100)
        assert self.due(session, minutes=110)

    def test_two_processes_agree_on_who_takes_it(self, database: Database) -> None:
        both = [database.submit(self.due) for _each in range(8)]
        assert sorted(each.result(10) for each in both) == [False] * 7 + [True]


class TestKept:
    """What the folder holds after a night."""

    def nightly(self, url: str, keeping: Keeping, at: datetime) -> str:
        return backup.nightly(url, keeping, now=at).name

    def test_its_name_tells_the_local_time(self, url: str, keeping: Keeping) -> None:
        assert self.nightly(url, keeping, NIGHT) == "chibo-2026-08-04-030000.db"
        assert keeping.folder.stat().st_mode & 0o077 == 0
        assert change(url, lambda session: upkeep.since(session, Mark.BACKED_UP)) == NIGHT

    def test_with_a_key_it_is_encrypted(
        self, url: str, keeping: Keeping, key: str, tmp_path: Path
    ) -> None:
        sealed = Keeping(keeping.folder, key=key, zone=ZONE)
        assert self.nightly(url, sealed, NIGHT) == "chibo-2026-08-04-030000.db.age"
        assert change(url, lambda session: upkeep.since(session, Mark.SEALED)) == NIGHT
        found = backup.drill(url, sealed.files(url)[-1], identity=tmp_path / "key.txt")
        assert (found.rows["person"], found.taken_at) == (1, NIGHT)

    def test_it_goes_after_its_days_and_nobody_elses_file_does(
        self, url: str, keeping: Keeping
    ) -> None:
        self.nightly(url, keeping, NIGHT)
        backup.before_upgrade(url, now=NIGHT + timedelta(hours=1), keeping=keeping)
        strangers = {
            "chibo-2020-01-01-030000.db.txt",
            "chibo-2020-01-01.db",
            "chibo-2020-01-01-030000.dump",
            "my-chibo-2020-01-01-030000.db",
            "other-2020-01-01-030000.db",
            "notes.txt",
        }
        for name in strangers:
            (keeping.folder / name).write_text("not ours")
        for day in (1, 35, 36):
            self.nightly(url, keeping, NIGHT + timedelta(days=day))
        ours = {each.name for each in keeping.folder.iterdir()} - strangers
        assert ours == {f"chibo-2026-{date}-030000.db" for date in ("08-05", "09-08", "09-09")}
        assert strangers <= {each.name for each in keeping.folder.iterdir()}

    def test_after_a_year_off_the_last_one_goes_only_when_the_next_is_there(
        self, url: str, keeping: Keeping
    ) -> None:
        self.nightly(url, keeping, NIGHT)
        file = backup.sqlite_file(url)
        assert file is not None
        sound, later = file.read_bytes(), NIGHT + timedelta(days=365)
        file.write_bytes(sound[:4096] + b"\x55" * (len(sound) - 4096))
        with pytest.raises(BackupError):
            self.nightly(url, keeping, later)
        assert [each.name for each in keeping.folder.iterdir()] == ["chibo-2026-08-04-030000.db"]
        file.write_bytes(sound)
        self.nightly(url, keeping, later)
        assert [each.name for each in keeping.folder.iterdir()] == ["chibo-2027-08-04-030000.db"]

    def test_one_that_is_broken_off_leaves_nothing(self, url: str, keeping: Keeping) -> None:
        def stop() -> None:
            raise Interrupted

        for key in ("", backup.new_key(keeping.folder.parent / "key.txt")):
            stopped = Keeping(keeping.folder, key=key)
            with pytest.raises(Interrupted):
                backup.nightly(url, stopped, now=NIGHT, rest=stop)
            assert list(keeping.folder.iterdir()) == []

    def test_what_a_killed_process_left_half_written_goes_the_next_day(
        self, url: str, keeping: Keeping
    ) -> None:
        now = datetime.now(UTC)
        keeping.folder.mkdir()
        half = keeping.folder / ".chibo-2026-08-04-030000.db.abc123"
        half.write_text("half")
        (keeping.folder / ".hidden").write_text("not ours")
        self.nightly(url, keeping, now)
        assert half.exists()
        self.nightly(url, keeping, now + timedelta(days=2))
        assert not half.exists()
        assert (keeping.folder / ".hidden").exists()


def test_a_copy_is_of_one_moment_and_keeps_no_writer_waiting(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes between every two steps: all of it or nothing of it is in the copy."""
    monkeypatch.setattr(copying, "PAGES", 4)
    database = Database(url)
    written: Iterator[int] = iter(range(10_000))

    def add() -> None:
        number = next(written)
        database.run(lambda session: roster.unit_at(session, f"Chi bộ {number + 10}"))

    before = len(change(url, roster.roots))
    backup.backup(url, tmp_path / "copy.db", now=NOW, rest=add)
    database.close()
    assert next(written) > 10
    assert backup.drill(url, tmp_path / "copy.db").rows["unit"] == before


def test_what_is_replaced_is_kept_aside_with_what_was_not_yet_written_into_it(
    url: str, tmp_path: Path
) -> None:
    backup.backup(url, tmp_path / "copy.db", now=NOW)
    database = Database(url)  # stays open: its journal is not written into the file
    database.run(lambda session: roster.rename(session.get_one(Person, 1), "Lan"))
    aside = backup.restore(url, tmp_path / "copy.db", now=NOW)
    assert (names(url), aside is None) == ([NAME], False)
    assert names(f"sqlite:///{aside}") == ["Lan"]
    database.close()
