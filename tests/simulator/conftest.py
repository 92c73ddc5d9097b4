"""One pretend Telegram for all tests here, and a world of its own for each."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

import pytest
from telegram import Bot

from bot.simulator import serve_in_thread
from bot.simulator.client import Person, World

NOW = datetime(2026, 8, 13, 12, 30, tzinfo=UTC)
OpenBot = Callable[[], AbstractAsyncContextManager[Bot]]


@pytest.fixture(scope="session")
def telegram() -> Iterator[str]:
    with serve_in_thread() as running:
        yield running.url


@pytest.fixture
def world(telegram: str) -> Iterator[World]:
    with World.create(telegram, now=NOW) as world:
        yield world


@pytest.fixture
def an(world: World) -> Person:
    an = world.person("An", last_name="Nguyễn Văn")
    an.start()
    return an


@pytest.fixture
def bot(world: World) -> OpenBot:
    """The real python-telegram-bot, as the bot would use it."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Bot]:
        async with Bot(
            world.token,
            base_url=f"{world.api_url}/bot",
            base_file_url=f"{world.api_url}/file/bot",
        ) as made:
            yield made

    return opened
