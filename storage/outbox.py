"""What we owe people and have not yet sent: one row for each notice and recipient.

A row is written in the transaction of the change that causes it and holds facts, not text; the
words are found when it is sent (`handlers/notices.py`). `(kind, subject, revision, recipient)` is
unique, so enqueueing twice is once. The states:

    queued -> leased -> sending -> sent
       ^        |          +-> queued          429, or surely not sent: later, no attempt used
       |        |          +-> blocked | dead  refused for good, with its reason
       +- lease +          +-> unknown         no way to know whether it arrived
    any unsent -> cancelled | expired

`sending` is committed before the socket is touched. What becomes of `unknown` depends on the
class: *once* is never sent again by itself and is listed as uncertain; a *reminder* is sent once
more and says so; an *idempotent* call (an edit) is simply made again.

A *standing* message (the live card of a roll call) is a single row that is sent once and edited
from then on: `refresh` marks it as out of date, and however often that happens, only the newest
state is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Index,
    String,
    UniqueConstraint,
    and_,
    case,
    func,
    text,
    update,
)
from sqlalchemy import select as sa_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, col, select

from storage import upkeep
from storage.db import Row
from storage.groups import Group
from storage.roster import Person

ANSWER, NOTICE, BULK = PRIORITIES = (0, 5, 9)
LEASE = timedelta(seconds=30)
REPEAT_AFTER = timedelta(seconds=40)  # an unknown reminder is sent once more, 30-60 s later
STANDING_PACE = timedelta(seconds=4)  # between two edits of a standing message


class State(StrEnum):
    """Where a notice is on its way."""

    QUEUED = "queued"
    LEASED = "leased"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    BLOCKED = "blocked"
    DEAD = "dead"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Class(StrEnum):
    """What a notice becomes when we cannot know whether it arrived."""

    ONCE = "once"
    REMINDER = "reminder"
    IDEMPOTENT = "idempotent"


UNSENT = (State.QUEUED, State.LEASED)


class Notice(Row, table=True):
    """One notice for one recipient: a person, or a group."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("kind", "subject", "revision", "recipient"),
        # The claim looks at unsent rows only, however many have been sent.
        Index(
            "ix_outbox_due",
            "priority",
            "due_at",
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_outbox_leases",
            "lease_until",
            sqlite_where=text("state IN ('leased', 'sending')"),
            postgresql_where=text("state IN ('leased', 'sending')"),
        ),
        Index("ix_outbox_subject", "subject"),
        Index("ix_outbox_recipient", "recipient"),
    )

    id: int = Field(default=None, primary_key=True)
    kind: str
    subject: str  # "meeting:42"
    revision: int = 0
    recipient: str  # "p7" a person, "g3" a group
    person_id: int | None = Field(default=None, foreign_key="person.id", index=True)
    group_id: int | None = Field(default=None, foreign_key="group_chat.id")
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    klass: Class = Field(sa_type=String)
    priority: int = NOTICE
    state: State = Field(default=State.QUEUED, sa_type=String)
    created_at: datetime
    due_at: datetime
    valid_until: datetime | None = None
    lease_until: datetime | None = None
    attempts: int = 0
    unknowns: int = 0  # how often we could not know whether it arrived
    standing: bool = False
    version: int = 0  # of a standing message; grows with each refresh
    message_id: int | None = Field(default=None, sa_type=BigInteger)
    sent_to: int | None = Field(default=None, sa_type=BigInteger)  # the chat it went to
    settled_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A leased notice and the chat it goes to now (None: nobody there to send it to)."""

    notice: Notice
    chat_id: int | None


# -- actions: owing ----------------------------------------------------------------------------


def to_person(person_id: int) -> dict[str, Any]:
    """The recipient columns for a person."""
    return {"recipient": f"p{person_id}", "person_id": person_id, "group_id": None}


def to_group(group_id: int) -> dict[str, Any]:
    """The recipient columns for a group."""
    return {"recipient": f"g{group_id}", "person_id": None, "group_id": group_id}


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

    A recipient is what `to_person` or `to_group` gives; it may carry its own `due_at` (quiet
    hours are a person's own) and `facts`. Returns how many rows are new.
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
    before = _count_of(session, kind, subject, revision)
    dialect = session.get_bind().dialect.name
    upsert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    for start in range(0, len(rows), 500):
        session.execute(upsert(Notice).on_conflict_do_nothing(), rows[start : start + 500])
    return _count_of(session, kind, subject, revision) - before


def refresh(session: Session, kind: str, subject: str) -> None:
    """Marks a standing message as out of date: it will be edited to the newest state.

    Between two edits lie four seconds: a settled standing message carries the earliest time of
    its next edit in `due_at`. A row that is already queued needs nothing.
    """
    idle = col(Notice.state).in_((State.SENT, State.UNKNOWN))
    session.execute(
        update(Notice)
        .where(col(Notice.kind) == kind, col(Notice.subject) == subject, col(Notice.standing))
        .where(idle | col(Notice.state).in_((State.LEASED, State.SENDING)))
        .values(
            version=Notice.version + 1,
            state=case((idle, State.QUEUED.value), else_=Notice.state),
        )
        .execution_options(synchronize_session=False)
    )


def post_anew(session: Session, notice: Notice, *, now: datetime) -> None:
    """Lets a standing message be sent again as a new one."""
    notice.message_id, notice.state, notice.due_at = None, State.QUEUED, now
    notice.version += 1
    session.add(notice)
    session.flush()


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
    """Lets what waits for the morning go at once, as urgent; returns how many rows."""
    later = (
        update(Notice)
        .where(col(Notice.subject) == subject, col(Notice.state) == State.QUEUED)
        .where(col(Notice.kind).in_(kinds), col(Notice.due_at) > due_at)
        .values(due_at=due_at)
        .returning(col(Notice.id))
        .execution_options(synchronize_session=False)
    )
    return len(session.execute(later).all())


# -- actions: sending --------------------------------------------------------------------------


def claim(session: Session, *, now: datetime, limit: int) -> list[Claimed]:
    """Leases due notices, answers to people first; what is past its time expires instead."""
    if upkeep.since(session, upkeep.Mark.OUTBOX_PAUSED) is not None:
        return []
    taken: list[int] = []
    for priority in PRIORITIES:
        if len(taken) < limit:
            taken += _lease(session, priority, limit - len(taken), now)
    if not taken:
        return []
    rows = session.execute(
        sa_select(Notice, col(Person.telegram_id), col(Group.chat_id))
        .outerjoin(
            Person,
            and_(
                col(Person.id) == col(Notice.person_id),
                col(Person.started),
                col(Person.blocked_at).is_(None),
                col(Person.consented_at).is_not(None),
                col(Person.ended).is_(None),
            ),
        )
        .outerjoin(Group, and_(col(Group.id) == col(Notice.group_id), col(Group.left_at).is_(None)))
        .where(col(Notice.id).in_(taken))
        .order_by(col(Notice.priority), col(Notice.due_at), col(Notice.id))
        .execution_options(populate_existing=True)
    ).all()
    claimed: list[Claimed] = []
    for notice, account, chat in rows:
        if notice.valid_until is not None and notice.valid_until < now:
            _settle(session, notice, State.EXPIRED, now=now, reason="past its time")
        else:
            claimed.append(Claimed(notice, account if account is not None else chat))
    return claimed


def begin(session: Session, ids: Sequence[int], *, now: datetime) -> set[int]:
    """Commits the leased to `sending`; whoever is missing from the answer was taken back."""
    return set(
        session.execute(
            update(Notice)
            .where(col(Notice.id).in_(ids), col(Notice.state) == State.LEASED)
            .values(state=State.SENDING, lease_until=now + LEASE, attempts=Notice.attempts + 1)
            .returning(col(Notice.id))
            .execution_options(synchronize_session=False)
        ).scalars()
    )


def settle_sent(
    session: Session,
    notice_id: int,
    version: int,
    message_id: int | None,
    chat_id: int,
    *,
    now: datetime,
) -> None:
    """It arrived. A standing message that went out of date meanwhile is queued again."""
    notice = _at(session, notice_id)
    if message_id is not None:
        notice.message_id, notice.sent_to = message_id, chat_id
    outdated = notice.standing and notice.version != version
    _settle(session, notice, State.QUEUED if outdated else State.SENT, now=now)
    if notice.standing:
        notice.due_at = now + STANDING_PACE
    session.flush()


def settle_later(session: Session, notice_id: int, *, due_at: datetime, now: datetime) -> None:
    """It was surely not sent: again later, and no attempt used."""
    notice = _at(session, notice_id)
    notice.attempts = max(notice.attempts - 1, 0)
    _settle(session, notice, State.QUEUED, now=now)
    notice.due_at = due_at
    session.flush()


def settle_refused(
    session: Session, notice_id: int, *, blocked: bool, reason: str, now: datetime
) -> None:
    """Telegram refused for good. A person who blocked us is remembered until they come back."""
    notice = _at(session, notice_id)
    _settle(session, notice, State.BLOCKED if blocked else State.DEAD, now=now, reason=reason)
    if blocked and notice.person_id is not None:
        person = session.get(Person, notice.person_id)
        if person is not None and person.blocked_at is None:
            person.blocked_at = now
            session.add(person)
    session.flush()


def settle_cancelled(session: Session, notice_id: int, *, now: datetime) -> None:
    """What it was to say is no longer true."""
    _settle(session, _at(session, notice_id), State.CANCELLED, now=now)


def settle_unknown(session: Session, notice_id: int, *, reason: str, now: datetime) -> None:
    """We cannot know whether it arrived; the class decides what follows."""
    notice = _at(session, notice_id)
    notice.unknowns += 1
    again = notice.message_id is not None or notice.klass == Class.IDEMPOTENT
    if again:
        _settle(session, notice, State.QUEUED, now=now, reason=reason)
        notice.due_at = now + timedelta(seconds=min(5 * notice.unknowns, 60))
    elif notice.klass == Class.REMINDER and notice.unknowns == 1:
        _settle(session, notice, State.QUEUED, now=now, reason=reason)
        notice.due_at = now + REPEAT_AFTER
    else:
        _settle(session, notice, State.UNKNOWN, now=now, reason=reason)
    session.flush()


def recover(session: Session, *, now: datetime) -> None:
    """Takes up what a killed process has left: leases that ran out."""
    lost = session.exec(
        select(Notice)
        .where(col(Notice.state).in_((State.LEASED, State.SENDING)), col(Notice.lease_until) < now)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for notice in lost:
        if notice.state == State.LEASED:
            _settle(session, notice, State.QUEUED, now=now)
        else:
            settle_unknown(session, notice.id, reason="the sender was stopped", now=now)


# -- questions ---------------------------------------------------------------------------------


def next_due(session: Session) -> datetime | None:
    """When the next queued notice is due."""
    return session.exec(
        select(func.min(Notice.due_at)).where(col(Notice.state) == State.QUEUED)
    ).first()


def counts(session: Session, subject: str, kind: str) -> dict[State, int]:
    """How many notices of a subject are in each state."""
    found = session.exec(
        select(Notice.state, func.count())
        .where(Notice.subject == subject, Notice.kind == kind)
        .group_by(col(Notice.state))
    ).all()
    return {State(state): number for state, number in found}


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


def _at(session: Session, notice_id: int) -> Notice:
    return session.exec(
        select(Notice)
        .where(Notice.id == notice_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def _settle(
    session: Session, notice: Notice, state: State, *, now: datetime, reason: str | None = None
) -> None:
    notice.state, notice.settled_at, notice.lease_until = state, now, None
    notice.reason = reason
    session.add(notice)


def _lease(session: Session, priority: int, limit: int, now: datetime) -> list[int]:
    due = (
        sa_select(col(Notice.id))
        .where(
            # Written out, so that both planners see that the partial index fits.
            text("outbox.state = 'queued'"),
            col(Notice.priority) == priority,
            col(Notice.due_at) <= now,
        )
        .order_by(col(Notice.due_at))
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    return list(
        session.execute(
            update(Notice)
            .where(col(Notice.id).in_(sa_select(due.c.id)))
            .values(state=State.LEASED, lease_until=now + LEASE)
            .returning(col(Notice.id))
            .execution_options(synchronize_session=False)
        ).scalars()
    )


def _count_of(session: Session, kind: str, subject: str, revision: int) -> int:
    return session.exec(
        select(func.count())
        .select_from(Notice)
        .where(Notice.kind == kind, Notice.subject == subject, Notice.revision == revision)
    ).one()
