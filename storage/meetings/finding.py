"""Questions about meetings: which one, who may see it, who has said what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from storage import deputies
from storage.errors import NotFound
from storage.meetings.tables import (
    UNDER_WAY,
    Answer,
    Change,
    ChangeState,
    Leave,
    Meeting,
    MeetingKind,
    MeetingState,
    Seat,
)
from storage.outbox import Notice
from storage.powers import Actor, require
from storage.roster import Kind, Person, Unit, lineage_ids, unit_lineage

AT_HAND = timedelta(days=14)

# -- one meeting -------------------------------------------------------------------------------


def managed(
    session: Session, actor: Actor, meeting_id: int, *, power: str = "meeting.create"
) -> Meeting:
    """A meeting over which the actor holds the power, locked until the end of the transaction."""
    meeting = locked(session, meeting_id)
    if meeting is None:
        raise NotFound
    require(actor, power, unit_lineage(session, meeting.unit_id))
    return meeting


def locked(session: Session, meeting_id: int) -> Meeting | None:
    """A meeting as it is now, nobody else's to change until the end of the transaction."""
    return session.exec(
        select(Meeting)
        .where(Meeting.id == meeting_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def waiting_change(session: Session, meeting: Meeting) -> Change | None:
    """The move or the cancellation that can still be undone, or is just about to come about."""
    return session.exec(
        select(Change)
        .where(Change.meeting_id == meeting.id, Change.state == ChangeState.WAITING)
        .execution_options(populate_existing=True)
    ).first()


def change_of(session: Session, actor: Actor, change_id: int) -> tuple[Change, Meeting]:
    """A change and its meeting, locked, for who may change it."""
    found = session.exec(select(Change.meeting_id).where(Change.id == change_id)).first()
    if found is None:
        raise NotFound
    meeting = managed(session, actor, found)
    return session.get_one(Change, change_id, populate_existing=True), meeting


def seat_of(
    session: Session, actor: Actor, meeting_id: int, *, elder: int | None = None
) -> tuple[Meeting, Seat]:
    """The actor's own seat, or that of an elder for whom they may answer, locked.

    NotFound for who is not convened.
    """
    meeting = session.get(Meeting, meeting_id)
    if meeting is None or meeting.state == MeetingState.DRAFT:
        raise NotFound
    if elder is None:
        require(actor, "meeting.see", unit_lineage(session, meeting.unit_id))
    else:
        deputies.check(session, actor, elder)
    seat = session.exec(
        select(Seat)
        .where(Seat.meeting_id == meeting_id, Seat.person_id == (elder or actor.person_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if seat is None:
        raise NotFound
    return meeting, seat


def seat_for(session: Session, meeting_id: int, person_id: int) -> tuple[Meeting, Seat] | None:
    """Somebody's seat, for a notice to them."""
    found = session.execute(_SEAT_FOR, {"meeting": meeting_id, "person": person_id}).first()
    return None if found is None else (found[0], found[1])


def seats_for(
    session: Session, notices: Sequence[Notice]
) -> dict[tuple[int, int], tuple[Meeting, Seat]]:
    """The seats that notices to people are about, by meeting and person."""
    wanted = {
        "meetings": list({int(each.subject.rpartition(":")[2]) for each in notices}),
        "people": list({each.person_id for each in notices if each.person_id is not None}),
    }
    found = session.execute(_SEATS_FOR, wanted)
    return {(meeting.id, seat.person_id): (meeting, seat) for meeting, seat in found}


def of_token(session: Session, actor: Actor, token: str) -> Meeting | None:
    """The meeting that a form has become, if it has."""
    found = session.exec(select(Meeting.id).where(Meeting.token == token)).first()
    return None if found is None else managed(session, actor, found)


# -- what is next ------------------------------------------------------------------------------


def next_for(session: Session, person_id: int, now: datetime) -> Meeting | None:
    """The meeting a person is expected at: the one under way, else the next."""
    return next(iter(coming_for(session, person_id, now, limit=1)), None)


def coming_for(
    session: Session, person_id: int, now: datetime, *, limit: int = 3
) -> Sequence[Meeting]:
    """The meetings a person is expected at, the nearest first."""
    return session.exec(
        select(Meeting)
        .join(Seat, col(Seat.meeting_id) == Meeting.id)
        .where(Seat.person_id == person_id, _coming(now))
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .limit(limit)
    ).all()


def under_way_or_next(
    session: Session,
    unit_lineage: Iterable[int],
    now: datetime,
    within: timedelta = timedelta(hours=24),
) -> Sequence[Meeting]:
    """The meetings of a unit and of those above it that are under way or begin soon.

    Its own come first, then those of the units above, each by time; whether the one who asks may
    do anything with them is for the caller to find out.
    """
    lineage = tuple(unit_lineage)
    found = session.exec(
        select(Meeting)
        .where(col(Meeting.unit_id).in_(lineage), Meeting.state == MeetingState.CALLED)
        .where(_coming(now), Meeting.starts_at <= now + within)
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    ).all()
    return sorted(found, key=lambda meeting: -lineage.index(meeting.unit_id))


def public(
    session: Session, actor: Actor, unit_id: int, now: datetime, *, limit: int = 3
) -> Sequence[Meeting]:
    """The coming meetings of a unit that its group may know of: not those of its committee."""
    require(actor, "meeting.see", unit_lineage(session, unit_id))
    return session.exec(
        select(Meeting)
        .where(Meeting.unit_id == unit_id, Meeting.kind != MeetingKind.COMMITTEE)
        .where(_coming(now))
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .limit(limit)
    ).all()


def on_the_desk(
    session: Session, unit_ids: Iterable[int], now: datetime, *, limit: int = 8
) -> Sequence[Meeting]:
    """What a committee has to do with: coming meetings and drafts, then the latest that were.

    The drafts that nobody wrote, those of a series, are shown from a fortnight ahead.
    """
    mine = col(Meeting.unit_id).in_(list(unit_ids))
    by_itself = and_(col(Meeting.state) == MeetingState.DRAFT, col(Meeting.created_by).is_(None))
    coming = session.exec(
        select(Meeting)
        .where(mine, Meeting.starts_at > now - UNDER_WAY)
        .where(or_(~by_itself, col(Meeting.starts_at) <= now + AT_HAND))
        .where(col(Meeting.state).in_((MeetingState.CALLED, MeetingState.DRAFT)))
        .order_by(col(Meeting.starts_at), col(Meeting.id))
        .limit(limit)
    ).all()
    held = or_(  # a roll may be closed before its time has come
        col(Meeting.state) == MeetingState.CLOSED,
        and_(col(Meeting.state) == MeetingState.CALLED, col(Meeting.starts_at) <= now),
    )
    past = session.exec(
        select(Meeting)
        .where(mine, held, col(Meeting.id).not_in([m.id for m in coming]))
        .order_by(col(Meeting.starts_at).desc(), col(Meeting.id))
        .limit(max(limit - len(coming), 0))
    ).all()
    return [*coming, *past]


def latest(session: Session, unit_id: int, *, limit: int = 20) -> Sequence[Meeting]:
    """The meetings a unit called last: its usual days, times and places."""
    return session.exec(
        select(Meeting)
        .where(Meeting.unit_id == unit_id)
        .where(col(Meeting.state).in_((MeetingState.CALLED, MeetingState.CLOSED)))
        .order_by(col(Meeting.starts_at).desc())
        .limit(limit)
    ).all()


def _coming(now: datetime) -> ColumnElement[bool]:
    """To come or under way. A roll that was closed ahead of time takes no meeting away."""
    state, starts_at = col(Meeting.state), col(Meeting.starts_at)
    present = or_(starts_at > now - UNDER_WAY, col(Meeting.closes_at) > now)
    return or_(
        and_(state == MeetingState.CALLED, present),
        and_(state == MeetingState.CLOSED, starts_at > now),
    )


# -- who has said what -------------------------------------------------------------------------


@dataclass(slots=True)
class Tally:
    """What those who are convened have said; the exempt count only when they come."""

    coming: int = 0
    online: int = 0  # of these: from afar
    silent: int = 0
    granted: int = 0  # leave
    pending: int = 0
    refused: int = 0
    exempt: int = 0

    @property
    def convened(self) -> int:
        """Everybody but the exempt who have not come: the same as in the result."""
        return self.coming + self.silent + self.granted + self.pending + self.refused


def tally(session: Session, meeting_id: int) -> Tally:
    """How many have said what, and where their requests for leave stand."""
    exempt = and_(col(Seat.member_kind) == Kind.EXEMPT.value, col(Seat.present_at).is_(None))
    said = case(
        (exempt, "exempt"),
        (col(Seat.leave) == Leave.APPROVED.value, "granted"),
        (col(Seat.leave) == Leave.PENDING.value, "pending"),
        (col(Seat.leave) == Leave.REFUSED.value, "refused"),
        (col(Seat.answer) == Answer.COMING.value, "coming"),
        (col(Seat.answer) == Answer.ONLINE.value, "online"),
        else_="silent",
    ).label("said")
    found = session.execute(
        sa_select(said, func.count()).where(col(Seat.meeting_id) == meeting_id).group_by(said)
    )
    count = Tally(**{str(name): int(number) for name, number in found})
    count.coming += count.online
    return count


def requests(
    session: Session, unit_ids: Iterable[int], now: datetime, *, meeting_id: int | None = None
) -> list[tuple[Seat, Meeting, Person]]:
    """The requests for leave that wait for an answer, the nearest meeting first.

    Those of a meeting whose roll was taken wait until its minutes are final.
    """
    stands = or_(
        and_(
            col(Meeting.state) == MeetingState.CALLED,
            col(Meeting.starts_at) > now - UNDER_WAY,
        ),
        and_(
            col(Meeting.state).in_((MeetingState.CALLED, MeetingState.CLOSED)),
            col(Meeting.opened_at).is_not(None),
        ),
    )
    statement = (
        select(Seat, Meeting, Person)
        .join(Meeting, col(Meeting.id) == Seat.meeting_id)
        .join(Person, col(Person.id) == Seat.person_id)
        .where(col(Meeting.unit_id).in_(list(unit_ids)), Seat.leave == Leave.PENDING)
        .where(stands, col(Meeting.locked_at).is_(None))
        .order_by(col(Meeting.starts_at), col(Seat.answered_at), col(Seat.id))
    )
    if meeting_id is not None:
        statement = statement.where(Meeting.id == meeting_id)
    return list(session.exec(statement).all())


def request_of(session: Session, actor: Actor, seat_id: int) -> tuple[Seat, Meeting, Person]:
    """One request for leave and what it is about, for who may decide on it."""
    found = session.exec(
        select(Seat, Meeting, Person)
        .join(Meeting, col(Meeting.id) == Seat.meeting_id)
        .join(Person, col(Person.id) == Seat.person_id)
        .where(Seat.id == seat_id)
        .with_for_update(of=Seat)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound
    require(actor, "absence.decide", unit_lineage(session, found[1].unit_id))
    return found[0], found[1], found[2]


def expects_everyone(session: Session, meeting: Meeting) -> bool:
    """Whether who says nothing is expected ("expected unless excused")."""
    unit = session.get(Unit, meeting.unit_id)
    return unit is not None and unit.expects_everyone


def unit_name(session: Session, meeting: Meeting) -> str:
    """The name of the unit that meets."""
    return session.get_one(Unit, meeting.unit_id).name


def zone_of(session: Session, unit_id: int, default: str) -> str:
    """The zone a unit meets in: its own, or that of the nearest unit above that has one."""
    ids = unit_lineage(session, unit_id)
    units = session.exec(select(Unit).where(col(Unit.id).in_(ids))).all()
    nearest = sorted(units, key=lambda unit: -len(lineage_ids(unit.lineage)))
    return next((unit.zone for unit in nearest if unit.zone), default)


_SEATED = select(Meeting, Seat).join(Seat, col(Seat.meeting_id) == Meeting.id)
_SEAT_FOR = _SEATED.where(  # built once, for it is asked for every home screen
    Meeting.id == bindparam("meeting"), Seat.person_id == bindparam("person")
)
_SEATS_FOR = _SEATED.where(
    col(Meeting.id).in_(bindparam("meetings", expanding=True)),
    col(Seat.person_id).in_(bindparam("people", expanding=True)),
)
