"""The pretend Telegram, the three programs, and a branch of people who write and press.

Every program talks HTTP to a pretend Telegram in a process of its own. A town is made anew for
each measurement: the same people in the world and on the roll, whoever is to answer them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import httpx
from sqlmodel import Session

from bot.simulator.client import Call, Message, Newcomer, Person, World
from storage import groups, meetings, migrate, roster
from storage.db import Database
from storage.meetings import Meeting, MeetingKind, MeetingState, seats
from storage.quiet import Quiet

HERE = Path(__file__).parent
AIOGRAM = HERE.parent / ".bench" / "bin" / "python"
PROGRAMS = ("ours", "stock", "aiogram")

PEOPLE = 200
BRANCH = "Đảng bộ Đo thử / Chi bộ 1"
ZONE = "Asia/Ho_Chi_Minh"
LABEL = "Có mặt"
NEWS = "Mời đồng chí dự họp.\nChi bộ 1 · Họp thường kỳ\nThứ Sáu 19:30, Nhà văn hóa"
PATIENCE = 600.0  # seconds for any program to do its work

Press = tuple[Person, Message, str]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Size:
    """How often everything is measured, and how much of it."""

    rounds: int
    scale: float

    def of(self, number: int) -> int:
        """So many; fewer while the bench itself is being worked on."""
        return max(int(number * self.scale), 20)


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


def _command(program: str, doing: str) -> list[str]:
    """What starts a program: `serve` answers people, `send` says what is owed.

    `run` and `broadcast` are the same with Telegram's limits in force: ours is `chibo run` then.
    """
    mode = "send" if doing in ("send", "broadcast") else "serve"
    if program == "stock":
        return [sys.executable, "-m", "bench.stock", mode]
    if program == "aiogram":
        return [str(AIOGRAM), str(HERE / "theirs.py"), mode]
    if doing in ("run", "broadcast"):
        return [sys.executable, "-m", "bot", "run"]
    return [sys.executable, "-m", "bench.ours"]


class Town:
    """A world with a branch in it, its roster, and meetings whose check-in is open."""

    def __init__(self, url: str, folder: Path, *, meetings: int = 1, flood: bool = False) -> None:
        self.folder = folder
        self.world = World.create(url, bot_username="bench_bot", flood=flood)
        self.people = self.world.crowd(
            [
                Newcomer(f"Người {number}", id=600_000_000 + number, started=True)
                for number in range(PEOPLE)
            ]
        )
        self._bot = httpx.Client(base_url=f"{url}/bot{self.world.token}/")
        self.address = f"sqlite:///{folder}/chibo.db"
        self.meetings = self.commit(lambda session: self._settle(session, meetings))

    def close(self) -> None:
        """Forgets the world."""
        self._bot.close()
        self.world.close()

    def commit(self, work: Callable[[Session], T]) -> T:
        """Runs something in one transaction of our database."""
        database = Database(self.address)
        try:
            return database.run(work)
        finally:
            database.close()

    def _settle(self, session: Session, number: int) -> list[int]:
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
                quiet_hours="",
            )
        called = []
        for _each in range(number):
            meeting = Meeting(
                unit_id=unit.id,
                kind=MeetingKind.REGULAR,
                starts_at=now + timedelta(minutes=10),
                zone=ZONE,
                place="Nhà văn hóa",
                state=MeetingState.CALLED,
                opened_at=now - timedelta(minutes=1),
                closes_at=now + timedelta(hours=2),
            )
            session.add(meeting)
            session.flush()
            meetings.sync_seats(session, meeting, now=now)
            called.append(meeting.id)
        return called

    # -- what waits for the program ------------------------------------------------------------

    def owe(self, number: int) -> None:
        """So many invitations are owed; to the others, a list of chats and a text."""
        chats = [self.people[each % PEOPLE].id for each in range(number)]
        told = json.dumps({"chats": chats, "text": NEWS})
        (self.folder / "sends.json").write_text(told)
        self.commit(lambda session: self._invite(session, number))

    def _invite(self, session: Session, number: int) -> None:
        now = datetime.now(UTC)
        for place, meeting_id in enumerate(self.meetings):
            meeting = session.get_one(Meeting, meeting_id)
            people = meetings.reachable(session, meeting_id)[: number - place * PEOPLE]
            seats.invite(session, meeting, people, at=now, quiet=Quiet("", ZONE), now=now)

    def group_cards(self) -> list[Press]:
        """The branch's group has a card of each meeting; a press of everybody on each."""
        group = self.world.group("Chi bộ 1", self.people)
        group.add_bot(by=self.people[0])

        def link(session: Session) -> None:
            row = groups.joined(session, group.chat_id)
            row.unit_id = roster.unit_at(session, BRANCH).id
            session.add(row)

        self.commit(link)
        cards = self._posted(group.chat_id, group.messages)
        return [(person, card, LABEL) for card in cards for person in self.people]

    def _posted(self, chat_id: int, messages: Callable[[], list[Message]]) -> list[Message]:
        for number in self.meetings:
            button = {"text": LABEL, "callback_data": f"attend:{number}"}
            card = {"chat_id": chat_id, "text": NEWS}
            markup = {"inline_keyboard": [[button]]}
            self._bot.post("sendMessage", json={**card, "reply_markup": markup}).raise_for_status()
        return [message for message in messages() if message.rows]

    # -- the program ---------------------------------------------------------------------------

    @contextmanager
    def running(self, program: str, doing: str) -> Iterator[subprocess.Popen[bytes]]:
        """One of the programs, in a process of its own."""
        with (self.folder / f"{program}.log").open("wb") as output:
            process = subprocess.Popen(
                _command(program, doing),
                env={
                    **os.environ,
                    "CHIBO_TOKEN": self.world.token,
                    "CHIBO_API_URL": self.world.api_url,
                    "CHIBO_DATABASE_URL": self.address,
                    "BENCH_TOKEN": self.world.token,
                    "BENCH_API_URL": self.world.api_url,
                    "BENCH_DATABASE": f"{self.folder}/{program}.db",
                    "BENCH_SENDS": f"{self.folder}/sends.json",
                },
                stdout=output,
                stderr=output,
            )
            try:
                yield process
            finally:
                process.terminate()
                process.wait(60)

    def all_of(self, method: str, number: int, *, since: int = 0) -> list[Call]:
        """So many calls of a method that Telegram took, once nothing is going on any more."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.world.last_call >= since + number and self._quiet():
                calls = self.world.calls(method, since=since)
                good = [call for call in calls if call.status == 200]
                if len(good) >= number:
                    return good[:number]
            time.sleep(0.25)
        logs = "\n".join(log.read_text()[-2000:] for log in self.folder.glob("*.log"))
        raise SystemExit(f"not done in time: {number} × {method}\n{logs}")

    def _quiet(self) -> bool:
        try:
            self.world.settle(timeout=30, quiet=0.5)
        except AssertionError:
            return False
        return True


@contextmanager
def town(url: str, *, meetings: int = 1, flood: bool = False) -> Iterator[Town]:
    """A town for one measurement; nothing of it is kept."""
    with TemporaryDirectory(prefix="chibo-bench-") as folder:
        shutil.copy(_template(), Path(folder) / "chibo.db")
        made = Town(url, Path(folder), meetings=meetings, flood=flood)
        try:
            yield made
        finally:
            made.close()


_made: list[TemporaryDirectory[str]] = []


def _template() -> Path:
    """An empty database with every table, made once."""
    if not _made:
        _made.append(TemporaryDirectory(prefix="chibo-bench-"))
        migrate.upgrade(f"sqlite:///{_made[0].name}/chibo.db")
    return Path(_made[0].name) / "chibo.db"
