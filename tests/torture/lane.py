"""One world that is tortured round after round, and what must hold after each of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue

from sqlalchemy import create_engine
from sqlmodel import Session, select

from bot.simulator.client import Newcomer, Person, World
from storage import migrate, roster
from storage.db import make_engine
from storage.outbox import Notice, State
from tests.torture.victim import ACCEPTED, ONCE, REMINDER

AGAIN = "Gửi lại – nếu đã nhận, xin bỏ qua."
ACCOUNT = 530_000_001
PEOPLE = 6
PATIENCE = 60.0
ROOT = Path(__file__).parents[2]


class Broken(AssertionError):
    """The promise was not kept."""


@dataclass
class Tally:
    """What the rounds of a step have come to."""

    rounds: int = 0
    struck: int = 0  # the step was reached
    uncertain: int = 0
    repeated: int = 0  # marked as such


@dataclass
class Lane:
    """A world, a database and the bot that dies in it."""

    world: World
    url: str
    folder: Path
    people: list[Person] = field(default_factory=list)
    number: int = 0
    pid: int = 0

    def __post_init__(self) -> None:
        migrate.upgrade(self.url)
        self.engine = make_engine(self.url)
        self.people = self.world.crowd(
            [Newcomer(f"Người {n}", id=ACCOUNT + n, started=True) for n in range(PEOPLE)]
        )
        with Session(self.engine) as session:
            unit = roster.unit_at(session, "Chi bộ 1")
            for each in self.people:
                roster.new_person(
                    session,
                    unit,
                    f"Trần Văn {each.first_name}",
                    telegram_id=each.id,
                    linked_at=self.world.now,
                    consented_at=self.world.now,
                    started=True,
                )
            session.commit()
        self.engine.dispose()
        self.engine = create_engine(self.url)  # from here on it only looks, and locks nothing
        self.bomb = self.folder / "bomb"
        self.told: SimpleQueue[str] = SimpleQueue()
        self.log = self.folder / "victim.log"
        with self.log.open("ab") as log:
            self.zygote = subprocess.Popen(
                [sys.executable, "-m", "tests.torture.victim"],
                env={
                    **os.environ,
                    "CHIBO_TOKEN": self.world.token,
                    "CHIBO_API_URL": self.world.api_url,
                    "CHIBO_DATABASE_URL": self.url,
                    "CHIBO_CLOCK": "server",
                    "CHIBO_QUIET_HOURS": "",
                    "BOMB": str(self.bomb),
                    "PYTHONPATH": str(ROOT),
                },
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.zygote.stdout is not None
        for line in self.zygote.stdout:
            self.told.put(line.strip())

    # -- the victim ----------------------------------------------------------------------------

    def start(self) -> None:
        """A bot that is about to ask for updates."""
        seen = self.world.last_call
        assert self.zygote.stdin is not None
        self.zygote.stdin.write("start\n")
        self.zygote.stdin.flush()
        self.pid = int(self.told.get(timeout=PATIENCE).removeprefix("pid "))
        deadline = time.monotonic() + PATIENCE
        while not self.world.calls("deleteWebhook", since=seen):
            if time.monotonic() > deadline or not self.told.empty():
                raise Broken(f"the bot does not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.02)

    def ended(self, timeout: float) -> bool:
        """Whether the bot ends within that time."""
        try:
            line = self.told.get(timeout=timeout)
        except Empty:
            return False
        self.pid = 0
        return line.startswith("end")

    def stopped(self) -> bool:
        """Whether the bot stands still (SIGSTOP)."""
        stat = Path(f"/proc/{self.pid}/stat").read_text()
        return stat.rpartition(")")[2].split()[0] == "T"

    def close(self) -> None:
        """Ends the bot, the zygote and the world."""
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self.ended(10)
        assert self.zygote.stdin is not None
        self.zygote.stdin.close()
        self.zygote.wait(10)
        self.engine.dispose()
        self.world.close()

    # -- a round -------------------------------------------------------------------------------

    def round(self, step: str, nth: int, how: str, faults: int = 0, fault: str = "") -> Tally:
        """One bomb; raises Broken where something was lost, or came twice without saying so."""
        self.number += 1
        if not self.pid:
            self.start()
        for _ in range(faults):
            self.world.fail(fault, method="sendMessage")
        struck, sending = self._strike(step, nth, how)
        if not self.pid:
            self.start()
        self._calm_down()
        return self._judge(struck, sending + faults)

    def _strike(self, step: str, nth: int, how: str) -> tuple[bool, int]:
        """Lays the bomb and lets people speak; whether it went off, and what was in flight."""
        barrier = None
        if step == ACCEPTED:
            barrier = self.world.barrier("after", nth, method="sendMessage")
        else:
            laid = self.folder / "laid"
            laid.write_text(f"{step} {nth} {how} {self.number}")
            laid.rename(self.bomb)
        self.people[0].send(f"/owe {self.number}")
        for each in self.people[1:3]:
            each.send("/help")
        if barrier is not None:
            struck = barrier.reached(timeout=5)
            if struck:
                os.kill(self.pid, signal.Signals[how])
        else:
            struck = self._gone_off()
        sending = self._sending() if struck else 0
        if struck and how == "SIGSTOP":
            time.sleep(0.3)
            sending = max(sending, self._sending())
            os.kill(self.pid, signal.SIGCONT)
        if barrier is not None:
            barrier.release()
        if struck and how != "SIGSTOP" and not self.ended(30):
            raise Broken(f"{how} at {step}: the bot did not end")
        self.bomb.unlink(missing_ok=True)
        return struck, max(sending, self._sending())

    def _gone_off(self) -> bool:
        """The bomb's file goes just before the signal; a step that is not taken leaves it."""
        deadline = time.monotonic() + 5
        while self.bomb.exists():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        time.sleep(0.05)
        return True

    def _sending(self) -> int:
        with Session(self.engine) as session:
            rows = session.exec(select(Notice.id).where(Notice.state == State.SENDING)).all()
        return len(rows)

    def _calm_down(self) -> None:
        """Leases run out, repeats come due, what a dead process left is said: all is quiet."""
        deadline = time.monotonic() + PATIENCE
        while True:
            self.world.settle(timeout=PATIENCE, quiet=0.2)
            states = self._states()
            moving = {State.QUEUED, State.LEASED, State.SENDING} & set(states)
            replied = any(self._said(self.people[0].id, f"noted {self.number}"))
            if not moving and sum(states.values()) == 2 * PEOPLE and replied:
                return
            if time.monotonic() > deadline:
                raise Broken(f"round {self.number} does not end: {states}, replied: {replied}")
            self.world.heal()
            self.world.advance(seconds=45)
            time.sleep(0.2)

    def _states(self) -> Counter[State]:
        with Session(self.engine) as session:
            found = session.exec(
                select(Notice.state).where(Notice.subject == f"torture:{self.number}")
            ).all()
        return Counter(State(each) for each in found)

    # -- the promise ---------------------------------------------------------------------------

    def _judge(self, struck: bool, in_flight: int) -> Tally:
        """0 lost, 0 twice in class once, at most one marked repeat, uncertain <= in flight."""
        tally = Tally(rounds=1, struck=int(struck))
        with Session(self.engine) as session:
            rows = session.exec(
                select(Notice.kind, Notice.state, roster.Person.telegram_id)
                .join(roster.Person)
                .where(Notice.subject == f"torture:{self.number}")
            ).all()
        for kind, state, account in rows:
            plain, marked = self._said(account, f"{kind.rpartition('.')[2]} {self.number}")
            where = f"round {self.number}, {kind} for {account}: {plain} + {marked} marked, {state}"
            if plain + marked == 0 and state != State.UNKNOWN:
                raise Broken(f"lost: {where}")
            if plain > 1 or marked > (1 if kind == REMINDER else 0):
                raise Broken(f"twice: {where}")
            tally.uncertain += state == State.UNKNOWN
            tally.repeated += marked
        assert {kind for kind, *_more in rows} == {ONCE, REMINDER}
        plain, marked = self._said(self.people[0].id, f"noted {self.number}")
        if plain + marked == 0 or plain > 1:
            raise Broken(f"round {self.number}: the reply came {plain} + {marked} times")
        if tally.uncertain > in_flight:
            raise Broken(f"round {self.number}: {tally.uncertain} uncertain of {in_flight}")
        return tally

    def _said(self, account: int | None, text: str) -> tuple[int, int]:
        """How often somebody got a text: plain, and marked as sent again."""
        person = next(each for each in self.people if each.id == account)
        texts = [each.text for each in person.messages() if each.from_bot]
        return texts.count(text), texts.count(f"{AGAIN}\n{text}")
