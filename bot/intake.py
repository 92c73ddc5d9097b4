"""Updates in: an update is confirmed to Telegram only after its effect is committed.

By long polling, the next `getUpdates` offset confirms; by webhook (`bot/webhook.py`), the HTTP 200
does. The stock updater confirms first and handles later, and a kill in between loses what was
waiting. Updates of one chat are handled in their order, chats side by side. A poison update gets
three tries and is parked; the others flow.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session
from telegram import Update
from telegram.error import Conflict, RetryAfter, TelegramError, TimedOut
from telegram.ext import Application, BaseUpdateProcessor

from bot.hop import commit
from bot.line import Line
from bot.pacing import seconds
from bot.speaking import Speaker
from bot.watch import Watch
from handlers.acts import Act
from handlers.dispatch import Conversation
from storage import trouble, updates, upkeep
from storage.db import Database
from storage.upkeep import Mark
from storage.workers import Worker

log = structlog.get_logger()

IN_FLIGHT = 24
FIRST_WAIT = 0.2  # seconds after a poll that failed; doubled each time
POLL_SECONDS = 25  # a long poll is answered after so long, with nothing if need be
POLL_GRACE = 10.0  # after which no answer is a connection that is dead and does not say so
ALLOWED = ["message", "callback_query", "my_chat_member", "poll"]


class ChatOrder(BaseUpdateProcessor):
    """Updates of one chat one after the other, chats side by side.

    Presses in a group are put in order for each person: forty who tap at once share a commit.
    """

    def __init__(self) -> None:
        super().__init__(max_concurrent_updates=IN_FLIGHT)
        self._lanes: dict[tuple[int, int], tuple[asyncio.Lock, int]] = {}

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Waits for what came earlier in its lane, then runs."""
        chat = update.effective_chat if isinstance(update, Update) else None
        if not isinstance(update, Update) or chat is None:
            await coroutine
            return
        query = update.callback_query
        lane = chat.id, query.from_user.id if query is not None else chat.id
        lock, waiting = self._lanes.get(lane, (asyncio.Lock(), 0))
        self._lanes[lane] = lock, waiting + 1
        try:
            async with lock:
                await coroutine
        finally:
            lock, waiting = self._lanes[lane]
            if waiting == 1:
                del self._lanes[lane]
            else:
                self._lanes[lane] = lock, waiting - 1


@dataclass
class Intake:
    """Hands updates to the handlers, each once."""

    database: Database
    conversation: Conversation
    speaker: Speaker
    worker: Worker
    now: Callable[[], datetime]
    watch: Watch
    poll_seconds: int = POLL_SECONDS
    poll_grace: float = POLL_GRACE
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    unheard: set[int] = field(default_factory=set)  # left to the next process: never confirmed

    async def converse(self, update: Update) -> None:
        """Commits the effect of an update, then lets it be answered.

        A try counts only when the update is to blame and the database can write it down: while that
        is away, locked, full or damaged, an update is neither given up nor confirmed.
        """
        begun, wait = time.monotonic(), 0.5
        while True:
            try:
                acts = await commit(self.database, lambda session: self._handle(session, update))
            except updates.AlreadyHandled:
                self.watch.update("again")
                with contextlib.suppress(DBAPIError):  # the clock catches up with it in any case
                    await self.speaker.make_good(update.update_id)
                return
            except Exception as error:
                try:
                    if trouble.advice(error) is not None:
                        raise
                    if await self._failed(update, error):
                        return
                except Exception as found:
                    advice = trouble.advice(found)
                    log.error("intake.database", error=type(found).__name__, advice=advice)
                    await self._pause(wait)
                    wait = min(wait * 2, 5.0)
                    if self.stopping.is_set():
                        self.unheard.add(update.update_id)
                        return
            else:
                self.watch.update("handled", time.monotonic() - begun)
                self.speaker.say(update.update_id, acts)
                return

    def _handle(self, session: Session, update: Update) -> list[Act]:
        return self.conversation.handle(session, update, now=self.now(), worker=self.worker.id)

    async def _failed(self, update: Update, error: Exception) -> bool:
        """Counts a try of an update that broke something; True when it is parked."""
        where = _place(error)
        log.error("update.failed", update_id=update.update_id, error=where)
        now = self.now()
        parked = await commit(
            self.database, lambda session: updates.park(session, update.update_id, where, now=now)
        )
        self.watch.update("parked" if parked else "failed")
        if parked:
            self.speaker.say(update.update_id, self.conversation.apology(update))
        return parked

    async def poll(self, application: Application[Any, Any, Any, Any, Any, Any]) -> None:
        """Long polling until told to stop.

        At first, and after any trouble, it asks without waiting: whether all is well (again) shall
        be known at once, and not when the next update comes.
        """
        order = application.update_processor
        offset, wait = 0, FIRST_WAIT  # the offset confirms what came before it
        well = False
        while not self.stopping.is_set():
            span, well = self.poll_seconds if well else 0, False
            try:
                batch, following = await self._fetch(application.bot, offset, span)
            except Conflict:
                self.watch.poll("conflict")
                await self._interfered()
            except RetryAfter as refused:
                self.watch.poll("failed")
                await self._pause(seconds(refused))
            except TelegramError as error:  # a refused token too: it may be made good again
                self.watch.poll("stalled" if isinstance(error, TimedOut) else "failed")
                log.warning("intake.poll", error=type(error).__name__)
                await self._pause(wait)
                wait = min(wait * 2, 30.0)
            except Exception as error:  # the database is away: the batch comes again
                self.watch.poll("failed")
                log.error("intake.poll", error=type(error).__name__)
                await self._pause(wait)
                wait = min(wait * 2, 30.0)
            else:
                self.watch.poll("answered")
                wait, well = FIRST_WAIT, True
                await asyncio.gather(
                    *(
                        order.process_update(each, application.process_update(each))
                        for each in batch
                    )
                )
                offset = following

    async def _fetch(self, bot: Line, offset: int, span: int) -> tuple[Sequence[Update], int]:
        """The next updates, and the offset that will confirm them.

        A connection may die without a word. Then no answer comes, not even the empty one that a
        long poll ends with; the request is given up, its connection closed, and a new one made.
        """
        try:
            batch: Sequence[Update] = await bot.get_updates(
                offset=offset,
                timeout=span,
                allowed_updates=ALLOWED,
                read_timeout=self.poll_grace,  # the library adds the timeout to it
            )
            return batch, batch[-1].update_id + 1 if batch else offset
        except TelegramError:
            raise
        except Exception:  # one that the library cannot read would keep all others waiting
            told = await bot.call("getUpdates", offset=offset)
            read = [await self.read(bot, each) for each in told]
            batch = [update for update in read if update is not None]
            return batch, told[-1]["update_id"] + 1 if told else offset

    async def read(self, bot: Line, told: dict[str, Any]) -> Update | None:
        """One update; None, and parked, when it cannot be read."""
        try:
            return Update.de_json(told, bot)
        except Exception as error:
            update_id, where, now = int(told["update_id"]), _place(error), self.now()
            log.error("update.unreadable", update_id=update_id, error=where)
            self.watch.update("unreadable")
            await commit(
                self.database,
                lambda session: updates.park(session, update_id, where, now=now, at_once=True),
            )
            return None

    async def _interfered(self) -> None:
        """Stands by while another instance polls; `chibo doctor` tells of it."""
        log.error("intake.conflict", advice="another instance is polling with this token")
        now = self.now()
        with contextlib.suppress(DBAPIError):  # an exception here would end the polling
            await commit(
                self.database, lambda session: upkeep.note(session, Mark.CONFLICT, now=now)
            )
        await self._pause(10.0)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return


def _place(error: Exception) -> str:
    """The class of an error and the place in our code: never its text, which may hold words."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if "site-packages" not in each.filename] or frames
    last = ours[-1]
    return f"{type(error).__name__} at {last.filename.rsplit('/', 2)[-1]}:{last.lineno} {last.name}"
