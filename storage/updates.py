"""What Telegram has told us, and what we still have to say about it.

An update is confirmed to Telegram only after its effect is committed. Its id is written in the
same transaction, so the same update handled twice has one effect; update ids may jump anywhere
after a quiet week, so they are compared for equality only. The reply is kept beside the id until
it has been said: a process killed between the commit and the reply leaves it to the next one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, bindparam, delete, insert, null, or_, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col, select

from storage.db import Row, ask

KEPT = timedelta(days=3)  # Telegram itself forgets an update after one day
TRIES = 3


class HandledUpdate(Row, table=True):
    """An update whose effect is committed; `reply` until it has been said."""

    __tablename__ = "handled_update"
    __table_args__ = (
        Index(
            "ix_handled_update_unsaid",
            "worker",
            sqlite_where=text("reply IS NOT NULL"),
            postgresql_where=text("reply IS NOT NULL"),
        ),
    )

    update_id: int = Field(sa_type=BigInteger, primary_key=True)
    at: datetime = Field(index=True)
    reply: list[dict[str, Any]] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    worker: int = 0  # the process that says it; see storage/workers.py


class ParkedUpdate(Row, table=True):
    """An update that failed three times: where, never what it said."""

    __tablename__ = "parked_update"

    update_id: int = Field(sa_type=BigInteger, primary_key=True)
    at: datetime
    tries: int
    error: str  # the class and the place in our code; no message text


def left(session: Session, update_id: int, *, worker: int) -> list[dict[str, Any]]:
    """What is left to say of a reply that this process holds."""
    found = session.exec(
        select(HandledUpdate.reply).where(
            HandledUpdate.update_id == update_id, HandledUpdate.worker == worker
        )
    ).first()
    return list(found or ())


def seen(session: Session, update_id: int) -> bool:
    """Whether the effect of this update is already committed."""
    return ask(session, _SEEN, {"update_id": update_id}).first() is not None


def note_handled(
    session: Session,
    update_id: int,
    reply: list[dict[str, Any]] | None,
    *,
    now: datetime,
    worker: int = 0,
) -> None:
    """Writes the update and the reply that it is owed; raises `AlreadyHandled` the second time."""
    try:
        ask(
            session,
            _NOTE,
            {
                "update_id": update_id,
                "at": now,
                "reply": reply or None,
                "worker": worker,
            },
        )
    except IntegrityError as error:
        raise AlreadyHandled from error


class AlreadyHandled(Exception):
    """The effect of this update is committed: it came again, here or to another process."""


def keep(session: Session, update_id: int, rest: list[dict[str, Any]]) -> None:
    """What is left to say of a reply."""
    session.execute(
        update(HandledUpdate)
        .where(col(HandledUpdate.update_id) == update_id, col(HandledUpdate.reply).is_not(None))
        .values(reply=rest or null())
    )


def said(session: Session, update_ids: Sequence[int]) -> None:
    """Forgets the replies that have been said."""
    session.execute(
        update(HandledUpdate)
        .where(col(HandledUpdate.update_id).in_(update_ids))
        .values(reply=null())
    )


def renew(session: Session, update_ids: Sequence[int], *, now: datetime) -> None:
    """These replies are still being said: nobody else need take them."""
    session.execute(
        update(HandledUpdate)
        .where(col(HandledUpdate.update_id).in_(update_ids), col(HandledUpdate.reply).is_not(None))
        .values(at=now)
    )


def take_unsaid(
    session: Session,
    *,
    before: datetime,
    now: datetime,
    worker: int = 0,
    dead: Collection[int] = (),
) -> list[HandledUpdate]:
    """Replies that dead processes, or ones that stand still, have left; in order of their commit.

    `before`: whoever is still saying one has renewed its time since. Who takes one puts its own
    number on it, so that of two processes only one says it.
    """
    left = or_(col(HandledUpdate.at) <= before, col(HandledUpdate.worker).in_(dead))
    rows = session.exec(
        select(HandledUpdate)
        .where(col(HandledUpdate.reply).is_not(None), left)
        .order_by(col(HandledUpdate.at), col(HandledUpdate.update_id))
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.at, row.worker = now, worker
    return list(rows)


def park(
    session: Session, update_id: int, error: str, *, now: datetime, at_once: bool = False
) -> bool:
    """Counts a failed try; True when it was the last one and the update is now parked."""
    row = session.get(ParkedUpdate, update_id)
    if row is None:
        row = ParkedUpdate(update_id=update_id, at=now, tries=0, error=error)
    row.tries, row.error, row.at = TRIES if at_once else row.tries + 1, error, now
    session.add(row)
    if row.tries < TRIES:
        return False
    if not seen(session, update_id):
        note_handled(session, update_id, None, now=now)
    return True


def parked(session: Session) -> list[ParkedUpdate]:
    """The updates that were given up after three tries, newest first."""
    return list(
        session.exec(
            select(ParkedUpdate)
            .where(col(ParkedUpdate.tries) >= TRIES)
            .order_by(col(ParkedUpdate.at).desc())
        ).all()
    )


def sweep(session: Session, *, now: datetime) -> None:
    """Forgets updates that Telegram can no longer send again."""
    session.execute(
        delete(HandledUpdate).where(
            col(HandledUpdate.at) < now - KEPT, col(HandledUpdate.reply).is_(None)
        )
    )


_SEEN = select(HandledUpdate.update_id).where(HandledUpdate.update_id == bindparam("update_id"))
_NOTE = insert(SQLModel.metadata.tables["handled_update"])  # at every update: no ORM between
