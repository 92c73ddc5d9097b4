"""Tonight's backup: once for each local date, by one of all processes, late where nobody was there.

Whoever finds it due claims it in the database and renews the claim while it goes on; one that
fails, or whose process is gone, is tried again after an hour. The copying is done in a thread of
its own, with a rest between two steps, and holds no transaction of the bot's.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog

from bot.hop import commit
from storage import backup
from storage.backup import BackupError, Interrupted, Keeping
from storage.db import Database
from storage.migrate import NewerSchema

log = structlog.get_logger()

REST_SECONDS = 0.005  # between two steps of about a MiB
RENEW_SECONDS = 60.0


@dataclass
class Nightly:
    """Backs the database up when the night has come."""

    database: Database
    url: str
    keeping: Keeping
    now: Callable[[], datetime]

    async def take(self) -> None:
        """Takes the backup if it is due and nobody else is at it; never raises."""
        begun = self.now()
        try:
            zone = self.keeping.zone
            if await commit(
                self.database, lambda session: backup.nightly_due(session, now=begun, zone=zone)
            ):
                good = await self._take(begun)
                await commit(
                    self.database,
                    lambda session: backup.nightly_taken(session, begun=begun, good=good),
                )
        except asyncio.CancelledError:
            log.info("backup.broken_off")  # the process ends; the next one takes it
        except Exception as error:  # it is due again after an hour
            log.error("backup.nightly", error=type(error).__name__)

    async def _take(self, begun: datetime) -> bool:
        """Whether it is there; whoever cancels this ends the thread, too."""
        stopping = threading.Event()
        try:
            copying = asyncio.create_task(asyncio.to_thread(self._copy, begun, stopping))
            while not (await asyncio.wait([copying], timeout=RENEW_SECONDS))[0]:
                await commit(self.database, partial(backup.renew, now=self.now()))
            file = copying.result()
            if file is None:
                return False
        except (BackupError, NewerSchema) as error:
            log.error("backup.failed", reason=str(error))
            return False
        finally:
            stopping.set()
        size = file.stat().st_size >> 10
        log.info("backup.taken", file=file.name, kib=size, encrypted=bool(self.keeping.key))
        return True

    def _copy(self, begun: datetime, stopping: threading.Event) -> Path | None:
        def rest() -> None:
            if stopping.wait(REST_SECONDS):
                raise Interrupted

        try:
            return backup.nightly(self.url, self.keeping, now=begun, rest=rest)
        except Interrupted:
            return None
