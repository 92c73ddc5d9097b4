"""The score of a session: its points, the grade they make, and what its members say of it.

Points and grades are rules (`score.*`); a meeting takes those of its day, and once its members
have been asked the sheet keeps what it was made with. Attendance proposes its own points: all of
them from the bar on, below it in proportion.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from sqlmodel import Session, col, select

from storage import attendance, rules
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingState, Seat
from storage.powers import Actor, require
from storage.quality.tables import Criterion, Grade, Opinion, Points, Sheet, SheetState
from storage.quorum import share
from storage.roster import Person, Unit, unit_lineage
from storage.rules import Rule


@dataclass(frozen=True, slots=True)
class Given:
    """The points of a criterion: what is proposed (None: nothing yet), of how many."""

    criterion: Criterion
    points: int | None
    most: int
    rule: Rule
    counted: bool = False  # nobody has set it: it comes from the attendance


@dataclass(frozen=True, slots=True)
class Scored:
    """A score sheet as it stands."""

    meeting: Meeting
    state: SheetState
    round: int
    given: tuple[Given, ...]
    grades: Mapping[Grade, Rule]  # from how many points on
    final: Grade | None = None  # once it is confirmed

    @property
    def total(self) -> int | None:
        """All points; None while one is missing."""
        points = [each.points for each in self.given]
        return None if None in points else sum(each or 0 for each in points)

    @property
    def most(self) -> int:
        """The most there is to have in all."""
        return sum(each.most for each in self.given)

    @property
    def grade(self) -> Grade | None:
        """What that makes of the session; None while points are missing."""
        if self.final is not None or self.total is None:
            return self.final
        return grade_of(self.total, {grade: rule.value or 0 for grade, rule in self.grades.items()})

    def of(self, criterion: Criterion) -> Given:
        """The points of one criterion."""
        return next(each for each in self.given if each.criterion == criterion)


@dataclass(frozen=True, slots=True)
class Heard:
    """What those who were present have said in this round; never who agreed."""

    agreed: int
    comments: int
    present: int

    @property
    def silent(self) -> int:
        """Those who have said nothing."""
        return max(0, self.present - self.agreed - self.comments)


# -- rules -------------------------------------------------------------------------------------


def attendance_points(present: int, convened: int, bar: float | None, most: int) -> int:
    """All points from the bar on, below it in proportion, halves rounded up."""
    if not convened:
        return 0
    wanted = share(bar) if bar else Fraction(0)
    rate = Fraction(present, convened)
    return most if rate >= wanted else floor(most * rate / wanted + Fraction(1, 2))


def grade_of(points: int, bars: Mapping[Grade, float]) -> Grade:
    """The best grade whose bar the points reach; poor has none."""
    reached = [grade for grade in (Grade.GOOD, Grade.FAIR, Grade.AVERAGE) if points >= bars[grade]]
    return next(iter(reached), Grade.POOR)


def check_typed(text: str, most: int) -> int:
    """Points as somebody types them."""
    tidy = text.strip()
    if not re.fullmatch(r"[0-9]{1,3}", tidy):
        raise Refusal("Please type whole points from 0 to {most}.", most=most)
    return check_points(int(tidy), most)


def check_points(points: int, most: int) -> int:
    """Points as they may be given."""
    if not 0 <= points <= most:
        raise Refusal("Points for this are from 0 to {most}.", most=most)
    return points


# -- questions ---------------------------------------------------------------------------------


def scored(session: Session, profile: str, meeting: Meeting) -> Scored:
    """The score sheet of a meeting, or what it begins with."""
    unit, day = session.get_one(Unit, meeting.unit_id), meeting.starts_at.date()
    sheet = sheet_of(session, meeting)
    state = SheetState.PROPOSED if sheet is None else SheetState(sheet.state)
    written = {} if sheet is None else _written(session, sheet)
    given = []
    for criterion in Criterion:
        rule = rules.rule(session, profile, f"score.{criterion}", unit, on=day)
        row, most = written.get(criterion), round(rule.value or 0)
        if row is not None:
            kept = most if state is SheetState.PROPOSED else row.most
            given.append(Given(criterion, row.points, kept, rule))
        elif criterion is Criterion.ATTENDANCE:
            counted = suggested(session, profile, meeting, most)
            given.append(Given(criterion, counted, most, rule, counted=True))
        else:
            given.append(Given(criterion, None, most, rule))
    bars = {
        grade: rules.rule(session, profile, f"score.{grade}", unit, on=day)
        for grade in (Grade.GOOD, Grade.FAIR, Grade.AVERAGE)
    }
    round_, final = (0, None) if sheet is None else (sheet.round, sheet.grade)
    return Scored(
        meeting, state, round_, tuple(given), bars, None if final is None else Grade(final)
    )


def suggested(session: Session, profile: str, meeting: Meeting, most: int) -> int:
    """The points that the attendance proposes."""
    count, bar = attendance.totals(session, meeting).all, attendance_bar(session, profile, meeting)
    return attendance_points(count.present, count.convened, bar.value, most)


def attendance_bar(session: Session, profile: str, meeting: Meeting) -> Rule:
    """The attendance to be reached."""
    unit = session.get_one(Unit, meeting.unit_id)
    return rules.rule(session, profile, "attendance.bar", unit, on=meeting.starts_at.date())


def heard(session: Session, meeting: Meeting) -> Heard:
    """How many have agreed, commented, or said nothing, of those who were present."""
    said = [each.comment for each in _opinions(session, meeting)]
    return Heard(said.count(None), len(said) - said.count(None), len(present_at(session, meeting)))


def comments(session: Session, actor: Actor, meeting_id: int) -> list[tuple[str, str]]:
    """What was commented in this round, by whom: for the committee that proposes."""
    meeting = attendance.for_committee(session, actor, meeting_id, power="score.propose")
    said = [each for each in _opinions(session, meeting) if each.comment is not None]
    return [
        (session.get_one(Person, each.person_id).full_name, each.comment or "") for each in said
    ]


def opinion_of(session: Session, meeting: Meeting, person_id: int | None) -> Opinion | None:
    """What somebody has said in this round."""
    return next((each for each in _opinions(session, meeting) if each.person_id == person_id), None)


def own(session: Session, actor: Actor, meeting_id: int) -> Meeting:
    """A meeting at which the actor was present; NotFound for everybody else."""
    found = attendance.own_seat(session, actor.person_id, meeting_id)
    if found is None or found[1].present_at is None:
        raise NotFound
    require(actor, "score.answer", unit_lineage(session, found[0].unit_id))
    return found[0]


def above(session: Session, actor: Actor, meeting_id: int) -> Meeting:
    """A meeting of a unit below the one on whose committee the actor is."""
    meeting = session.get(Meeting, meeting_id)
    if meeting is None or meeting.state != MeetingState.CLOSED:
        raise NotFound
    require(actor, "score.confirm", unit_lineage(session, meeting.unit_id)[:-1])
    return meeting


def sheet_of(session: Session, meeting: Meeting) -> Sheet | None:
    """The sheet, where points have been given."""
    return session.exec(
        select(Sheet)
        .where(Sheet.meeting_id == meeting.id)
        .execution_options(populate_existing=True)
    ).first()


def present_at(session: Session, meeting: Meeting) -> list[Person]:
    """Who was present, of those still on the roll."""
    found = session.exec(
        select(Person)
        .join(Seat, col(Seat.person_id) == Person.id)
        .where(Seat.meeting_id == meeting.id, col(Seat.present_at).is_not(None))
        .where(col(Person.ended).is_(None))
        .order_by(col(Person.id))
    )
    return list(found.all())


def _opinions(session: Session, meeting: Meeting) -> list[Opinion]:
    found = session.exec(
        select(Opinion)
        .join(Sheet, col(Sheet.id) == Opinion.sheet_id)
        .where(Sheet.meeting_id == meeting.id, Opinion.round == Sheet.round)
        .order_by(col(Opinion.at), col(Opinion.id))
        .execution_options(populate_existing=True)
    )
    return list(found.all())


def _written(session: Session, sheet: Sheet) -> dict[Criterion, Points]:
    found = session.exec(
        select(Points).where(Points.sheet_id == sheet.id).execution_options(populate_existing=True)
    )
    return {Criterion(each.criterion): each for each in found}
