"""What the answers tell of a question: how hard it is, and which wrong choices nobody believes.

Totals only. Where few have answered, a total would tell who answered what, so it is not told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from storage.bank.judging import Given
from storage.bank.tables import Item, ItemKind

ENOUGH = 5  # people: of fewer, nothing but their number is told
WEAK_OF = 20  # people: of fewer, nobody need have taken it
WEAK = 0.05  # a wrong choice that a smaller share has taken is not believed
CHOSEN = (ItemKind.SINGLE, ItemKind.MULTIPLE, ItemKind.TRUE_FALSE)


class Answered(NamedTuple):
    """So many have given this answer to a question."""

    item_id: int
    given: Given
    right: bool
    times: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of one question. `taken` is how many took each choice, in the item's order."""

    item: Item
    asked: int
    right: int
    taken: tuple[int, ...]

    @property
    def told(self) -> bool:
        """Whether enough have answered for more than their number."""
        return self.asked >= ENOUGH

    @property
    def share(self) -> float:
        """Of those who answered, how many were right."""
        return self.right / self.asked if self.asked else 0.0

    @property
    def wrong(self) -> list[int]:
        """The wrong choices, the most taken first; none where choices are not taken one by one."""
        if self.item.kind not in CHOSEN:
            return []
        found = [each for each in range(len(self.taken)) if each not in self.item.answer]
        return sorted(found, key=lambda each: -self.taken[each])

    @property
    def weak(self) -> list[int]:
        """The wrong choices that hardly anybody takes: they might as well not be there."""
        if self.asked < WEAK_OF or self.item.kind == ItemKind.TRUE_FALSE:
            return []
        return sorted(each for each in self.wrong if self.taken[each] < WEAK * self.asked)


def tally(items: Sequence[Item], answers: Iterable[Answered]) -> list[Figures]:
    """The figures of these questions, the hardest first; last those that few have answered."""
    asked, right = Counter[int](), Counter[int]()
    taken: dict[int, Counter[int]] = {item.id: Counter() for item in items}
    for each in answers:
        if each.item_id in taken:
            asked[each.item_id] += each.times
            right[each.item_id] += each.times * each.right
            for index in each.given if isinstance(each.given, list) else ():
                taken[each.item_id][index] += each.times
    found = [
        Figures(
            item,
            asked[item.id],
            right[item.id],
            tuple(taken[item.id][index] for index in range(len(item.choices))),
        )
        for item in items
    ]
    return sorted(found, key=lambda each: (not each.told, each.share if each.told else 0))
