"""A file of people's data → rows under known columns, or every problem found on the way.

`read_table` is a pure function of bytes, for a process of its own with limits on memory and time
(`bot/reading.py`).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath

from storage.folding import clean_name, clean_text, fold
from storage.sheets import text, workbook
from storage.sheets.problems import MAX_PROBLEMS, AllProblems, Problem, SheetError, whole_file

MAX_FILE = 20 * 2**20
MAX_CELL = 32_767
_HEADER_WITHIN = 20
_HEADER_LONGEST = 10_000  # letters of a line in which known headers are looked for
_TEXT_SUFFIXES = {".csv", ".tsv", ".txt"}
_BOOK_SUFFIXES = {".xlsx", ".xlsm"}
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_NUMBERING = {"stt", "tt", "so tt", "no", "#"}
_TOTALS = re.compile(r"(tong|cong|tong cong|tong so|total|grand total)\W*(\d.*)?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column we look for; the first of its headers is the one we name in messages."""

    name: str
    headers: tuple[str, ...]
    required: bool = False

    @property
    def title(self) -> str:
        return self.headers[0]


@dataclass(frozen=True, slots=True)
class Row:
    """One filled row: its number in the sheet, and the clean text of each known column."""

    number: int
    values: dict[str, str]

    def __getitem__(self, name: str) -> str:
        """The text of a column; empty where the cell, or the whole column, is missing."""
        return self.values.get(name, "")


class Table(list[Row]):
    """The rows, which columns the file has, and what was left out of it."""

    def __init__(self) -> None:
        super().__init__()
        self.present: frozenset[str] = frozenset()
        self.warnings: list[Problem] = []
        self.problems: list[Problem] = []  # of single rows; the others may be used

    def raise_any(self) -> None:
        """Raises SheetError where a row is wrong, for those who want all or nothing."""
        if self.problems:
            raise SheetError(self.problems[:MAX_PROBLEMS])


def read_table(data: bytes, filename: str, columns: Sequence[Column]) -> Table:
    """The filled rows of a CSV or XLSX file; raises SheetError with all problems at once."""
    table = read_rows(data, filename, columns)
    table.raise_any()
    return table


def read_rows(data: bytes, filename: str, columns: Sequence[Column]) -> Table:
    """The filled rows, and what is wrong with single ones; raises SheetError for the whole file."""
    return read_one_of(data, filename, {"": columns})[1]


def read_one_of(
    data: bytes, filename: str, kinds: Mapping[str, Sequence[Column]]
) -> tuple[str, Table]:
    """The same for the first of several kinds of table whose header the file has, with its kind."""
    file = file_name(filename)
    rows, even = _rows(data, file, [column for columns in kinds.values() for column in columns])
    unknown: list[Problem] = []
    for kind, columns in kinds.items():
        try:
            return kind, _Reader(file, columns, even=even).read(rows())
        except _NoHeader as error:
            unknown = unknown or error.problems
    raise SheetError(unknown)


def _rows(
    data: bytes, file: str, columns: Sequence[Column]
) -> tuple[Callable[[], Iterable[list[str]]], bool]:
    """How to go through the cells, and whether every row should have as many as the header."""
    check_size(len(data), file)
    if not data.strip(b" \t\r\n\xef\xbb\xbf\x00\xff\xfe"):
        raise whole_file("{file} is empty.", file=file)
    if _is_workbook(data, file):
        cells = workbook.sheet_rows(data, file)
        return lambda: cells, False
    decoded = text.decode(data, file)
    delimiter = _delimiter(decoded, columns)
    return lambda: text.records(decoded, delimiter, file), True


def file_name(given: str) -> str:
    """What a file is called on the screen, whatever its sender has put into the name."""
    return clean_name(PurePath(given.replace("\\", "/")).name)[:100]


def check_size(size: int, file: str) -> None:
    """Raises SheetError for a file that is not even to be opened."""
    if size > MAX_FILE:
        raise whole_file(
            "{file} has {size} MiB; at most {limit} MiB can be read.",
            file=file,
            size=-(-size // 2**20),
            limit=MAX_FILE >> 20,
        )


def _is_workbook(data: bytes, file: str) -> bool:
    """Whether to read a workbook or text; what a file is must agree with its name."""
    suffix = PurePath(file).suffix.casefold()
    if data.startswith(_OLE):
        # Encrypted workbooks are OLE files too, with a stream of this name in UTF-16.
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise workbook.protected(file)
        raise whole_file("{file} is an old Excel file (.xls). Save it as .xlsx.", file=file)
    is_zip = data.startswith(b"PK")
    if suffix in _BOOK_SUFFIXES and is_zip:
        return True
    if suffix in _TEXT_SUFFIXES and not is_zip:
        return False
    if suffix in _TEXT_SUFFIXES:
        raise whole_file("{file} is not text but an Excel file. Name it .xlsx.", file=file)
    if suffix in _BOOK_SUFFIXES:
        raise whole_file("{file} is not an Excel file. If it is text, name it .csv.", file=file)
    raise whole_file("{file} is neither .xlsx nor .csv. Save it as one of these.", file=file)


def _delimiter(decoded: str, columns: Sequence[Column]) -> str:
    """The separator under which the first lines hold the most known headers."""
    lines = [line[:_HEADER_LONGEST] for line in islice(text.lines(decoded), _HEADER_WITHIN)]
    known = {_header_key(header) for column in columns for header in column.headers}

    def headers_found(delimiter: str) -> int:
        cells = ({_header_key(cell) for cell in line.split(delimiter)} for line in lines)
        return max((len(known & found) for found in cells), default=0)

    return max(",;\t|", key=headers_found)


def _header_key(header: str) -> str:
    return re.sub(r"[\W_]+", " ", fold(header)).strip()


class _NoHeader(SheetError):
    """The file may be a table, but not one of this kind."""


class _Reader:
    def __init__(self, file: str, columns: Sequence[Column], *, even: bool) -> None:
        self.file = file
        self.even = even  # a record longer than the header means that its cells have shifted
        self.columns = columns
        self.by_header = {_header_key(h): column for column in columns for h in column.headers}
        self.problems = AllProblems()
        self.table = Table()
        self.width = 0

    def read(self, raw_rows: Iterable[list[str]]) -> Table:
        rows = self._clean(raw_rows)
        places = self._places(rows)
        for number, cells in rows:
            self._take(number, cells, places)
        self._refuse_old_font()
        if not self.table:
            self.problems.raise_any()
            raise whole_file("{file} has a header but no rows below it.", file=self.file)
        self.table.problems = list(self.problems)
        return self.table

    def _clean(self, raw_rows: Iterable[list[str]]) -> Iterator[tuple[int, list[str]]]:
        """Rows that hold anything, with their numbers in the sheet."""
        for number, raw in enumerate(raw_rows, start=1):
            if number > workbook.MAX_ROWS:
                raise whole_file(
                    "{file} has too many rows (more than {limit}).",
                    file=self.file,
                    limit=workbook.MAX_ROWS,
                )
            if len(raw) > workbook.MAX_COLUMNS:
                raise whole_file(
                    "{file} has too many columns (more than {limit}).",
                    file=self.file,
                    limit=workbook.MAX_COLUMNS,
                )
            if longest := max(map(len, raw), default=0):
                if longest > MAX_CELL:
                    self.problems.add(
                        number, None, "A cell holds more than {limit} letters.", limit=MAX_CELL
                    )
                elif any(cells := [clean_text(cell) for cell in raw]):
                    yield number, cells

    def _places(self, rows: Iterator[tuple[int, list[str]]]) -> dict[int, Column]:
        """Which column stands where, from the first row that looks like our header."""
        enough = min(2, len(self.columns))
        seen: list[str] = []
        for count, (_, cells) in enumerate(rows):
            known = [self.by_header.get(_header_key(cell)) for cell in cells]
            if len({column.name for column in known if column}) >= enough:
                return self._checked_places(cells, known)
            seen += cells
            if count + 1 >= _HEADER_WITHIN:
                break
        self.problems.raise_any()
        text.refuse_old_font(seen, self.file)
        needed = ", ".join(column.title for column in self.columns if column.required)
        error = whole_file(
            "{file} has no header row. It needs the columns {columns}.",
            file=self.file,
            columns=needed,
        )
        raise _NoHeader(error.problems)

    def _checked_places(
        self, cells: list[str], known: Sequence[Column | None]
    ) -> dict[int, Column]:
        places: dict[int, Column] = {}
        self.width = len(cells)
        for place, column in enumerate(known):
            if column is None:
                self._warn_of_unknown(cells[place])
            elif column in places.values():
                self.problems.add(
                    None,
                    column.title,
                    "{file} has the column {name} twice.",
                    file=self.file,
                    name=column.title,
                )
            else:
                places[place] = column
        for column in self.columns:
            if column.required and column not in places.values():
                self.problems.add(
                    None,
                    column.title,
                    "{file} lacks the column {name}.",
                    file=self.file,
                    name=column.title,
                )
        self.problems.raise_any()
        self.table.present = frozenset(column.name for column in places.values())
        return places

    def _warn_of_unknown(self, header: str) -> None:
        if header and _header_key(header) not in _NUMBERING:
            self.table.warnings.append(
                Problem(
                    None,
                    header,
                    "The column {name} is not known and was left out.",
                    {"name": header},
                )
            )

    def _take(self, number: int, cells: list[str], places: dict[int, Column]) -> None:
        values = {
            column.name: cells[place] if place < len(cells) else ""
            for place, column in places.items()
        }
        missing = [c for c in places.values() if c.required and not values[c.name]]
        first = next(cell for cell in cells if cell)
        if self.even and any(cells[self.width :]):
            self.problems.add(number, None, "The row has more cells than the header.")
            return
        if missing and _TOTALS.fullmatch(fold(first)):
            self.table.warnings.append(Problem(number, None, "The totals row was left out.", {}))
            return
        for column in missing:
            self.problems.add(number, column.title, "The cell is empty.")
        self.table.append(Row(number, values))

    def _refuse_old_font(self) -> None:
        """As a whole, or cell by cell where somebody has pasted from an old list into a new one."""
        text.refuse_old_font((v for row in self.table for v in row.values.values()), self.file)
        titles = {column.name: column.title for column in self.columns}
        before = len(self.problems)
        for row in self.table:
            for name, value in row.values.items():
                if text.is_old_font(value):
                    self.problems.add(
                        row.number,
                        titles[name],
                        "{value} is typed in an old font (TCVN3 or VNI). Convert it to Unicode.",
                        value=value[:40],
                    )
        old = {problem.row for problem in self.problems[before:]}
        self.table[:] = [row for row in self.table if row.number not in old]
