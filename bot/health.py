"""Whether the bot can do its work, and whether it moves at all.

*Red* is what keeps it from its work: the database, the schema, answers from Telegram, the token,
the delivery, the clock. *Standing still* is a loop that no longer comes round: nothing but a new
start helps there, so systemd is told that all is well only while nothing stands still. A database
or a Telegram that is away makes parts red, but their loops come round and wait for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from bot.hop import commit
from bot.systemd import Systemd
from bot.watch import Watch
from storage import migrate, outbox, upkeep
from storage.db import Database
from storage.upkeep import Mark

PARTS = ("database", "schema", "intake", "token", "delivery", "clock")
BEAT = 1.0  # seconds between two looks at the loop
LATE = 1.0  # seconds by which the loop may miss a beat
FRESH = 2.0  # seconds for which a look counts: however many ask, the database is asked once
PATIENCE = 3.0  # seconds that the database may take


@dataclass
class Health:
    """Judges one process of the bot."""

    database: Database
    watch: Watch
    systemd: Systemd
    now: Callable[[], datetime]
    silence: float = 90.0  # seconds without an answer to getUpdates; a long poll takes up to 35
    idleness: float = 60.0  # seconds in which clock and delivery have to be of use
    standstill: float = 120.0  # seconds without a round; SQLite alone may wait 30 for a lock
    intake_trouble: str = ""  # what Telegram says of the webhook
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)
    _looked_at: float | None = None
    _found: dict[str, str] = field(default_factory=dict)
    _head: str | None = None

    async def beat(self) -> None:
        """Measures how late the loop is, and gives systemd its sign of life, until cancelled."""
        every = BEAT if self.systemd.patience is None else min(BEAT, self.systemd.patience / 3)
        while True:
            due = time.monotonic() + every
            await asyncio.sleep(every)
            self.watch.lateness = time.monotonic() - due
            if not self.standing():
                self.systemd.alive()

    def standing(self) -> dict[str, str]:
        """The loops that no longer come round, and for how long."""
        loops = {"delivery": self.watch.delivery, "clock": self.watch.clock}
        return {
            name: f"stands still for {pulse.still:.0f} s"
            for name, pulse in loops.items()
            if pulse.still > self.standstill
        }

    def reasons(self) -> dict[str, str]:
        """What a process that is alive has to complain of."""
        late = self.watch.lateness
        return {**self.standing(), **({"loop": f"late by {late:.1f} s"} if late > LATE else {})}

    async def red(self) -> dict[str, str]:
        """The parts that keep the bot from its work, each with its reason; nothing private."""
        async with self._looking:
            if self._looked_at is None or time.monotonic() - self._looked_at > FRESH:
                self._found = await self._look()
                self._looked_at = time.monotonic()
            return self._found

    async def queue(self) -> tuple[int, int, float] | None:
        """How many notices are due and how many will be, and the oldest's seconds; or None."""
        now = self.now()
        try:
            waiting = await asyncio.wait_for(
                commit(self.database, lambda session: outbox.waiting(session, now=now)), PATIENCE
            )
        except Exception:  # what it is, the look at the database tells
            return None
        return waiting.due, waiting.later, waiting.oldest.total_seconds()

    async def _look(self) -> dict[str, str]:
        watch, red = self.watch, await self._look_at_database()
        if watch.token_refused:
            red |= {"token": "Telegram refuses it"}
        for name, pulse, patience in (
            ("intake", watch.intake, self.silence),
            ("delivery", watch.delivery, self.idleness),
            ("clock", watch.clock, self.idleness),
        ):
            if pulse.idle is None:
                red[name] = "has not begun"
            elif pulse.idle > patience:
                red[name] = f"of no use for {pulse.idle:.0f} s"
        if self.intake_trouble:
            red["intake"] = self.intake_trouble
        elif self._somebody_else_polls():
            red["intake"] = "somebody else polls with this token"
        return red

    def _somebody_else_polls(self) -> bool:
        """On PostgreSQL it is one of us, and this one stands by."""
        at = self.watch.conflict_at
        recently = at is not None and time.monotonic() - at < self.silence
        return recently and self.database.dialect == "sqlite"

    async def _look_at_database(self) -> dict[str, str]:
        if self._head is None:
            self._head = await asyncio.to_thread(migrate.head)
        now = self.now()

        def write(session: Session) -> str | None:
            upkeep.note(session, Mark.PROBED, now=now)
            return migrate.revision(session)

        try:
            found = await asyncio.wait_for(commit(self.database, write), PATIENCE)
        except TimeoutError:
            return {"database": f"does not answer within {PATIENCE:.0f} s"}
        except Exception as error:
            return {"database": type(error).__name__}
        if found != self._head:
            return {"schema": f"is {found}; this program is for {self._head}"}
        return {}
