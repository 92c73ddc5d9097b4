"""What the minutes of a meeting say, as one plain value.

Everything that stands in the document is gathered here, and nothing else goes into it; the words
are the handler's. The figures are those of `storage/attendance`: both count the same seats.
The head follows the minutes of a party cell: convened by kind of member, the exempt apart, present
by kind, absent with reason and without, by name.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from storage import agenda, polls, tasks
from storage.attendance import Count, Presence, presence
from storage.meetings import Answer, Meeting, MeetingKind, Seat
from storage.meetings.seats import set_apart
from storage.minutes.tables import Erratum, Final
from storage.roster import Kind, Person, Standing, Unit, lineage_ids

# -- values ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody who was not there; the reason is one of `meetings.REASONS`, own words, or ""."""

    name: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One point of the agenda, and the minutes it took (None: not known)."""

    title: str
    content: agenda.Content
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was resolved: who does it, by when."""

    text: str
    owner: str
    due: date


@dataclass(frozen=True, slots=True)
class MinutesFacts:
    """Everything that the minutes of a meeting say."""

    unit: str
    above: tuple[str, ...]  # the units above, the highest first
    kind: MeetingKind
    zone: str
    place: str
    starts_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    chair: str
    minute_taker: str
    convened: dict[Kind, int]  # by kind of member; of the exempt only those who came
    present: dict[Kind, int]
    exempt: int  # and not there; counted nowhere
    online: int  # of those present
    excused: tuple[Away, ...]
    absent: tuple[Away, ...]  # without reason
    pending: tuple[Away, ...]  # asked leave, and nobody has decided
    late: tuple[str, ...]
    left: tuple[tuple[str, datetime], ...]  # before the end, and when
    agenda: tuple[Item, ...]
    resolved: tuple[Resolved, ...]
    conclusion: str
    elsewhere: int = 0  # with another branch for a while; counted nowhere
    suspended: int = 0  # the same
    polled: tuple[polls.Result, ...] = ()  # what the room was asked, by a show of hands

    @property
    def count(self) -> Count:
        """The figures, as `storage/attendance` tells them."""
        return Count(
            present=sum(self.present.values()),
            excused=len(self.excused),
            absent=len(self.absent),
            pending=len(self.pending),
            exempt=self.exempt,
        )


@dataclass(frozen=True, slots=True)
class Correction:
    """A line of what was corrected after the minutes became final."""

    number: int
    at: datetime
    by: str
    text: str


# -- rules -------------------------------------------------------------------------------------


def digest(facts: MinutesFacts) -> str:
    """What tells one state of the minutes from another."""
    return hashlib.sha256(_adapter().dump_json(facts)).hexdigest()[:16]


def kept(facts: MinutesFacts) -> dict[str, Any]:
    """As the database holds them."""
    plain: dict[str, Any] = _adapter().dump_python(facts, mode="json")
    return plain


@cache
def _adapter() -> TypeAdapter[MinutesFacts]:
    return TypeAdapter(MinutesFacts)


# -- questions ---------------------------------------------------------------------------------


def facts_of(session: Session, meeting: Meeting) -> MinutesFacts:
    """What the minutes say: as they were when they became final, else as things stand now."""
    final = session.get(Final, meeting.id)
    return _adapter().validate_python(final.facts) if final else gather(session, meeting)


def gather(session: Session, meeting: Meeting) -> MinutesFacts:
    """What the meeting holds now."""
    unit = session.get_one(Unit, meeting.unit_id)
    roll = _roll(session, meeting.id)
    names = _told_apart(roll)
    by: dict[Presence, list[Seat]] = {each: [] for each in Presence}
    for seat, _person, _unit in roll:
        by[presence(seat)].append(seat)
    here, apart = by[Presence.PRESENT], set_apart(session, meeting)
    expected = [seat for how in Presence if how != Presence.EXEMPT for seat in by[how]]
    chair, minute_taker = (_named(session, each) for each in signing(meeting))
    return MinutesFacts(
        unit=unit.name,
        above=_above(session, unit),
        kind=MeetingKind(meeting.kind),
        zone=meeting.zone,
        place=meeting.place,
        starts_at=meeting.starts_at,
        begun_at=meeting.begun_at,
        ended_at=meeting.ended_at,
        chair=chair,
        minute_taker=minute_taker,
        convened=_by_kind(expected),
        present=_by_kind(here),
        exempt=len(by[Presence.EXEMPT]),
        online=sum(seat.answer == Answer.ONLINE for seat in here),
        excused=_away(by[Presence.EXCUSED], names),
        absent=tuple(Away(names[seat.id]) for seat in by[Presence.ABSENT]),
        pending=_away(by[Presence.PENDING], names),
        late=tuple(names[seat.id] for seat in here if seat.late),
        left=tuple((names[seat.id], seat.left_at) for seat in here if seat.left_at is not None),
        agenda=tuple(
            Item(each.title, agenda.Content(each.content), each.minutes)
            for each in agenda.points(session, meeting.id)
        ),
        resolved=tuple(
            Resolved(each.text, _named(session, each.owner_id), each.due)
            for each in tasks.of_meeting(session, meeting.id)
        ),
        conclusion=meeting.conclusion or "",
        elsewhere=apart[Standing.ELSEWHERE],
        suspended=apart[Standing.SUSPENDED],
        polled=tuple(polls.results(session, meeting.id)),
    )


def corrections(session: Session, meeting_id: int) -> list[Correction]:
    """What was corrected after the minutes became final, in order."""
    found = session.exec(
        select(Erratum, Person.full_name)
        .outerjoin(Person, col(Person.id) == Erratum.by)
        .where(Erratum.meeting_id == meeting_id)
        .order_by(col(Erratum.number))
    ).all()
    return [Correction(each.number, each.at, by or "", each.text) for each, by in found]


def signing(meeting: Meeting) -> tuple[int | None, int | None]:
    """Who signs the minutes: the chair, then who took them."""
    return meeting.chair_id, meeting.minute_taker_id


# -- parts -------------------------------------------------------------------------------------


def _roll(session: Session, meeting_id: int) -> list[tuple[Seat, Person, Unit]]:
    """Everybody on the roll and their unit, by given name."""
    found = session.exec(
        select(Seat, Person, Unit)
        .join(Person, col(Person.id) == Seat.person_id)
        .join(Unit, col(Unit.id) == Seat.unit_id)
        .where(Seat.meeting_id == meeting_id)
        .order_by(col(Person.sort_key), col(Seat.id))
    ).all()
    return [(seat, person, unit) for seat, person, unit in found]


def _told_apart(roll: Iterable[tuple[Seat, Person, Unit]]) -> dict[int, str]:
    """Names by seat; namesakes are told apart by their unit."""
    alike = Counter(person.full_name for _seat, person, _unit in roll)
    return {
        seat.id: f"{person.full_name} ({unit.name})"
        if alike[person.full_name] > 1
        else person.full_name
        for seat, person, unit in roll
    }


def _by_kind(seats: Iterable[Seat]) -> dict[Kind, int]:
    """How many of each kind of member, the kinds in their order."""
    found = Counter(seat.member_kind for seat in seats)
    return {kind: found[kind] for kind in Kind if found[kind]}


def _away(seats: Iterable[Seat], names: dict[int, str]) -> tuple[Away, ...]:
    return tuple(Away(names[seat.id], seat.leave_reason or "") for seat in seats)


def _above(session: Session, unit: Unit) -> tuple[str, ...]:
    ids = lineage_ids(unit.lineage)[:-1]
    found = dict(session.exec(select(Unit.id, Unit.name).where(col(Unit.id).in_(ids))).all())
    return tuple(found[number] for number in ids)


def _named(session: Session, person_id: int | None) -> str:
    person = session.get(Person, person_id) if person_id is not None else None
    return person.full_name if person else ""
