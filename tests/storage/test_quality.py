"""The score of a session: points, grades, who says what, and what makes a good year."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from storage import attendance, meetings, outbox, quality, roster, rules
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, MeetingKind, Plan
from storage.outbox import Notice, State
from storage.quality import Criterion, Grade, Scored, SheetState
from storage.roster import Unit
from tests.storage.test_attendance import AFTER, QUIET, START, Cast, actor, called, opened
from tests.town import BRANCH_1, NOON, PARTY, unit_id

BARS = {Grade.GOOD: 90.0, Grade.FAIR: 70.0, Grade.AVERAGE: 50.0}
FULL = {
    Criterion.PREPARATION: 15,
    Criterion.ATTENDANCE: 20,
    Criterion.CONDUCT: 45,
    Criterion.CLOSING: 20,
}


# -- values ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("points", "grade"),
    [
        (100, Grade.GOOD),
        (90, Grade.GOOD),
        (89, Grade.FAIR),
        (70, Grade.FAIR),
        (69, Grade.AVERAGE),
        (50, Grade.AVERAGE),
        (49, Grade.POOR),
        (0, Grade.POOR),
    ],
)
def test_points_make_a_grade(points: int, grade: Grade) -> None:
    assert quality.grade_of(points, BARS) is grade


@pytest.mark.parametrize(
    ("present", "convened", "bar", "points"),
    [
        (200, 200, 85, 20),
        (170, 200, 85, 20),  # exactly the bar
        (169, 200, 85, 20),  # 19.88
        (85, 200, 85, 10),
        (4, 6, 66.67, 20),
        (2, 6, 66.67, 10),
        (1, 200, 85, 0),
        (17, 800, 85, 1),  # half a point
        (0, 200, 85, 0),
        (0, 0, 85, 0),
        (1, 200, None, 20),  # where there is no bar, whoever comes is enough
        (1, 200, 0, 20),
    ],
)
def test_attendance_proposes_its_points(
    present: int, convened: int, bar: float | None, points: int
) -> None:
    assert quality.attendance_points(present, convened, bar, 20) == points


@pytest.mark.parametrize(
    ("grades", "good"),
    [
        ({Grade.GOOD: 7, Grade.FAIR: 9}, True),
        ({Grade.GOOD: 6, Grade.FAIR: 10}, False),
        ({Grade.GOOD: 15, Grade.AVERAGE: 1}, False),
        ({Grade.GOOD: 15, Grade.POOR: 1}, False),
        ({Grade.GOOD: 7}, True),
        ({}, False),
    ],
)
def test_a_good_year(grades: dict[Grade, int], good: bool) -> None:
    assert quality.is_good(grades, 7) is good


@pytest.mark.parametrize("text", ["", "46", "-1", "4,5", "bốn", "0045", "٤"])
def test_what_is_no_number_of_points_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        quality.check_typed(text, 45)


# -- how a score comes about -------------------------------------------------------------------


def held(session: Session) -> Meeting:
    """A closed meeting at which Giang and Hương were present."""
    meeting = opened(session)
    for name in ("giang", "huong"):
        attendance.tap(session, actor(session, name), meeting.id, now=START)
    return attendance.close(session, actor(session, "an"), meeting.id, now=AFTER)


def propose(
    session: Session, meeting: Meeting, criterion: Criterion, points: int, by: str = "an"
) -> Scored:
    who = actor(session, by)
    return quality.propose(session, who, "party", meeting.id, criterion, points, now=AFTER)


def proposed(session: Session) -> Meeting:
    meeting = held(session)
    for criterion, points in FULL.items():
        propose(session, meeting, criterion, points)
    return meeting


def asked(session: Session) -> Meeting:
    meeting = proposed(session)
    ask(session, meeting)
    return meeting


def ask(session: Session, meeting: Meeting, by: str = "an") -> Scored:
    who = actor(session, by)
    return quality.ask(session, who, "party", meeting.id, quiet=QUIET, now=AFTER)


def agree(session: Session, meeting: Meeting, by: str = "an", round_: int = 0) -> Scored:
    who = actor(session, by)
    return quality.agree(session, who, "party", meeting.id, round_, quiet=QUIET, now=AFTER)


def confirm(session: Session, meeting: Meeting, by: str = "oanh", round_: int = 0) -> Scored:
    return quality.confirm(session, actor(session, by), "party", meeting.id, round_, now=AFTER)


def say(
    session: Session, meeting: Meeting, name: str, comment: str | None = None, round_: int = 0
) -> bool:
    who = actor(session, name)
    return quality.answer(session, who, meeting.id, round_, comment, now=AFTER)


def heard(session: Session, meeting: Meeting) -> tuple[int, int, int]:
    found = quality.heard(session, meeting)
    return found.agreed, found.comments, found.silent


def owed(session: Session, kind: str) -> list[tuple[int | None, int, str]]:
    found = session.exec(select(Notice).where(Notice.kind == kind).order_by(col(Notice.id))).all()
    return [(each.person_id, each.revision, each.state) for each in found]


def test_attendance_is_proposed_before_anybody_gives_points(session: Session, cast: Cast) -> None:
    meeting = held(session)
    found = quality.scored(session, "party", meeting)
    given = found.of(Criterion.ATTENDANCE)
    assert (given.points, given.most, given.counted) == (7, 20, True)  # 2 of 7, of 85 percent
    assert found.total is None and found.grade is None and found.most == 100
    propose(session, meeting, Criterion.ATTENDANCE, 7)
    assert not quality.scored(session, "party", meeting).of(Criterion.ATTENDANCE).counted


def test_a_score_goes_its_whole_way(session: Session, cast: Cast) -> None:
    meeting = proposed(session)
    found = quality.scored(session, "party", meeting)
    assert (found.total, found.grade, found.state) == (100, Grade.GOOD, SheetState.PROPOSED)
    ask(session, meeting)
    ask(session, meeting, "chi")
    present = {cast["giang"], cast["huong"]}
    assert {(person, State.QUEUED) for person in present} == {
        (person, state) for person, _round, state in owed(session, quality.ASKED)
    }
    assert say(session, meeting, "giang")
    assert say(session, meeting, "huong", "Nên họp sớm hơn")
    assert heard(session, meeting) == (1, 1, 0)
    agree(session, meeting, "binh")
    agree(session, meeting)
    assert owed(session, quality.TO_CONFIRM) == [(cast["oanh"], 0, State.QUEUED)]
    for _press in range(2):
        found = confirm(session, meeting)
    assert (found.state, found.grade) == (SheetState.CONFIRMED, Grade.GOOD)


def test_who_thinks_again_counts_once(session: Session, cast: Cast) -> None:
    meeting = asked(session)
    for comment in (None, None, "Chưa rõ phần kết thúc", None):
        assert say(session, meeting, "giang", comment)
    assert heard(session, meeting) == (1, 0, 1)


def test_a_changed_proposal_is_asked_anew(session: Session, cast: Cast) -> None:
    meeting = asked(session)
    say(session, meeting, "giang")
    propose(session, meeting, Criterion.CONDUCT, 45)  # no change
    assert quality.scored(session, "party", meeting).state is SheetState.ASKED
    found = propose(session, meeting, Criterion.CONDUCT, 44)
    assert (found.state, found.round, heard(session, meeting)) == (
        SheetState.PROPOSED,
        1,
        (0, 0, 2),
    )
    assert {state for _who, _round, state in owed(session, quality.ASKED)} == {State.CANCELLED}
    assert not say(session, meeting, "giang")
    with pytest.raises(Refusal):
        agree(session, meeting)
    ask(session, meeting)
    assert not say(session, meeting, "giang", round_=0)  # an old button says nothing of the new one
    assert say(session, meeting, "giang", round_=1)
    assert len(owed(session, quality.ASKED)) == 4


def test_a_changed_proposal_is_not_confirmed_unseen(session: Session, cast: Cast) -> None:
    meeting = asked(session)
    agree(session, meeting)
    propose(session, meeting, Criterion.CLOSING, 1)
    with pytest.raises(Refusal):
        confirm(session, meeting)
    ask(session, meeting)
    agree(session, meeting, round_=1)
    with pytest.raises(Refusal):
        confirm(session, meeting, round_=0)
    assert confirm(session, meeting, round_=1).grade is Grade.FAIR


def test_a_confirmed_score_stands_whatever_the_rules_become(session: Session, cast: Cast) -> None:
    meeting = asked(session)
    agree(session, meeting)
    confirm(session, meeting)
    with pytest.raises(Refusal):
        propose(session, meeting, Criterion.CLOSING, 1)
    unit = session.get_one(Unit, meeting.unit_id)
    for key, value in (("score.good", 100), ("score.conduct", 90), ("score.fair", 100)):
        rules.set_own(session, "party", key, unit, value, by=None, now=AFTER)
    found = quality.scored(session, "party", meeting)
    assert (found.total, found.most, found.grade) == (100, 100, Grade.GOOD)


def test_the_question_can_be_taken_back_for_a_minute(session: Session, cast: Cast) -> None:
    meeting, an = asked(session), actor(session, "an")
    later = AFTER + quality.UNDO
    late = quality.recall(session, an, "party", meeting.id, 0, now=later)
    assert late.state is SheetState.ASKED
    soon = later - timedelta(seconds=1)
    for _press in range(2):
        found = quality.recall(session, an, "party", meeting.id, 0, now=soon)
    assert (found.state, found.round) == (SheetState.PROPOSED, 1)
    assert {state for _who, _round, state in owed(session, quality.ASKED)} == {State.CANCELLED}


def test_nothing_is_asked_before_all_points_are_given(session: Session, cast: Cast) -> None:
    meeting = held(session)
    with pytest.raises(Refusal):
        ask(session, meeting)
    propose(session, meeting, Criterion.CONDUCT, 45)
    with pytest.raises(Refusal):
        ask(session, meeting)
    assert owed(session, quality.ASKED) == []


@pytest.mark.parametrize("points", [-1, 46])
def test_points_stay_within_what_there_is(session: Session, cast: Cast, points: int) -> None:
    with pytest.raises(Refusal):
        propose(session, held(session), Criterion.CONDUCT, points)


def test_a_meeting_whose_roll_is_open_has_no_score(session: Session, cast: Cast) -> None:
    with pytest.raises(Refusal):
        propose(session, opened(session), Criterion.CONDUCT, 40)


def test_points_that_became_too_many_are_not_asked_about(session: Session, cast: Cast) -> None:
    meeting = proposed(session)
    unit = session.get_one(Unit, meeting.unit_id)
    rules.set_own(session, "party", "score.conduct", unit, 40, by=None, now=AFTER)
    with pytest.raises(Refusal):
        ask(session, meeting)


@pytest.mark.parametrize("name", ["giang", "lan", "oanh"])
def test_only_its_own_committee_gives_points(session: Session, cast: Cast, name: str) -> None:
    with pytest.raises(NotFound):
        propose(session, held(session), Criterion.CONDUCT, 40, by=name)


@pytest.mark.parametrize("name", ["khanh", "lan", "oanh", "an"])
def test_only_who_was_present_is_heard(session: Session, cast: Cast, name: str) -> None:
    meeting = asked(session)
    with pytest.raises(NotFound):
        say(session, meeting, name)


@pytest.mark.parametrize("name", ["an", "giang", "lan"])
def test_only_the_committee_above_confirms(session: Session, cast: Cast, name: str) -> None:
    meeting = asked(session)
    agree(session, meeting)
    with pytest.raises(NotFound):
        confirm(session, meeting, name)


def test_comments_are_for_the_committee_that_proposes(session: Session, cast: Cast) -> None:
    meeting = asked(session)
    say(session, meeting, "huong", "  Nên họp\u200b sớm hơn ")
    say(session, meeting, "giang")
    found = quality.comments(session, actor(session, "chi"), meeting.id)
    assert found == [("Nguyễn Thị Hương", "Nên họp sớm hơn")]
    for name in ("giang", "lan", "oanh"):
        with pytest.raises(NotFound):
            quality.comments(session, actor(session, name), meeting.id)


@pytest.mark.parametrize("text", ["", "  ", "x" * 1001])
def test_a_comment_is_words(text: str) -> None:
    with pytest.raises(Refusal):
        quality.check_comment(text)


def test_where_nobody_is_above_the_committee_has_the_last_word(
    session: Session, cast: Cast
) -> None:
    top, oanh = unit_id(session, PARTY), actor(session, "oanh")
    plan = Plan(top, MeetingKind.REGULAR, START, "Hội trường")
    meeting = meetings.call(session, oanh, plan, token="top", quiet=QUIET, now=NOON)
    attendance.open_roll(session, oanh, meeting.id, now=START)
    attendance.tap(session, oanh, meeting.id, now=START)
    attendance.close(session, oanh, meeting.id, now=AFTER)
    for criterion, points in FULL.items():
        propose(session, meeting, criterion, points, by="oanh")
    ask(session, meeting, "oanh")
    assert agree(session, meeting, "oanh").state is SheetState.CONFIRMED
    assert owed(session, quality.TO_CONFIRM) == []


# -- the year ----------------------------------------------------------------------------------


def test_a_year_counts_what_was_confirmed(session: Session, cast: Cast) -> None:
    meeting = asked(session)
    an, unit = actor(session, "an"), unit_id(session, BRANCH_1)
    found = quality.year(session, an, "party", unit, 2026)
    assert (found.grades.total(), found.unscored, found.good) == (0, 1, False)
    agree(session, meeting)
    confirm(session, meeting)
    row = session.get_one(Unit, unit)
    rules.set_own(session, "party", "score.year_good", row, 1, by=None, now=AFTER)
    found = quality.year(session, an, "party", unit, 2026)
    assert (dict(found.grades), found.unscored, found.good) == ({Grade.GOOD: 1}, 0, True)
    assert quality.year(session, an, "party", unit, 2025).grades.total() == 0


def test_new_years_morning_belongs_to_the_new_year(session: Session, cast: Cast) -> None:
    """00:30 on 1 January in Hà Nội is still December in UTC."""
    at = START.replace(year=2027, month=1, day=1, hour=0, minute=30)
    meeting = called(session, starts_at=at)
    attendance.open_roll(session, actor(session, "an"), meeting.id, now=at)
    attendance.close(session, actor(session, "an"), meeting.id, now=at + timedelta(minutes=30))
    unit = session.get_one(Unit, meeting.unit_id)
    assert quality.of_unit(session, "party", unit, 2026).unscored == 0
    assert quality.of_unit(session, "party", unit, 2027).unscored == 1


def test_a_committee_among_itself_leaves_no_session_unscored(session: Session, cast: Cast) -> None:
    meeting = opened(session, kind=MeetingKind.COMMITTEE)
    attendance.close(session, actor(session, "an"), meeting.id, now=AFTER)
    unit = session.get_one(Unit, meeting.unit_id)
    assert quality.of_unit(session, "party", unit, 2026).unscored == 0


def test_who_has_left_the_roll_is_not_asked(session: Session, cast: Cast) -> None:
    meeting = proposed(session)
    gone = session.get_one(roster.Person, cast["huong"])
    gone.ended = AFTER.date()
    session.add(gone)
    session.flush()
    ask(session, meeting)
    assert [person for person, _round, _state in owed(session, quality.ASKED)] == [cast["giang"]]
    assert outbox.counts(session, f"score:{meeting.id}", quality.ASKED) == {State.QUEUED: 1}
