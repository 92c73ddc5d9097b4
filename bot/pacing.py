"""How fast we may speak: Telegram's limits, kept by waiting instead of by being refused.

At most 28 requests a second over all chats, one a second in a private chat (with a burst of three
for replies), 18 a minute in a group, edits counted. Replies go before bulk. Answers to presses
are not counted by Telegram and wait behind nothing. A 429 that comes all the same holds its chat
(and, when it is a private one, everything) for as long as Telegram says.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

OVERALL_PER_SECOND = 28
PRIVATE_BURST = 3
GROUP_PER_MINUTE = 18
UNCOUNTED = frozenset(
    {"getMe", "getUpdates", "answerCallbackQuery", "getFile", "setWebhook", "deleteWebhook"}
)
PACED = "paced"  # the caller has waited for its turn already
REPLY, BULK = 0, 9
RETRIES = 5


class Pacer:
    """Gives out turns to speak."""

    def __init__(self) -> None:
        self._private: dict[int, float] = {}  # when the chat's allowance is full again
        self._groups: dict[int, deque[float]] = {}
        self._held: dict[int, float] = {}
        self._held_all = 0.0
        self._next = 0.0
        self._order = itertools.count()
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._granting: asyncio.Task[None] | None = None

    async def turn(self, chat_id: int, priority: int = REPLY) -> None:
        """Returns when something may be sent to the chat."""
        while True:
            wait = self.wait(chat_id)
            if wait <= 0:
                break
            await asyncio.sleep(wait)
        self._take(chat_id)
        ticket: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, next(self._order), ticket))
        if self._granting is None or self._granting.done():
            self._granting = asyncio.create_task(self._grant())
        await ticket

    def wait(self, chat_id: int) -> float:
        """Seconds until the chat may be written to, other chats apart."""
        now = asyncio.get_running_loop().time()
        ready = max(self._held.get(chat_id, 0.0), self._held_all)
        if chat_id < 0:
            sent = self._groups.get(chat_id)
            if sent is not None and len(sent) == GROUP_PER_MINUTE:
                ready = max(ready, sent[0] + 60.0)
        else:
            ready = max(ready, self._private.get(chat_id, 0.0) - (PRIVATE_BURST - 1))
        return max(0.0, ready - now)

    def hold(self, chat_id: int | None, seconds: float) -> None:
        """Obeys a 429: for one chat, or (None) for all."""
        until = asyncio.get_running_loop().time() + seconds
        if chat_id is None:
            self._held_all = max(self._held_all, until)
        else:
            self._held[chat_id] = max(self._held.get(chat_id, 0.0), until)

    def _take(self, chat_id: int) -> None:
        now = asyncio.get_running_loop().time()
        if chat_id < 0:
            self._groups.setdefault(chat_id, deque(maxlen=GROUP_PER_MINUTE)).append(now)
            return
        self._private[chat_id] = max(self._private.get(chat_id, 0.0), now) + 1.0
        if len(self._private) > 10_000:
            self._private = {chat: full for chat, full in self._private.items() if full > now}

    async def _grant(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            delay = max(self._next, self._held_all) - loop.time()
            if delay > 0:
                await asyncio.sleep(delay)
                continue
            *_rank, ticket = heapq.heappop(self._waiting)
            if not ticket.cancelled():
                ticket.set_result(None)
                self._next = max(self._next, loop.time() - 0.1) + 1.0 / OVERALL_PER_SECOND


class Unpaced(Pacer):
    """No limits: for a self-hosted server that has none, and for measuring."""

    async def turn(self, chat_id: int, priority: int = REPLY) -> None:
        """Returns at once."""

    def wait(self, chat_id: int) -> float:
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
