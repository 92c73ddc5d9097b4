"""The anonymous rating: papers that lead to nobody, counted once, shown late."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, SQLModel, select

from storage import attendance, roster, rules
from storage.db import Database
from storage.errors import NotFound, Refusal
from storage.meetings import Meeting, Seat
from storage.outbox import Notice, State
from storage.quality import Grade, rating
from storage.quality.rating import Counter, Paper, Use
from tests.storage.test_attendance import AFTER, QUIET, START, Cast, actor, opened
from tests.town import BRANCH_1, NOON, settle, unit_id

PRESENT = ("an", "binh", "chi", "giang", "huong", "khanh")
OVER = AFTER + timedelta(days=3, hours=1)


def held(session: Session, *, present: tuple[str, ...] = PRESENT) -> Meeting:
    meeting = opened(session)
    for name in present:
        attendance.tap(session, actor(session, name), meeting.id, now=START)
    return attendance.close(session, actor(session, "an"), meeting.id, now=AFTER)


def rate(
    session: Session, meeting: Meeting, name: str, paper: str, taps: str = "gfa", **how: object
) -> Use:
    now = how.get("now", AFTER)
    assert isinstance(now, type(AFTER))
    return rating.rate(session, actor(session, name), "party", meeting.id, paper, taps, now=now)


def counters(session: Session) -> dict[tuple[int, str], int]:
    found = session.exec(select(Counter)).all()
    return {(each.question, each.grade): each.number for each in found}


def owed(session: Session) -> list[Notice]:
    return list(session.exec(select(Notice).where(Notice.kind == rating.RATING)).all())


@pytest.mark.parametrize("taps", ["", "-", "x", "gg?", "gggg", "GGG", "g:g"])
def test_what_nobody_can_tap_is_no_tap(taps: str) -> None:
    assert rating.taps_of(taps) == []


@pytest.mark.parametrize(
    ("figures", "average"),
    [
        ({Grade.GOOD: 5}, 4.0),
        ({Grade.POOR: 5}, 1.0),
        ({Grade.GOOD: 2, Grade.FAIR: 1}, 3.7),
        ({}, 0.0),
    ],
)
def test_an_average_runs_from_four_to_one(figures: dict[Grade, int], average: float) -> None:
    assert rating.average(figures) == average


def test_a_paper_counts_once_whoever_brings_it(session: Session, cast: Cast) -> None:
    meeting = held(session)
    paper, other = (rating.paper(session, meeting.id) for _name in range(2))
    assert rate(session, meeting, "giang", paper) is Use.COUNTED
    assert rate(session, meeting, "giang", paper, "ppp") is Use.USED
    assert rate(session, meeting, "huong", paper) is Use.USED
    assert rate(session, meeting, "huong", other, "gpa") is Use.COUNTED
    assert counters(session) == {(0, "good"): 2, (1, "fair"): 1, (1, "poor"): 1, (2, "average"): 2}


def test_nobody_makes_a_paper_of_their_own(session: Session, cast: Cast) -> None:
    meeting = held(session)
    paper = rating.paper(session, meeting.id)
    for forged in ("", "A" * 24, "A" + paper[1:], paper[:-1] + "ế", rating.paper(session, 999)):
        if forged == paper:
            continue
        with pytest.raises(Refusal):
            rate(session, meeting, "giang", forged)
    assert counters(session) == {}


@pytest.mark.parametrize("name", ["dung", "lan", "oanh"])
def test_who_was_not_there_rates_nothing_even_with_a_paper(
    session: Session, cast: Cast, name: str
) -> None:
    meeting = held(session)
    with pytest.raises(NotFound):
        rate(session, meeting, name, rating.paper(session, meeting.id))


def test_less_than_three_taps_count_nothing(session: Session, cast: Cast) -> None:
    meeting = held(session)
    with pytest.raises(NotFound):
        rate(session, meeting, "giang", rating.paper(session, meeting.id), "gg")
    assert session.exec(select(Paper)).all() == []


def test_a_paper_that_comes_too_late_is_not_counted(session: Session, cast: Cast) -> None:
    meeting = held(session)
    paper = rating.paper(session, meeting.id)
    assert rate(session, meeting, "giang", paper, now=OVER) is Use.OVER
    assert counters(session) == {}


def test_figures_are_shown_late_and_only_of_enough(session: Session, cast: Cast) -> None:
    meeting = held(session)
    for name in PRESENT[:4]:
        rate(session, meeting, name, rating.paper(session, meeting.id))
    few = rating.ratings(session, "party", meeting, now=OVER)
    assert (few.given, few.over, few.shown) == (4, True, False)
    rate(session, meeting, "huong", rating.paper(session, meeting.id), "pfa")
    early = rating.ratings(session, "party", meeting, now=OVER - timedelta(seconds=1))
    assert (early.given, early.over, early.shown) == (5, False, False)
    shown = rating.ratings(session, "party", meeting, now=OVER)
    assert shown.figures[0] == {Grade.GOOD: 4, Grade.FAIR: 0, Grade.AVERAGE: 0, Grade.POOR: 1}
    assert [rating.average(each) for each in shown.figures] == [3.4, 3.0, 2.0]


def ask(session: Session, meeting: Meeting) -> int:
    return rating.ask_all(session, "party", meeting.id, quiet=QUIET, now=AFTER)


def test_who_was_there_is_asked_once_some_time_after(session: Session, cast: Cast) -> None:
    meeting = held(session)
    assert (ask(session, meeting), ask(session, meeting)) == (6, 0)
    assert {each.person_id for each in owed(session)} == {cast[name] for name in PRESENT}
    morning = (NOON + timedelta(days=1)).replace(hour=6, minute=30)
    assert {each.due_at for each in owed(session)} == {morning}  # 21:30 is the quiet hours' own


def test_a_unit_that_does_not_ask_asks_nobody(session: Session, cast: Cast) -> None:
    unit = roster.unit_at(session, BRANCH_1)
    rules.set_own(session, "party", "rating.asked", unit, 0, by=None, now=NOON)
    assert ask(session, held(session)) == 0


def test_nobody_is_asked_where_nothing_could_be_shown(session: Session, cast: Cast) -> None:
    assert ask(session, held(session, present=PRESENT[:4])) == 0


def test_a_roll_that_was_opened_again_gives_no_second_paper(session: Session, cast: Cast) -> None:
    meeting, an = held(session), actor(session, "an")
    ask(session, meeting)
    sent, unasked = owed(session)[0], owed(session)[1]
    for notice in owed(session):
        notice.state = State.SENT
    unasked.state = State.CANCELLED  # it was to leave while the roll was open
    session.flush()
    attendance.reopen(session, an, meeting.id, now=AFTER)
    assert ask(session, meeting) == 0
    attendance.tap(session, actor(session, "dung"), meeting.id, now=AFTER)
    attendance.close(session, an, meeting.id, now=AFTER + timedelta(minutes=5))
    assert ask(session, meeting) == 2
    fresh = {each.person_id for each in owed(session) if each.state == State.QUEUED}
    assert fresh == {cast["dung"], unasked.person_id}
    assert sent.person_id not in fresh


def test_a_closed_roll_lets_the_clock_ask(session: Session, cast: Cast) -> None:
    from storage import schedule

    meeting = held(session)
    due = schedule.claim_due(session, now=AFTER)
    assert ("rating.ask", f"rating:{meeting.id}") in [(each.kind, each.subject) for each in due]


# -- whom it leads to --------------------------------------------------------------------------


def test_a_rating_is_beside_no_person_in_any_table(session: Session, cast: Cast) -> None:
    """What the third tap writes: the paper and three counters; no row that knows a person."""
    meeting = held(session)
    session.flush()
    before = everything(session)
    paper = rating.paper(session, meeting.id)
    assert everything(session) == before  # a paper is written down nowhere
    rate(session, meeting, "giang", paper, "gfp")
    session.flush()
    new = {
        table: [row for row in rows if row not in before[table]]
        for table, rows in everything(session).items()
    }
    assert {table: rows for table, rows in new.items() if rows} == {
        "rating_paper": [(paper, meeting.id)],
        "rating_count": [
            (meeting.id, 0, "good", 1),
            (meeting.id, 1, "fair", 1),
            (meeting.id, 2, "poor", 1),
        ],
    }


def test_neither_table_can_point_at_anybody() -> None:
    for table in ("rating_paper", "rating_count"):
        columns = SQLModel.metadata.tables[table].columns
        pointed = {key.column.table.name for column in columns for key in column.foreign_keys}
        assert pointed == {"meeting"}


def everything(session: Session) -> dict[str, list[tuple[object, ...]]]:
    return {
        name: sorted(
            (tuple(row) for row in session.execute(text(f'SELECT * FROM "{name}"'))), key=repr
        )
        for name in SQLModel.metadata.tables
    }


def test_papers_that_come_at_once_are_all_counted(database: Database) -> None:
    """Twenty presses of ten papers, each twice."""
    database.run(settle)
    meeting_id = database.run(lambda session: held(session).id)
    papers = [
        database.run(lambda session: rating.paper(session, meeting_id)) for _number in range(10)
    ]

    def press(paper: str) -> Use:
        def work(session: Session) -> Use:
            return rate(session, session.get_one(Meeting, meeting_id), "giang", paper, "ggg")

        return database.submit(work).result(30)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(press, [*papers, *papers]))
    assert sorted(found) == [Use.COUNTED] * 10 + [Use.USED] * 10
    assert database.run(counters) == {(number, "good"): 10 for number in range(3)}


def test_a_seat_that_was_taken_back_rates_no_more(session: Session, cast: Cast) -> None:
    meeting = held(session)
    seat = session.exec(
        select(Seat).where(Seat.meeting_id == meeting.id, Seat.person_id == cast["giang"])
    ).one()
    seat.present_at = None
    session.add(seat)
    session.flush()
    with pytest.raises(NotFound):
        rate(session, meeting, "giang", rating.paper(session, meeting.id))
    assert unit_id(session, BRANCH_1) == meeting.unit_id
