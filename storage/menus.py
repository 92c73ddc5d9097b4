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


def owe(session: Session, *telegram_ids: int | None, now: datetime) -> None:
    """Lets the accounts' menus be set anew; None, an account not yet known, owes nothing."""
    subjects = {f"menu:{account}": account for account in telegram_ids if account is not None}
    before = outbox.numbers(session, list(subjects), "menu")
    outbox.enqueue(
        session,
        "menu",
        "menu",
        [
            # Each has a subject and a revision of its own.
            {**outbox.to_account(account), "subject": subject, "revision": before.get(subject, 0)}
            for subject, account in subjects.items()
        ],
        klass=Class.IDEMPOTENT,
        now=now,
    )
