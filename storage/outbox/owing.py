"""Owing people notices, taking them back, and what has become of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, case, func, or_, text, update
from sqlmodel import Session, SQLModel, col, select

from storage.db import add_new, ask
from storage.outbox.rows import HELD, NOTICE, UNSENT, URGENT, Class, Notice, State

_NOBODY: dict[str, Any] = {"person_id": None, "group_id": None, "account": None}


def to_person(person_id: int) -> dict[str, Any]:
    """The recipient columns for a person."""
    return {**_NOBODY, "recipient": f"p{person_id}", "person_id": person_id}


def to_group(group_id: int) -> dict[str, Any]:
    """The recipient columns for a group."""
    return {**_NOBODY, "recipient": f"g{group_id}", "group_id": group_id}


def to_account(telegram_id: int) -> dict[str, Any]:
    """The recipient columns for an account on no roll: a stranger who asked, the owner."""
    return {**_NOBODY, "recipient": f"a{telegram_id}", "account": telegram_id}


def enqueue(
    session: Session,
    kind: str,
    subject: str,
    recipients: Iterable[dict[str, Any]],
    *,
    klass: Class,
    now: datetime,
    revision: int = 0,
    facts: dict[str, Any] | None = None,
    due_at: datetime | None = None,
    valid_until: datetime | None = None,
    priority: int = NOTICE,
    standing: bool = False,
) -> int:
    """Owes the recipients a notice; those that have it already are left alone.

    A recipient is what `to_person`, `to_group` or `to_account` gives; it may carry its own
    `due_at` (quiet hours are a person's own), `facts`, `subject` and `revision`.
    Returns how many rows are new.
    """
    rows = [
        {
            "kind": kind,
            "subject": subject,
            "revision": revision,
            "facts": facts or {},
            "klass": klass.value,
            "priority": priority,
            "state": State.QUEUED.value,
            "created_at": now,
            "due_at": due_at or now,
            "valid_until": valid_until,
            "attempts": 0,
            "unknowns": 0,
            "standing": standing,
            "version": 0,
            **recipient,
        }
        for recipient in recipients
    ]
    if not rows:
        return 0
    return add_new(session, Notice, rows)


def refresh(session: Session, kind: str, subject: str) -> None:
    """Marks a standing message as out of date: it will be edited to the newest state.

    Between two edits lie some seconds: a settled standing message carries the earliest time of
    its next edit in `due_at`. A queued row is written, too: whoever claims it at this moment then
    waits for our commit, and words what we have changed. One that nobody knows the message of
    stays uncertain.
    """
    ask(session, _OUTDATED, {"about": subject, "what": kind})


def retire(session: Session, kind: str, subject: str, *, into: str) -> None:
    """Lets standing messages make room for a new one: of another kind, edited once more.

    Each keeps its own row and message, so one that is on its way meanwhile is retired as well.
    """
    ask(session, _RETIRED, {"about": subject, "what": kind, "into": into})


def cancel(
    session: Session, subject: str, *, kind: str | None = None, recipient: str | None = None
) -> int:
    """Takes back what is unsent about a subject; returns how many rows."""
    statement = (
        update(Notice)
        .where(col(Notice.subject) == subject, col(Notice.state).in_(UNSENT))
        .where(col(Notice.standing).is_(False))
        .values(state=State.CANCELLED)
        .execution_options(synchronize_session=False)
    )
    if kind is not None:
        statement = statement.where(col(Notice.kind) == kind)
    if recipient is not None:
        statement = statement.where(col(Notice.recipient) == recipient)
    return len(session.execute(statement.returning(col(Notice.id))).all())


def hasten(session: Session, subject: str, kinds: Sequence[str], *, due_at: datetime) -> int:
    """Lets what is queued go in quiet hours, too, as urgent; returns how many rows."""
    urgent = (
        update(Notice)
        .where(col(Notice.subject) == subject, col(Notice.state) == State.QUEUED)
        .where(col(Notice.kind).in_(kinds), col(Notice.priority) >= NOTICE)
        .values(due_at=due_at, priority=URGENT)
        .returning(col(Notice.id))
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(urgent).all())


def postpone(session: Session, subject: str, *, until: datetime) -> None:
    """Lets nothing about a subject leave before a moment."""
    session.execute(
        update(Notice)
        .where(col(Notice.subject) == subject, col(Notice.state) == State.QUEUED)
        .where(col(Notice.standing).is_(False), col(Notice.due_at) < until)
        .values(due_at=until)
        .execution_options(synchronize_session=False)
    )


def next_due(session: Session) -> datetime | None:
    """When the next queued notice is due."""
    return session.exec(
        select(func.min(Notice.due_at)).where(col(Notice.state) == State.QUEUED)
    ).first()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is queued at a moment."""

    due: int
    later: int
    oldest: timedelta  # for how long the oldest has been due


def waiting(session: Session, *, now: datetime) -> Waiting:
    """How much is queued; looks at unsent rows only, however many have been sent."""
    statement = select(
        func.count().filter(col(Notice.due_at) <= now), func.count(), func.min(Notice.due_at)
    ).where(text("outbox.state = 'queued'"))  # written out, for the partial index
    due, total, first = session.exec(statement.select_from(Notice)).one()
    oldest = timedelta() if first is None else max(now - first, timedelta())
    return Waiting(due, total - due, oldest)


def counts(session: Session, subject: str, kind: str) -> dict[State, int]:
    """How many notices of a subject are in each state."""
    found = session.exec(
        select(Notice.state, func.count())
        .where(Notice.subject == subject, Notice.kind == kind)
        .group_by(col(Notice.state))
    ).all()
    return {State(state): number for state, number in found}


def numbers(session: Session, subjects: Sequence[str], kind: str) -> dict[str, int]:
    """How many notices of a kind each of the subjects has; those without one are left out."""
    found: dict[str, int] = {}
    for start in range(0, len(subjects), 500):
        counted = (
            select(Notice.subject, func.count())
            .where(col(Notice.subject).in_(subjects[start : start + 500]), Notice.kind == kind)
            .group_by(col(Notice.subject))
        )
        found.update(dict(session.exec(counted).all()))
    return found


def standing(session: Session, kind: str, subject: str, recipient: str) -> Notice | None:
    """The standing message of a subject, where there is one."""
    return session.exec(
        select(Notice).where(
            Notice.kind == kind,
            Notice.subject == subject,
            Notice.recipient == recipient,
            col(Notice.standing),
        )
    ).first()


# Built once, for they are asked at every tap.
_rows = SQLModel.metadata.tables["outbox"].c
_idle = _rows.state == State.SENT.value
_OUTDATED = (
    update(SQLModel.metadata.tables["outbox"])
    .where(_rows.subject == bindparam("about"), _rows.kind == bindparam("what"), _rows.standing)
    .where(or_(_idle, _rows.state.in_([State.QUEUED.value, *(each.value for each in HELD)])))
    .values(version=_rows.version + 1, state=case((_idle, State.QUEUED.value), else_=_rows.state))
)
_RETIRED = _OUTDATED.values(kind=bindparam("into"), klass=Class.IDEMPOTENT.value)
