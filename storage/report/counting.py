"""The figures of a year: meetings held, who came, how long it took, what was spoken of.

All sums are made by the database, so that a committee over two hundred branches waits no longer
than one branch. A meeting belongs to the month in which it began by its own clocks: there are few
zones, and each of them gives the statements its own twelve midnights.

A committee's own meetings are counted as held and as nothing else: their handful of people would
blur the rate of the branch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Case, ColumnElement, Select, and_, case, func, or_
from sqlalchemy import select as sa_select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction
from sqlalchemy.types import Integer
from sqlmodel import Session, col, select

from storage.agenda import Content, Point
from storage.attendance import Count, Presence
from storage.attendance.counting import stands
from storage.meetings import REASONS, SITTINGS, Meeting, MeetingKind, MeetingState, Seat
from storage.roster import Unit, within

# Whose seats make the rate: everybody's meetings, not what a committee has among itself.
COUNTED = tuple(kind for kind in MeetingKind if kind is not MeetingKind.COMMITTEE)
OTHER = "other"


@dataclass(slots=True)
class Reasons:
    """How many were excused for which reason; "other" are own words, and where none was kept."""

    business: int = 0
    illness: int = 0
    family: int = 0
    other: int = 0

    def add(self, reason: str, number: int) -> None:
        """Counts so many of a reason."""
        setattr(self, reason, getattr(self, reason) + number)


@dataclass(slots=True)
class Figures:
    """What there is to say of some meetings."""

    held: Counter[MeetingKind] = field(default_factory=Counter)
    count: Count = field(default_factory=Count)
    late: int = 0
    left: int = 0  # before the end
    timed: int = 0  # regular and thematic meetings whose beginning and end were kept
    untimed: int = 0
    short: int = 0  # of those timed: shorter than the rule asks for
    seconds: int = 0  # of those timed, together

    @property
    def meetings(self) -> int:
        """How many were held, of every kind."""
        return self.held.total()

    @property
    def minutes(self) -> int | None:
        """How long a regular or thematic meeting takes, as far as it was kept."""
        return round(self.seconds / self.timed / 60) if self.timed else None

    def add(self, other: Figures) -> None:
        """Counts what another one counts as well."""
        self.held += other.held
        for how in Presence:
            self.count.add(how, other.count.of(how))
        for name in ("late", "left", "timed", "untimed", "short", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


class seconds_between(GenericFunction[int]):
    """The whole seconds from one moment to another; each database says it in its own way."""

    type = Integer()
    inherit_cache = True


@compiles(seconds_between, "sqlite")
def _sqlite(element: Any, compiler: Any, **more: Any) -> str:
    begun, ended = (compiler.process(each, **more) for each in element.clauses)
    return f"(strftime('%s', {ended}) - strftime('%s', {begun}))"


@compiles(seconds_between, "postgresql")
def _postgresql(element: Any, compiler: Any, **more: Any) -> str:
    begun, ended = (compiler.process(each, **more) for each in element.clauses)
    return f"CAST(EXTRACT(EPOCH FROM ({ended} - {begun})) AS INTEGER)"


# -- rules -------------------------------------------------------------------------------------


class Calendar:
    """A year by the clocks of each meeting."""

    def __init__(self, year: int, zones: Iterable[str]) -> None:
        self.year = year
        self._starts = {zone: _starts(year, zone) for zone in sorted(set(zones)) or ["UTC"]}

    @property
    def within(self) -> ColumnElement[bool]:
        """The condition that a meeting belongs to the year."""
        begins = col(Meeting.starts_at)
        return or_(
            *(
                and_(col(Meeting.zone) == zone, begins >= starts[0], begins < starts[12])
                for zone, starts in self._starts.items()
            )
        )

    @property
    def month(self) -> Case[int]:
        """The month in which a meeting of the year began, 1 to 12."""
        begins = col(Meeting.starts_at)
        found = [
            (and_(col(Meeting.zone) == zone, begins < starts[number]), number)
            for zone, starts in self._starts.items()
            for number in range(1, 13)
        ]
        return case(*found, else_=0)


def _starts(year: int, zone: str) -> list[datetime]:
    """The midnights that begin the twelve months, and the one that ends the last."""
    first = [datetime(year, month, 1, tzinfo=ZoneInfo(zone)) for month in range(1, 13)]
    return [*first, datetime(year + 1, 1, 1, tzinfo=ZoneInfo(zone))]


# -- questions ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scope:
    """Which meetings are counted: of these units, held in this year, the roll closed."""

    unit: Unit
    calendar: Calendar
    now: datetime
    below: bool = True  # also those of the units below

    def narrow(
        self, statement: Select[*tuple[Any, ...]], kinds: Collection[MeetingKind]
    ) -> Select[*tuple[Any, ...]]:
        """A statement that has `Meeting` and `Unit` in it, of these meetings only."""
        return statement.where(
            within(self.unit) if self.below else col(Unit.id) == self.unit.id,
            col(Meeting.state) == MeetingState.CLOSED.value,
            col(Meeting.starts_at) <= self.now,
            col(Meeting.kind).in_([kind.value for kind in kinds]),
            self.calendar.within,
        )


def scope_of(
    session: Session, unit: Unit, year: int, *, below: bool = True, now: datetime
) -> Scope:
    """The year of a unit, and of those below it."""
    zones = session.exec(
        select(Meeting.zone)
        .join(Unit, col(Unit.id) == Meeting.unit_id)
        .where(within(unit))
        .distinct()
    ).all()
    return Scope(unit, Calendar(year, zones), now, below)


def figures(
    session: Session, scope: Scope, *, least: float, joint: float
) -> dict[tuple[str, int], Figures]:
    """The figures of each unit and month in which there are any, by the unit's lineage.

    `least` is how many minutes a meeting has to last, `joint` one that is two in one.
    """
    found: dict[tuple[str, int], Figures] = {}
    month, lasted = scope.calendar.month.label("month"), _LASTED
    minimum = case((col(Meeting.kind) == MeetingKind.JOINT, joint * 60), else_=least * 60)
    of_meetings = scope.narrow(
        sa_select(
            col(Unit.lineage),
            month,
            col(Meeting.kind),
            func.count(),
            func.count(lasted),
            func.coalesce(func.sum(case((lasted < minimum, 1), else_=0)), 0),
            func.coalesce(func.sum(lasted), 0),
        ).join(Unit, col(Unit.id) == col(Meeting.unit_id)),
        tuple(MeetingKind),
    ).group_by(col(Unit.lineage), month, col(Meeting.kind))
    for lineage, number, kind, held, timed, short, seconds in session.execute(of_meetings):
        each = found.setdefault((lineage, number), Figures())
        each.held[MeetingKind(kind)] += held
        if MeetingKind(kind) in SITTINGS:
            each.timed += timed
            each.untimed += held - timed
            each.short += short
            each.seconds += seconds
    of_seats = scope.narrow(seats(col(Unit.lineage), month), COUNTED).group_by(
        col(Unit.lineage), month, stands
    )
    for lineage, number, how, people, late, left in session.execute(of_seats):
        add_seats(found.setdefault((lineage, number), Figures()), how, people, late, left)
    return found


def add_seats(figures: Figures, how: str, people: int, late: int, left: int) -> None:
    """Counts one sum of seats."""
    figures.count.add(Presence(how), people)
    if how == Presence.PRESENT:
        figures.late += late
        figures.left += left


def reasons(session: Session, scope: Scope) -> Reasons:
    """Why people were excused, in numbers."""
    said, found = _REASON.label("said"), Reasons()
    of_seats = scope.narrow(
        sa_select(said, func.count())
        .join(Meeting, col(Meeting.id) == col(Seat.meeting_id))
        .join(Unit, col(Unit.id) == col(Meeting.unit_id))
        .where(stands == Presence.EXCUSED.value),
        COUNTED,
    ).group_by(said)
    for reason, number in session.execute(of_seats):
        found.add(reason, number)
    return found


def contents(session: Session, scope: Scope) -> dict[Content, int]:
    """The minutes that each kind of content has taken, of the points that were done."""
    of_points = scope.narrow(
        sa_select(
            col(Point.content),
            func.sum(seconds_between(col(Point.begun_at), col(Point.done_at))),
        )
        .join(Meeting, col(Meeting.id) == col(Point.meeting_id))
        .join(Unit, col(Unit.id) == col(Meeting.unit_id))
        .where(col(Point.begun_at).is_not(None), col(Point.done_at).is_not(None)),
        COUNTED,
    ).group_by(col(Point.content))
    return {Content(kind): round(seconds / 60) for kind, seconds in session.execute(of_points)}


def seats(*by: Any) -> Select[*tuple[Any, ...]]:
    """Sums of seats: how many stand how, how many of them came late or left."""
    return (
        sa_select(
            *by,
            stands.label("how"),
            func.count(),
            func.sum(case((col(Seat.late), 1), else_=0)),
            func.count(col(Seat.left_at)),
        )
        .join(Meeting, col(Meeting.id) == col(Seat.meeting_id))
        .join(Unit, col(Unit.id) == col(Meeting.unit_id))
    )


_LASTED = case(
    (
        and_(
            col(Meeting.kind).in_([kind.value for kind in SITTINGS]),
            col(Meeting.ended_at) > col(Meeting.begun_at),
        ),
        seconds_between(col(Meeting.begun_at), col(Meeting.ended_at)),
    ),
)
_REASON = case(*((col(Seat.leave_reason) == reason, reason) for reason in REASONS), else_=OTHER)
