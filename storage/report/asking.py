"""A year put together for one who may see it.

Who answers for a unit sees its figures and those of all below. Names and reasons are for the
unit's own committee alone, and of the unit's own meetings: a committee above sees figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from storage import rules
from storage.agenda import Content
from storage.attendance.counting import natural, stands
from storage.errors import NotFound
from storage.meetings import Meeting, MeetingKind, MeetingState, Seat
from storage.powers import Actor, may, require
from storage.report import counting
from storage.report.counting import COUNTED, Figures, Reasons, Scope
from storage.roster import Kind, Person, Unit, lineage_ids, within
from storage.rules import Rule

SEE, OWN = "report.see", "absence.decide"  # figures; names and reasons


@dataclass(frozen=True, slots=True)
class Report:
    """The year of a unit and of all below it."""

    unit: Unit
    year: int
    own: bool  # for the unit's own committee
    whole: Figures
    months: list[Figures]  # twelve
    units: list[tuple[Unit, Figures]]  # those directly below that held a meeting, by name
    content: dict[Content, int]  # minutes
    reasons: Reasons | None  # of the unit's own meetings; None: not for the one who asks
    bar: Rule
    least: Rule  # minutes of a meeting
    joint: Rule  # minutes of one that is regular and thematic
    heavy: Rule  # percent of professional content
    first: int  # the year of the first meeting that there is

    @property
    def reaches(self) -> bool | None:
        """Whether the rate reaches the bar; None where there is no rate or no bar."""
        return reached(self.whole, self.bar)

    @property
    def professional(self) -> float | None:
        """The percent of the time that went to the professional; None where none was kept."""
        total = sum(self.content.values())
        spoken = self.content.get(Content.PROFESSIONAL, 0)
        return round(100 * spoken / total, 1) if total else None

    @property
    def is_heavy(self) -> bool | None:
        """Whether it is "nặng về chuyên môn"; None where nobody can say."""
        share = self.professional
        if share is None or self.heavy.value is None:
            return None
        return share > self.heavy.value


@dataclass(slots=True)
class Member:
    """Somebody's year in the meetings of a unit."""

    person_id: int
    name: str
    kind: Kind  # today
    figures: Figures


@dataclass(slots=True)
class Sitting:
    """One meeting with its figures."""

    unit: str
    kind: MeetingKind
    starts_at: datetime
    zone: str
    minutes: int | None
    figures: Figures


# -- rules -------------------------------------------------------------------------------------


def reached(figures: Figures, bar: Rule) -> bool | None:
    """Whether a rate reaches the bar; None where there is no rate or no bar."""
    if not figures.count.convened or bar.value is None:
        return None
    return figures.count.percent >= bar.value


def in_force(year: int, now: datetime, zone: str) -> date:
    """The day whose rules judge a year: its last, or today."""
    return min(date(year, 12, 31), now.astimezone(ZoneInfo(zone)).date())


# -- questions ---------------------------------------------------------------------------------


def report(
    session: Session,
    actor: Actor,
    unit_id: int,
    year: int,
    *,
    profile: str,
    zone: str,
    now: datetime,
) -> Report:
    """The year of a unit, for one who may see it."""
    unit = _seen(session, actor, unit_id, SEE)
    own = may(actor, OWN, lineage_ids(unit.lineage))
    on = in_force(year, now, zone)
    bar, least, joint, heavy = (
        rules.rule(session, profile, key, unit, on=on)
        for key in (
            "attendance.bar",
            "meeting.minutes",
            "meeting.minutes_joint",
            "content.professional",
        )
    )
    scope = counting.scope_of(session, unit, year, now=now)
    found = counting.figures(session, scope, least=least.value or 0, joint=joint.value or 0)
    months = [Figures() for _month in range(12)]
    parts: dict[int, Figures] = {}
    depth = len(lineage_ids(unit.lineage))
    for (lineage, month), figures in found.items():
        months[month - 1].add(figures)
        ids = lineage_ids(lineage)
        if len(ids) > depth:
            parts.setdefault(ids[depth], Figures()).add(figures)
    whole = Figures()
    for figures in months:
        whole.add(figures)
    only = Scope(unit, scope.calendar, now, below=False)
    return Report(
        unit=unit,
        year=year,
        own=own,
        whole=whole,
        months=months,
        units=_named(session, parts),
        content=counting.contents(session, scope),
        reasons=counting.reasons(session, only) if own else None,
        bar=bar,
        least=least,
        joint=joint,
        heavy=heavy,
        first=_first_year(session, unit, year),
    )


def members(
    session: Session, actor: Actor, unit_id: int, year: int, *, now: datetime
) -> list[Member]:
    """Everybody's year in the unit's own meetings, by given name; for its own committee."""
    unit = _seen(session, actor, unit_id, OWN)
    scope = counting.scope_of(session, unit, year, below=False, now=now)
    statement = scope.narrow(counting.seats(col(Seat.person_id)), COUNTED).group_by(
        col(Seat.person_id), stands
    )
    found: dict[int, Figures] = {}
    for person_id, how, people, late, left in session.execute(statement):
        counting.add_seats(found.setdefault(person_id, Figures()), how, people, late, left)
    seated = scope.narrow(
        sa_select(col(Seat.person_id))
        .join(Meeting, col(Meeting.id) == col(Seat.meeting_id))
        .join(Unit, col(Unit.id) == col(Meeting.unit_id)),
        COUNTED,
    )
    people_ = session.execute(
        sa_select(col(Person.id), col(Person.full_name), col(Person.kind))
        .where(col(Person.id).in_(seated))
        .order_by(col(Person.sort_key), col(Person.id))
    )
    return [Member(number, name, Kind(kind), found[number]) for number, name, kind in people_]


def sittings(
    session: Session, actor: Actor, unit_id: int, year: int, *, now: datetime
) -> list[Sitting]:
    """The meetings of a unit and of those below, each with its figures, in the order of time."""
    unit = _seen(session, actor, unit_id, SEE)
    scope = counting.scope_of(session, unit, year, now=now)
    held = scope.narrow(
        sa_select(
            col(Meeting.id),
            col(Unit.name),
            col(Meeting.kind),
            col(Meeting.starts_at),
            col(Meeting.zone),
            col(Meeting.begun_at),
            col(Meeting.ended_at),
        ).join(Unit, col(Unit.id) == col(Meeting.unit_id)),
        tuple(MeetingKind),
    ).order_by(col(Meeting.starts_at), col(Meeting.id))
    found: dict[int, Sitting] = {}
    for number, name, kind, starts_at, zone, begun, ended in session.execute(held):
        lasted = round((ended - begun).total_seconds() / 60) if begun and ended else None
        found[number] = Sitting(name, MeetingKind(kind), starts_at, zone, lasted, Figures())
    counted = scope.narrow(counting.seats(col(Meeting.id)), tuple(MeetingKind)).group_by(
        col(Meeting.id), stands
    )
    for number, how, people, late, left in session.execute(counted):
        counting.add_seats(found[number].figures, how, people, late, left)
    return list(found.values())


def below(session: Session, actor: Actor, unit_id: int) -> tuple[Unit, Sequence[Unit]]:
    """A unit and those directly below it, by name."""
    unit = _seen(session, actor, unit_id, SEE)
    found = session.exec(select(Unit).where(Unit.parent_id == unit.id).order_by(col(Unit.id))).all()
    return unit, sorted(found, key=_natural)


# -- parts -------------------------------------------------------------------------------------


def _seen(session: Session, actor: Actor, unit_id: int, power: str) -> Unit:
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound
    require(actor, power, lineage_ids(unit.lineage))
    return unit


def _named(session: Session, parts: dict[int, Figures]) -> list[tuple[Unit, Figures]]:
    units = session.exec(select(Unit).where(col(Unit.id).in_(parts))).all()
    return [(unit, parts[unit.id]) for unit in sorted(units, key=_natural)]


def _natural(unit: Unit) -> Any:
    """Chi bộ 2 before Chi bộ 10."""
    return natural(unit.name)


def _first_year(session: Session, unit: Unit, default: int) -> int:
    first = session.exec(
        select(func.min(Meeting.starts_at))
        .join(Unit, col(Unit.id) == Meeting.unit_id)
        .where(within(unit), Meeting.state == MeetingState.CLOSED)
    ).one()
    return default if first is None else min(first.year, default)
