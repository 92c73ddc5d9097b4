"""What a person is in the middle of typing: one open form for each account.

A row, never memory, so that a form survives a restart. Two things leave no row here: an unsigned
suggestion and a sealed ballot; their text is read from the message that the confirming button
replies to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, bindparam, delete
from sqlalchemy import select as sa_select
from sqlmodel import Field, Session, col

from storage.db import Row, ask

KEPT = timedelta(days=2)


class DraftRow(Row, table=True):
    """The form that an account has open: which one, what it has been told so far."""

    __tablename__ = "draft"

    telegram_id: int = Field(sa_type=BigInteger, primary_key=True)
    form: str
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    at: datetime = Field(index=True)


@dataclass(slots=True)
class Draft:
    """An open form, as handlers see it."""

    form: str
    data: dict[str, Any] = field(default_factory=dict)


def open_draft(session: Session, telegram_id: int, *, now: datetime) -> Draft | None:
    """The form this account has open; one left alone for two days counts as closed."""
    row = ask(session, _OPEN, {"telegram_id": telegram_id}).first()
    if row is None or row.at < now - KEPT:
        return None
    return Draft(row.form, dict(row.data))


def keep(session: Session, telegram_id: int, draft: Draft, *, now: datetime) -> None:
    """Opens the form, or its next step, in place of the one that was open."""
    row = session.get(DraftRow, telegram_id)
    if row is None:
        row = DraftRow(telegram_id=telegram_id, form=draft.form, at=now)
    row.form, row.data, row.at = draft.form, draft.data, now
    session.add(row)


def close(session: Session, *telegram_ids: int) -> None:
    """Closes whatever form is open."""
    session.execute(delete(DraftRow).where(col(DraftRow.telegram_id).in_(telegram_ids)))


def sweep(session: Session, *, now: datetime) -> None:
    """Forgets the forms that nobody came back to."""
    session.execute(delete(DraftRow).where(col(DraftRow.at) < now - KEPT))


# Built once, for it is asked at every update.
_OPEN = sa_select(col(DraftRow.form), col(DraftRow.data), col(DraftRow.at)).where(
    col(DraftRow.telegram_id) == bindparam("telegram_id")
)
