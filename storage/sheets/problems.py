"""What is wrong with a file, as source sentences that the floors above say in any language.

A `Problem` says where (`row`, `column`; None for the file as a whole) and what (`message`, an
English source sentence with named places, filled from `values`).
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeVar

MAX_PROBLEMS = 50
_PLACE = re.compile(r"\{(\w+)\}")

T = TypeVar("T")


class Problem(NamedTuple):
    row: int | None
    column: str | None
    message: str
    values: dict[str, object]


class SheetError(Exception):
    """The file cannot be taken as it is; nothing of it was."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(_plain(problem) for problem in problems))
        self.problems = problems


class BadValue(ValueError):
    """A cell's text does not mean what its column asks for."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(fill(message, values))
        self.message = message
        self.values = values


class Problems(list[Problem]):
    """Problems collected over a whole file, up to MAX_PROBLEMS, then raised together."""

    def add(self, row: int | None, column: str | None, message: str, **values: object) -> None:
        self.append(Problem(row, column, message, values))
        if len(self) >= MAX_PROBLEMS:
            raise SheetError(list(self))

    def read(self, row: int, column: str, parse: Callable[[str], T], text: str) -> T | None:
        """What `parse` makes of a cell; None if the cell is empty or wrong, which is noted."""
        if not text:
            return None
        try:
            return parse(text)
        except BadValue as bad:
            self.add(row, column, bad.message, **bad.values)
            return None

    def raise_any(self) -> None:
        if self:
            raise SheetError(list(self))


class AllProblems(Problems):
    """Every problem of a file, however many: rows without one may still be used."""

    def add(self, row: int | None, column: str | None, message: str, **values: object) -> None:
        self.append(Problem(row, column, message, values))


def whole_file(message: str, **values: object) -> SheetError:
    return SheetError([Problem(None, None, message, values)])


def fill(message: str, values: Mapping[str, object]) -> str:
    """The English sentence. Never str.format, which reaches into values."""
    return _PLACE.sub(lambda place: str(values.get(place[1], place[0])), message)


def _plain(problem: Problem) -> str:
    text = fill(problem.message, problem.values)
    if problem.row is None:
        return text
    where = f"Row {problem.row}" + (f", column {problem.column}" if problem.column else "")
    return f"{where}: {text}"
