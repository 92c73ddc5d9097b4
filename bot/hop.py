"""The hop from the event loop to a database thread and back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlmodel import Session

from storage.db import Database

T = TypeVar("T")
R = TypeVar("R")


async def commit(database: Database, work: Callable[[Session], T]) -> T:
    """Runs `work` in one transaction; returns its result when it is committed."""
    return await asyncio.wrap_future(database.submit(work))


class Together(Generic[T, R]):
    """Small pieces of work in one: what comes while one is under way goes with the next.

    `run` is given all that has gathered; everybody gets its result, or what it raised.
    """

    def __init__(self, run: Callable[[Sequence[T]], Awaitable[R]]) -> None:
        self._run = run
        self._gathering: list[T] = []
        self._under_way: asyncio.Task[R] | None = None
        self._next: asyncio.Task[R] | None = None

    async def __call__(self, piece: T) -> R:
        """Waits until the piece is done, with all that went along with it."""
        self._gathering.append(piece)
        if self._next is None:
            self._next = asyncio.create_task(self._go(self._under_way))
        return await asyncio.shield(self._next)

    async def _go(self, before: asyncio.Task[R] | None) -> R:
        if before is not None:
            await asyncio.wait([before])
        pieces, self._gathering = self._gathering, []
        self._under_way, self._next = self._next, None
        return await self._run(pieces)
