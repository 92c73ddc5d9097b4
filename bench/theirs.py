"""A plain aiogram with aiosqlite doing the same work as `bench/stock.py`.

Run by the interpreter of `.bench`, which has aiogram and nothing of ours.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiosqlite
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramRetryAfter
from aiogram.types import CallbackQuery, Message


def make_bot() -> Bot:
    """A bot that talks to the pretend Telegram."""
    server = TelegramAPIServer.from_base(os.environ["BENCH_API_URL"])
    return Bot(os.environ["BENCH_TOKEN"], session=AiohttpSession(api=server))


async def echo(message: Message) -> None:
    """Text in, text out."""
    await message.answer(message.text or "")


async def press(query: CallbackQuery, database: aiosqlite.Connection) -> None:
    """A press is written down and answered."""
    await database.execute(
        "INSERT INTO tap (person, data, at) VALUES (?, ?, ?)",
        (query.from_user.id, query.data, datetime.now(UTC).isoformat()),
    )
    await database.commit()
    await query.answer("Đã ghi")


async def serve() -> None:
    """Long polling until it is told to stop."""
    async with aiosqlite.connect(os.environ["BENCH_DATABASE"]) as database:
        await database.execute("PRAGMA journal_mode=WAL")
        await database.execute(
            "CREATE TABLE IF NOT EXISTS tap"
            " (id INTEGER PRIMARY KEY, person INTEGER, data TEXT, at TEXT)"
        )
        dispatcher = Dispatcher()
        dispatcher.message.register(echo)
        dispatcher.callback_query.register(press)
        await dispatcher.start_polling(make_bot(), database=database)


def owed() -> dict[str, Any]:
    """The chats, and the text."""
    told: dict[str, Any] = json.loads(Path(os.environ["BENCH_SENDS"]).read_text())
    return told


async def send(told: dict[str, Any]) -> None:
    """The loop of every tutorial."""
    async with make_bot() as bot:
        for chat in told["chats"]:
            while True:
                try:
                    await bot.send_message(chat, told["text"])
                    break
                except TelegramRetryAfter as refused:
                    await asyncio.sleep(refused.retry_after)


if __name__ == "__main__":
    asyncio.run(send(owed()) if sys.argv[1] == "send" else serve())
