"""The bot as a process of its own, to be killed; and the command line beside it."""

from __future__ import annotations

import os
import random
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from sqlmodel import Session, col, select

from bot.simulator.client import World
from storage.db import make_engine
from storage.outbox import Notice, State
from storage.roster import Person
from tests import program


@dataclass
class Office:
    """One installation: its settings, its folder, its bot."""

    world: World
    folder: Path
    url: str
    owner_id: int
    listen: str = ""
    log_style: str = "text"
    more: dict[str, str] = field(default_factory=dict)
    bot: ForkServerProcess | None = None
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.folder / "bot.log"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHIBO_")},
            "CHIBO_TOKEN": self.world.token,
            "CHIBO_API_URL": self.world.api_url,
            "CHIBO_DATABASE_URL": self.url,
            "CHIBO_OWNER_ID": str(self.owner_id),
            "CHIBO_CLOCK": "server",
            "CHIBO_LISTEN": self.listen,
            "CHIBO_LOG": self.log_style,
            "PYTHONPATH": str(Path(__file__).parents[2]),
            **self.more,
        }

    def run(self, *arguments: str) -> str:
        """A command beside the running bot; fails the test when it fails."""
        done = program.run(self.folder, self.environment, *arguments)
        said = done.stdout
        assert done.returncode == 0, f"chibo {' '.join(arguments)}:\n{said}{done.stderr}"
        return said

    def uncertain(self) -> set[int]:
        """The accounts of those to whom something may or may not have gone."""
        engine = make_engine(self.url)
        with Session(engine) as session:
            found = session.exec(
                select(Person.telegram_id)
                .join(Notice, col(Notice.person_id) == Person.id)
                .where(Notice.state == State.UNKNOWN)
            ).all()
        engine.dispose()
        return {account for account in found if account is not None}

    def start(self) -> None:
        """Starts the bot and waits until it is about to ask for updates."""
        seen = self.world.last_call
        self.bot = program.start(self.folder, self.environment, "run", out=self.log, err=self.log)
        deadline = time.monotonic() + 60
        while not self.world.calls("deleteWebhook", since=seen):  # getUpdates is told when it ends
            assert self.bot.is_alive(), f"the bot ended:\n{self.log.read_text()}"
            assert time.monotonic() < deadline, f"the bot does not listen:\n{self.log.read_text()}"
            time.sleep(0.05)

    def kill(self) -> None:
        """kill -9, without a word."""
        assert self.bot is not None
        self.bot.kill()
        self.bot.join(10)

    def stop(self) -> None:
        """SIGTERM, and everything in flight is finished."""
        if self.bot is not None and self.bot.is_alive():
            self.bot.terminate()
            self.bot.join(30)
            assert self.bot.exitcode == 0, self.log.read_text()


class Killer(threading.Thread):
    """Kills the bot at calls of the Bot API, before or after Telegram has taken them."""

    def __init__(self, office: Office, *, seed: int, kills: int, every: tuple[int, int]) -> None:
        super().__init__(daemon=True)
        self.office, self.kills, self.every = office, kills, every
        self.chance = random.Random(seed)
        self.points: list[str] = []
        self.failure: BaseException | None = None
        self.enough = threading.Event()

    def run(self) -> None:
        try:
            while len(self.points) < self.kills and not self.enough.is_set():
                self._kill_once()
        except BaseException as error:
            self.failure = error

    def _kill_once(self) -> None:
        when = self.chance.choice(["before", "after"])
        nth = self.chance.randint(*self.every)
        barrier = self.office.world.barrier(when, nth)
        while not barrier.reached(timeout=1):
            if self.enough.is_set():
                barrier.release()
                return
        self.office.kill()
        barrier.release()
        self.points.append(f"{when} {(barrier.call or {}).get('method')}")
        self.office.start()

    def finish(self) -> None:
        """No more kills; the bot is running when this returns."""
        self.enough.set()
        self.join(90)
        assert not self.is_alive(), "the killer did not end"
        if self.failure is not None:
            raise self.failure
