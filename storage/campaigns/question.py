"""A question of a campaign's file: of any kind that the bank knows.

kind = "multiple"            # or single, true_false, order, short; by itself: as the answer is
choices = ["một", "hai", "ba"]
answer = "A, C"              # or ["A", "C"]; true or false; of a short text, what is accepted
"""

from __future__ import annotations

from typing import Any

from storage import bank
from storage.bank import ItemKind, NewItem
from storage.bank_files import LETTERS
from storage.campaigns.places import LINE, Place
from storage.errors import Refusal
from storage.folding import clean_name

KEYS = frozenset({"ask", "choices", "answer", "why", "kind", "topic", "fixed"})
ASK, CHOICE, CHOICES = 800, 200, 8


def question(table: dict[str, Any], at: Place) -> NewItem:
    """What the table asks; what is wrong with it is noted."""
    at.only(KEYS)
    before = len(at.problems)
    kind = _kind(table, at)
    choices, answer = _answered(kind, table, at)
    item = NewItem(
        kind=kind,
        ask=at.text("ask", ASK, required=True),
        choices=choices,
        answer=answer,
        why=at.text("why", ASK),
        topic=at.line("topic"),
        fixed=bool(table.get("fixed", False)) or bank.speaks_of_others(choices),
    )
    if len(at.problems) == before:
        try:
            bank.check(item)
        except Refusal as refusal:
            at.wrong(refusal.sentence, **refusal.values)
    return item


def _kind(table: dict[str, Any], at: Place) -> ItemKind:
    called = at.line("kind")
    kind = bank.kind_called(called)
    if called and kind is None:
        at.wrong("kind is one of {kinds}", kinds=", ".join(ItemKind))
    if kind is not None:
        return kind
    answer = table.get("answer")
    if isinstance(answer, bool):
        return ItemKind.TRUE_FALSE
    several = isinstance(answer, list) or (isinstance(answer, str) and "," in answer)
    return ItemKind.MULTIPLE if several else ItemKind.SINGLE


def _answered(
    kind: ItemKind, table: dict[str, Any], at: Place
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The choices, and which of them are right."""
    answer = table.get("answer")
    if kind is ItemKind.SHORT:
        texts = [answer] if isinstance(answer, str) else answer
        return tuple(_texts(texts, "answer", at)), ()
    if kind is ItemKind.TRUE_FALSE and isinstance(answer, bool):
        return bank.TRUE_FALSE, (0 if answer else 1,)
    choices = tuple(_choices(table, at))
    letters = answer.replace(",", " ").split() if isinstance(answer, str) else answer
    if not letters:
        at.wrong("{key} is missing", key="answer")
        return choices, ()
    if not isinstance(letters, list) or not all(isinstance(each, str) for each in letters):
        at.wrong("{key} has to be text in quotation marks", key="answer")
        return choices, ()
    found = []
    for letter in letters:
        index = LETTERS.find(letter.upper()) if len(letter) == 1 else -1
        if choices and not 0 <= index < len(choices):
            at.wrong('answer "{answer}" has no choice', answer=clean_name(letter)[:LINE])
        found.append(index)
    return choices, tuple(found if kind is ItemKind.ORDER else sorted({*found}))


def _choices(table: dict[str, Any], at: Place) -> list[str]:
    found = _texts(table.get("choices"), "choices", at)
    if not found:
        return []
    if not 2 <= len(found) <= CHOICES:
        at.wrong("there have to be 2 to {most} choices", most=CHOICES)
    if not all(found) or len(set(found)) < len(found):
        at.wrong("a choice is empty or stands there twice")
    if any(len(each) > CHOICE for each in found):
        at.wrong("a choice is longer than {limit} letters", limit=CHOICE)
    return found


def _texts(value: Any, key: str, at: Place) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        at.wrong("{key} has to be a list of texts", key=key)
        return []
    return [clean_name(each) for each in value]
