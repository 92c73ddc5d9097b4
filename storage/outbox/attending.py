"""What needs somebody: notices that may not have arrived, and what is done about them.

A notice that ended as unknown is never sent again by itself (class *once*, or a reminder that was
uncertain twice). It stands here until somebody decides: sent again, marked as such, or closed. A
press on a button of such a message proves that it arrived.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, or_, text
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from storage import audit
from storage.acts import Did
from storage.db import ask
from storage.errors import NotFound, Refusal
from storage.groups import Group
from storage.outbox.rows import UNSENT, Notice, State
from storage.powers import Actor, may, require
from storage.roster import Person, Unit, lineage_ids, unit_lineage

POWER = "notice.attend"
FAILED = (State.UNKNOWN, State.DEAD, State.BLOCKED)


# -- rules -------------------------------------------------------------------------------------


def in_time(notice: Notice, now: datetime) -> bool:
    """Whether it still says something, sent now."""
    return notice.valid_until is None or notice.valid_until >= now


# -- actions -----------------------------------------------------------------------------------


def resend(session: Session, actor: Actor, notice_id: int, *, now: datetime) -> Notice:
    """Owes it once more; raises Refusal for one that needs no second try.

    What may have arrived says in its first line that it is sent again (`unknowns` stays).
    """
    notice = _locked(session, notice_id)
    if notice.state == State.SENT:
        raise Refusal("This notice has arrived.")
    if notice.state not in FAILED:
        raise Refusal("This notice is not waiting for anybody's decision.")
    if not in_time(notice, now):
        raise Refusal("The time of this notice has passed; sent now it would only confuse.")
    _owe_again(session, actor, [notice], now=now)
    return notice


def resend_all(session: Session, actor: Actor, *, last: int, now: datetime) -> int:
    """Owes once more what the actor may decide about, up to the last one seen; returns how many.

    What has passed its time stays on the list.
    """
    found = uncertain(session, actor, locked=True)
    again = [each for each in found if each.id <= last and in_time(each, now)]
    _owe_again(session, actor, again, now=now)
    return len(again)


def close(session: Session, actor: Actor, notice_id: int, *, now: datetime) -> Notice:
    """Lets it rest: what failed keeps its state but leaves the list, what is unsent stays so."""
    notice = _locked(session, notice_id)
    if notice.state in UNSENT:
        notice.state, notice.reason, notice.settled_at = State.CANCELLED, "closed by hand", now
        notice.lease_until = None
    elif notice.state not in FAILED:
        raise Refusal("This notice is not waiting for anybody's decision.")
    elif notice.closed_at is not None:
        return notice
    notice.closed_at = now
    session.add(notice)
    session.flush()
    audit.record(session, actor, Did.NOTICE_CLOSE, notice.about, now=now, kind=notice.kind)
    return notice


def prove(
    session: Session, notice_id: int, message_id: int, chat_id: int, *, now: datetime
) -> None:
    """It has arrived after all: somebody has pressed a button on it."""
    notice = _locked(session, notice_id)
    if notice.message_id is None and notice.state in (State.UNKNOWN, State.QUEUED):
        outdated = notice.standing and notice.state == State.QUEUED
        notice.state = State.QUEUED if outdated else State.SENT
        notice.message_id, notice.sent_to = message_id, chat_id
        notice.reason, notice.settled_at, notice.due_at = None, now, now
        session.add(notice)
        session.flush()


# -- questions ---------------------------------------------------------------------------------


def doubtful(session: Session, recipient: str) -> list[Notice]:
    """What may have reached a recipient already, and either waits to be repeated or is listed.

    Asked at every press, and nearly always empty.
    """
    ids = ask(session, _DOUBTFUL, {"recipient": recipient}).scalars().all()
    return [session.get_one(Notice, each) for each in ids]


def uncertain(session: Session, actor: Actor, *, locked: bool = False) -> list[Notice]:
    """Notices to people and groups of the actor's units that may not have arrived, oldest first."""
    units = session.exec(select(Unit.id, Unit.lineage)).all()
    mine = [number for number, lineage in units if may(actor, POWER, lineage_ids(lineage))]
    found = (
        select(Notice)
        .outerjoin(Person, col(Person.id) == Notice.person_id)
        .outerjoin(Group, col(Group.id) == Notice.group_id)
        .where(Notice.state == State.UNKNOWN, col(Notice.closed_at).is_(None))
        .where(or_(col(Person.unit_id).in_(mine), col(Group.unit_id).in_(mine)))
        .order_by(col(Notice.settled_at), col(Notice.id))
    )
    if locked:
        found = found.with_for_update(of=Notice).execution_options(populate_existing=True)
    return list(session.exec(found).all())


def attended(session: Session, actor: Actor, notice_id: int) -> Notice:
    """A notice about which this actor may decide; raises NotFound."""
    notice = session.get(Notice, notice_id)
    person = session.get(Person, notice.person_id) if notice and notice.person_id else None
    group = session.get(Group, notice.group_id) if notice and notice.group_id else None
    unit_id = person.unit_id if person else group.unit_id if group else None
    if notice is None or unit_id is None:
        raise NotFound
    require(actor, POWER, unit_lineage(session, unit_id))
    return notice


def listing(
    session: Session, states: Sequence[State], *, limit: int | None = None
) -> list[tuple[Notice, int | None]]:
    """Notices in these states, newest first, each with the Telegram id that it is for."""
    rows = session.execute(
        _WITH_ACCOUNT.where(col(Notice.state).in_(states))
        .order_by(col(Notice.id).desc())
        .limit(limit)
    ).all()
    return [(notice, account or chat or notice.account) for notice, account, chat in rows]


def at(session: Session, notice_id: int) -> tuple[Notice, int | None] | None:
    """One notice with the Telegram id that it is for."""
    row = session.execute(_WITH_ACCOUNT.where(col(Notice.id) == notice_id)).first()
    return None if row is None else (row[0], row[1] or row[2] or row[0].account)


# -- parts -------------------------------------------------------------------------------------


def _owe_again(session: Session, actor: Actor, notices: list[Notice], *, now: datetime) -> None:
    for notice in notices:
        notice.state, notice.due_at, notice.reason = State.QUEUED, now, None
        notice.settled_at, notice.closed_at = None, None
    session.add_all(notices)
    session.flush()
    for notice in notices:
        audit.record(session, actor, Did.NOTICE_RESEND, notice.about, now=now, kind=notice.kind)


def _locked(session: Session, notice_id: int) -> Notice:
    notice = session.exec(
        select(Notice)
        .where(Notice.id == notice_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if notice is None:
        raise NotFound
    return notice


_DOUBTFUL = (
    sa_select(col(Notice.id))
    .where(
        # Written out, so that both planners see that the partial index fits.
        text("outbox.unknowns > 0 AND outbox.message_id IS NULL"),
        col(Notice.recipient) == bindparam("recipient"),
        col(Notice.state).in_((State.UNKNOWN, State.QUEUED)),
    )
    .order_by(col(Notice.id))
)

_WITH_ACCOUNT = (
    sa_select(Notice, col(Person.telegram_id), col(Group.chat_id))
    .outerjoin(Person, col(Person.id) == col(Notice.person_id))
    .outerjoin(Group, col(Group.id) == col(Notice.group_id))
)
