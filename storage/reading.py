"""What a file that somebody sent says, as plain data: all that happens to it before it is trusted.

`read` is a pure function of bytes; `bot/reading.py` runs it in a process of its own, which may die
of the file. The two talk in lines of JSON, and what comes back is looked at piece by piece: no
pickle, so that whoever gets hold of that process cannot make ours run anything.

This module and all that it imports stay light, because every file starts a process that waits for
them.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any

from storage import bank_files
from storage.sheets import (
    Column,
    Problem,
    Row,
    SheetError,
    Table,
    file_name,
    read_one_of,
    whole_file,
)

Tables = Mapping[str, Sequence[Column]]
"""The columns of each kind of table that is expected; its kind is known by its header."""

FORM: Tables = {"form": ()}
"""No table at all: a Word file for the minutes, which is looked at and comes back as it is."""

TOML_LIMIT = 2**20  # bytes
_DEEPEST = 10


class Garbled(ValueError):
    """What came back is not an answer."""


@dataclass(slots=True)
class Read:
    """What a file turned out to be: a table of some kind, or settings, or why it is neither."""

    name: str
    kind: str | None = None
    table: Table = field(default_factory=Table)
    settings: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    content: bytes = b""  # of a form without problems

    def raise_any(self) -> None:
        """Raises SheetError with all that is wrong."""
        if self.problems:
            raise SheetError(self.problems)


def read(name: str, content: bytes, tables: Tables | None) -> Read:
    """Reads a table as the first kind whose header it has; without kinds, a TOML file.

    Where questions are expected, they may come as a text as well.
    """
    found = Read(file_name(name))
    if tables is None:
        try:
            found.settings = parse_toml(content)
        except SheetError as error:
            found.problems = error.problems
        return found
    try:
        text = None
        if bank_files.NAME in tables:
            text = bank_files.read_text(content, found.name)
        if text is not None:
            found.kind, found.table = bank_files.NAME, text
        else:
            found.kind, found.table = read_one_of(content, name, tables)
    except SheetError as error:
        found.problems = error.problems
    return found


def parse_toml(content: bytes) -> dict[str, Any]:
    """The tables of a TOML file, its days and times as text; raises SheetError."""
    if len(content) > TOML_LIMIT:
        raise whole_file("the file is larger than 1 MiB")
    try:
        settings: dict[str, Any] = _plain(tomllib.loads(content.decode("utf-8-sig")))
    except UnicodeDecodeError:
        raise whole_file("the file is not text in UTF-8") from None
    except (ValueError, RecursionError) as error:  # a ValueError alone: a number without an end
        line = re.search(r"line (\d+)", str(error))
        raise whole_file("line {line} is not valid TOML", line=line[1] if line else "?") from None
    return settings


def _plain(value: Any, depth: int = 0) -> Any:
    """As JSON holds it; what lies deeper than anything we know is nothing."""
    if depth > _DEEPEST:
        return None
    match value:
        case dict():
            return {key: _plain(each, depth + 1) for key, each in value.items()}
        case list():
            return [_plain(each, depth + 1) for each in value]
        case str() | int() | float():  # bool is an int
            return value
        case _:
            return value.isoformat()


# -- between the two processes -----------------------------------------------------------------


def ask(name: str, tables: Tables | None) -> bytes:
    """The line that goes before the content."""
    if tables is None:
        return _line([name, None])
    return _line([name, {kind: [astuple(each) for each in tables[kind]] for kind in tables}])


def asked(line: bytes) -> tuple[str, Tables | None]:
    """The same on the other side."""
    name, columns = json.loads(line)
    return name, columns and {
        kind: [Column(each, tuple(headers), required) for each, headers, required in kinds]
        for kind, kinds in columns.items()
    }


def answer(found: Read) -> Iterator[bytes]:
    """What was read: a head, then a line for each row."""
    present = sorted(found.table.present)
    yield _line(
        {
            "kind": found.kind,
            "present": present,
            "rows": len(found.table),
            "warnings": found.table.warnings,
            "wrong": found.table.problems,
            "problems": found.problems,
            "settings": found.settings,
        }
    )
    for row in found.table:
        yield _line([row.number, [row[name] for name in present]])


def answered(name: str, tables: Tables | None, lines: Iterable[bytes]) -> Read:
    """The same on the other side, where it is not trusted: raises Garbled."""
    try:
        return _answered(name, tables or {}, iter(lines))
    except (AttributeError, LookupError, TypeError, ValueError, StopIteration, RecursionError):
        raise Garbled from None


def _answered(name: str, tables: Tables, lines: Iterator[bytes]) -> Read:
    head = json.loads(next(lines))
    found = Read(file_name(name), head["kind"])
    if found.kind is not None and found.kind not in tables:
        raise Garbled
    if not isinstance(head["settings"], dict) or (tables and head["settings"]):
        raise Garbled
    found.settings = head["settings"]
    found.problems = [_problem(*each) for each in head["problems"]]
    found.table.warnings = [_problem(*each) for each in head["warnings"]]
    found.table.problems = [_problem(*each) for each in head["wrong"]]
    known = {column.name for column in tables.get(found.kind or "", ())}
    present = head["present"]
    if not known.issuperset(present):
        raise Garbled
    found.table.present = frozenset(present)
    for line in lines:
        number, cells = json.loads(line)
        if type(number) is not int or not isinstance(cells, list):
            raise Garbled
        if {type(cell) for cell in cells} - {str}:
            raise Garbled
        found.table.append(Row(number, dict(zip(present, cells, strict=True))))
    if len(found.table) != head["rows"]:
        raise Garbled
    return found


def _problem(row: object, column: object, message: object, values: Mapping[str, object]) -> Problem:
    if not (row is None or type(row) is int) or not (column is None or isinstance(column, str)):
        raise Garbled
    if not isinstance(message, str) or {type(each) for each in values.values()} - {str, int}:
        raise Garbled
    return Problem(row, column, message, dict(values))


def _line(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"
