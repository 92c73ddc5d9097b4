"""Questions about roll calls: which one, who is missing, who was where over the year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.attendance.roll import REOPEN, is_open
from storage.attendance.tables import Mark, Presence, Reopening, presence
from storage.errors import NotFound
from storage.folding import fold
from storage.meetings import (
    Answer,
    How,
    Meeting,
    MeetingKind,
    MeetingState,
    Seat,
    under_way_or_next,
)
from storage.powers import Actor, may, require, units_with
from storage.reach import Reach, reach
from storage.roster import Kind, Person, Unit, unit_lineage, within

NAMES_UP_TO = 30  # seats, for a card that may show names
BY_HAND = (How.COMMITTEE, How.PAPER)


class Record(NamedTuple):
    """Somebody's year: meetings held with them on the roll, and how they stood."""

    held: int
    present: int
    excused: int
    unexcused: int


@dataclass(frozen=True, slots=True)
class Open:
    """A check-in that is open for somebody; `present_at` once they have tapped."""

    meeting: Meeting
    present_at: datetime | None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the attendance file."""

    meeting: Meeting
    person: str
    unit: str
    kind: Kind
    answer: Answer
    reason: str | None
    presence: Presence
    at: datetime | None
    how: How | None
    marked_by: str | None
    late: bool = False
    left_at: datetime | None = None


# -- which roll call ---------------------------------------------------------------------------


def takeable(
    session: Session, actor: Actor, now: datetime, *, group_of: int | None = None
) -> Sequence[Meeting]:
    """The meetings, under way or within 24 hours, whose roll the actor may take.

    In a group these are its unit's own, and none that a committee has among itself. Where a
    check-in is open, it is the one that is meant.
    """
    units = units_with(actor, "attendance.take") if group_of is None else [group_of]
    found = [
        meeting
        for meeting in under_way_or_next(session, units, now)
        if may(actor, "attendance.take", unit_lineage(session, meeting.unit_id))
        and (group_of is None or meeting.kind != MeetingKind.COMMITTEE)
    ]
    found.sort(key=lambda meeting: (meeting.starts_at, meeting.id))
    return [each for each in found if is_open(each, now)] or found


def open_in(session: Session, unit_id: int, now: datetime) -> Meeting | None:
    """The open check-in that a unit's group sees."""
    found = under_way_or_next(session, [unit_id], now)
    shown = (each for each in found if each.kind != MeetingKind.COMMITTEE and is_open(each, now))
    return next(shown, None)


def closed_in(session: Session, unit_id: int, now: datetime) -> Meeting | None:
    """The check-in of the last day that a unit's group saw close; None when the next is nearer."""
    found = session.exec(
        select(Meeting)
        .where(Meeting.unit_id == unit_id, Meeting.state == MeetingState.CLOSED)
        .where(Meeting.kind != MeetingKind.COMMITTEE, col(Meeting.closed_at) > now - REOPEN)
        .order_by(col(Meeting.closed_at).desc(), col(Meeting.id).desc())
    ).first()
    if found is None:
        return None
    coming = under_way_or_next(session, [unit_id], now)
    nearest = min((abs(each.starts_at - now) for each in coming), default=timedelta.max)
    return found if abs(found.starts_at - now) <= nearest else None


def missed_by(session: Session, person_id: int | None) -> Meeting | None:
    """The latest roll, if it closed without this person and its minutes are not final."""
    found = session.exec(
        select(Meeting, Seat.present_at)
        .join(Seat, col(Seat.meeting_id) == Meeting.id)
        .where(Seat.person_id == person_id, Meeting.state == MeetingState.CLOSED)
        .order_by(col(Meeting.closed_at).desc(), col(Meeting.id).desc())
    ).first()
    if found is None or found[1] is not None or found[0].locked_at is not None:
        return None
    return found[0]


def open_for(session: Session, person: Person, *, now: datetime) -> Open | None:
    """The open check-in at which this person is expected."""
    found = session.exec(
        select(Meeting, Seat.present_at)
        .join(Seat, col(Seat.meeting_id) == Meeting.id)
        .where(Seat.person_id == person.id, Meeting.state == MeetingState.CALLED)
        .where(col(Meeting.opened_at) <= now, col(Meeting.closes_at) > now)
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    ).first()
    return None if found is None else Open(found[0], found[1])


def own_seat(
    session: Session, person_id: int | None, meeting_id: int
) -> tuple[Meeting, Seat] | None:
    """Somebody's own seat at a called meeting; None for who is not convened."""
    found = session.exec(
        select(Meeting, Seat)
        .join(Seat, col(Seat.meeting_id) == Meeting.id)
        .where(Meeting.id == meeting_id, Seat.person_id == person_id)
        .where(col(Meeting.state).in_((MeetingState.CALLED, MeetingState.CLOSED)))
    ).first()
    return None if found is None else (found[0], found[1])


def for_committee(
    session: Session, actor: Actor, meeting_id: int, *, power: str = "attendance.take"
) -> Meeting:
    """A meeting that has been called, for one who holds the power over it; to look at."""
    meeting = session.get(Meeting, meeting_id)
    if meeting is None or meeting.state == MeetingState.DRAFT:
        raise NotFound
    require(actor, power, unit_lineage(session, meeting.unit_id))
    return meeting


# -- who ---------------------------------------------------------------------------------------


def seats(session: Session, meeting_id: int) -> list[tuple[Seat, Person]]:
    """Everybody on the roll, by given name."""
    found = session.exec(
        select(Seat, Person)
        .join(Person, col(Person.id) == Seat.person_id)
        .where(Seat.meeting_id == meeting_id)
        .order_by(col(Person.sort_key), col(Seat.id))
    ).all()
    return [(seat, person) for seat, person in found]


def one_seat(session: Session, meeting_id: int, seat_id: int) -> tuple[Seat, Person, Unit]:
    """One person on the roll of this meeting and their unit; NotFound for another's seat."""
    found = session.exec(
        select(Seat, Person, Unit)
        .join(Person, col(Person.id) == Seat.person_id)
        .join(Unit, col(Unit.id) == Seat.unit_id)
        .where(Seat.id == seat_id, Seat.meeting_id == meeting_id)
    ).first()
    if found is None:
        raise NotFound
    return found[0], found[1], found[2]


def to_enter(
    session: Session, meeting_id: int, *, query: str = "", everybody: bool = False
) -> list[tuple[Seat, Person]]:
    """Whom the committee may enter: who has not come, and whom it has entered itself.

    A name that was typed finds anybody: they may have come late, or have left.
    """
    wanted = fold(query)
    return [
        (seat, person)
        for seat, person in seats(session, meeting_id)
        if (everybody or wanted or seat.present_at is None or seat.how in BY_HAND)
        and wanted in person.folded
    ]


def unit_names(session: Session, meeting_id: int) -> dict[int, str]:
    """The names of the units from which people are convened."""
    own = select(Seat.unit_id).where(Seat.meeting_id == meeting_id)
    found = session.exec(select(Unit.id, Unit.name).where(col(Unit.id).in_(own)))
    return dict(found.all())


def missing(session: Session, meeting_id: int) -> list[tuple[Reach, Person]]:
    """Who is neither present nor excused, and how each can be reached."""
    return [
        (reach(person), person)
        for seat, person in seats(session, meeting_id)
        if presence(seat) in (Presence.ABSENT, Presence.PENDING)
    ]


def names_for_card(session: Session, meeting: Meeting) -> list[str]:
    """Who tapped in the group, by given name; nobody where the unit shows no names."""
    unit = session.get_one(Unit, meeting.unit_id)
    if not unit.names_in_group:
        return []
    roll = seats(session, meeting.id)
    if len(roll) > NAMES_UP_TO:
        return []
    return [person.full_name for seat, person in roll if seat.present_at and seat.how == How.TAP]


def changes(session: Session, meeting_id: int) -> list[tuple[Mark, str, str]]:
    """What the committee entered: the entry, for whom, by whom."""
    writer = aliased(Person)
    found = session.exec(
        select(Mark, Person.full_name, writer.full_name)
        .join(Seat, col(Seat.id) == Mark.seat_id)
        .join(Person, col(Person.id) == Seat.person_id)
        .outerjoin(writer, col(writer.id) == Mark.marked_by)
        .where(Seat.meeting_id == meeting_id)
        .order_by(col(Mark.at), col(Mark.id))
    ).all()
    return [(mark, name, by or "") for mark, name, by in found]


def reopenings(session: Session, meeting_id: int) -> list[tuple[Reopening, str]]:
    """When check-in was opened again, and by whom."""
    found = session.exec(
        select(Reopening, Person.full_name)
        .outerjoin(Person, col(Person.id) == Reopening.reopened_by)
        .where(Reopening.meeting_id == meeting_id)
        .order_by(col(Reopening.id))
    ).all()
    return [(reopening, by or "") for reopening, by in found]


# -- over time ---------------------------------------------------------------------------------


def record_of(session: Session, person_id: int, year: int) -> Record:
    """Somebody's year, of the meetings whose roll is closed; exempt and absent counts nowhere."""
    start = datetime(year, 1, 1, tzinfo=ZoneInfo("UTC"))
    found = session.exec(
        select(Meeting, Seat)
        .join(Seat, col(Seat.meeting_id) == Meeting.id)
        .where(Seat.person_id == person_id, Meeting.state == MeetingState.CLOSED)
        .where(Meeting.starts_at >= start - timedelta(days=1))
        .where(Meeting.starts_at < start.replace(year=year + 1) + timedelta(days=1))
    ).all()
    stood = [
        presence(seat)
        for meeting, seat in found
        if meeting.starts_at.astimezone(ZoneInfo(meeting.zone)).year == year
    ]
    counted = [each for each in stood if each != Presence.EXEMPT]
    return Record(
        len(counted),
        counted.count(Presence.PRESENT),
        counted.count(Presence.EXCUSED),
        counted.count(Presence.ABSENT),
    )


def attendance_rows(
    session: Session,
    unit: Unit,
    from_day: date | None = None,
    to_day: date | None = None,
    *,
    zone: str,
    reasons: bool = False,
) -> list[Row]:
    """The attendance of the unit and all below it, both days included, by meeting and name.

    `reasons` only for the committee that decides on them.
    """
    below = select(Unit.id).where(within(unit))
    wanted = [col(Meeting.unit_id).in_(below), col(Meeting.state) == MeetingState.CLOSED]
    if from_day is not None:
        wanted.append(col(Meeting.starts_at) >= _midnight(from_day, zone))
    if to_day is not None:
        wanted.append(col(Meeting.starts_at) < _midnight(to_day + timedelta(days=1), zone))
    return _rows(session, and_(*wanted), reasons)


def meeting_rows(session: Session, meeting: Meeting, *, reasons: bool = False) -> list[Row]:
    """The attendance of one meeting, by name."""
    return _rows(session, col(Meeting.id) == meeting.id, reasons)


def _rows(session: Session, wanted: ColumnElement[bool], reasons: bool) -> list[Row]:
    writer = aliased(Person)
    found = session.execute(
        sa_select(
            Meeting,
            Seat,
            col(Person.full_name),
            col(Unit.name),
            col(writer.full_name),
        )
        .join(Seat, col(Seat.meeting_id) == Meeting.id)
        .join(Person, col(Person.id) == Seat.person_id)
        .join(Unit, col(Unit.id) == Seat.unit_id)
        .outerjoin(writer, col(writer.id) == Seat.marked_by)
        .where(wanted)
        .order_by(col(Meeting.starts_at), col(Meeting.id), col(Person.sort_key), col(Seat.id))
    )
    return [
        Row(
            meeting=meeting,
            person=name,
            unit=unit,
            kind=Kind(seat.member_kind),
            answer=Answer(seat.answer),
            reason=seat.leave_reason if reasons else None,
            presence=presence(seat),
            at=seat.present_at,
            how=How(seat.how) if seat.how else None,
            marked_by=by,
            late=seat.late,
            left_at=seat.left_at,
        )
        for meeting, seat, name, unit, by in found
    ]


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
