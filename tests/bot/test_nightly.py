"""The bot's own backup: once a night, in a thread, while people are answered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot import clock, nightly
from storage import backup, upkeep
from storage.backup import sqlite as copying
from storage.upkeep import Mark
from tests.storage.test_backup import use_tools_of_the_server
from tests.town import CAST, Town


def until(true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


class Night:
    """The town's bot, which looks often whether it is time; its backups lie in `folder`."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town, self.folder = town, folder

    def begin(self) -> None:
        self.town.close()
        self.town.open(backups=str(self.folder))

    def mark(self, mark: Mark) -> datetime | None:
        return self.town.database.run(lambda session: upkeep.since(session, mark))

    def at(self, mark: Mark) -> None:
        """Waits until something is noted at about this moment of the town's clock."""
        just_now = self.town.world.now - timedelta(minutes=1)
        until(lambda: (self.mark(mark) or just_now) > just_now, mark)

    @property
    def files(self) -> list[str]:
        return sorted(each.name for each in self.folder.iterdir()) if self.folder.is_dir() else []


@pytest.fixture
def night(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    use_tools_of_the_server(monkeypatch)
    monkeypatch.setattr(clock, "NIGHTLY_SECONDS", 0.2)
    return Night(town, tmp_path / "backups")


def test_it_is_taken_once_a_night_and_holds_everybody(night: Night) -> None:
    night.begin()
    night.at(Mark.NIGHTLY)
    time.sleep(0.5)
    (name,) = night.files
    assert "-2026-08-03-1200" in name
    assert backup.drill(night.town.url, night.folder / name).rows["person"] == len(CAST)
    night.town.world.advance(days=1)
    night.at(Mark.NIGHTLY)
    assert len(night.files) == 2


def test_one_that_fails_is_noted_and_the_bot_goes_on(night: Night) -> None:
    night.folder.write_text("a file in the place of the folder")
    night.begin()
    night.at(Mark.BACKUP_FAILED)
    assert night.mark(Mark.BACKED_UP) is None
    night.town.huong.send("/help")
    night.town.huong.wait_for("Trợ giúp")
    night.folder.unlink()
    night.town.world.advance(hours=1)
    night.at(Mark.NIGHTLY)
    assert (len(night.files), night.mark(Mark.BACKUP_FAILED)) == (1, None)


class TestHalfway:
    """A copy that stands still in the middle."""

    @pytest.fixture
    def halfway(self, night: Night, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
        monkeypatch.setattr(copying, "PAGES", 4)
        monkeypatch.setattr(nightly, "REST_SECONDS", 600)
        night.begin()
        until(lambda: night.files, "a copy has begun")
        yield night

    def test_people_are_answered_meanwhile(self, halfway: Night) -> None:
        halfway.town.huong.send("/help")
        halfway.town.huong.wait_for("Trợ giúp")
        (half,) = halfway.files
        assert half.startswith((".chibo-", ".town_"))  # under no name yet
        assert halfway.mark(Mark.NIGHTLY) is None

    def test_a_bot_that_is_told_to_stop_leaves_nothing_half_done(self, halfway: Night) -> None:
        halfway.town.close()
        until(lambda: halfway.files == [], "the half copy is gone")
        assert halfway.mark(Mark.NIGHTLY) is None
