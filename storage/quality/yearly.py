"""A year of sessions: how many were good, fair, average, poor, and what that makes of the year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from storage import rules
from storage.errors import NotFound
from storage.meetings import SITTINGS, Meeting, MeetingState
from storage.powers import Actor, require
from storage.quality.tables import Grade, Sheet
from storage.roster import Unit, lineage_ids
from storage.rules import Rule


@dataclass(frozen=True, slots=True)
class Year:
    """A unit's year by its confirmed scores; `unscored` sessions have none yet."""

    unit: Unit
    year: int
    grades: Counter[Grade]
    unscored: int
    rule: Rule  # how many good ones it takes

    @property
    def good(self) -> bool:
        """Whether it is a good year, by what has been confirmed so far."""
        return is_good(self.grades, self.rule.value or 0)


def is_good(grades: Mapping[Grade, int], wanted: float) -> bool:
    """Every session at least fair, and so many of them good."""
    below = grades.get(Grade.AVERAGE, 0) + grades.get(Grade.POOR, 0)
    return not below and grades.get(Grade.GOOD, 0) >= max(wanted, 1)


def year(session: Session, actor: Actor, profile: str, unit_id: int, year: int) -> Year:
    """A unit's year, for its committee and those above."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound
    require(actor, "meeting.result", lineage_ids(unit.lineage))
    return of_unit(session, profile, unit, year)


def of_unit(session: Session, profile: str, unit: Unit, year: int) -> Year:
    """A unit's year; whoever asks has asked for the right."""
    start, day = datetime(year, 1, 1, tzinfo=ZoneInfo("UTC")), timedelta(days=1)
    found = session.exec(
        select(Meeting, Sheet.grade)
        .outerjoin(Sheet, col(Sheet.meeting_id) == Meeting.id)
        .where(Meeting.unit_id == unit.id, Meeting.state == MeetingState.CLOSED)
        .where(Meeting.starts_at >= start - day)
        .where(Meeting.starts_at < start.replace(year=year + 1) + day)
    ).all()
    held = [
        (m, grade) for m, grade in found if m.starts_at.astimezone(ZoneInfo(m.zone)).year == year
    ]
    rule = rules.rule(session, profile, "score.year_good", unit, on=date(year, 12, 31))
    return Year(
        unit,
        year,
        Counter(Grade(grade) for _meeting, grade in held if grade is not None),
        sum(1 for meeting, grade in held if grade is None and meeting.kind in SITTINGS),
        rule,
    )
