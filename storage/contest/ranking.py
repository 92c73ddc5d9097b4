"""Who is before whom: plain functions of plain data, which ask neither a database nor a clock.

Of the attempts that somebody has made in a round, the best and earliest counts:

- with a prediction, the first of those with the most right answers. Its prediction holds, and that
  of a later one does not: else whoever tries often enough could name every number.
- without, the one that the order of the contest puts first.

Places, with a prediction, are for those who have answered everything correctly: the nearest
prediction first, then the earliest. Without, everybody has one: most correct, then shortest, then
earliest; or most correct, then earliest. Who is level has the same place, and the next one is left
out: 1, 2, 2, 4.

Units are ranked twice, so that a small branch can win. By taking part: the share of its members
who did, then what they know, which is the share of right answers over all members (who did not
take part has none). By improvement: how much what they know has risen since the round before.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any, TypeVar

from storage.contest.rules import Order


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt as it was handed in."""

    person: int
    attempt: int  # its id
    started: datetime
    ended: datetime
    right: int
    of: int
    prediction: int | None = None

    @property
    def seconds(self) -> int:
        """How long it took."""
        return int((self.ended - self.started).total_seconds())

    @property
    def perfect(self) -> bool:
        """Whether all is right."""
        return self.of > 0 and self.right == self.of


@dataclass(frozen=True, slots=True)
class Placed:
    """Somebody's attempt that counts, and its place; None for one that has no place."""

    place: int | None
    made: Try
    off: int | None = None  # how far the prediction is from what came about


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """How a unit has done in a round."""

    unit: int
    members: int  # who might have taken part
    took_part: int
    known: Fraction  # the sum of everybody's share of right answers
    before: Fraction | None = None  # what its members knew in the round before

    @property
    def share(self) -> Fraction:
        """Of its members, how many took part."""
        return Fraction(self.took_part, self.members) if self.members else Fraction()

    @property
    def knows(self) -> Fraction:
        """The share of right answers over all members."""
        return self.known / self.members if self.members else Fraction()

    @property
    def gain(self) -> Fraction | None:
        """How much that has risen; None without a round before."""
        return None if self.before is None else self.knows - self.before


Item = TypeVar("Item")


# -- rules -------------------------------------------------------------------------------------


def standings(order: Order, tries: Iterable[Try]) -> tuple[int, list[Placed]]:
    """How many people answered everything correctly; and everybody's place, the first one first."""
    counting = _counting(order, tries)
    perfect = sum(each.perfect for each in counting)
    if order is not Order.PREDICTION:
        ranked = places(counting, lambda each: _key(order, each))
        return perfect, [Placed(place, each) for place, each in ranked]
    off = {each.attempt: abs((each.prediction or 0) - perfect) for each in counting}
    ranked = places(
        [each for each in counting if each.perfect], lambda each: (off[each.attempt], each.ended)
    )
    rest = sorted(
        (each for each in counting if not each.perfect), key=lambda each: (-each.right, each.ended)
    )
    return perfect, [
        *[Placed(place, each, off[each.attempt]) for place, each in ranked],
        *[Placed(None, each, off[each.attempt]) for each in rest],
    ]


def _counting(order: Order, tries: Iterable[Try]) -> list[Try]:
    """Of each person the attempt that counts."""
    best: dict[int, Try] = {}
    for each in sorted(tries, key=lambda each: (each.person, _key(order, each), each.attempt)):
        best.setdefault(each.person, each)
    return list(best.values())


def _key(order: Order, made: Try) -> tuple[Any, ...]:
    if order is Order.SHORTEST:
        return (-made.right, made.seconds, made.ended)
    return (-made.right, made.ended)


def by_share(units: Iterable[UnitFacts]) -> list[tuple[int, UnitFacts]]:
    """The units of which anybody took part, with their places."""
    return places(
        [each for each in units if each.took_part], lambda each: (-each.share, -each.knows)
    )


def by_gain(units: Iterable[UnitFacts]) -> list[tuple[int, UnitFacts]]:
    """The units that know more than in the round before, with their places."""
    return places(
        [each for each in units if each.gain is not None and each.gain > 0],
        lambda each: (-(each.gain or 0),),
    )


def places(items: Sequence[Item], key: Callable[[Item], Any]) -> list[tuple[int, Item]]:
    """The items in order, each with its place: 1, 2, 2, 4."""
    ordered = sorted(items, key=key)
    found: list[tuple[int, Item]] = []
    for number, each in enumerate(ordered, start=1):
        level = bool(found) and key(found[-1][1]) == key(each)
        found.append((found[-1][0] if level else number, each))
    return found


def known_of(placed: Iterable[Placed], unit_of: Mapping[int, Hashable]) -> dict[Hashable, Fraction]:
    """Of each unit, the sum of its people's shares of right answers."""
    known: dict[Hashable, Fraction] = {}
    for each in placed:
        if (unit := unit_of.get(each.made.person)) is not None:
            share = Fraction(each.made.right, each.made.of) if each.made.of else Fraction()
            known[unit] = known.get(unit, Fraction()) + share
    return known
