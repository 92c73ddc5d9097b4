"""Claiming notices, sending them, and settling what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, or_, text, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, SQLModel, col, select

from storage import upkeep
from storage.db import ask
from storage.groups import Group
from storage.outbox.rows import (
    HELD,
    LEASE,
    NOTICE,
    PRIORITIES,
    REPEAT_AFTER,
    STANDING_PACE,
    UNSENT,
    Arrived,
    Claimed,
    Class,
    Notice,
    State,
)
from storage.quiet import Quiet, Sleeper
from storage.roster import Person

ANY_TIME = Quiet("", "UTC")
AGAIN_AFTER = timedelta(seconds=0.3)  # an edit of which nobody knows is simply made again


def claim(
    session: Session, *, now: datetime, limit: int, worker: int = 0, quiet: Quiet = ANY_TIME
) -> list[Claimed]:
    """Leases due notices, answers to people first; what is past its time expires instead.

    Whatever made a notice late (an outage, a retry, a second try by hand), it is not said in the
    quiet hours of whom it is for: it waits for the morning, and expires where that is too late.
    """
    if upkeep.since(session, upkeep.Mark.OUTBOX_PAUSED) is not None:
        return []
    taken: list[int] = []
    for priority in PRIORITIES:
        if len(taken) < limit:
            taken += _lease(session, priority, limit - len(taken), now, worker)
    if not taken:
        return []
    rows = session.execute(
        _CLAIMED, {"ids": taken}, execution_options={"populate_existing": True}
    ).all()
    claimed: list[Claimed] = []
    for row in rows:
        notice, account, chat = row[:3]
        found = (each for each in (account, chat, notice.account) if each is not None)
        chat_id = next(found, None)
        if notice.message_id is not None and chat_id is not None and notice.sent_to != chat_id:
            _forget_message(notice)  # a new account, a supergroup: nothing to edit there
        if notice.valid_until is not None and notice.valid_until < now:
            _settle(session, notice, State.EXPIRED, now=now, reason="past its time")
        elif _only_edits(notice) and notice.message_id is None:
            _settle(session, notice, State.CANCELLED, now=now, reason="its message is gone")
        elif chat_id is not None and (morning := _wakes(notice, row, quiet, now)) > now:
            _settle(session, notice, State.QUEUED, now=now)
            notice.due_at = morning
        else:
            claimed.append(Claimed(notice, chat_id))
    return claimed


def begin(session: Session, ids: Sequence[int], *, now: datetime) -> set[int]:
    """Commits the leased to `sending`; whoever is missing from the answer was taken back."""
    return set(ask(session, _BEGIN, {"ids": ids, "until": now + LEASE}).scalars())


def settle_sent(session: Session, arrived: Sequence[Arrived], *, now: datetime) -> None:
    """They arrived. A standing message that went out of date meanwhile is queued again."""
    plain = [each for each in arrived if each.message_id is not None and not each.standing]
    if plain:
        ask(
            session,
            _ARRIVED,
            [
                {"id_": each.id, "at": now, "message": each.message_id, "chat": each.chat_id}
                for each in plain
            ],
        )
    for each in arrived:
        if each.message_id is None or each.standing:
            _settle_standing(session, each, now=now)


def _settle_standing(session: Session, arrived: Arrived, *, now: datetime) -> None:
    notice = _at(session, arrived.id)
    if arrived.message_id is not None:
        notice.message_id, notice.sent_to = arrived.message_id, arrived.chat_id
    notice.unknowns = 0  # whatever was uncertain, this has arrived where it stands
    outdated = notice.standing and notice.version != arrived.version
    _settle(session, notice, State.QUEUED if outdated else State.SENT, now=now)
    if notice.standing:
        notice.due_at = now + STANDING_PACE
    session.flush()


def settle_later(
    session: Session, notice_id: int, *, worker: int, due_at: datetime, now: datetime
) -> None:
    """It was surely not sent: again later, and no attempt used.

    What was taken back stays so, and so does what another process has taken up meanwhile.
    """
    notice = _at(session, notice_id)
    if notice.state not in HELD or notice.worker != worker:
        return
    if notice.state == State.SENDING:
        notice.attempts -= 1
    _settle(session, notice, State.QUEUED, now=now)
    notice.due_at = due_at
    session.flush()


def hold(session: Session, recipient: str, *, until: datetime) -> None:
    """Lets a recipient's other notices wait, too; a process that starts meanwhile keeps to it."""
    session.execute(
        update(Notice)
        .where(col(Notice.recipient) == recipient, col(Notice.state).in_(UNSENT))
        .where(col(Notice.due_at) < until)
        .values(due_at=until)
        .execution_options(synchronize_session=False)
    )


def settle_gone(session: Session, notice_id: int, *, now: datetime) -> None:
    """The message to edit is no more: sent anew, unless editing was all there was to do."""
    notice = _at(session, notice_id)
    _forget_message(notice)
    if _only_edits(notice):
        _settle(session, notice, State.CANCELLED, now=now, reason="its message is gone")
    else:
        _settle(session, notice, State.QUEUED, now=now)
        notice.due_at = now
    session.flush()


def settle_refused(
    session: Session, notice_id: int, *, blocked: bool, reason: str, now: datetime
) -> None:
    """Telegram refused for good. Who shut us out is remembered until they come back."""
    notice = _at(session, notice_id)
    _settle(session, notice, State.BLOCKED if blocked else State.DEAD, now=now, reason=reason)
    if blocked and notice.person_id is not None:
        person = session.get(Person, notice.person_id)
        if person is not None and person.blocked_at is None:
            person.blocked_at = now
            session.add(person)
    if blocked and notice.group_id is not None:
        group = session.get(Group, notice.group_id)
        if group is not None and group.left_at is None:
            group.left_at = now
            session.add(group)
    session.flush()


def give_up(session: Session, notice_id: int, *, reason: str, now: datetime) -> None:
    """Nothing can be said: it is dead, unless somebody has taken it up meanwhile."""
    notice = _at(session, notice_id)
    if notice.state in UNSENT:
        _settle(session, notice, State.DEAD, now=now, reason=reason)
        session.flush()


def settle_cancelled(session: Session, notice_id: int, *, now: datetime) -> None:
    """What it was to say is no longer true."""
    _settle(session, _at(session, notice_id), State.CANCELLED, now=now)


def settle_unknown(session: Session, notice_id: int, *, reason: str, now: datetime) -> None:
    """We cannot know whether it arrived; the class decides what follows."""
    notice = _at(session, notice_id)
    if notice.state != State.SENDING:
        return  # its lease ran out, and this has been said of it already
    notice.unknowns += 1
    again = notice.message_id is not None or notice.klass == Class.IDEMPOTENT
    if again:
        _settle(session, notice, State.QUEUED, now=now, reason=reason)
        notice.due_at = now + AGAIN_AFTER * min(notice.unknowns**2, 30)
    elif notice.klass == Class.REMINDER and notice.unknowns == 1:
        _settle(session, notice, State.QUEUED, now=now, reason=reason)
        notice.due_at = now + REPEAT_AFTER
    else:
        _settle(session, notice, State.UNKNOWN, now=now, reason=reason)
    session.flush()


def recover(session: Session, *, now: datetime, dead: Collection[int] = ()) -> None:
    """Takes up what processes have left: leases that ran out, and those of the dead."""
    left = or_(col(Notice.lease_until) < now, col(Notice.worker).in_(dead))
    lost = session.exec(
        select(Notice)
        # Written out: with parameters SQLite sees no partial index in it, and reads all rows.
        .where(text("outbox.state IN ('leased', 'sending')"), left)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for notice in lost:
        if notice.state == State.LEASED:
            _settle(session, notice, State.QUEUED, now=now)
        else:
            settle_unknown(session, notice.id, reason="the sender was stopped", now=now)


def _wakes(notice: Notice, whom: Sleeper, quiet: Quiet, now: datetime) -> datetime:
    """When it may be said: answers, what is urgent and what makes no sound are said at any hour."""
    silent = notice.message_id is not None or notice.klass == Class.IDEMPOTENT
    return now if silent or notice.priority < NOTICE else quiet.for_person(whom, now)


def _only_edits(notice: Notice) -> bool:
    return notice.standing and notice.klass == Class.IDEMPOTENT


def _forget_message(notice: Notice) -> None:
    """The next one is a first one: what was uncertain about the old says nothing of it."""
    notice.message_id, notice.sent_to, notice.unknowns = None, None, 0


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


def _lease(session: Session, priority: int, limit: int, now: datetime, worker: int) -> list[int]:
    values = {
        "priority_": priority,
        "now": now,
        "limit": limit,
        "until": now + LEASE,
        "worker_": worker,
    }
    return list(ask(session, _LEASE, values).scalars())


_outbox = SQLModel.metadata.tables["outbox"]
_due = (
    sa_select(_outbox.c.id)
    .where(
        # Written out, so that both planners see that the partial index fits.
        text("outbox.state = 'queued'"),
        _outbox.c.priority == bindparam("priority_"),
        _outbox.c.due_at <= bindparam("now"),
    )
    .order_by(_outbox.c.due_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
    .cte("due")
    .prefix_with("MATERIALIZED", dialect="postgresql")
)
_LEASE = (
    update(_outbox)
    .where(_outbox.c.id.in_(sa_select(_due.c.id)))
    .values(state=State.LEASED.value, lease_until=bindparam("until"), worker=bindparam("worker_"))
    .returning(_outbox.c.id)
)
_CLAIMED = (  # with the chats they go to: who cannot be written to has none
    sa_select(
        Notice,
        col(Person.telegram_id),
        col(Group.chat_id),
        col(Person.quiet_hours),
        col(Person.zone),
    )
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
    .where(col(Notice.id).in_(bindparam("ids", expanding=True)))
    .order_by(col(Notice.priority), col(Notice.due_at), col(Notice.id))
)
_ARRIVED = (  # all but standing messages, in one statement
    update(_outbox)
    .where(_outbox.c.id == bindparam("id_"))
    .values(
        state=State.SENT.value,
        settled_at=bindparam("at"),
        message_id=bindparam("message"),
        sent_to=bindparam("chat"),
        lease_until=None,
        reason=None,
    )
)
_BEGIN = (  # built once, for it is asked at every notice
    update(_outbox)
    .where(_outbox.c.id.in_(bindparam("ids", expanding=True)))
    .where(_outbox.c.state == State.LEASED.value)
    .values(
        state=State.SENDING.value,
        lease_until=bindparam("until"),
        attempts=_outbox.c.attempts + 1,
    )
    .returning(_outbox.c.id)
)
