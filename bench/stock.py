"""A plain python-telegram-bot doing the same work: an echo, a press that writes a row, a loop.

As its documentation shows it: default transport, default updater; SQLModel on SQLite in WAL mode.
`serve` answers people; `send` sends a text to each chat of a list, and obeys when told to wait.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlmodel import Field, Session, SQLModel, create_engine
from telegram import Bot, Update
from telegram.error import RetryAfter
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

TOKEN, BASE = os.environ["BENCH_TOKEN"], f"{os.environ['BENCH_API_URL']}/bot"


class Tap(SQLModel, table=True):
    """One press."""

    id: int | None = Field(default=None, primary_key=True)
    person: int
    data: str
    at: datetime


engine = create_engine(f"sqlite:///{os.environ['BENCH_DATABASE']}")


@event.listens_for(engine, "connect")
def _wal(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA journal_mode=WAL")


async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """Text in, text out."""
    assert update.message is not None
    await update.message.reply_text(update.message.text or "")


async def press(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    """A press is written down and answered."""
    query = update.callback_query
    assert query is not None
    with Session(engine) as session:
        tap = Tap(person=query.from_user.id, data=query.data or "", at=datetime.now(UTC))
        session.add(tap)
        session.commit()
    await query.answer("Đã ghi")


def serve() -> None:
    """Long polling until it is told to stop."""
    SQLModel.metadata.create_all(engine)
    application = ApplicationBuilder().token(TOKEN).base_url(BASE).build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.add_handler(CallbackQueryHandler(press))
    application.run_polling()


def owed() -> dict[str, Any]:
    """The chats, and the text."""
    told: dict[str, Any] = json.loads(Path(os.environ["BENCH_SENDS"]).read_text())
    return told


async def send(told: dict[str, Any]) -> None:
    """The loop of every tutorial."""
    async with Bot(TOKEN, base_url=BASE) as bot:
        for chat in told["chats"]:
            while True:
                try:
                    await bot.send_message(chat, told["text"])
                    break
                except RetryAfter as refused:
                    wait = refused.retry_after
                    await asyncio.sleep(
                        wait.total_seconds() if isinstance(wait, timedelta) else wait
                    )


if __name__ == "__main__":
    if sys.argv[1] == "send":
        asyncio.run(send(owed()))
    else:
        serve()
