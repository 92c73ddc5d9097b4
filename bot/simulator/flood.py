"""Flood control: how much a bot may send. In real time, never in the movable clock."""

import math
from collections import deque
from time import monotonic

from bot.simulator.errors import ApiError

OVERALL_PER_SECOND = 30.0
PRIVATE_PER_SECOND = 1.0
PRIVATE_BURST = 3.0
GROUP_PER_MINUTE = 20


class Bucket:
    """Tokens that come back at a steady rate."""

    __slots__ = ("at", "capacity", "rate", "tokens")

    def __init__(self, capacity: float, rate: float) -> None:
        self.capacity, self.rate, self.tokens, self.at = capacity, rate, capacity, monotonic()

    def wait(self, now: float) -> float:
        """Seconds until one more is allowed; zero when it is allowed now."""
        self.tokens = min(self.capacity, self.tokens + (now - self.at) * self.rate)
        self.at = now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) / self.rate


class Flood:
    def __init__(self, on: bool) -> None:
        self.on = on
        self._overall = Bucket(OVERALL_PER_SECOND, OVERALL_PER_SECOND)
        self._private: dict[int, Bucket] = {}
        self._groups: dict[int, deque[float]] = {}

    def check(self, chat_id: int | None) -> None:
        """Count one send or edit, or refuse it; what is refused is not counted."""
        if not self.on:
            return
        now = monotonic()
        wait = self._overall.wait(now)
        if chat_id is not None:
            wait = max(wait, self._wait_in_chat(chat_id, now))
        if wait > 0:
            seconds = math.ceil(wait)
            raise ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        self._overall.tokens -= 1
        if chat_id is not None:
            self._count_in_chat(chat_id, now)

    def _wait_in_chat(self, chat_id: int, now: float) -> float:
        if chat_id > 0:
            bucket = self._private.get(chat_id)
            if bucket is None:
                bucket = self._private[chat_id] = Bucket(PRIVATE_BURST, PRIVATE_PER_SECOND)
            return bucket.wait(now)
        sent = self._groups.setdefault(chat_id, deque(maxlen=GROUP_PER_MINUTE))
        return sent[0] + 60 - now if len(sent) == GROUP_PER_MINUTE else 0.0

    def _count_in_chat(self, chat_id: int, now: float) -> None:
        if chat_id > 0:
            self._private[chat_id].tokens -= 1
        else:
            self._groups[chat_id].append(now)
