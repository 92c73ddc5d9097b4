"""A whole contest, played by five hundred people: its places are those of a jury by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from sqlmodel import Session, col, select

from storage import bank, contest, roster
from storage.bank import ItemKind, NewItem
from storage.contest import Figures, NewContest, Order, Result, Round, Try, UnitResult
from storage.errors import Refusal
from storage.powers import SHELL, Actor, Grant, Role
from storage.quiet import Quiet
from storage.roster import Unit, lineage_ids
from tests.storage import contest_reference as jury
from tests.storage.contest_reference import Go, Rules, Tap

ZONE = "Europe/Berlin"  # the clocks go back in the sixth round, on 25 October
QUIET = Quiet("", ZONE)
NOW = datetime.fromisoformat("2026-09-11T09:00:00+02:00")
FIRST = date(2026, 9, 14)  # a Monday
SIZES = (3, 5, 8, 12, 20, 40, 60, 90, 112, 150)  # 500 people in ten branches
# By hand: 10:00 in summer time is 8:00 UTC, 9:00 in winter time is 8:00 UTC.
WEEKS = [
    ("2026-09-14T08:00:00+00:00", "2026-09-21T07:00:00+00:00"),
    ("2026-09-21T08:00:00+00:00", "2026-09-28T07:00:00+00:00"),
    ("2026-09-28T08:00:00+00:00", "2026-10-05T07:00:00+00:00"),
    ("2026-10-05T08:00:00+00:00", "2026-10-12T07:00:00+00:00"),
    ("2026-10-12T08:00:00+00:00", "2026-10-19T07:00:00+00:00"),
    ("2026-10-19T08:00:00+00:00", "2026-10-26T08:00:00+00:00"),
    ("2026-10-26T09:00:00+00:00", "2026-11-02T08:00:00+00:00"),
    ("2026-11-02T09:00:00+00:00", "2026-11-09T08:00:00+00:00"),
    ("2026-11-09T09:00:00+00:00", "2026-11-16T08:00:00+00:00"),
    ("2026-11-16T09:00:00+00:00", "2026-11-23T08:00:00+00:00"),
]


class Field:
    """Five hundred people in ten branches, with a contest of the unit above."""

    def __init__(self, session: Session, figures: Figures, rules: str) -> None:
        self.session = session
        self.party = roster.unit_at(session, "Đảng bộ Sông Hồng")
        self.actors: dict[int, Actor] = {}
        self.team_of: dict[int, int | None] = {}
        for number, size in enumerate(SIZES, start=1):
            branch = roster.unit_at(session, f"Đảng bộ Sông Hồng / Chi bộ {number}")
            for _each in range(size):
                self.settle(branch)
        self.oanh = roster.new_person(session, self.party, "Trịnh Thị Oanh")
        today = NOW.date()
        roster.give_role(session, self.oanh, self.party.id, Role.SECRETARY, today=today, by=None)
        grant = Grant(Role.SECRETARY, self.party.id, lineage_ids(self.party.lineage))
        self.actors[self.oanh.id] = Actor(1, person_id=self.oanh.id, grants=(grant,))
        items = [
            NewItem(ItemKind.SINGLE, f"Câu số {n}?", (f"a{n}", f"b{n}", f"c{n}"), (n % 3,))
            for n in range(40)
        ]
        bank.put(session, SHELL, self.party.id, items, now=NOW)
        new = NewContest(self.party.id, "Hội thi", rules, figures, FIRST)
        self.contest = contest.start(session, SHELL, new, token=rules, zone=ZONE, now=NOW)

    def settle(self, branch: Unit) -> None:
        person = roster.new_person(self.session, branch, "Lê Văn Người")
        grant = Grant(Role.MEMBER, branch.id, lineage_ids(branch.lineage))
        self.actors[person.id] = Actor(1, person_id=person.id, grants=(grant,))
        self.team_of[person.id] = branch.id

    def rounds(self) -> list[Round]:
        found = select(Round).where(Round.contest_id == self.contest.id).order_by(col(Round.number))
        return list(self.session.exec(found).all())

    def play(self, round_: Round, goes: list[Go]) -> None:
        """Everybody presses what the script says, in the second that it says."""
        numbers: dict[int, int] = {}
        for go in goes:
            actor, next_ = self.actors[go.person], numbers.get(go.person, 0) + 1
            try:
                play = contest.begin(self.session, actor, round_.id, next_, go.guess, now=go.at)
            except Refusal:
                continue
            numbers[go.person] = play.attempt.number
            for tap in go.taps:
                item = play.items[tap.place]
                choice = item.answer[0] if tap.right else (item.answer[0] + 1) % 3
                contest.give(self.session, actor, play.attempt.id, item.id, choice, now=tap.at)
            if go.hand_in is not None:
                contest.hand_in(self.session, actor, play.attempt.id, now=go.hand_in)


def script(
    chance: Random, people: list[int], rules: Rules, opens: datetime, closes: datetime, able: float
) -> list[Go]:
    """What people do in a round; many of them in its first and last seconds, and level."""
    hurry = timedelta(microseconds=1)
    edges = [
        opens - timedelta(seconds=1),
        opens - hurry,
        opens,
        opens + timedelta(seconds=1) - hurry,
        closes - timedelta(minutes=rules.minutes or 3, seconds=1),
        closes - timedelta(seconds=3),
        closes - timedelta(seconds=2),
        closes - hurry,
        closes,
        closes + timedelta(seconds=5),
    ]
    goes = []
    for person in people:
        if chance.random() > able:
            continue
        begin = chance.choice(edges) if chance.random() < 0.4 else opens + timedelta(
            hours=chance.choice([1, 2, 30, 31, 100])
        )  # fmt: skip
        for _attempt in range(chance.choice([1, 1, 1, 2, 3])):
            goes.append(one_go(chance, person, begin, rules))
            end = goes[-1].hand_in or goes[-1].taps[-1].at
            begin = end + timedelta(seconds=chance.choice([0, 1, 61, 3600]))
    return goes


def one_go(chance: Random, person: int, begin: datetime, rules: Rules) -> Go:
    limit = timedelta(minutes=rules.minutes or 5)
    knows = chance.choice([1.0, 1.0, 0.8, 0.4])
    guess = chance.choice([0, 50, chance.randint(0, 30), chance.randint(0, 250)])
    pace = timedelta(seconds=chance.choice([0, 1, 1, 2, 40]))
    at, taps = begin, []
    for place in range(rules.questions):
        at += pace
        if chance.random() < 0.04:
            continue  # forgotten
        taps.append(Tap(at, place, chance.random() < knows))
        if chance.random() < 0.05:
            taps.append(Tap(at + pace, place, chance.random() < knows))  # changes their mind
    if not taps:
        taps.append(Tap(at, 0, True))
    last = chance.choice(
        [
            at,
            at + timedelta(seconds=1),
            begin + limit,
            begin + limit + timedelta(seconds=1) - timedelta(microseconds=1),
            begin + limit + timedelta(seconds=1),
            None,
        ]
    )
    if last is not None and last < at:
        last = at
    if chance.random() < 0.1:  # an answer at the limit, or just after it
        moment = begin + limit + timedelta(seconds=chance.choice([0, 1]))
        taps.append(Tap(max(moment, taps[-1].at), 0, True))
        last = None if last is None else max(last, taps[-1].at)
    return Go(person, begin, guess, taps, last)


WEEKLY, TIMED = contest.sets()["weekly"].figures, contest.sets()["timed"].figures
SETS: dict[str, tuple[str, Figures, int]] = {
    "all correct, nearest prediction, earliest": ("weekly", replace(WEEKLY, rounds=10), 10),
    "seven attempts of ten minutes, most correct, shortest": (
        "timed",
        replace(TIMED, rounds=10),
        2,
    ),
    "one attempt of two minutes, most correct, earliest": (
        "timed",
        replace(TIMED, rounds=10, order=Order.EARLIEST, attempts=1, minutes=2, questions=4),
        2,
    ),
}


@pytest.mark.parametrize("name", SETS)
def test_everybody_has_the_place_that_a_jury_by_hand_gives(session: Session, name: str) -> None:
    key, figures, played = SETS[name]
    field, chance = Field(session, figures, key), Random(name)
    rules = Rules(figures.order.value, figures.questions, figures.attempts, figures.minutes)
    rounds = field.rounds()
    assert [(each.opens_at, each.closes_at) for each in rounds] == [
        (datetime.fromisoformat(opens), datetime.fromisoformat(closes)) for opens, closes in WEEKS
    ]
    before: dict[int, jury.Team] | None = None
    level = 0
    for number, round_ in enumerate(rounds[:played]):
        opens, closes = (datetime.fromisoformat(each) for each in WEEKS[number])
        able = 0.05 + 0.002 * number  # of them; all of them are in the test below
        goes = script(chance, list(field.actors), rules, opens, closes, able)
        field.play(round_, goes)
        assert not contest.seal(session, round_.id, quiet=QUIET, now=closes - timedelta(seconds=1))
        assert contest.seal(session, round_.id, quiet=QUIET, now=closes + timedelta(minutes=3))
        made = jury.papers(goes, rules, jury.second(opens), jury.second(closes), {field.oanh.id})
        perfect, found = jury.judged(made, rules)
        assert found and perfect
        assert places_of(session, round_) == found
        assert (round_.perfect, round_.took_part) == (perfect, len(found))
        teams = jury.teams(found, field.team_of, rules.questions)
        assert teams_of(session, round_) == jury.team_places(teams, before)
        before = teams
        places = [place for place, _right in found.values() if place is not None]
        level += len(places) - len(set(places))
        assert contest.verify(session, round_.id)
    assert level  # some were level, or the trap was not set


@pytest.mark.parametrize("name", SETS)
def test_ten_rounds_of_five_hundred_who_all_take_part_come_to_the_same_places(name: str) -> None:
    _key, figures, _played = SETS[name]
    rules = Rules(figures.order.value, figures.questions, figures.attempts, figures.minutes)
    for number, week in enumerate(WEEKS):
        opens, closes = (datetime.fromisoformat(each) for each in week)
        goes = script(Random(f"{name} {number}"), list(range(500)), rules, opens, closes, 1.0)
        made = jury.papers(goes, rules, jury.second(opens), jury.second(closes), set())
        perfect, found = jury.judged(made, rules)
        assert len(found) > 350
        tries = [
            Try(
                each.person,
                attempt,
                datetime.fromtimestamp(each.begun, UTC),
                datetime.fromtimestamp(each.ended or 0, UTC),
                each.right,
                rules.questions,
                each.guess,
            )
            for attempt, each in enumerate(made)
        ]
        counted, placed = contest.standings(figures.order, tries)
        assert counted == perfect
        assert {each.made.person: (each.place, each.made.right) for each in placed} == found


def places_of(session: Session, round_: Round) -> dict[int, tuple[int | None, int]]:
    found = session.exec(select(Result).where(Result.round_id == round_.id)).all()
    return {each.person_id: (each.place, each.right) for each in found}


def teams_of(session: Session, round_: Round) -> dict[int, tuple[int | None, int | None]]:
    found = session.exec(select(UnitResult).where(UnitResult.round_id == round_.id)).all()
    return {each.unit_id: (each.place, each.gain_place) for each in found}
