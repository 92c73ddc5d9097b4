"""Whose menu of commands is out of date.

A committee member has commands of their own in Telegram's menu. Telegram keeps them by chat, so
whatever changes who somebody is (a role given or taken, a new account) owes that account a fresh
menu; what belongs into it is found when it is sent.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from storage import outbox
from storage.outbox import Class


def owe(session: Session, telegram_id: int | None, *, now: datetime) -> None:
    """Lets the account's menu be set anew; None, an account not yet known, owes nothing."""
    if telegram_id is None:
        return
    subject = f"menu:{telegram_id}"
    before = sum(outbox.counts(session, subject, "menu").values())
    outbox.enqueue(
        session,
        "menu",
        subject,
        [outbox.to_account(telegram_id)],
        klass=Class.IDEMPOTENT,
        now=now,
        revision=before,
    )
