"""The figures of a roll: who is convened, present, excused, absent; in all and by group.

An exempt member is left out of those convened, unless he comes; how many are is told beside.
One query counts a meeting, whatever its size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import bindparam, case, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from storage.attendance.tables import Presence
from storage.meetings import Leave, Meeting, Seat
from storage.roster import Kind, Unit, lineage_ids


@dataclass(slots=True)
class Count:
    """The figures of a meeting, or of one group in it."""

    present: int = 0
    excused: int = 0
    absent: int = 0
    pending: int = 0  # their request for leave waits for an answer
    exempt: int = 0  # and not here

    @property
    def convened(self) -> int:
        """Everybody who is expected, and the exempt who came."""
        return self.present + self.excused + self.missing

    @property
    def missing(self) -> int:
        """Those neither here nor excused."""
        return self.absent + self.pending

    @property
    def percent(self) -> float:
        """Those present among those convened, to one decimal."""
        return round(100 * self.present / self.convened, 1) if self.convened else 0.0

    def of(self, how: Presence) -> int:
        """How many stand like that."""
        return {
            Presence.PRESENT: self.present,
            Presence.EXCUSED: self.excused,
            Presence.ABSENT: self.absent,
            Presence.PENDING: self.pending,
            Presence.EXEMPT: self.exempt,
        }[how]

    def add(self, how: Presence, number: int) -> None:
        """Counts so many people."""
        match how:
            case Presence.PRESENT:
                self.present += number
            case Presence.EXCUSED:
                self.excused += number
            case Presence.ABSENT:
                self.absent += number
            case Presence.PENDING:
                self.pending += number
            case Presence.EXEMPT:
                self.exempt += number


@dataclass(frozen=True, slots=True)
class Totals:
    """A meeting's figures: in all, of each group, and of those who are in none."""

    all: Count
    groups: list[tuple[str, Count]]
    direct: Count


def totals(session: Session, meeting: Meeting) -> Totals:
    """The figures of a meeting now."""
    unit = session.get_one(Unit, meeting.unit_id)
    depth = len(lineage_ids(unit.lineage))
    whole, direct, groups = Count(), Count(), dict[int, Count]()
    for lineage, how, number in session.execute(_COUNT, {"meeting": meeting.id}):
        ids = lineage_ids(lineage)
        below = lineage.startswith(unit.lineage) and len(ids) > depth
        count = groups.setdefault(ids[depth], Count()) if below else direct
        for each in (whole, count):
            each.add(Presence(how), number)
    names = dict(session.exec(select(Unit.id, Unit.name).where(col(Unit.id).in_(groups))).all())
    named = [(names[number], count) for number, count in groups.items() if count.convened]
    return Totals(whole, sorted(named, key=lambda pair: natural(pair[0])), direct)


def natural(name: str) -> list[tuple[int, str]]:
    """Tổ 2 before Tổ 10."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


_PRESENCE = case(
    (col(Seat.present_at).is_not(None), Presence.PRESENT.value),
    (col(Seat.member_kind) == Kind.EXEMPT.value, Presence.EXEMPT.value),
    (col(Seat.leave) == Leave.APPROVED.value, Presence.EXCUSED.value),
    (col(Seat.leave) == Leave.PENDING.value, Presence.PENDING.value),
    else_=Presence.ABSENT.value,
)
_COUNT = (
    sa_select(col(Unit.lineage), _PRESENCE.label("how"), func.count())
    .join(Unit, col(Unit.id) == col(Seat.unit_id))
    .where(col(Seat.meeting_id) == bindparam("meeting"))
    .group_by(col(Unit.lineage), _PRESENCE)
)
