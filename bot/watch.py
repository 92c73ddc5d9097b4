"""What a process sees of itself while it works: figures for a watcher, and whether its loops go on.

The parts of the bot tell it what they do, in a word and a number; `bot/health.py` judges the loops
and `bot/site.py` shows the figures. No figure is labelled with an id or with anything that people
write: a label holds a word of the program or a number of Telegram's. The registry is the process's
own and not the library's, so that two bots in one process (as in tests) do not count as one.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from math import nan
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest

SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SIZES = (1, 2, 4, 8, 16, 32, 64)
UPDATES = ("handled", "again", "failed", "parked", "unreadable")
POLLS = ("answered", "conflict", "stalled", "failed")
REPLIES = ("said", "refused", "failed")
TICKS = ("done", "failed")
STATUSES = (
    *("200", "400", "401", "403", "404", "409", "429"),
    *("500", "502", "503", "504", "other"),
)


@dataclass(slots=True)
class Pulse:
    """When a loop last came round, and when it last did so to some use."""

    round_at: float | None = None
    good_at: float | None = None

    def beat(self, *, good: bool = True) -> None:
        """It has come round."""
        self.round_at = time.monotonic()
        if good:
            self.good_at = self.round_at

    @property
    def still(self) -> float:
        """Seconds since it began or last came round; 0 for one that has not begun."""
        return 0.0 if self.round_at is None else time.monotonic() - self.round_at

    @property
    def idle(self) -> float | None:
        """Seconds since it was last of use; None where it has not been yet."""
        return None if self.good_at is None else time.monotonic() - self.good_at


class Watch:
    """Counts what the parts tell, and keeps their pulses."""

    def __init__(self) -> None:
        self.intake, self.delivery, self.clock = Pulse(), Pulse(), Pulse()
        self.token_refused = False  # by the last answer that told
        self.conflict_at: float | None = None  # when somebody else last asked for our updates
        self.lateness = 0.0  # seconds that the event loop came late to its last beat
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        counter, gauge, histogram = self._counter, self._gauge, self._histogram
        self._updates = _each(counter("updates", "Updates from Telegram", "outcome"), UPDATES)
        self._handling = histogram("update_seconds", "From an update to its commit")
        self._polls = _each(counter("polls", "Calls of getUpdates", "outcome"), POLLS)
        self._replies = _each(counter("replies", "Parts of replies", "outcome"), REPLIES)
        self._notices = counter("notices", "What came of a notice", "kind", "outcome")
        answers = counter("telegram_answers", "Answers of the Bot API", "status")
        self._answers = _each(answers, STATUSES)
        waits = histogram("turn_seconds", "Waits for a turn to speak", "priority")
        self._waits = _each(waits, ("reply", "bulk"))
        self._batches = histogram("commit_batch", "Pieces of work in a commit", of=SIZES)
        self._commits = histogram("commit_seconds", "From the begin to the commit")
        self._ticks = _each(counter("clock_ticks", "Ticks of the clock", "outcome"), TICKS)
        self._queue = gauge("queue_notices", "Notices not yet sent", "when")
        self._oldest = gauge("queue_oldest_seconds", "How long the oldest has been due")
        self._idle = gauge("idle_seconds", "Since a loop was last of use", "part")
        self._red = gauge("red", "Whether a part keeps the bot from its work", "part")
        self._late = gauge("loop_late_seconds", "How late the event loop is")

    # -- what the parts tell -------------------------------------------------------------------

    def update(self, outcome: str, seconds: float | None = None) -> None:
        """An update was handled, came again, failed, was parked or could not be read."""
        self._updates[outcome].inc()
        if seconds is not None:
            self._handling.observe(seconds)

    def poll(self, outcome: str) -> None:
        """A call of getUpdates was answered, met another poller, stalled or failed."""
        self._polls[outcome].inc()
        if outcome == "conflict":
            self.conflict_at = time.monotonic()
        self.intake.beat(good=outcome in ("answered", "conflict"))

    def reply(self, outcome: str) -> None:
        """A part of a reply was said, refused, or failed."""
        self._replies[outcome].inc()

    def notice(self, kind: str, outcome: str) -> None:
        """What one try came to: the state of the outbox that it led to (an unknown one, uncertain,
        may be tried again)."""
        self._notices.labels(kind, outcome).inc()

    def answered(self, status: int) -> None:
        """The Bot API has answered."""
        if status in (200, 401):
            self.token_refused = status == 401
        self._answers.get(str(status), self._answers["other"]).inc()

    def waited(self, priority: int, seconds: float) -> None:
        """A message has waited for its turn."""
        self._waits["bulk" if priority else "reply"].observe(seconds)

    def committed(self, size: int, seconds: float) -> None:
        """So many pieces of work share a transaction that has ended; in a database thread."""
        self._batches.observe(size)
        self._commits.observe(seconds)

    def ticked(self, *, good: bool) -> None:
        """The clock has ticked."""
        self._ticks["done" if good else "failed"].inc()
        self.clock.beat(good=good)

    # -- what a watcher reads ------------------------------------------------------------------

    def show(self, red: dict[str, bool], queue: tuple[int, int, float] | None) -> bytes:
        """All figures in Prometheus's words; `queue` as (due, later, age), or None if unknown."""
        due, later, age = queue or (nan, nan, nan)
        self._queue.labels("due").set(due)
        self._queue.labels("later").set(later)
        self._oldest.set(age)
        for part, is_red in red.items():
            self._red.labels(part).set(is_red)
        for part in ("intake", "delivery", "clock"):
            idle = getattr(self, part).idle
            self._idle.labels(part).set(nan if idle is None else idle)
        self._late.set(self.lateness)
        return generate_latest(self.registry)

    def _counter(self, name: str, words: str, *labels: str) -> Counter:
        return Counter(f"chibo_{name}", words, labels, registry=self.registry)

    def _gauge(self, name: str, words: str, *labels: str) -> Gauge:
        return Gauge(f"chibo_{name}", words, labels, registry=self.registry)

    def _histogram(
        self, name: str, words: str, *labels: str, of: tuple[float, ...] = SECONDS
    ) -> Histogram:
        return Histogram(f"chibo_{name}", words, labels, buckets=of, registry=self.registry)


Figure = TypeVar("Figure", Counter, Histogram)


def _each(figure: Figure, values: tuple[str, ...]) -> dict[str, Figure]:
    """The figure for each value of its label: found fast, and shown as 0 before the first."""
    return {value: figure.labels(value) for value in values}
