"""Quorum: whether enough people have come, and how many votes make a decision.

Two questions, counted from two bases. *Enough have come* compares those present with those
convened, as the result of the roll does (`storage/attendance/counting.py`); the bar is a setting
of the unit for each kind of meeting, and ordinary meetings have none until it sets one. *A
decision* needs more than half of the members entitled to vote. Their count leaves out whoever is
not in the room (temporarily elsewhere, suspended, excused or absent, so none of these need be known
apart), who has left before the end, and the exempt; an exempt member who comes and votes counts.

Only official members vote on official matters. That probationary members and those who are here
for a while have no vote is in no rule that we could confirm; it is a default that a unit may set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from sqlalchemy import and_, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from storage import attendance, rules
from storage.meetings import MONTHLY, Meeting, MeetingKind, Seat
from storage.roster import Kind, Unit
from storage.rules import Rule

SIMPLE = 12  # 66.67 percent is meant as two thirds: fractions up to twelfths are taken as such
VOTE = {Kind.PROBATIONARY: "vote.probationary", Kind.TEMPORARY: "vote.temporary"}


@dataclass(frozen=True, slots=True)
class Coming:
    """Whether enough of those convened have come."""

    present: int
    convened: int
    rule: Rule

    @property
    def needed(self) -> int | None:
        """How many it takes; None where no bar is set."""
        bar = self.rule.value
        return None if bar is None else at_least(bar, self.convened)

    @property
    def reached(self) -> bool | None:
        """Whether they are there; None where no bar is set. Nobody convened is never enough."""
        needed = self.needed
        return None if needed is None else self.convened > 0 and needed <= self.present

    @property
    def percent(self) -> float:
        """Those present among those convened, to one decimal."""
        return round(100 * self.present / self.convened, 1) if self.convened else 0.0


@dataclass(frozen=True, slots=True)
class Votes:
    """Who of those in the room has a vote, and how many of them decide."""

    entitled: int
    without: int  # in the room, and no vote
    left: int  # before the end
    rule: Rule

    @property
    def needed(self) -> int:
        """The least number that is more than the share; 0 where nobody may vote."""
        return more_than(self.rule.value or 0, self.entitled) if self.entitled else 0


# -- rules -------------------------------------------------------------------------------------


def share(percent: float) -> Fraction:
    """A percentage as it was meant: 66.67 is two thirds, 85 is 85 hundredths."""
    exact = Fraction(round(percent * 100), 10_000)
    simple = exact.limit_denominator(SIMPLE)
    return simple if round(float(simple) * 100, 2) == round(percent, 2) else exact


def at_least(percent: float, number: int) -> int:
    """The least number of people that is that share of so many, or more."""
    return ceil(share(percent) * number)


def more_than(percent: float, number: int) -> int:
    """The least number of people that is more than that share of so many."""
    return floor(share(percent) * number) + 1


def entitled(present: Mapping[Kind, int], *, probationary: bool, temporary: bool) -> int:
    """How many of those in the room may vote: official members, and the exempt who came."""
    voting = {Kind.OFFICIAL, Kind.EXEMPT}
    voting |= {Kind.PROBATIONARY} if probationary else set()
    voting |= {Kind.TEMPORARY} if temporary else set()
    return sum(number for kind, number in present.items() if kind in voting)


# -- questions ---------------------------------------------------------------------------------


def coming(session: Session, profile: str, meeting: Meeting) -> Coming:
    """Whether enough have come, by the roll as it is now."""
    count = attendance.totals(session, meeting).all
    kind = MeetingKind.REGULAR if meeting.kind in MONTHLY else meeting.kind
    rule = _rule(session, profile, f"quorum.{kind}", meeting)
    return Coming(count.present, count.convened, rule)


def votes(session: Session, profile: str, meeting: Meeting) -> Votes:
    """How many votes make a decision, by who is in the room now."""
    here = and_(col(Seat.present_at).is_not(None), col(Seat.left_at).is_(None))
    found = session.execute(
        sa_select(col(Seat.member_kind), here, func.count())
        .where(col(Seat.meeting_id) == meeting.id, col(Seat.present_at).is_not(None))
        .group_by(col(Seat.member_kind), here)
    ).all()
    present = {Kind(kind): number for kind, stays, number in found if stays}
    may = {kind: _rule(session, profile, key, meeting).value == 1 for kind, key in VOTE.items()}
    voting = entitled(present, probationary=may[Kind.PROBATIONARY], temporary=may[Kind.TEMPORARY])
    return Votes(
        entitled=voting,
        without=sum(present.values()) - voting,
        left=sum(number for _kind, stays, number in found if not stays),
        rule=_rule(session, profile, "decision.above", meeting),
    )


def _rule(session: Session, profile: str, key: str, meeting: Meeting) -> Rule:
    """A rule in force for the unit on the day it meets."""
    unit = session.get_one(Unit, meeting.unit_id)
    return rules.rule(session, profile, key, unit, on=meeting.starts_at.date())
