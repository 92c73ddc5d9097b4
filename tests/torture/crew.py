"""Three processes on one PostgreSQL share a large post; one of them is killed on the way.

Nobody leads: each claims what it can send, one hears people and the others stand by. What the
killed one held is taken up by the two that are left.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, col, func, select

from bot.simulator.client import Newcomer, World
from storage import migrate, outbox, roster
from storage.db import Database
from storage.outbox import Class, Notice, State
from tests.torture.lane import ACCOUNT, AGAIN, PATIENCE, ROOT, Broken
from tests.torture.victim import ONCE, REMINDER

PROCESSES, PEOPLE = 3, 100
Post = tuple[int | None, str]  # the account, and what it is told


@dataclass(frozen=True)
class Shared:
    """What came of it."""

    sent: int
    uncertain: int
    repeated: int  # marked as such
    senders: int  # processes that have sent something
    seconds: float


def share(world: World, url: str, folder: Path, notices: int) -> Shared:
    """Has them send so many, and kills one after a third; raises Broken, or tells what came of it.

    Half of the notices are of class once, half are reminders.
    """
    migrate.upgrade(url)
    database = Database(url)
    with ExitStack() as stack:
        crew = [_process(world, url, folder / f"crew{n}.log", stack) for n in range(PROCESSES)]
        _until(lambda: len(world.calls("deleteWebhook")) == PROCESSES, "they do not all start")
        begun = time.monotonic()
        _owe(database, world, notices)
        _until(
            lambda: (
                _states(database)[State.SENT] >= notices // 3 and _senders(database) == PROCESSES
            ),
            "they do not share it",
        )
        crew[0].kill()
        crew[0].wait()
        # More than the killed one had: the others are sending at this moment, too.
        in_flight, senders = _sending(database), _senders(database)
        while not _all_settled(database):
            if time.monotonic() - begun > PATIENCE * 5:
                raise Broken(f"it does not end: {_states(database)}")
            if not _due(database, world):
                world.advance(seconds=45)  # repeats of what is uncertain come due
            time.sleep(0.5)
        seconds = time.monotonic() - begun
    states, uncertain = _states(database), _uncertain(database)
    database.close()
    repeated = _judge(world, notices, uncertain)
    if len(uncertain) > in_flight:
        raise Broken(f"{len(uncertain)} uncertain of {in_flight} in flight")
    return Shared(states[State.SENT], len(uncertain), repeated, senders, seconds)


def _owe(database: Database, world: World, notices: int) -> None:
    crowd = world.crowd(
        [Newcomer(f"Người {n}", id=ACCOUNT + n, started=True) for n in range(PEOPLE)]
    )

    def settle(session: Session) -> None:
        unit = roster.unit_at(session, "Chi bộ 1")
        people = [
            roster.new_person(
                session,
                unit,
                f"Trần Văn {each.first_name}",
                telegram_id=each.id,
                linked_at=world.now,
                consented_at=world.now,
                started=True,
            )
            for each in crowd
        ]
        to = [outbox.to_person(each.id) for each in people]
        for number in range(notices // PEOPLE):
            kind, klass = ((ONCE, Class.ONCE), (REMINDER, Class.REMINDER))[number % 2]
            outbox.enqueue(session, kind, f"torture:{number}", to, klass=klass, now=world.now)

    database.run(settle)


def _process(world: World, url: str, log: Path, stack: ExitStack) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "CHIBO_TOKEN": world.token,
        "CHIBO_API_URL": world.api_url,
        "CHIBO_DATABASE_URL": url,
        "CHIBO_CLOCK": "server",
        "CHIBO_QUIET_HOURS": "",
        "CHIBO_AUDIT_KEY": "5e" * 32,  # one for all of them
        "BOMB": str(log.with_suffix(".bomb")),
        "UNPACED": "1",
        "PYTHONPATH": str(ROOT),
    }
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", "from tests.torture.victim import live; live()"],
            cwd=log.parent,
            env=environment,
            stdout=out,
            stderr=out,
        )

    def end() -> None:
        process.send_signal(signal.SIGTERM)
        process.wait(60)

    stack.callback(end)
    return process


def _until(done: Callable[[], bool], trouble: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise Broken(trouble)
        time.sleep(0.05)


def _states(database: Database) -> Counter[State]:
    found = database.run(
        lambda s: s.exec(select(Notice.state, func.count()).group_by(col(Notice.state))).all()
    )
    return Counter({State(state): number for state, number in found})


def _senders(database: Database) -> int:
    sent = select(Notice.worker).where(Notice.state == State.SENT).distinct()
    return len(database.run(lambda s: s.exec(sent).all()))


def _sending(database: Database) -> int:
    sending = select(func.count()).where(Notice.state == State.SENDING)
    return database.run(lambda s: s.exec(sending).one())


def _due(database: Database, world: World) -> int:
    now = world.now
    moving = (State.LEASED, State.SENDING)
    due = select(func.count()).where(
        col(Notice.state).in_(moving) | (Notice.state == State.QUEUED) & (col(Notice.due_at) <= now)
    )
    return database.run(lambda s: s.exec(due).one())


def _all_settled(database: Database) -> bool:
    return set(_states(database)) <= {State.SENT, State.UNKNOWN}


def _uncertain(database: Database) -> set[Post]:
    """Which may not have arrived, and are listed as such."""
    listed = (
        select(roster.Person.telegram_id, Notice.kind, Notice.subject)
        .join(Notice, col(Notice.person_id) == roster.Person.id)
        .where(Notice.state == State.UNKNOWN)
    )
    return {
        (account, f"{kind.rpartition('.')[2]} {subject.rpartition(':')[2]}")
        for account, kind, subject in database.run(lambda s: s.exec(listed).all())
    }


def _judge(world: World, notices: int, uncertain: set[Post]) -> int:
    """Nothing lost, nothing of class once twice, at most one marked repeat of a reminder."""
    plain: Counter[Post] = Counter()
    marked: Counter[Post] = Counter()
    for call in world.calls("sendMessage"):
        mark, _newline, again = str(call.params["text"]).rpartition("\n")
        if call.status == 200:
            (marked if mark == AGAIN else plain)[call.chat_id, again] += 1
    wanted = {
        (ACCOUNT + person, f"{'once' if number % 2 == 0 else 'reminder'} {number}")
        for person in range(PEOPLE)
        for number in range(notices // PEOPLE)
    }
    if lost := [each for each in wanted - uncertain if plain[each] + marked[each] == 0]:
        raise Broken(f"lost: {lost[:5]}")
    if twice := [each for each in wanted if plain[each] > 1 or marked[each] > 1]:
        raise Broken(f"twice: {twice[:5]}")
    if once := [each for each in wanted if marked[each] and each[1].startswith("once")]:
        raise Broken(f"class once was repeated: {once[:5]}")
    return sum(marked.values())
