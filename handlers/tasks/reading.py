"""A resolution as people type it: who, what, by when, in one line and in any usual order.

    Hương lập danh sách hộ khó khăn, hạn 15/9
    giao đ/c Hương: lập danh sách hộ khó khăn trước ngày 15/9
    lập danh sách hộ khó khăn (Hương), mai

What is found is shown back before anything is written, so a guess does no harm. A word typed with
its accents means exactly that name, one without means any name that it may be.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from handlers.dates import NoSuchDay, NotUnderstood, OtherWeekday, parse_when
from handlers.meetings.form import QUOTED, WEEKDAYS
from handlers.text import Day, Text, _, cut
from storage.folding import clean_name, fold, word_key
from storage.roster import Person

_DEADLINE = re.compile(
    r"(?:^|(?<=[\s,;.:(–-]))"
    r"(?:thoi han|han chot|han cuoi|han|xong truoc|truoc ngay|truoc|cham nhat|muon nhat|den ngay"
    r"|den het|due|by|until|before)\b(?: (?:la|vao|den))?[\s:]*"
)
_POLITE = frozenset(
    [
        "giao",
        "cho",
        "phan",
        "cong",
        "cu",
        "dong",
        "chi",
        "d/c",
        "dc",
        "a/c",
        "anh",
        "ong",
        "ba",
        "to",
        "comrade",
    ]
)
_MARKS = " ,;.:–-()"
_LONGEST_NAME, _LONGEST_DATE = 6, 6  # words


@dataclass(slots=True)
class Line:
    """What was found: the text that is left, who may be meant, the day or why there is none."""

    text: str
    people: list[Person] = field(default_factory=list)
    due: date | None = None
    problem: Text | None = None


def read_line(typed: str, people: Sequence[Person], now_local: datetime) -> Line:
    """Who, what and by when, out of one line."""
    line = _without_due(clean_name(typed), now_local)
    for found in (_named_first(line.text, people), _named_last(line.text, people)):
        if found is not None:
            line.text, line.people = found
            break
    line.text = line.text.strip(_MARKS)
    line.text = line.text[:1].upper() + line.text[1:]
    return line


def read_day(typed: str, now_local: datetime) -> date | Text:
    """The day that was typed, or the sentence that says why there is none."""
    try:
        found = parse_when(typed, now_local).date
    except OtherWeekday as other:
        day, weekday = Day(other.date, dated=True), WEEKDAYS[other.date.weekday()]
        return _("{day} is a {weekday}.", day=day, weekday=weekday)
    except NoSuchDay:
        return _("'{text}': that day is not in the calendar.", text=cut(typed, QUOTED))
    except NotUnderstood:
        found = None
    if found is None:
        return _("'{text}' is no day. Type it like: 15/9, next Friday.", text=cut(typed, QUOTED))
    return found


def meant(typed: str, people: Sequence[Person]) -> list[Person]:
    """Whom a name means, or a part of one that ends with the given name; polite words aside."""
    words = _words(typed)
    while words and fold(words[0]) in _POLITE and not _called(words, people):
        words = words[1:]
    return _called(words, people)


# -- the day -----------------------------------------------------------------------------------


def _without_due(text: str, now_local: datetime) -> Line:
    problem: tuple[str, Text] | None = None
    for found in _DEADLINE.finditer(_bare(text)):
        before, day = text[: found.start()], text[found.end() :].strip(_MARKS)
        due = read_day(day, now_local) if _is_a_day(day, now_local) else None
        if isinstance(due, date):
            return Line(before, due=due)
        if due is not None:
            problem = problem or (before, due)
    words = text.split()
    for number in range(min(_LONGEST_DATE, len(words) - 1), 0, -1):
        tail = " ".join(words[-number:]).strip(_MARKS)
        if number == 1 and not any(map(str.isdigit, tail)) and not tail.islower():
            continue  # Mai is a name, "mai" is tomorrow
        if _is_a_day(tail, now_local):
            before, due = " ".join(words[:-number]), read_day(tail, now_local)
            if isinstance(due, date):
                return Line(before, due=due)
            problem = problem or (before, due)
    return Line(problem[0], problem=problem[1]) if problem else Line(text)


def _is_a_day(text: str, now_local: datetime) -> bool:
    """Whether this is meant as a day, be it one that is not in the calendar."""
    try:
        return parse_when(text, now_local).date is not None
    except (NoSuchDay, OtherWeekday):
        return True
    except NotUnderstood:
        return False


def _bare(text: str) -> str:
    """The text in small letters without accents, letter for letter."""
    return "".join(unicodedata.normalize("NFD", char)[0].lower() for char in text).replace("đ", "d")


# -- the name ----------------------------------------------------------------------------------


def _named_first(text: str, people: Sequence[Person]) -> tuple[str, list[Person]] | None:
    words = text.split()
    polite = 0
    while polite < len(words) and fold(words[polite].strip(_MARKS)) in _POLITE:
        polite += 1
    for start in range(polite, -1, -1):
        for number in range(min(_LONGEST_NAME, len(words) - start), 0, -1):
            name = words[start : start + number]
            if any(word[-1] in _MARKS for word in name[:-1]):
                continue  # a name does not go on after a comma
            found = _called(_words(" ".join(name)), people)
            if found:
                return " ".join(words[start + number :]), found
    return None


def _named_last(text: str, people: Sequence[Person]) -> tuple[str, list[Person]] | None:
    """After a comma, a colon, a dash or in brackets."""
    for mark in re.finditer(r"[,;:(]| [–-] ", text):
        found = meant(text[mark.end() :], people)
        if found:
            return text[: mark.start()], found
    return None


def _words(text: str) -> list[str]:
    return [word for part in text.split() if (word := part.strip(_MARKS))]


def _called(words: Sequence[str], people: Sequence[Person]) -> list[Person]:
    return [person for person in people if words and _is_called(person.full_name.split(), words)]


def _is_called(name: Sequence[str], words: Sequence[str]) -> bool:
    """Whether the words are of this name, in its order, and the last is the given name."""
    if not _same(name[-1], words[-1]):
        return False
    rest = iter(name[:-1])
    return all(any(_same(part, word) for part in rest) for word in words[:-1])


def _same(name: str, typed: str) -> bool:
    if fold(name) != fold(typed):
        return False
    bare = typed.casefold() == fold(typed)
    return bare or word_key(name.casefold()) == word_key(typed.casefold())
