"""Keeping one's word: how often somebody was excused in a row, and whether they came as they said.

The ledger of excuses is no table: it is read off the seats each time, so that a correction of a
roll corrects it too. Excused for the meeting in question is not in it; that is what is asked.

- Only meetings on whose roll they stood count, of the calendar year of the meeting in question.
- A presence ends the row, and so does an absence without reason.
- Who is exempt and did not come stood on no roll; a request that nobody decided on says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from storage import rules
from storage.attendance.tables import Presence, presence
from storage.meetings import (
    Answer,
    Leave,
    Meeting,
    MeetingState,
    Seat,
    decide,
    request_of,
    undecided,
)
from storage.powers import Actor
from storage.roster import Unit
from storage.rules import Rule

RUNNING = "excuses.running"
ZONES = timedelta(days=1)  # no place is further from Greenwich


@dataclass(frozen=True, slots=True)
class Excuses:
    """The times in a row that somebody was excused, and what the rule allows."""

    meetings: tuple[Meeting, ...]  # the oldest first
    reasons: tuple[str | None, ...]
    rule: Rule

    @property
    def times(self) -> int:
        """How often in a row."""
        return len(self.meetings)

    @property
    def full(self) -> bool:
        """Whether once more would be more than the rule allows."""
        return self.rule.value is not None and self.times >= self.rule.value


class Kept(NamedTuple):
    """Whether somebody kept their word, over a year's meetings with a closed roll."""

    held: int  # with them on the roll; exempt and absent counts nowhere
    present: int
    said: int  # they would come, on the spot or from afar
    came: int  # of these
    asked: int  # leave, decided on
    granted: int  # of these

    @property
    def attendance(self) -> float | None:
        """The rate of attendance in percent; None before the first meeting."""
        return _percent(self.present, self.held)

    @property
    def word(self) -> float | None:
        """How often they came of the times they said so, in percent; None if they never did."""
        return _percent(self.came, self.said)


# -- rules -------------------------------------------------------------------------------------


def running(stood: Iterable[tuple[Meeting, Seat]]) -> list[tuple[Meeting, Seat]]:
    """The excuses in a row, the latest first, of seats with the latest meeting first."""
    told = [(meeting, seat) for meeting, seat in stood if _counts(meeting, seat)]
    return list(takewhile(lambda each: presence(each[1]) == Presence.EXCUSED, told))


def _counts(meeting: Meeting, seat: Seat) -> bool:
    """Whether it is known by now how they stand: the roll is closed, or there is a word."""
    state = presence(seat)
    if state in (Presence.EXEMPT, Presence.PENDING):
        return False
    return meeting.state == MeetingState.CLOSED or state in (Presence.EXCUSED, Presence.PRESENT)


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


# -- actions -----------------------------------------------------------------------------------


def decide_leave(
    session: Session,
    actor: Actor,
    seat_id: int,
    request: int,
    *,
    approve: bool,
    despite: bool = False,
    reason: str | None = None,
    profile: str,
    now: datetime,
) -> Excuses | None:
    """The committee's decision about a request for leave; the first counts.

    Where leave would be one time more in a row than the rule allows, agreeing changes nothing and
    returns the row: it takes a second press (`despite`), and the audit keeps that it was known.
    """
    seat, meeting, _person = request_of(session, actor, seat_id)
    row = excuses(session, seat.person_id, meeting, profile=profile) if approve else None
    beyond = row is not None and row.full
    if beyond and not despite and undecided(meeting, seat, request):
        return row
    decide(
        session,
        actor,
        seat_id,
        request,
        approve=approve,
        reason=reason,
        running=row.times if row is not None and beyond else None,
        now=now,
    )
    return None


# -- questions ---------------------------------------------------------------------------------


def excuses(session: Session, person_id: int, before: Meeting, *, profile: str) -> Excuses:
    """The row of excuses before a meeting, and the rule of the unit that meets."""
    found = running_excuses(session, person_id, before=before)
    unit = session.get_one(Unit, before.unit_id)
    rule = rules.rule(session, profile, RUNNING, unit, on=_day(before).date())
    meetings, seats = [each[0] for each in found], [each[1] for each in found]
    return Excuses(tuple(meetings), tuple(seat.leave_reason for seat in seats), rule)


def running_excuses(
    session: Session, person_id: int, *, before: Meeting
) -> list[tuple[Meeting, Seat]]:
    """The meetings in a row from which somebody was excused just before one; the oldest first."""
    stood = _stood(session, person_id, _day(before).year)
    moment = (before.starts_at, before.id)
    earlier = [each for each in stood if (each[0].starts_at, each[0].id) < moment]
    return running(reversed(earlier))[::-1]


def kept(session: Session, person_id: int, year: int) -> Kept:
    """Attendance and kept words of a year, over the meetings whose roll is closed."""
    seats = [
        seat
        for meeting, seat in _stood(session, person_id, year)
        if meeting.state == MeetingState.CLOSED and presence(seat) != Presence.EXEMPT
    ]
    said = [seat for seat in seats if seat.answer in (Answer.COMING, Answer.ONLINE)]
    asked = [seat for seat in seats if seat.answer == Answer.LEAVE and seat.decided_at is not None]
    return Kept(
        held=len(seats),
        present=_here(seats),
        said=len(said),
        came=_here(said),
        asked=len(asked),
        granted=sum(seat.leave == Leave.APPROVED for seat in asked),
    )


def _stood(session: Session, person_id: int, year: int) -> list[tuple[Meeting, Seat]]:
    """Somebody's seats of a year, by the calendar of each meeting's place; the earliest first."""
    begin = datetime(year, 1, 1, tzinfo=UTC)
    found = session.exec(
        select(Meeting, Seat)
        .join(Seat, col(Seat.meeting_id) == Meeting.id)
        .where(Seat.person_id == person_id)
        .where(col(Meeting.state).in_((MeetingState.CALLED, MeetingState.CLOSED)))
        .where(Meeting.starts_at >= begin - ZONES)
        .where(Meeting.starts_at < begin.replace(year=year + 1) + ZONES)
        .order_by(col(Meeting.starts_at), col(Meeting.id))
    ).all()
    return [(meeting, seat) for meeting, seat in found if _day(meeting).year == year]


def _here(seats: Iterable[Seat]) -> int:
    return sum(presence(seat) == Presence.PRESENT for seat in seats)


def _day(meeting: Meeting) -> datetime:
    """When it begins, by the clocks where it is."""
    return meeting.starts_at.astimezone(ZoneInfo(meeting.zone))
