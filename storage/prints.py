"""What a committee takes to a meeting on paper: the sheet to sign, the agenda, letters to invite.

Telegram reaches not everybody, and may not be reached itself. Lists of names are for the unit's own
committee alone, and each taking is written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from storage import agenda, audit
from storage.acts import Did
from storage.attendance.counting import natural
from storage.errors import Refusal
from storage.meetings import Meeting, MeetingState, Seat, managed, out_of_reach
from storage.powers import Actor
from storage.reach import Reach
from storage.roster import Kind, Person, Unit, lineage_ids

# -- values ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Printed:
    """What stands on all papers of a meeting."""

    meeting: Meeting
    unit: str
    above: str  # the unit above; "" for none
    language: str | None  # the unit's own


@dataclass(frozen=True, slots=True)
class Line:
    """One who is convened, and who signs."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Group:
    """Those of one unit, by given name."""

    name: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody whom no message reaches."""

    name: str
    unit: str
    way: Reach
    phone: str | None


# -- questions ---------------------------------------------------------------------------------


def printable(session: Session, actor: Actor, meeting_id: int) -> Printed:
    """A meeting of which the actor may print: called, and their own committee's to run."""
    meeting = managed(session, actor, meeting_id)
    if meeting.state not in (MeetingState.CALLED, MeetingState.CLOSED):
        raise Refusal("Please call the meeting first.")
    unit = session.get_one(Unit, meeting.unit_id)
    above = session.get(Unit, unit.parent_id) if unit.parent_id is not None else None
    return Printed(meeting, unit.name, above.name if above else "", unit.language)


def points(session: Session, actor: Actor, meeting_id: int) -> Sequence[agenda.Point]:
    """The agenda, for paper."""
    printable(session, actor, meeting_id)
    return agenda.points(session, meeting_id)


def sheet(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> list[Group]:
    """Everybody convened: the unit's own first, then group by group, each by given name."""
    meeting = printable(session, actor, meeting_id).meeting
    found = session.exec(
        select(Seat, Person, Unit)
        .join(Person, col(Person.id) == Seat.person_id)
        .join(Unit, col(Unit.id) == Seat.unit_id)
        .where(Seat.meeting_id == meeting_id)
        .order_by(col(Person.sort_key), col(Seat.id))
    ).all()
    units = {unit.id: unit for _seat, _person, unit in found}
    lines: dict[int, list[Line]] = {number: [] for number in units}
    for seat, person, unit in found:
        lines[unit.id].append(Line(person.full_name, Kind(seat.member_kind)))
    ordered = sorted(
        units.values(), key=lambda unit: (len(lineage_ids(unit.lineage)), natural(unit.name))
    )
    audit.record(session, actor, Did.EXPORT_PRINT, meeting.about, now=now, what="sheet")
    return [Group(unit.name, lines[unit.id]) for unit in ordered]


def unreached(session: Session, actor: Actor, meeting_id: int, *, now: datetime) -> list[Invited]:
    """Those convened who have to be invited by letter or by telephone."""
    meeting = printable(session, actor, meeting_id).meeting
    found = out_of_reach(session, meeting_id)
    ids = {person.unit_id for _way, person in found}
    names = dict(session.exec(select(Unit.id, Unit.name).where(col(Unit.id).in_(ids))).all())
    audit.record(session, actor, Did.EXPORT_PRINT, meeting.about, now=now, what="letters")
    return [
        Invited(person.full_name, names[person.unit_id], way, person.phone) for way, person in found
    ]
