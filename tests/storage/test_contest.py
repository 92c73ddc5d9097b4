"""Contests: what counts of an attempt to the second, who takes part, who reads whose name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from storage import bank, contest, roster, schedule
from storage.bank import ItemKind, NewItem
from storage.contest import (
    Answer,
    Attempt,
    Contest,
    Figures,
    NewContest,
    Order,
    Play,
    Result,
    Round,
    UnitResult,
)
from storage.errors import NotFound, Refusal
from storage.outbox import Notice
from storage.powers import Role
from storage.quiet import Quiet
from tests.storage.test_meetings import Cast, actor
from tests.town import BRANCH_1, BRANCH_2, NOON, PARTY, unit_id

ZONE = "Asia/Ho_Chi_Minh"
QUIET = Quiet("", ZONE)
OPENS = datetime(2026, 8, 10, 3, tzinfo=UTC)  # Monday, 10:00 in Vietnam
CLOSES = datetime(2026, 8, 17, 2, tzinfo=UTC)  # the next one, 9:00
SECOND, ALMOST = timedelta(seconds=1), timedelta(microseconds=999_999)
WEEKLY, TIMED = contest.sets()["weekly"].figures, contest.sets()["timed"].figures
TIMED = replace(TIMED, questions=2, personal=False)
WEEKLY = replace(WEEKLY, questions=2)


def questions(number: int = 6, **more: Any) -> list[NewItem]:
    values = {"kind": ItemKind.SINGLE, "choices": ("sai", "đúng", "gần đúng"), "answer": (1,)}
    return [NewItem(ask=f"Câu {at}?", **{**values, **more}) for at in range(number)]


def started(
    session: Session, figures: Figures = WEEKLY, *, path: str = BRANCH_1, by: str = "an",
    token: str = "c1", **more: Any,
) -> Contest:  # fmt: skip
    unit = unit_id(session, path)
    bank.put(session, actor(session, by), unit, questions(), now=NOON)
    rules = "weekly" if figures.order is Order.PREDICTION else "timed"
    new = NewContest(unit, "Hội thi", rules, figures, date(2026, 8, 10), **more)
    return contest.start(session, actor(session, by), new, token=token, zone=ZONE, now=NOON)


def first(session: Session, made: Contest) -> Round:
    return session.exec(select(Round).where(Round.contest_id == made.id, Round.number == 1)).one()


def begin(
    session: Session, round_: Round, name: str, now: datetime, number: int = 1, guess: int = 1
) -> Play:
    return contest.begin(session, actor(session, name), round_.id, number, guess, now=now)


def answer(
    session: Session, play: Play, name: str, now: datetime, *, place: int, right: bool = True
) -> Play:
    item = play.items[place]
    return contest.give(
        session, actor(session, name), play.attempt.id, item.id, 1 if right else 0, now=now
    )


def all_right(session: Session, round_: Round, name: str, now: datetime, **more: Any) -> Play:
    """An attempt with every answer right, handed in five seconds after it was begun."""
    play = begin(session, round_, name, now, **more)
    for place in range(len(play.items)):
        answer(session, play, name, now, place=place)
    who = actor(session, name)
    return contest.hand_in(session, who, play.attempt.id, now=now + 5 * SECOND)


def sealed(session: Session, round_: Round, now: datetime = CLOSES) -> dict[str, Result]:
    """The results by the last word of the name."""
    contest.seal(session, round_.id, quiet=QUIET, now=now)
    found = session.exec(
        select(Result, roster.Person)
        .join(roster.Person, roster.Person.id == Result.person_id)  # type: ignore[arg-type]
        .where(Result.round_id == round_.id)
    ).all()
    return {person.full_name.split()[-1]: result for result, person in found}


# -- seconds -----------------------------------------------------------------------------------


def test_a_round_opens_in_its_second_and_is_over_in_its_closing_second(
    session: Session, cast: Cast
) -> None:
    round_ = first(session, started(session))
    assert (round_.opens_at, round_.closes_at) == (OPENS, CLOSES)
    with pytest.raises(Refusal, match="not open yet"):
        begin(session, round_, "huong", OPENS - timedelta(microseconds=1))
    assert begin(session, round_, "huong", OPENS + ALMOST).attempt.started_at == OPENS
    with pytest.raises(Refusal, match="over"):
        begin(session, round_, "giang", CLOSES)
    begin(session, round_, "giang", CLOSES - timedelta(microseconds=1))


def test_an_answer_in_the_last_second_of_the_limit_counts_and_none_after_it(
    session: Session, cast: Cast
) -> None:
    round_ = first(session, started(session, TIMED))
    limit = timedelta(minutes=10)
    play = begin(session, round_, "huong", OPENS)
    assert not answer(session, play, "huong", OPENS + limit + ALMOST, place=0).late
    late = answer(session, play, "huong", OPENS + limit + SECOND, place=1)
    assert late.late and late.over and late.current == 1
    assert late.attempt.ended_at == OPENS + limit
    assert sealed(session, round_)["Hương"].right == 1


def test_an_attempt_ends_with_its_round_however_much_time_it_had_left(
    session: Session, cast: Cast
) -> None:
    round_ = first(session, started(session, TIMED))
    play = begin(session, round_, "huong", CLOSES - timedelta(minutes=2))
    assert not answer(session, play, "huong", CLOSES - SECOND, place=0).over
    late = answer(session, play, "huong", CLOSES, place=1)
    assert late.late and late.attempt.ended_at == CLOSES - SECOND
    found = sealed(session, round_)["Hương"]
    assert (found.right, found.seconds) == (1, 119)


def test_what_is_handed_in_changes_no_more(session: Session, cast: Cast) -> None:
    round_ = first(session, started(session))
    play = begin(session, round_, "huong", OPENS)
    answer(session, play, "huong", OPENS, place=0, right=False)
    answer(session, play, "huong", OPENS + SECOND, place=0)  # a change of mind
    answer(session, play, "huong", OPENS + SECOND, place=1)
    who = actor(session, "huong")
    done = contest.hand_in(session, who, play.attempt.id, now=OPENS + 9 * SECOND)
    assert answer(session, play, "huong", OPENS + 10 * SECOND, place=0, right=False).late
    again = contest.hand_in(session, who, play.attempt.id, now=OPENS + 60 * SECOND)
    assert again.attempt.ended_at == done.attempt.ended_at == OPENS + 9 * SECOND
    assert sealed(session, round_)["Hương"].right == 2


def test_an_attempt_that_nobody_hands_in_is_handed_in_by_the_clock(
    session: Session, cast: Cast
) -> None:
    round_ = first(session, started(session, TIMED))
    play = begin(session, round_, "huong", OPENS)
    answer(session, play, "huong", OPENS, place=0)
    begin(session, round_, "giang", OPENS)  # and answers nothing: has not taken part
    found = sealed(session, round_)
    assert set(found) == {"Hương"}
    assert found["Hương"].seconds == 600
    assert round_.took_part == 1


# -- attempts ----------------------------------------------------------------------------------


def test_a_second_press_begins_nothing_new_and_an_old_one_shows_how_it_stands(
    session: Session, cast: Cast
) -> None:
    round_ = first(session, started(session))
    one = begin(session, round_, "huong", OPENS)
    assert begin(session, round_, "huong", OPENS + SECOND).attempt.id == one.attempt.id
    assert begin(session, round_, "huong", OPENS, number=2).attempt.id == one.attempt.id
    contest.hand_in(session, actor(session, "huong"), one.attempt.id, now=OPENS + SECOND)
    old = begin(session, round_, "huong", OPENS + 2 * SECOND)
    assert old.attempt.id == one.attempt.id and old.over
    two = begin(session, round_, "huong", OPENS + 3 * SECOND, number=2, guess=7)
    assert (two.attempt.number, two.attempt.prediction) == (2, 7)
    with pytest.raises(NotFound):
        begin(session, round_, "giang", OPENS, number=3)


def test_nobody_has_more_attempts_than_the_rules_give(session: Session, cast: Cast) -> None:
    round_ = first(session, started(session, replace(TIMED, attempts=2)))
    for number in (1, 2):
        all_right(session, round_, "huong", OPENS + number * timedelta(hours=1), number=number)
    with pytest.raises(Refusal, match="used all"):
        begin(session, round_, "huong", OPENS + timedelta(hours=3), number=3)


def test_the_first_perfect_attempt_counts_with_its_own_prediction(
    session: Session, cast: Cast
) -> None:
    """Else whoever tries often enough could name every number."""
    round_ = first(session, started(session))
    all_right(session, round_, "huong", OPENS, guess=9)
    all_right(session, round_, "huong", OPENS + timedelta(hours=1), number=2, guess=2)
    all_right(session, round_, "giang", OPENS + timedelta(hours=2), guess=3)
    found = sealed(session, round_)
    assert {name: (row.place, row.off) for name, row in found.items()} == {
        "Giang": (1, 1),
        "Hương": (2, 7),
    }


def test_a_prediction_has_to_be_a_number_of_people(session: Session, cast: Cast) -> None:
    round_ = first(session, started(session))
    for guess in (-1, 10_000_001):
        with pytest.raises(Refusal, match="whole number"):
            begin(session, round_, "huong", OPENS, guess=guess)


def test_questions_are_the_same_for_all_or_drawn_for_each(session: Session, cast: Cast) -> None:
    shared = first(session, started(session, replace(TIMED, questions=3)))
    own = first(session, started(session, replace(TIMED, questions=3, personal=True), token="c2"))
    names = ("chi", "dung", "giang", "huong", "khanh")
    same = {tuple(begin(session, shared, each, OPENS).attempt.items) for each in names}
    each = {tuple(begin(session, own, name, OPENS).attempt.items) for name in names}
    assert len(same) == 1
    assert len(each) > 1


def test_questions_of_a_round_stay_though_the_bank_changes(session: Session, cast: Cast) -> None:
    round_ = first(session, started(session, replace(TIMED, questions=3)))
    before = begin(session, round_, "huong", OPENS).attempt.items
    an = actor(session, "an")
    bank.put(session, an, unit_id(session, BRANCH_1), questions(20), now=OPENS)
    bank.retire(session, an, before[0], now=OPENS)
    assert begin(session, round_, "giang", OPENS).attempt.items == before


def test_only_what_one_press_answers_is_drawn(session: Session, cast: Cast) -> None:
    unit = unit_id(session, BRANCH_1)
    short = [NewItem(ItemKind.SHORT, f"Gõ {at}", ("90",)) for at in range(9)]
    bank.put(session, actor(session, "an"), unit, short, now=NOON)
    with pytest.raises(Refusal, match="bank has"):
        started(session, replace(TIMED, questions=7))


# -- who takes part, who reads what ------------------------------------------------------------


def test_organisers_do_not_take_part(session: Session, cast: Cast) -> None:
    round_ = first(session, started(session))
    for name in ("an", "binh"):
        with pytest.raises(Refusal, match="organises"):
            begin(session, round_, name, OPENS)
    begin(session, round_, "chi", OPENS)  # of the committee, but without the question bank


def test_who_becomes_an_organiser_before_the_end_is_left_out(session: Session, cast: Cast) -> None:
    round_ = first(session, started(session))
    all_right(session, round_, "huong", OPENS)
    all_right(session, round_, "giang", OPENS)
    huong = session.get_one(roster.Person, cast["huong"])
    unit = unit_id(session, BRANCH_1)
    roster.give_role(session, huong, unit, Role.DEPUTY, today=date(2026, 8, 15), by=None)
    assert set(sealed(session, round_)) == {"Giang"}
    assert contest.verify(session, round_.id)


@pytest.mark.parametrize("name", ["lan", "minh", "oanh"])
def test_a_contest_is_not_there_for_another_branch(session: Session, cast: Cast, name: str) -> None:
    made = started(session)
    play = begin(session, first(session, made), "huong", OPENS)
    with pytest.raises(NotFound):
        begin(session, first(session, made), name, OPENS)
    with pytest.raises(NotFound):
        contest.mine(session, actor(session, name), made.id, now=OPENS)
    with pytest.raises(NotFound):
        contest.play(session, actor(session, name), play.attempt.id, now=OPENS)
    with pytest.raises(NotFound):
        answer(session, play, name, OPENS, place=0)


def test_another_persons_attempt_is_not_there(session: Session, cast: Cast) -> None:
    play = begin(session, first(session, started(session)), "huong", OPENS)
    for act in (contest.play, contest.hand_in):
        with pytest.raises(NotFound):
            act(session, actor(session, "giang"), play.attempt.id, now=OPENS)
    assert play.attempt.ended_at is None


def test_a_name_is_read_by_others_only_with_consent(session: Session, cast: Cast) -> None:
    made = started(session)
    round_ = first(session, made)
    for name in ("huong", "giang"):
        all_right(session, round_, name, OPENS)
    who = {name: actor(session, name) for name in ("huong", "giang", "khanh", "chi")}
    with pytest.raises(Refusal, match="hidden"):
        contest.results(session, who["huong"], round_.id)
    sealed(session, round_)

    def names(reader: str, *, full: bool = False) -> set[str | None]:
        lines = contest.results(session, who[reader], round_.id, full=full).lines
        return {line.person.full_name if line.person else None for line in lines}

    assert names("khanh") == {None}
    assert names("huong") == {"Nguyễn Thị Hương", None}
    contest.let_name(session, who["giang"], made.id, True, now=CLOSES)
    assert names("khanh") == {"Vũ Hương Giang", None}
    contest.let_name(session, who["giang"], made.id, False, now=CLOSES)
    assert names("khanh") == {None}
    assert names("chi", full=True) == {"Nguyễn Thị Hương", "Vũ Hương Giang"}
    with pytest.raises(NotFound):
        contest.results(session, who["khanh"], round_.id, full=True)


def test_while_a_round_is_open_the_committee_sees_totals(session: Session, cast: Cast) -> None:
    made = started(session, path=PARTY, by="oanh")
    round_ = first(session, made)
    for name in ("huong", "giang", "minh"):
        all_right(session, round_, name, OPENS)
    oanh = actor(session, "oanh")
    found = contest.turnout(session, oanh, round_.id, now=OPENS)
    assert (found.took_part, found.people) == (3, 9)
    assert [(unit.name, came, of) for unit, came, of in found.units] == [
        ("Chi bộ 1", 2, 7),
        ("Chi bộ 2", 1, 2),
    ]
    with pytest.raises(Refusal, match="hidden"):
        contest.results(session, oanh, round_.id, full=True)


def test_a_small_branch_wins_by_its_share_and_another_by_improvement(
    session: Session, cast: Cast
) -> None:
    made = started(session, replace(WEEKLY, rounds=2), path=PARTY, by="oanh")
    one, two = session.exec(select(Round).order_by(Round.number)).all()  # type: ignore[arg-type]
    for name in ("lan", "minh", "huong"):
        all_right(session, one, name, OPENS)
    sealed(session, one)
    week = timedelta(days=7)
    for name in ("lan", "minh", "an", "binh", "chi", "huong"):
        all_right(session, two, name, OPENS + week)
    sealed(session, two, CLOSES + week)
    small, large = unit_id(session, BRANCH_2), unit_id(session, BRANCH_1)
    found = {
        (row.round_id, row.unit_id): (row.took_part, row.place, row.gain_place)
        for row in session.exec(select(UnitResult)).all()
    }
    assert found == {
        (one.id, small): (2, 1, None),
        (one.id, large): (1, 2, None),
        (two.id, small): (2, 1, None),
        (two.id, large): (4, 2, 1),
    }
    assert made.unit_id == unit_id(session, PARTY)


# -- results -----------------------------------------------------------------------------------


def test_a_round_is_sealed_once_and_late_is_not_wrong(session: Session, cast: Cast) -> None:
    round_ = first(session, started(session))
    all_right(session, round_, "huong", OPENS)
    assert not contest.seal(session, round_.id, quiet=QUIET, now=CLOSES - timedelta(microseconds=1))
    assert contest.seal(session, round_.id, quiet=QUIET, now=CLOSES + timedelta(days=3))
    assert not contest.seal(session, round_.id, quiet=QUIET, now=CLOSES + timedelta(days=4))
    told = session.exec(select(Notice).where(Notice.kind == contest.RESULT)).all()
    assert [each.person_id for each in told] == [cast["huong"]]
    assert contest.verify(session, round_.id)


@pytest.mark.parametrize("what", ["place", "answer", "ended", "gone", "unit"])
def test_whoever_changes_a_sealed_row_is_found_out(session: Session, cast: Cast, what: str) -> None:
    made = started(session, path=PARTY, by="oanh")
    round_ = first(session, made)
    all_right(session, round_, "huong", OPENS)
    all_right(session, round_, "giang", OPENS + SECOND)
    found = sealed(session, round_)
    assert contest.verify(session, round_.id)
    match what:
        case "place":
            found["Giang"].place = 1
        case "answer":
            given = session.exec(
                select(Answer).where(Answer.attempt_id == found["Hương"].attempt_id)
            ).all()[0]
            given.choice = 0
        case "ended":
            session.get_one(Attempt, found["Giang"].attempt_id).ended_at = OPENS
        case "gone":
            session.delete(found["Hương"])
        case "unit":
            session.exec(select(UnitResult)).all()[0].place = 9
    session.flush()
    assert not contest.verify(session, round_.id)


def test_level_to_the_second_is_the_same_place_and_the_next_is_left_out(
    session: Session, cast: Cast
) -> None:
    round_ = first(session, started(session))
    all_right(session, round_, "huong", OPENS)
    all_right(session, round_, "giang", OPENS + ALMOST)
    all_right(session, round_, "khanh", OPENS + SECOND)
    found = sealed(session, round_)
    assert {name: row.place for name, row in found.items()} == {"Hương": 1, "Giang": 1, "Khánh": 3}


# -- starting and stopping ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["chi", "huong", "lan"])
def test_only_who_runs_campaigns_there_starts_and_stops_one(
    session: Session, cast: Cast, name: str
) -> None:
    made = started(session)
    new = NewContest(made.unit_id, "Khác", "weekly", WEEKLY, date(2026, 8, 10))
    with pytest.raises(NotFound):
        contest.start(session, actor(session, name), new, token="c9", zone=ZONE, now=NOON)
    with pytest.raises(NotFound):
        contest.stop(session, actor(session, name), made.id, now=NOON)


def test_one_form_is_one_contest(session: Session, cast: Cast) -> None:
    assert started(session).id == started(session).id
    assert len(session.exec(select(Round)).all()) == WEEKLY.rounds


@pytest.mark.parametrize(
    "change",
    [{"questions": 0}, {"attempts": -1}, {"minutes": 181}, {"rounds": 53}, {"places": 101}],
)
def test_a_figure_out_of_bounds_is_refused(
    session: Session, cast: Cast, change: dict[str, int]
) -> None:
    with pytest.raises(Refusal, match="a number from"):
        started(session, replace(WEEKLY, **change))


def test_the_first_round_opens_later_than_now(session: Session, cast: Cast) -> None:
    made = started(session)
    new = NewContest(made.unit_id, "Khác", "weekly", WEEKLY, NOON.date())
    with pytest.raises(Refusal, match="later than now"):
        contest.start(session, actor(session, "an"), new, token="c9", zone=ZONE, now=NOON)
    assert contest.first_day(contest.sets()["weekly"], NOON.date()) == date(2026, 8, 10)


def test_stopping_lets_the_open_round_go_on_and_no_other_open(session: Session, cast: Cast) -> None:
    made = started(session)
    round_ = first(session, made)
    all_right(session, round_, "huong", OPENS)
    for _press in range(2):
        contest.stop(session, actor(session, "an"), made.id, now=OPENS + SECOND)
    assert len(session.exec(select(Round)).all()) == 1
    due = schedule.claim_due(session, now=CLOSES + timedelta(days=60))
    assert {each.kind for each in due} == {"contest.open", "contest.close"}
    assert {each.subject for each in due} == {round_.subject}
    assert set(sealed(session, round_)) == {"Hương"}


def test_a_round_that_opens_is_told_to_those_who_may_take_part(
    session: Session, cast: Cast
) -> None:
    made = started(session)
    round_ = first(session, made)
    assert contest.open_round(session, round_.id, quiet=QUIET, now=OPENS) == 5  # An, Bình organise
    assert contest.open_round(session, round_.id, quiet=QUIET, now=CLOSES) == 0
    told = session.exec(select(Notice).where(Notice.kind == contest.OPENING)).all()
    assert {each.person_id for each in told} == {
        cast[name] for name in ("chi", "dung", "giang", "huong", "khanh")
    }
    assert unit_id(session, BRANCH_2) != made.unit_id


def test_nobody_is_called_to_a_round_without_questions(session: Session, cast: Cast) -> None:
    made = started(session)
    round_, an = first(session, made), actor(session, "an")
    for each in bank.of_unit(session, made.unit_id):
        bank.retire(session, an, each.id, now=NOON)
    assert contest.open_round(session, round_.id, quiet=QUIET, now=OPENS) == 0
    with pytest.raises(Refusal, match="no question"):
        begin(session, round_, "huong", OPENS)
