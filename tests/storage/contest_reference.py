"""A contest judged by hand: slowly, from what people did, with no code of the program.

Moments are whole seconds since 1970. A place is found by comparing everybody with everybody.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction


@dataclass
class Tap:
    """The question at this place is answered."""

    at: datetime
    place: int
    right: bool


@dataclass
class Go:
    """Somebody presses [Begin], answers, and perhaps hands in."""

    person: int
    at: datetime
    guess: int
    taps: list[Tap]
    hand_in: datetime | None


@dataclass
class Paper:
    """An attempt as the jury sees it."""

    person: int
    number: int
    begun: int
    guess: int
    answers: dict[int, bool] = field(default_factory=dict)
    ended: int | None = None

    @property
    def right(self) -> int:
        return sum(self.answers.values())


@dataclass
class Rules:
    order: str
    questions: int
    attempts: int
    minutes: int


def second(moment: datetime) -> int:
    return int(moment.timestamp() // 1)


def papers(goes: list[Go], rules: Rules, opens: int, closes: int, barred: set[int]) -> list[Paper]:
    """What is handed in, when each person's doings are followed one by one."""
    made: list[Paper] = []
    for go in goes:
        if go.person in barred:
            continue
        own = [each for each in made if each.person == go.person]
        for each in own:
            close_late(each, rules, closes, second(go.at))
        running = [each for each in own if each.ended is None]
        if running:
            paper = running[0]
        else:
            if not opens <= second(go.at) < closes:
                continue
            if rules.attempts and len(own) >= rules.attempts:
                continue
            paper = Paper(go.person, len(own) + 1, second(go.at), go.guess)
            made.append(paper)
        for tap in go.taps:
            close_late(paper, rules, closes, second(tap.at))
            if paper.ended is None:
                paper.answers[tap.place] = tap.right
        if go.hand_in is not None:
            close_late(paper, rules, closes, second(go.hand_in))
            if paper.ended is None:
                paper.ended = second(go.hand_in)
    for paper in made:
        close_late(paper, rules, closes, closes)
    return [each for each in made if each.answers]


def close_late(paper: Paper, rules: Rules, closes: int, now: int) -> None:
    end = closes - 1
    if rules.minutes:
        end = min(end, paper.begun + 60 * rules.minutes)
    if paper.ended is None and now > end:
        paper.ended = end


def counting(made: list[Paper], rules: Rules) -> dict[int, Paper]:
    """Of each person the paper that no other of theirs beats."""
    chosen: dict[int, Paper] = {}
    for person in {each.person for each in made}:
        own = [each for each in made if each.person == person]
        for each in own:
            if not any(beats(other, each, rules) for other in own if other is not each):
                chosen.setdefault(person, each)
    return chosen


def beats(one: Paper, other: Paper, rules: Rules) -> bool:
    """Whether of one person's papers this one is the better."""
    if one.right != other.right:
        return one.right > other.right
    if rules.order == "shortest":
        spent, spent_other = one.ended - one.begun, other.ended - other.begun  # type: ignore[operator]
        if spent != spent_other:
            return spent < spent_other
    if one.ended != other.ended:
        return one.ended < other.ended  # type: ignore[operator]
    return one.number < other.number


def ahead(one: Paper, other: Paper, rules: Rules, perfect: int) -> bool:
    """Whether one person is before another, who are both in the list."""
    if rules.order == "prediction":
        off, off_other = abs(one.guess - perfect), abs(other.guess - perfect)
        if off != off_other:
            return off < off_other
        return one.ended < other.ended  # type: ignore[operator]
    if one.right != other.right:
        return one.right > other.right
    if rules.order == "shortest":
        spent, spent_other = one.ended - one.begun, other.ended - other.begun  # type: ignore[operator]
        if spent != spent_other:
            return spent < spent_other
    return one.ended < other.ended  # type: ignore[operator]


def judged(made: list[Paper], rules: Rules) -> tuple[int, dict[int, tuple[int | None, int]]]:
    """How many answered everything correctly; of each person place and right answers."""
    chosen = counting(made, rules)
    perfect = sum(1 for each in chosen.values() if each.right == rules.questions)
    listed = [
        each
        for each in chosen.values()
        if rules.order != "prediction" or each.right == rules.questions
    ]
    found: dict[int, tuple[int | None, int]] = {}
    for person, paper in chosen.items():
        place = None
        if paper in listed:
            place = 1 + sum(1 for each in listed if ahead(each, paper, rules, perfect))
        found[person] = (place, paper.right)
    return perfect, found


@dataclass
class Team:
    """A unit: its people, and what they did in a round."""

    members: int
    came: int
    known: Fraction

    @property
    def share(self) -> Fraction:
        return Fraction(self.came, self.members)

    @property
    def knows(self) -> Fraction:
        return self.known / self.members


def teams(
    found: dict[int, tuple[int | None, int]], team_of: dict[int, int | None], questions: int
) -> dict[int, Team]:
    made: dict[int, Team] = {}
    for person, unit in team_of.items():
        if unit is None:
            continue
        team = made.setdefault(unit, Team(0, 0, Fraction()))
        team.members += 1
        if person in found:
            team.came += 1
            team.known += Fraction(found[person][1], questions)
    return made


def team_places(
    now: dict[int, Team], before: dict[int, Team] | None
) -> dict[int, tuple[int | None, int | None]]:
    """By share, then by what is known; and by how much that rose."""
    placed: dict[int, tuple[int | None, int | None]] = {}
    rise = {unit: team.knows - before[unit].knows for unit, team in now.items()} if before else {}
    for unit, team in now.items():
        by_share = by_rise = None
        if team.came:
            by_share = 1 + sum(
                1
                for other in now.values()
                if other.share > team.share
                or (other.share == team.share and other.knows > team.knows)
            )
        if unit in rise and rise[unit] > 0:
            by_rise = 1 + sum(1 for other in rise.values() if other > rise[unit])
        placed[unit] = (by_share, by_rise)
    return placed
