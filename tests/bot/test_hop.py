"""Small pieces of work that go together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bot.hop import Together


def test_what_comes_while_one_is_under_way_goes_with_the_next() -> None:
    async def work() -> None:
        done: list[Sequence[int]] = []

        async def run(pieces: Sequence[int]) -> int:
            await asyncio.sleep(0.01)
            done.append(pieces)
            return sum(pieces)

        together = Together(run)
        first = [asyncio.create_task(together(each)) for each in (1, 2)]
        await asyncio.sleep(0.005)
        second = [asyncio.create_task(together(each)) for each in (3, 4, 5)]
        assert await asyncio.gather(*first, *second) == [3, 3, 12, 12, 12]
        assert done == [[1, 2], [3, 4, 5]]

    asyncio.run(work())


def test_who_fails_fails_for_those_who_went_along_and_for_nobody_else() -> None:
    async def work() -> None:
        async def run(pieces: Sequence[int]) -> None:
            await asyncio.sleep(0.01)
            if 1 in pieces:
                raise ValueError

        together = Together(run)
        first = [asyncio.create_task(together(each)) for each in (1, 2)]
        await asyncio.sleep(0.005)
        second = asyncio.create_task(together(3))
        told = await asyncio.gather(*first, second, return_exceptions=True)
        assert [type(each) for each in told] == [ValueError, ValueError, type(None)]

    asyncio.run(work())


def test_who_gives_up_waiting_takes_nobody_along() -> None:
    async def work() -> None:
        async def run(pieces: Sequence[int]) -> int:
            await asyncio.sleep(0.01)
            return len(pieces)

        together = Together(run)
        one, other = (asyncio.create_task(together(each)) for each in (1, 2))
        await asyncio.sleep(0.005)
        one.cancel()
        with pytest.raises(asyncio.CancelledError):
            await one
        assert await other == 2

    asyncio.run(work())
