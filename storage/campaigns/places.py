"""The tables of a campaign's file, value by value, and all that is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

from storage.folding import clean_name, clean_text
from storage.sheets import fill

LINE = 100  # letters
MAX_PROBLEMS = 50


class Problem(NamedTuple):
    """What is wrong and where: in which lesson and question, counted from 1 (None: above them)."""

    lesson: int | None
    question: int | None
    message: str
    values: dict[str, object]


class CampaignError(Exception):
    """The file cannot be taken as it is; nothing of it was."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(_plain(problem) for problem in problems))
        self.problems = problems


class Problems(list[Problem]):
    """Problems collected over a whole file."""

    def add(self, lesson: int | None, question: int | None, message: str, **values: object) -> None:
        self.append(Problem(lesson, question, message, values))

    def raise_any(self) -> None:
        if self:
            raise CampaignError(list(self)[:MAX_PROBLEMS])


def _plain(problem: Problem) -> str:
    where = [f"lesson {problem.lesson}"] if problem.lesson else []
    where += [f"question {problem.question}"] if problem.question else []
    said = fill(problem.message, problem.values)
    return f"{', '.join(where)}: {said}" if where else said


class Place:
    """A table of the file and where it stands; reads values and notes what is wrong with them."""

    def __init__(
        self,
        table: dict[str, Any],
        problems: Problems,
        lesson: int | None = None,
        question: int | None = None,
    ) -> None:
        self.table, self.problems, self.lesson, self.question = table, problems, lesson, question

    def wrong(self, message: str, **values: object) -> None:
        self.problems.add(self.lesson, self.question, message, **values)

    def only(self, keys: frozenset[str]) -> None:
        for key in self.table.keys() - keys:
            self.wrong('"{key}" is not known here', key=key[:LINE])

    def line(self, key: str, *, limit: int = LINE, required: bool = False) -> str:
        """A value of one line."""
        return self._string(key, clean_name, limit, required)

    def text(self, key: str, limit: int, *, required: bool = False) -> str:
        """A value whose lines are kept."""
        return self._string(key, clean_text, limit, required)

    def _string(self, key: str, clean: Callable[[str], str], limit: int, required: bool) -> str:
        value = self.table.get(key, "")
        if not isinstance(value, str):
            self.wrong("{key} has to be text in quotation marks", key=key)
            return ""
        cleaned = clean(value)
        if required and not cleaned:
            self.wrong("{key} is missing", key=key)
        if len(cleaned) > limit:
            self.wrong("{key} is longer than {limit} letters", key=key, limit=limit)
        return cleaned

    def day(self, key: str, *, required: bool = False) -> date | None:
        value = self.table.get(key)
        if value is None:
            if required:
                self.wrong("{key} is missing", key=key)
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.wrong("{key} is no day such as 2026-08-01", key=key)
            return None

    def whole(self, key: str, least: int, most: int) -> int | None:
        value = self.table.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(
                "{key} is a whole number from {least} to {most}", key=key, least=least, most=most
            )
            return None
        return value

    def tables(self, key: str, most: int) -> list[dict[str, Any]]:
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            self.wrong("{key} has to be written as [[{key}]]", key=key)
            return []
        if len(value) > most:
            self.wrong("more than {most} times [[{key}]]", key=key, most=most)
        return value[:most]
