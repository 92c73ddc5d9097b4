"""A short call to Telegram from a command: no intake, no outbox, only questions."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime

from telegram import Bot
from telegram.error import TelegramError

from bot.config import Settings
from bot.request import Clock, Request


def caller(settings: Settings, clock: Clock | None = None) -> Bot:
    """The bot as a context manager; entering it asks who it is, with the token of the settings."""
    proxy = settings.proxy.get_secret_value()
    return Bot(
        settings.token.get_secret_value(),
        base_url=f"{settings.api_url}/bot",
        base_file_url=f"{settings.api_url}/file/bot",
        request=Request(connections=2, proxy=proxy, clock=clock),
        get_updates_request=Request(connections=1, proxy=proxy, clock=clock),
    )


async def username(settings: Settings, clock: Clock | None = None) -> str:
    """The bot's name, as Telegram knows it: links need it. A clock learns the time by the way."""
    async with caller(settings, clock) as bot:
        return bot.username


def moment(settings: Settings) -> datetime:
    """Now: by the machine's clock, or in a demo by the one that the bot follows."""
    clock = Clock(follow_server=settings.clock == "server")
    if clock.follow_server:
        with suppress(TelegramError):
            asyncio.run(username(settings, clock))
    return clock()
