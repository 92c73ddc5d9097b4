"""What a question has to be, in which order its choices are shown, and whether an answer is right.

Nothing here asks the database or a clock: a contest is judged again from its rows at any time, to
the same result.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from storage.bank.tables import Item, ItemKind
from storage.errors import Refusal
from storage.folding import clean_text, fold

Given = list[int] | str
"""An answer: indexes of the choices, in the order in which they were chosen; or what was typed."""

ASK_LIMIT = 800  # letters
CHOICE_LIMIT = 200
WHY_LIMIT = 800
CHOICES_AT_MOST = 8  # letters A to H


@dataclass(frozen=True, slots=True)
class NewItem:
    """A question as a file or a form has it; `answer` and `choices` as in `Item`."""

    kind: ItemKind
    ask: str
    choices: tuple[str, ...]
    answer: tuple[int, ...] = ()
    why: str = ""
    topic: str = ""
    fixed: bool = False

    @property
    def digest(self) -> str:
        """The same for the same question, whoever wrote it and however it is explained."""
        what = [self.kind.value, fold(self.ask), [*map(fold, self.choices)], [*self.answer]]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:32]


_OTHERS = re.compile(
    r"\b(tat ca|ca (hai|ba|bon|nam|[a-h2-5])\b|deu (dung|sai)|[a-h] va [a-h]\b"
    r"|(y|phuong an|dap an|cau) (tren|khac)|all of|none of|both)"
)


def speaks_of_others(choices: Sequence[str]) -> bool:
    """Whether one of the choices speaks of the others ("cả A và B"): none may change its place."""
    return any(_OTHERS.search(fold(each)) for each in choices)


def check(item: NewItem) -> None:
    """Raises Refusal for a question that nobody could answer."""
    if not clean_text(item.ask):
        raise Refusal("The question has no words.")
    if len(item.ask) > ASK_LIMIT or len(item.why) > WHY_LIMIT:
        raise Refusal("A question and its explanation take at most {n} letters.", n=ASK_LIMIT)
    if any(not clean_text(each) for each in item.choices):
        raise Refusal("One of the choices is empty.")
    if any(len(each) > CHOICE_LIMIT for each in item.choices):
        raise Refusal("A choice takes at most {n} letters.", n=CHOICE_LIMIT)
    if len({*map(fold, item.choices)}) < len(item.choices):
        raise Refusal("Two of the choices are the same.")
    if item.kind is ItemKind.SHORT:
        if not item.choices:
            raise Refusal("There is no right answer.")
        return
    if not 2 <= len(item.choices) <= CHOICES_AT_MOST:
        raise Refusal("There must be two to {n} choices.", n=CHOICES_AT_MOST)
    _check_answer(item)


def _check_answer(item: NewItem) -> None:
    number = len(item.choices)
    if any(not 0 <= each < number for each in item.answer):
        raise Refusal("The right answer is none of the choices.")
    if item.kind is ItemKind.ORDER:
        if sorted(item.answer) != list(range(number)):
            raise Refusal("The right order must name each choice once.")
        return
    if item.kind is ItemKind.TRUE_FALSE and number != 2:
        raise Refusal("True or false has two choices.")
    if not item.answer or list(item.answer) != sorted(set(item.answer)):
        raise Refusal("There is no right answer.")
    if item.kind is not ItemKind.MULTIPLE and len(item.answer) != 1:
        raise Refusal("Only one of the choices can be right here.")


def shown(item: Item, seed: str) -> list[int]:
    """The order in which the choices are shown, as indexes; the same for the same seed.

    With a seed of the attempt everybody has an order of their own, which a restart does not change.
    What is to be put in order is never shown in the right order.
    """
    order = list(range(len(item.choices)))
    if item.fixed or item.kind == ItemKind.TRUE_FALSE:
        return order
    chance = Random(f"{seed}:{item.id}")  # noqa: S311 – no secret
    chance.shuffle(order)
    while item.kind == ItemKind.ORDER and order == item.answer:
        chance.shuffle(order)
    return order


def takes_several(item: Item) -> bool:
    """Whether an answer is given in more than one tap."""
    return item.kind not in (ItemKind.SINGLE, ItemKind.TRUE_FALSE)


def picked(item: Item, given: Given, index: int, mark: int) -> list[int]:
    """What is chosen after a tap on a choice.

    `mark` is 1 for chosen and 0 for not; where the choices are put in order, it is the place that
    this one gets, and any but the next changes nothing. Index -1 begins anew.
    """
    chosen = given if isinstance(given, list) else []
    if index == -1:
        return []
    if not 0 <= index < len(item.choices):
        return chosen
    if item.kind == ItemKind.ORDER:
        return [*chosen, index] if mark == len(chosen) and index not in chosen else chosen
    return sorted({*chosen, index} if mark else {*chosen} - {index})


def complete(item: Item, given: Given) -> bool:
    """Whether this is an answer already, and of the question's kind."""
    if item.kind == ItemKind.SHORT:
        return isinstance(given, str) and bool(said(given))
    if isinstance(given, str) or len({*given}) < len(given):
        return False
    if any(not 0 <= each < len(item.choices) for each in given):
        return False
    if item.kind == ItemKind.ORDER:
        return len(given) == len(item.choices)
    return len(given) == 1 if item.kind != ItemKind.MULTIPLE else bool(given)


def right(item: Item, given: Given) -> bool:
    """Whether an answer is right. Half an answer is none: so the rules of contests have it."""
    if item.kind == ItemKind.SHORT:
        return isinstance(given, str) and said(given) in {said(each) for each in item.choices}
    if isinstance(given, str):
        return False
    return (given if item.kind == ItemKind.ORDER else sorted(given)) == item.answer


def said(text: str) -> str:
    """A typed answer as it is compared: accents, case and what stands around it do not count."""
    return fold(text).strip(" .,;:!?\"'()“”")


def letters(order: Sequence[int]) -> dict[str, int]:
    """ "A" to "H", and the index of the choice that each stands for."""
    return dict(zip("ABCDEFGH", order, strict=False))
