"""systemd learns that the bot has started, that it lives, and that it is about to end."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.simulator.client import World
from bot.systemd import Systemd
from tests.town import Town

ROOT = Path(__file__).parents[2]


class Ear:
    """systemd's end of the socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + address[1:] if address.startswith("@") else address)

    def hear(self, seconds: float) -> str | None:
        """The next thing said; None when nothing comes in that time."""
        self.socket.settimeout(seconds)
        try:
            return self.socket.recv(4096).decode()
        except TimeoutError:
            return None

    def until(self, wanted: str, seconds: float = 30) -> list[str]:
        """All that is said before that."""
        before: list[str] = []
        while (said := self.hear(seconds)) != wanted:
            assert said is not None, (wanted, before)
            before.append(said)
        return before

    def silence(self, seconds: float, within: float) -> None:
        """Waits until nothing has been said for so long."""
        end = time.monotonic() + within
        while self.hear(seconds) is not None:
            assert time.monotonic() < end


@contextmanager
def listening(address: str) -> Iterator[Ear]:
    ear = Ear(address)
    yield ear
    ear.socket.close()


def test_systemd_is_told_of_start_life_and_end(world: World, tmp_path: Path) -> None:
    address = str(tmp_path / "notify")
    environment = {
        **{name: value for name, value in os.environ.items() if name[:6] != "CHIBO_"},
        "CHIBO_TOKEN": world.token,
        "CHIBO_API_URL": world.api_url,
        "CHIBO_LOG": "json",
        "NOTIFY_SOCKET": address,
        "WATCHDOG_USEC": "1000000",
        "PYTHONPATH": str(ROOT),
    }
    with listening(address) as ear:
        bot = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=tmp_path,
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert ear.until("READY=1", 60) == []
        begun = time.monotonic()
        for _sign in range(5):
            ear.until("WATCHDOG=1")
        assert time.monotonic() - begun < 5, "five signs of life in as many seconds"
        bot.send_signal(signal.SIGTERM)
        assert set(ear.until("STOPPING=1")) <= {"WATCHDOG=1"}
        _out, told = bot.communicate(timeout=30)
    assert bot.returncode == 0
    events = [json.loads(line) for line in told.splitlines()]
    assert "bot.ready" in [each["event"] for each in events]


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_a_clock_that_stands_still_gives_no_sign_of_life(town: Town, tmp_path: Path) -> None:
    assert town.bot is not None
    health = town.bot.chibo.health
    address = str(tmp_path / "notify")
    with listening(address) as ear:
        health.standstill = 1.5
        health.systemd = Systemd({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "60000000"})
        ear.until("WATCHDOG=1")
        with closing(sqlite3.connect(tmp_path / "chibo.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # clock and delivery wait for this lock
            ear.silence(3, within=15)
            assert set(health.standing()) == {"clock", "delivery"}
            assert "stands still for" in health.reasons()["clock"]
            other.execute("ROLLBACK")
        ear.until("WATCHDOG=1")
        town.close()


@pytest.mark.parametrize("kind", ["a file", "a name"])
def test_a_process_that_is_not_watched_says_only_that_it_runs(kind: str, tmp_path: Path) -> None:
    address = str(tmp_path / "notify") if kind == "a file" else f"@chibo-{secrets.token_hex(8)}"
    with listening(address) as ear:
        for environment in ({}, {"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}):
            systemd = Systemd({"NOTIFY_SOCKET": address, **environment})
            systemd.alive()
            systemd.ready()
            assert ear.hear(1) == "READY=1"


def test_where_nobody_listens_nothing_happens(tmp_path: Path) -> None:
    for environment in ({}, {"NOTIFY_SOCKET": str(tmp_path / "gone")}):
        systemd = Systemd({"WATCHDOG_USEC": "1000", **environment})
        assert systemd.patience == 0.001
        systemd.ready()
        systemd.alive()
        systemd.stopping()
