"""The queue of updates and the two ways out of it: long polling and the webhook.

An update leaves the queue when the bot confirms it (a higher offset, or HTTP 200 to the webhook) or
when it has waited too long: a day, but a press of a button only 150 seconds.
"""

import asyncio
import secrets
from collections import OrderedDict, deque
from dataclasses import dataclass
from itertools import count, islice
from typing import Any

import aiohttp

from bot.simulator.clock import Clock
from bot.simulator.errors import conflict
from bot.simulator.state import Json

DAY = 86_400
PRESS_LIFETIME = 150
QUIET_WEEK = 7 * DAY
NOT_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}


def _some_id() -> int:
    return 10**8 + secrets.randbelow(8 * 10**8)


@dataclass(slots=True)
class Update:
    seq: int
    id: int
    body: Json
    expires: int
    lane: int  # updates of one chat are delivered to a webhook in order


class Updates:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.allowed: list[str] | None = None
        self.webhook: Webhook | None = None
        self._waiting: OrderedDict[int, Update] = OrderedDict()
        self._seq = count(1)
        self._next_id = _some_id()
        self._last_at = clock.timestamp()
        self._poll: asyncio.Future[str] | None = None
        self._injected = False
        self._moved = False  # the clock, while nobody was waiting who could be told

    def __len__(self) -> int:
        return len(self._waiting)

    def wants(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in NOT_BY_DEFAULT

    def add(self, kind: str, content: Json, lane: int) -> None:
        if not self.wants(kind):
            return
        now = self.clock.timestamp()
        if not self._waiting and now - self._last_at >= QUIET_WEEK:
            self._next_id = _some_id()
        self._last_at = now
        lifetime = PRESS_LIFETIME if kind == "callback_query" else DAY
        update_id, self._next_id = self._next_id, self._next_id + 1
        body: Json = {"update_id": update_id, kind: content}
        self._put(Update(next(self._seq), update_id, body, now + lifetime, lane))

    def inject(self, body: Json) -> int:
        """Any update, as it is; it gets an update_id when it has none."""
        if "update_id" not in body:
            body = {"update_id": self._next_id, **body}
            self._next_id += 1
        self._injected = True
        update_id = int(body["update_id"])
        expires = self.clock.timestamp() + DAY
        self._put(Update(next(self._seq), update_id, body, expires, update_id))
        return update_id

    def _put(self, update: Update) -> None:
        self._waiting[update.seq] = update
        if self.webhook is not None:
            self.webhook.put(update)
        else:
            self.wake("update")

    def wake(self, reason: str) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(reason)

    def clock_moved(self) -> None:
        """Forget what is too old by now, and let the bot see the new Date."""
        self._sweep()
        self._moved = self._poll is None or self._poll.done()
        self.wake("clock")

    def _sweep(self) -> None:
        now = self.clock.timestamp()
        for update in [u for u in self._waiting.values() if u.expires <= now]:
            del self._waiting[update.seq]

    def done(self, update: Update) -> None:
        self._waiting.pop(update.seq, None)

    def is_waiting(self, update: Update) -> bool:
        return update.seq in self._waiting and update.expires > self.clock.timestamp()

    def drop_all(self) -> None:
        self._waiting.clear()

    # Long polling

    async def poll(
        self, offset: int, limit: int, seconds: float, gone: asyncio.Event
    ) -> list[Json]:
        """One getUpdates; a later one ends it with 409, and so does the client when it leaves."""
        if self.webhook is not None:
            raise conflict(
                "can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first"
            )
        self.wake("conflict")
        self._confirm(offset)
        if self._waiting or self._moved or seconds <= 0:
            self._moved = False
            return self._batch(limit)
        poll = self._poll = asyncio.get_running_loop().create_future()
        leaving = asyncio.ensure_future(gone.wait())
        try:
            await asyncio.wait({poll, leaving}, timeout=seconds, return_when="FIRST_COMPLETED")
        finally:
            leaving.cancel()
            if self._poll is poll:
                self._poll = None
        reason = poll.result() if poll.done() else "timeout"
        if reason == "conflict":
            raise conflict(
                "terminated by other getUpdates request; "
                "make sure that only one bot instance is running"
            )
        return self._batch(limit)

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            for update in list(self._waiting.values())[:offset]:
                self.done(update)
            return
        if offset > self._next_id and not self._injected:
            return  # the identifiers started anew: an offset of the old ones confirms nothing
        if self._injected:
            for update in [u for u in self._waiting.values() if u.id < offset]:
                self.done(update)
            self._injected = bool(self._waiting)
            return
        while self._waiting:
            first = next(iter(self._waiting.values()))
            if first.id >= offset:
                break
            del self._waiting[first.seq]

    def _batch(self, limit: int) -> list[Json]:
        now = self.clock.timestamp()
        batch = list(islice(self._waiting.values(), limit))
        if any(update.expires <= now for update in batch):
            self._sweep()
            batch = list(islice(self._waiting.values(), limit))
        return [update.body for update in batch]

    # Webhook

    def set_webhook(self, url: str, secret: str, max_connections: int) -> None:
        self.delete_webhook()
        self.wake("conflict")
        self.webhook = Webhook(self, url, secret, max_connections)
        for update in self._waiting.values():
            self.webhook.put(update)

    def delete_webhook(self) -> None:
        if self.webhook is not None:
            self.webhook.stop()
            self.webhook = None

    def close(self) -> None:
        self.delete_webhook()
        self.wake("conflict")


class Webhook:
    """Delivers in order per lane, several lanes at once, and again until the bot says 200."""

    def __init__(self, updates: Updates, url: str, secret: str, max_connections: int) -> None:
        self.updates, self.url, self.max_connections = updates, url, max_connections
        self.last_error: tuple[int, str] | None = None
        self._headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        self._lanes: dict[int, deque[Update]] = {}
        self._ready: asyncio.Queue[int] = asyncio.Queue()
        self._failures: dict[int, int] = {}
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60))
        self._tasks = [asyncio.create_task(self._work()) for _ in range(max_connections)]

    def put(self, update: Update) -> None:
        lane = self._lanes.get(update.lane)
        if lane is None:
            self._lanes[update.lane] = deque([update])
            self._ready.put_nowait(update.lane)
        else:
            lane.append(update)

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._closing = asyncio.ensure_future(self._session.close())

    async def _work(self) -> None:
        while True:
            key = await self._ready.get()
            lane = self._lanes[key]
            update = lane[0]
            if self.updates.is_waiting(update) and not await self._post(update.body):
                failures = self._failures[key] = self._failures.get(key, 0) + 1
                delay = min(0.25 * 2**failures, 5.0)
                asyncio.get_running_loop().call_later(delay, self._ready.put_nowait, key)
                continue
            self._failures.pop(key, None)
            self.updates.done(update)
            lane.popleft()
            if lane:
                self._ready.put_nowait(key)
            else:
                del self._lanes[key]

    async def _post(self, body: Any) -> bool:
        try:
            async with self._session.post(self.url, json=body, headers=self._headers) as reply:
                if reply.status == 200:
                    return True
                error = f"Wrong response from the webhook: {reply.status} {reply.reason}"
        except (aiohttp.ClientError, TimeoutError, OSError) as failure:
            error = f"{type(failure).__name__}"
        self.last_error = (self.updates.clock.timestamp(), error)
        return False
