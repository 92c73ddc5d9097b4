"""Branches without the meeting that this month, or this quarter, should have had.

By a day of the month (rule `regular.by`) a branch has called its regular meeting, and in the last
month of a quarter its thematic one. Where it has not, its committee is told, in private and once a
month. A congress stands in for the regular meeting of its month.

A branch is a unit with a secretary, and with no other such unit below it: the committees above
meet by rules of their own, and a group meets with its branch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from storage import meetings, outbox, rules
from storage.meetings import MONTHLY, QUARTERLY, Meeting, MeetingKind, MeetingState
from storage.outbox import Class, to_person
from storage.powers import COMMITTEE, Role
from storage.quiet import Quiet
from storage.roster import RoleGrant, Unit, holders, in_force
from storage.series.tables import Series, Turn

MISSING = "series.missing"  # what happens every morning, and the notice to the committee
BY = "regular.by"
STANDS_FOR = {
    MeetingKind.REGULAR: (*MONTHLY, MeetingKind.CONGRESS),
    MeetingKind.THEMATIC: QUARTERLY,
}


@dataclass(frozen=True, slots=True)
class Lack:
    """A meeting that is missing, and the draft of a series that would fill the gap."""

    unit: Unit
    kind: MeetingKind
    month: date  # its first day
    draft: Meeting | None


# -- rules -------------------------------------------------------------------------------------


def due_on(by: float, today: date) -> bool:
    """Whether the day has come by which the meeting should have been called."""
    last = (today.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return today.day >= min(int(by), last.day)


def period(kind: MeetingKind, month: date) -> tuple[date, date]:
    """The month, or the quarter that it is the last of: its first day, and the day after it."""
    following = (month.replace(day=1) + timedelta(days=31)).replace(day=1)
    first = month.replace(day=1)
    if kind == MeetingKind.THEMATIC:
        first = first.replace(month=month.month - (month.month - 1) % 3)
    return first, following


def asked_of(today: date) -> list[MeetingKind]:
    """The kinds that a branch should have called by now in such a month."""
    last_of_quarter = today.month % 3 == 0
    return [MeetingKind.REGULAR, *([MeetingKind.THEMATIC] if last_of_quarter else [])]


# -- actions -----------------------------------------------------------------------------------


def tell_missing(session: Session, *, profile: str, quiet: Quiet, now: datetime) -> int:
    """Owes the committees of such branches a word; returns how many notices are new."""
    return sum(
        _tell(session, unit, profile=profile, quiet=quiet, now=now)
        for unit in branches(session, now.astimezone(ZoneInfo(quiet.zone)).date())
    )


def _tell(session: Session, unit: Unit, *, profile: str, quiet: Quiet, now: datetime) -> int:
    zone = ZoneInfo(meetings.zone_of(session, unit.id, quiet.zone))
    today, owed = now.astimezone(zone).date(), 0
    by = rules.rule(session, profile, BY, unit, on=today).value
    if by is None or not due_on(by, today):
        return 0
    _first, following = period(MeetingKind.REGULAR, today)
    for kind in asked_of(today):
        if lacking(session, unit, kind, today, zone=zone.key) is None:
            continue
        owed += outbox.enqueue(
            session,
            MISSING,
            f"unit:{unit.id}",
            [
                {**to_person(person.id), "due_at": quiet.for_person(person, now)}
                for person in holders(session, unit.id, COMMITTEE, today=today)
                if person.telegram_id is not None
            ],
            klass=Class.REMINDER,
            revision=(today.year * 12 + today.month) * 2 + (kind == MeetingKind.THEMATIC),
            facts={"kind": kind.value, "month": today.replace(day=1).isoformat()},
            valid_until=datetime(following.year, following.month, following.day, tzinfo=zone),
            now=now,
        )
    return owed


# -- questions ---------------------------------------------------------------------------------


def branches(session: Session, today: date) -> list[Unit]:
    """The units with a secretary and no other such unit below."""
    led: Sequence[Unit] = session.exec(
        select(Unit)
        .join(RoleGrant, col(RoleGrant.unit_id) == Unit.id)
        .where(RoleGrant.role == Role.SECRETARY, *in_force(today))
        .distinct()
    ).all()
    # In the order of their lineages a unit is followed at once by what is below it; databases
    # may sort the strokes away.
    led = sorted(led, key=lambda unit: unit.lineage)
    following = [each.lineage for each in led[1:]] + [""]
    return [
        unit
        for unit, after in zip(led, following, strict=True)
        if not after.startswith(unit.lineage)
    ]


def lacking(
    session: Session, unit: Unit, kind: MeetingKind, day: date, *, zone: str
) -> Lack | None:
    """What the unit has not called for the month of a day, or its quarter; None if it has."""
    first, until = (
        datetime(each.year, each.month, each.day, tzinfo=ZoneInfo(zone))
        for each in period(kind, day)
    )
    called = session.exec(
        select(Meeting.id)
        .where(Meeting.unit_id == unit.id, col(Meeting.kind).in_(STANDS_FOR[kind]))
        .where(col(Meeting.state).in_((MeetingState.CALLED, MeetingState.CLOSED)))
        .where(Meeting.starts_at >= first, Meeting.starts_at < until)
        .limit(1)
    ).first()
    if called is not None:
        return None
    draft = session.exec(
        select(Meeting)
        .join(Turn, col(Turn.meeting_id) == Meeting.id)
        .join(Series, col(Series.id) == Turn.series_id)
        .where(Series.unit_id == unit.id, Series.kind == kind)
        .where(Meeting.state == MeetingState.DRAFT)
        .where(Meeting.starts_at >= first, Meeting.starts_at < until)
    ).first()
    return Lack(unit, kind, day.replace(day=1), draft)
