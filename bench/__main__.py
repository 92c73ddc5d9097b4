"""`make bench`: our figures beside a plain python-telegram-bot doing the same job in the same run.

Both talk HTTP to the same pretend Telegram in a process of its own. The work waits there before
either starts, so only handling is measured: from the first getUpdates to the last answer. Each
figure is the median of the rounds, taken in turn.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlmodel import Session

from bot.simulator.client import World
from storage import meetings, migrate, roster
from storage.db import Database
from storage.meetings import Meeting, MeetingKind, MeetingState

PEOPLE = 200
BRANCH = "Đảng bộ Đo thử / Chi bộ 1"


@contextmanager
def telegram() -> Iterator[str]:
    """The pretend Telegram, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot.simulator", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1]
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def program(module: str, world: World, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One of the bots, in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        env={
            **os.environ,
            "CHIBO_TOKEN": world.token,
            "CHIBO_API_URL": world.api_url,
            "CHIBO_DATABASE_URL": f"sqlite:///{folder}/chibo.db",
            "CHIBO_CLOCK": "server",
            "STOCK_DATABASE": f"{folder}/stock.db",
        },
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


class Round:
    """A world with people in it, a roster of the same people, and a check-in that is open."""

    def __init__(self, url: str, folder: Path) -> None:
        self.folder = folder
        self.world = World.create(url, bot_username="bench_bot", now=datetime.now(UTC))
        self.people = [
            self.world.person(f"Người {number}", id=600_000_000 + number, started=True)
            for number in range(PEOPLE)
        ]
        address = f"sqlite:///{folder}/chibo.db"
        migrate.upgrade(address)
        database = Database(address)
        self.meeting_id = database.run(self._settle)
        database.close()

    def _settle(self, session: Session) -> int:
        now = datetime.now(UTC)
        unit = roster.unit_at(session, BRANCH)
        for person in self.people:
            roster.new_person(
                session,
                unit,
                f"Trần Văn {person.first_name}",
                telegram_id=person.id,
                linked_at=now,
                consented_at=now,
                started=True,
            )
        meeting = Meeting(
            unit_id=unit.id,
            kind=MeetingKind.REGULAR,
            starts_at=now,
            zone="Asia/Ho_Chi_Minh",
            place="Nhà văn hóa",
            state=MeetingState.CALLED,
            opened_at=now - timedelta(minutes=1),
            closes_at=now + timedelta(hours=2),
        )
        session.add(meeting)
        session.flush()
        meetings.sync_seats(session, meeting, now=now)
        return meeting.id

    def text(self, number: int) -> None:
        """A message waits."""
        self.people[number % PEOPLE].send("/help")

    def press(self, number: int) -> None:
        """A press on the roll call waits."""
        person = self.people[number % PEOPLE]
        user = {"id": person.id, "is_bot": False, "first_name": person.first_name}
        chat = {"id": person.id, "type": "private", "first_name": person.first_name}
        bot = {"id": 1, "is_bot": True, "first_name": "Chi Bộ"}
        message = {"message_id": 1, "date": 1, "chat": chat, "from": bot, "text": "…"}
        query = {"id": str(number), "from": user, "chat_instance": "1", "message": message}
        self.world.raw_update({"callback_query": {**query, "data": f"attend:{self.meeting_id}"}})

    def seconds(self, module: str, method: str, number: int) -> float:
        """From the program's first getUpdates to its last answer."""
        with program(module, self.world, self.folder):
            deadline = time.monotonic() + 120
            while len(self.world.calls(method)) < number:
                if time.monotonic() > deadline:
                    raise SystemExit(f"{module}: not done after two minutes")
                time.sleep(0.25)
        first = self.world.calls("getUpdates")[0].monotonic
        return self.world.calls(method)[number - 1].monotonic - first


def texts(url: str, module: str, number: int) -> float:
    """Texts answered in a second."""
    with tempfile.TemporaryDirectory() as folder:
        here = Round(url, Path(folder))
        for each in range(number):
            here.text(each)
        return number / here.seconds(module, "sendMessage", number)


def presses(url: str, module: str, number: int) -> float:
    """Presses written down and answered in a second."""
    with tempfile.TemporaryDirectory() as folder:
        here = Round(url, Path(folder))
        for each in range(number):
            here.press(each)
        return number / here.seconds(module, "answerCallbackQuery", number)


CASES: dict[str, Callable[[str, str, int], float]] = {
    "text → reply, per second": texts,
    "press → recorded and answered, per second": presses,
}


def main() -> None:
    """Runs every case for both programs in turn; prints medians and ratios."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--number", type=int, default=2000)
    chosen = parser.parse_args()
    table = Table("", "Chi Bộ", "python-telegram-bot", "ratio")
    with telegram() as url:
        for name, measure in CASES.items():
            found: dict[str, list[float]] = {"bench.ours": [], "bench.stock": []}
            for _round in range(chosen.rounds):
                for module, figures in found.items():
                    figures.append(measure(url, module, chosen.number))
            ours, stock = (statistics.median(figures) for figures in found.values())
            table.add_row(name, f"{ours:.0f}", f"{stock:.0f}", f"{ours / stock:.2f} ×")
    Console().print(table)


if __name__ == "__main__":
    main()
