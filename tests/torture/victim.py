"""The production bot with a bomb in it: at a named step it sends itself a signal.

A *zygote* imports everything once and forks a bot whenever it is told to, because a torture run
needs a thousand of them. What is wrapped here only counts and strikes; the code that runs is the
bot's own. The bomb is a file, "step nth signal", so that it can be laid while the bot runs; it is
gone before it strikes.

    zygote  <- "start"          -> "pid 4711", and when it has ended "end -9"
"""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from sqlmodel import col, select

from bot import config, logs
from bot.app import Chibo, build
from bot.cli.house import upgrade
from bot.delivery import Delivery
from bot.intake import Intake
from bot.pacing import Unpaced
from bot.single import alone
from bot.speaking import Speaker
from handlers.dispatch import Conversation
from handlers.kit import Note, Say, Talk
from handlers.routing import Route
from storage import outbox
from storage.db import Database
from storage.outbox import Class
from storage.roster import Person

# The step, what is wrapped, and whether the signal comes before or after it has run.
STEPS: dict[str, tuple[Any, str, str]] = {
    "fetched": (Intake, "_fetch", "after"),  # updates in hand, none handled
    "enqueued": (outbox, "enqueue", "after"),  # rows written, not committed
    "handled": (Conversation, "handle", "after"),  # the whole effect, not committed
    "committed": (Speaker, "say", "before"),  # committed; not said, not confirmed
    "said": (Speaker, "_do", "after"),  # the reply is out, nobody has noted it
    "leased": (Delivery, "_deliver", "before"),
    "sending": (Delivery, "_send", "before"),  # committed as sending, the socket untouched
    "answered": (Delivery, "_send", "after"),  # Telegram has answered, not committed
    "settled": (Delivery, "_attempt", "after"),
}
ACCEPTED = "accepted"  # Telegram has accepted, its answer is not read: a barrier of the simulator
ONCE, REMINDER = "torture.once", "torture.reminder"


class Bomb:
    """Counts how often a step is taken."""

    def __init__(self, file: Path) -> None:
        self.file, self.laid, self.count = file, "", 0

    def passes(self, step: str) -> None:
        """A step is taken: the signal, when it is the one."""
        try:
            laid = self.file.read_text()
        except FileNotFoundError:
            return
        if laid != self.laid:
            self.laid, self.count = laid, 0
        wanted, nth, name, _number = laid.split()
        if wanted == step:
            self.count += 1
            if self.count == int(nth):
                self.file.unlink()
                os.kill(os.getpid(), signal.Signals[name])


def plant(bomb: Bomb) -> None:
    """Wraps every step."""
    for step, (owner, name, when) in STEPS.items():
        setattr(owner, name, _wrapped(getattr(owner, name), step, when, bomb))


def _wrapped(run: Callable[..., Any], step: str, when: str, bomb: Bomb) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(run):

        @wraps(run)
        async def later(*args: Any, **kwargs: Any) -> Any:
            if when == "before":
                bomb.passes(step)
            result = await run(*args, **kwargs)
            if when == "after" and not (step == "fetched" and not result[0]):
                bomb.passes(step)
            return result

        return later

    @wraps(run)
    def now(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            bomb.passes(step)
        result = run(*args, **kwargs)
        if when == "after":
            bomb.passes(step)
        return result

    return now


def owe(talk: Talk) -> Say:
    """/owe 7: everybody on the roll is owed one notice of each class."""
    linked = select(Person.id).where(col(Person.telegram_id).is_not(None))
    people = [outbox.to_person(each) for each in talk.session.exec(linked).all()]
    for kind, klass in ((ONCE, Class.ONCE), (REMINDER, Class.REMINDER)):
        outbox.enqueue(
            talk.session, kind, f"torture:{talk.text}", people, klass=klass, now=talk.now
        )
    return Say(f"noted {talk.text}")


def words(note: Note) -> Say:
    """What a notice says: its class and its round."""
    kind = note.notice.kind.rpartition(".")[2]
    return Say(f"{kind} {note.notice.subject.rpartition(':')[2]}")


def ready(settings: config.Settings, database: Database) -> Chibo:
    """The bot, with a command and two notices of the torture's own."""
    chibo = build(settings, database, pacer=Unpaced() if os.environ.get("UNPACED") else None)
    routes = chibo.conversation.routes
    routes["command", "owe"] = Route("command", "owe", "home", owe)
    for kind, klass in ((ONCE, Class.ONCE), (REMINDER, Class.REMINDER)):
        routes["notice", kind] = Route("notice", kind, "home", words, klass=klass)
    return chibo


def live() -> None:
    """One bot, from its start to its end."""
    settings = config.load()
    logs.configure(settings.secrets)
    plant(Bomb(Path(os.environ["BOMB"])))
    with alone(settings.database):
        upgrade(settings)
        database = Database(settings.database)
        asyncio.run(ready(settings, database).serve())
        database.close()


def zygote() -> None:
    """Forks a bot for every line that says so; tells its number and how it ended."""
    for line in sys.stdin:
        if line.strip() != "start":
            continue
        pid = os.fork()
        if pid == 0:
            live()
            os._exit(0)
        print(f"pid {pid}", flush=True)
        _pid, status = os.waitpid(pid, 0)
        print(f"end {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    zygote()
