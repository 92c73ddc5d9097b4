"""How fast we may speak: Telegram's limits, kept by waiting instead of by being refused.

At most 28 requests a second over all chats, one a second in a chat (with a burst of three for
replies), 18 a minute in a group, edits counted. Replies go before bulk. Answers to presses are
not counted by Telegram and wait behind nothing. A 429 that comes all the same holds its chat for
as long as Telegram says; then one request probes, and the next follow one by one. Where several
private chats are refused at once it is the overall limit, and everything is held.

Several processes share the limits: each gives out its share of the 28, and asks the chat's row in
the database (`storage/pacing.py`) before it sends. A single process asks nobody.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from bisect import insort
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from math import inf
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.hop import commit
from storage import pacing
from storage.db import Database
from storage.pacing import CHAT_EVERY, Allowance

log = structlog.get_logger()

OVERALL_PER_SECOND = 28
CATCH_UP = 0.05  # seconds of the overall allowance that a late turn may make up for
OVERALL_SIGN = 3  # private chats refused at the same time: it is not they who are too fast
KNOWN_CHATS = 10_000
UNCOUNTED = frozenset(
    {"getMe", "getUpdates", "answerCallbackQuery", "getFile", "setWebhook", "deleteWebhook"}
)
PACED = "paced"  # the caller has waited for its turn already
REPLY, BULK = 0, 9
RETRIES = 5


class Ledger:
    """The allowances as rows: kept over a restart, and shared by several processes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, chat_id: int, *, reply: bool) -> float:
        """Takes one of a chat's allowance; else the seconds to wait for it."""
        return await commit(self._database, lambda s: pacing.take(s, chat_id, reply=reply))

    async def hold(self, chat_id: int, seconds: float) -> None:
        """Writes down what Telegram has told us to wait."""
        await commit(self._database, lambda s: pacing.hold(s, chat_id, seconds))

    async def held(self) -> list[tuple[int, float]]:
        """Who is to be left alone, and for how many seconds."""
        return await commit(self._database, pacing.held)


@dataclass(slots=True, order=True)
class _Ticket:
    """Somebody who waits for a turn."""

    priority: int
    number: int
    chat_id: int = field(compare=False)
    patience: float = field(compare=False)
    granted: asyncio.Future[bool] = field(compare=False)


class Pacer:
    """Gives out turns to speak."""

    def __init__(self, ledger: Ledger | None = None) -> None:
        self.processes = 1  # that share the limits with us, ourselves among them
        self._ledger = ledger
        self._writing: set[asyncio.Task[None]] = set()
        self._chats: dict[int, Allowance] = {}
        self._held_all = 0.0
        self._next = 0.0
        self._numbers = itertools.count()
        self._waiting: list[_Ticket] = []  # in the order of priority, then of coming
        self._arrived = asyncio.Event()
        self._granting: asyncio.Task[None] | None = None
        self.waited: Callable[[int, float], None] | None = None  # told of each turn: how long

    async def turn(self, chat_id: int, priority: int = REPLY, *, patience: float = inf) -> bool:
        """Returns True when something may be sent; False at once where that takes too long."""
        while self.wait(chat_id, priority) <= patience and await self._queue(
            chat_id, priority, patience
        ):
            wait = await self._elsewhere(chat_id, priority)
            if wait <= 0:
                return True
            now = asyncio.get_running_loop().time()
            self._chat(chat_id).give_back(now + wait)
            self._send_away(now)
        return False

    async def agree(self, processes: int) -> None:
        """Learns how many share the limits, and whom Telegram has told any of them to leave."""
        self.processes = max(processes, 1)
        for chat_id, seconds in await self._ledger.held() if self._ledger else ():
            until = asyncio.get_running_loop().time() + seconds
            if chat_id == pacing.ALL:
                self._held_all = max(self._held_all, until)
            elif self._chat(chat_id).held < until - 1.0:  # else it was told to ourselves
                self._chat(chat_id).hold(until)

    async def _elsewhere(self, chat_id: int, priority: int) -> float:
        """Seconds to wait because of what other processes have sent there."""
        if self.processes == 1 or self._ledger is None:
            return 0.0
        try:
            return await self._ledger.take(chat_id, reply=priority == REPLY)
        except DBAPIError as error:  # our own pace is kept all the same
            log.warning("pacing.ledger", error=type(error).__name__)
            return 0.0

    async def _queue(self, chat_id: int, priority: int, patience: float) -> bool:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        granted: asyncio.Future[bool] = loop.create_future()
        ticket = _Ticket(priority, next(self._numbers), chat_id, patience, granted)
        insort(self._waiting, ticket)
        self._arrived.set()
        if self._granting is None or self._granting.done():
            self._granting = asyncio.create_task(self._grant())
        got = await granted
        if self.waited is not None:
            self.waited(priority, loop.time() - begun)
        return got

    def wait(self, chat_id: int, priority: int = REPLY) -> float:
        """Seconds until the chat may be written to, after all who wait for it already."""
        before = sum(each.chat_id == chat_id for each in self._waiting)
        chat = self._chat(chat_id)
        ready = max(chat.slot(chat_id, reply=priority == REPLY), self._held_all)
        now = asyncio.get_running_loop().time()
        return max(0.0, ready - now) + before * CHAT_EVERY

    def hold(self, chat_id: int | None, seconds: float) -> None:
        """Obeys a 429: for one chat, or (None) for all. Who is too impatient for it leaves."""
        now = asyncio.get_running_loop().time()
        overall = chat_id is None
        if chat_id is None:
            self._held_all = max(self._held_all, now + seconds)
        else:
            self._chat(chat_id).hold(now + seconds)
            held = [number for number, chat in self._chats.items() if chat.held > now]
            overall = chat_id > 0 and sum(number > 0 for number in held) >= OVERALL_SIGN
            if overall:
                self._held_all = max(self._held_all, now + seconds)
            self._write_down(chat_id, seconds)
        if overall:
            self._write_down(pacing.ALL, seconds)
        self._send_away(now)

    def _send_away(self, now: float) -> None:
        """Those whose chat has to wait longer than they would."""
        for each in self._waiting:
            chat = self._chat(each.chat_id)
            if max(chat.held, self._held_all) - now > each.patience and not each.granted.done():
                each.granted.set_result(False)

    def dismiss(self, priority: int) -> None:
        """Sends away who waits with that priority or a lower one: no time is left for them."""
        for each in self._waiting:
            if each.priority >= priority and not each.granted.done():
                each.granted.set_result(False)

    def spend(self, chat_id: int) -> None:
        """Takes it that a process that is no more has used all of the chat's allowance just now."""
        self._chat(chat_id).spend(asyncio.get_running_loop().time())

    def _write_down(self, chat_id: int, seconds: float) -> None:
        if self._ledger is not None:
            task = asyncio.create_task(self._note(self._ledger, chat_id, seconds))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)

    @staticmethod
    async def _note(ledger: Ledger, chat_id: int, seconds: float) -> None:
        try:
            await ledger.hold(chat_id, seconds)
        except DBAPIError as error:
            log.warning("pacing.ledger", error=type(error).__name__)

    def _chat(self, chat_id: int) -> Allowance:
        found = self._chats.get(chat_id)
        if found is None:
            if len(self._chats) >= KNOWN_CHATS:
                past = asyncio.get_running_loop().time() - 60.0
                self._chats = {number: c for number, c in self._chats.items() if c.full > past}
            found = self._chats[chat_id] = Allowance()
        return found

    async def _grant(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._waiting = [each for each in self._waiting if not each.granted.done()]
            if not self._waiting:
                return
            delay = max(self._next, self._held_all) - loop.time()
            if delay > 0:
                await asyncio.sleep(delay)
                continue
            now = loop.time()
            slots = (
                (self._chat(t.chat_id).slot(t.chat_id, reply=t.priority == REPLY), t)
                for t in self._waiting
            )
            soonest = inf
            for slot, ticket in slots:
                if slot <= now:
                    self._let_go(ticket, now)
                    break
                soonest = min(soonest, slot)
            else:
                await self._arrival(soonest - now)

    def _let_go(self, ticket: _Ticket, now: float) -> None:
        self._waiting.remove(ticket)
        self._chat(ticket.chat_id).take(now)
        self._next = max(self._next, now - CATCH_UP) + self.processes / OVERALL_PER_SECOND
        ticket.granted.set_result(True)

    async def _arrival(self, seconds: float) -> None:
        """Waits for somebody new, but not longer than that."""
        self._arrived.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._arrived.wait(), None if seconds == inf else seconds)


class Unpaced(Pacer):
    """No limits: for a self-hosted server that has none, and for measuring."""

    async def turn(self, chat_id: int, priority: int = REPLY, *, patience: float = inf) -> bool:
        """Returns at once."""
        return True

    def wait(self, chat_id: int, priority: int = REPLY) -> float:
        """Never waits."""
        return 0.0


class Paced(BaseRateLimiter[str]):
    """Puts python-telegram-bot's calls in the pacer's order."""

    def __init__(self, pacer: Pacer) -> None:
        self.pacer = pacer

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, bool | dict[str, Any] | list[dict[str, Any]]]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: str | None,
    ) -> bool | dict[str, Any] | list[dict[str, Any]]:
        """Waits for the turn and calls; a reply that meets a 429 waits and is made again."""
        chat_id = data.get("chat_id")
        counted = chat_id if isinstance(chat_id, int) and endpoint not in UNCOUNTED else None
        for attempt in range(RETRIES):
            if counted is not None and rate_limit_args != PACED:
                await self.pacer.turn(counted)
            try:
                return await callback(*args, **kwargs)
            except RetryAfter as refused:
                wait = seconds(refused)
                self.pacer.hold(counted, wait)
                if rate_limit_args == PACED or attempt == RETRIES - 1:
                    raise
                if counted is None:
                    await asyncio.sleep(wait)
        raise AssertionError("the loop returns or raises")


def seconds(refused: RetryAfter) -> float:
    """How long Telegram asks us to wait."""
    wait = refused.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
