"""XLSX: what the archive holds is counted before a parser sees it.

A workbook of one kilobyte can ask for gigabytes: by compression, by entities, by one cell in the
last corner (the parser lays out every cell between), by one long string that a million cells point
to. So each part is unpacked under a cap, surveyed by a streaming XML parser, and packed anew
without compression; only that copy, whose sizes are known to be true, goes to calamine.
"""

import datetime as dt
import io
import re
import struct
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from xml.parsers import expat

from python_calamine import SheetTypeEnum, SheetVisibleEnum, load_workbook

from storage.sheets.problems import SheetError, whole_file

MAX_PARTS = 1_000
MAX_UNPACKED = 32 * 2**20
MAX_RATIO = 100
MAX_DEPTH = 50
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_CELLS = 500_000
MAX_LETTERS = 8_000_000

_NEEDED = re.compile(
    r"\[content_types\]\.xml|_rels/\.rels|xl/_rels/[^/]+\.rels|xl/[^/]+\.xml|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_CHUNK = 2**16
_PLACE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")


class _TooBig(Exception):
    """The workbook asks for more than a list of people can need."""

    def __init__(self, message: str, limit: int) -> None:
        super().__init__(message)
        self.message = message
        self.limit = limit


class _Damaged(Exception):
    """The archive or its XML is not what a spreadsheet program writes."""


class _Protected(Exception):
    """The archive is encrypted."""


def sheet_rows(data: bytes, file: str) -> list[list[str]]:
    """The cells of the first visible sheet as text, from A1 on."""
    try:
        checked = _repacked(data)
    except _TooBig as too_big:
        raise whole_file(too_big.message, file=file, limit=too_big.limit) from None
    except _Protected:
        raise protected(file) from None
    except (_Damaged, expat.ExpatError, zipfile.BadZipFile, zlib.error, struct.error):
        raise _damaged(file) from None
    except (EOFError, OSError, RuntimeError, ValueError):
        # What zipfile raises on offsets and flags that make no sense.
        raise _damaged(file) from None
    try:
        return _parsed(checked, file)
    except (SheetError, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        # The parser is written in Rust: when it panics, what arrives is no Exception.
        raise _damaged(file) from None


def protected(file: str) -> SheetError:
    return whole_file(
        "{file} is protected by a password. Save it without one and send it again.", file=file
    )


def _damaged(file: str) -> SheetError:
    return whole_file(
        "{file} is damaged or incomplete. Save it again in Excel and send the new file.", file=file
    )


def _too_many_cells() -> _TooBig:
    return _TooBig("{file} has too many cells (more than {limit}).", MAX_CELLS)


def _tightly_packed() -> _TooBig:
    return _TooBig("{file} grows more than {limit} times when unpacked.", MAX_RATIO)


def _repacked(data: bytes) -> BinaryIO:
    # Counted before zipfile builds an object for each.
    if data.count(b"PK\x01\x02") > MAX_PARTS:
        raise _TooBig("{file} has too many parts (more than {limit}).", MAX_PARTS)
    survey = _Survey()
    packed = io.BytesIO()
    unpacked = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(packed, "w") as copy:
        parts = archive.infolist()
        names = [part.filename.casefold() for part in parts]
        if "xl/workbook.xml" not in names or len(set(names)) < len(names):
            raise _Damaged
        for part in parts:
            if _NEEDED.fullmatch(part.filename):
                with survey.part() as parser, copy.open(part.filename, "w") as target:
                    for chunk in _chunks(archive, part):
                        unpacked += len(chunk)
                        _check_unpacked(unpacked, len(data))
                        parser.Parse(chunk, False)
                        target.write(chunk)
    survey.check()
    # Also of the parts that nobody unpacks here: whoever opens the file next would.
    if any(part.file_size > MAX_RATIO * max(part.compress_size, 1) for part in parts):
        raise _tightly_packed()
    packed.seek(0)
    return packed


def _check_unpacked(size: int, packed: int) -> None:
    if size > MAX_UNPACKED:
        raise _TooBig(
            "{file} is too big once unpacked (more than {limit} MiB).", MAX_UNPACKED >> 20
        )
    if size > MAX_RATIO * packed:
        raise _tightly_packed()


def _chunks(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    if part.flag_bits & 1:
        raise _Protected
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _Damaged
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


class _Survey:
    """Counts what a parser would have to hold: the area of a sheet and the letters in it."""

    def __init__(self) -> None:
        self.cells = 0
        self.letters = 0
        self.string_lengths = array("L")
        self.string_uses = array("L")
        self._string_tables = 0

    @contextmanager
    def part(self) -> Iterator[expat.XMLParserType]:
        """A parser to feed one part to."""
        self._row = self._column = self._last_row = self._last_column = 0
        self._is_shared = self._in_text = False
        self._length = self._depth = 0
        self._index = ""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        yield parser
        parser.Parse(b"", True)
        if self._last_row * self._last_column > MAX_CELLS:
            raise _too_many_cells()

    def check(self) -> None:
        """What the cells hold when each has its own copy of the string it points to."""
        if self._string_tables > 1:
            raise _Damaged
        lengths = self.string_lengths
        self.letters += sum(lengths[use] for use in self.string_uses if use < len(lengths))
        if self.letters > MAX_LETTERS:
            raise _TooBig("{file} holds too much text (more than {limit} letters).", MAX_LETTERS)

    def _doctype(self, *_: object) -> None:
        raise _Damaged

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:  # a parser keeps every tag that is open
            raise _Damaged
        match name.rpartition(":")[2]:
            case "c":
                self._start_cell(attributes)
            case "row":
                self._row = _number(attributes.get("r")) or self._row + 1
                self._column = 0
            case "v" | "t":
                self._in_text = True
            case "si":
                self._length = 0
            case "sst":
                self._string_tables += 1

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.cells += 1
        if self.cells > MAX_CELLS:
            raise _too_many_cells()
        self._length = 0
        self._index = ""
        self._is_shared = attributes.get("t") == "s"
        self._column += 1
        if place := _PLACE.fullmatch(attributes.get("r", "")):
            self._column = _column_number(place[1])
            self._row = int(place[2])

    def _text(self, text: str) -> None:
        if self._in_text:
            self._length += len(text)
            if self._is_shared and len(self._index) < 10:
                self._index += text

    def _end(self, name: str) -> None:
        self._depth -= 1
        match name.rpartition(":")[2]:
            case "c" if self._length:
                self._end_cell()
            case "v" | "t":
                self._in_text = False
            case "si":
                self.string_lengths.append(self._length)
                if len(self.string_lengths) > MAX_CELLS:
                    raise _too_many_cells()

    def _end_cell(self) -> None:
        if self._is_shared:
            self.string_uses.append(_number(self._index))
        else:
            self.letters += self._length
        self._last_row = max(self._last_row, self._row)
        self._last_column = max(self._last_column, self._column)
        if self._last_row > MAX_ROWS:
            raise _TooBig("{file} has too many rows (more than {limit}).", MAX_ROWS)
        if self._last_column > MAX_COLUMNS:
            raise _TooBig("{file} has too many columns (more than {limit}).", MAX_COLUMNS)


def _number(text: str | None) -> int:
    digits = (text or "").strip()
    if not digits.isascii() or not digits.isdecimal():
        return 0
    if len(digits) > 9:
        raise _Damaged
    return int(digits)


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def _parsed(checked: BinaryIO, file: str) -> list[list[str]]:
    with load_workbook(checked) as workbook:
        sheet = next(
            (
                sheet.name
                for sheet in workbook.sheets_metadata
                if sheet.visible == SheetVisibleEnum.Visible
                and sheet.typ == SheetTypeEnum.WorkSheet
            ),
            None,
        )
        if sheet is None:
            raise whole_file("{file} has no visible sheet.", file=file)
        # Not iter_rows: it leaves out empty columns on the left but not empty rows above.
        rows = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    return [[_cell_text(cell) for cell in row] for row in rows]


def _cell_text(cell: object) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer() and abs(cell) < 2**53:
            return str(int(cell))
        case dt.datetime():
            return str(cell.date()) if cell.time() == dt.time() else str(cell)
        case dt.time():
            return f"{cell:%H:%M}"
        case _:
            return str(cell)
