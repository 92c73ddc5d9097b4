"""A plain python-telegram-bot doing the same job: the echo, and a press that writes one row.

As its documentation shows it: default transport, default updater; SQLModel on SQLite in WAL mode.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event
from sqlmodel import Field, Session, SQLModel, create_engine
from telegram import Update
from telegram.ext import (
    ApplicationBuilder,
    CallbackQueryHandler,
    ContextTypes,
    MessageHandler,
    filters,
)


class Tap(SQLModel, table=True):
    """One press."""

    id: int | None = Field(default=None, primary_key=True)
    person: int
    data: str
    at: datetime


engine = create_engine(f"sqlite:///{os.environ['STOCK_DATABASE']}")


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


if __name__ == "__main__":
    SQLModel.metadata.create_all(engine)
    url = os.environ["CHIBO_API_URL"]
    application = (
        ApplicationBuilder().token(os.environ["CHIBO_TOKEN"]).base_url(f"{url}/bot").build()
    )
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.add_handler(CallbackQueryHandler(press))
    application.run_polling()
