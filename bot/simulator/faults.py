"""Making Telegram fail on purpose: faults for the next calls, and barriers that hold one call.

A barrier is how a test kills the bot at an exact point: the k-th call from now is held before or
after it is accepted, the test is told, kills the process, and lets go.
"""

import asyncio
import random
from dataclasses import dataclass, field
from itertools import count

HOWS = (
    "429",
    "500",
    "502_before",
    "502_after",
    "cut_before",
    "cut_after",
    "hang",
    "hang_after",
    "garbled",
    "revoked",
)


@dataclass(slots=True)
class Fault:
    how: str | None  # one of HOWS, or None for a delay alone
    method: str | None = None
    chat_id: int | None = None
    times: int = 1  # 0: until healed
    retry_after: int = 3
    delay: float = 0.0
    share: float = 1.0  # of the calls that it fits, by chance
    seed: int = 0
    left: int = field(init=False)
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.left = self.times
        self.chance = random.Random(self.seed)  # noqa: S311 - not for secrets

    def spares(self) -> bool:
        """Whether this call has luck."""
        return self.share < 1 and self.chance.random() >= self.share


@dataclass(slots=True)
class Barrier:
    id: int
    when: str  # before | after
    nth: int
    method: str | None
    seen: int = 0
    call: dict[str, object] | None = None  # the call that is held
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)


def _fits(wanted: str | None, method: str) -> bool:
    return method != "getupdates" if wanted is None else wanted.lower() == method


class Trouble:
    """All that is wrong with one world at present."""

    def __init__(self) -> None:
        self.paused = False
        self.faults: list[Fault] = []
        self.barriers: dict[int, Barrier] = {}
        self.healed = asyncio.Event()
        self._ids = count(1)

    @property
    def any(self) -> bool:
        return self.paused or bool(self.faults) or bool(self.barriers)

    def add(self, fault: Fault) -> None:
        if fault.how is not None and fault.how not in HOWS:
            raise ValueError(f"unknown fault {fault.how!r}; known: {', '.join(HOWS)}")
        self.faults.append(fault)

    def heal(self) -> None:
        """Forget every fault; connections that hang are cut."""
        self.paused = False
        self.faults.clear()
        self.healed.set()
        self.healed = asyncio.Event()

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        for fault in self.faults:
            everything = fault.how == "revoked" and fault.method is None
            if not everything and not _fits(fault.method, method):
                continue
            if fault.chat_id is not None and fault.chat_id != chat_id:
                continue
            if fault.spares():
                continue
            if fault.left:
                fault.left -= 1
                if not fault.left:
                    self.faults.remove(fault)
            return fault
        return None

    def raise_barrier(self, when: str, nth: int, method: str | None) -> Barrier:
        if when not in ("before", "after"):
            raise ValueError("a barrier holds a call before or after it is accepted")
        barrier = Barrier(next(self._ids), when, nth, method)
        self.barriers[barrier.id] = barrier
        return barrier

    def barriers_for(self, method: str) -> list[Barrier]:
        """Count this call at every barrier; those that hold it."""
        holding = []
        for barrier in list(self.barriers.values()):
            if barrier.call is None and _fits(barrier.method, method):
                barrier.seen += 1
                if barrier.seen == barrier.nth:
                    holding.append(barrier)
        return holding
