"""Files that people download: text in them is text, whatever it begins with."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple


class Percent(float):
    """A share that is shown as a percentage: 0.855 as 85,5%."""


Cell = str | int | float | Decimal | dt.date | dt.datetime | None

_MAX_CELL = 32_767
_MAX_WIDTH = 60
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Sheet(NamedTuple):
    name: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def write_xlsx(target: Path | BinaryIO, sheets: Sequence[Sheet]) -> None:
    """A workbook with bold, frozen headers and columns as wide as what they hold.

    Moments are written as they stand: the caller has moved them to the reader's zone. Raises
    OSError where the file cannot be written.
    """
    import xlsxwriter  # here, because who only reads should not wait for it
    from xlsxwriter.exceptions import FileCreateError

    opened = str(target) if isinstance(target, Path) else target
    try:
        with xlsxwriter.Workbook(opened, _OPTIONS) as workbook:
            _fill(workbook, sheets)
    except FileCreateError as error:  # holds the OSError
        cause = error.args[0]
        raise cause if isinstance(cause, OSError) else OSError(str(error)) from error


def _fill(workbook: Any, sheets: Sequence[Sheet]) -> None:
    formats = {
        "header": workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"}),
        "text": workbook.add_format({"text_wrap": True, "valign": "top"}),
        "date": workbook.add_format({"num_format": "dd/mm/yyyy"}),
        "moment": workbook.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
        "percent": workbook.add_format({"num_format": "0.0%"}),
    }
    taken: set[str] = set()
    for sheet in sheets:
        _write_sheet(workbook.add_worksheet(_sheet_name(sheet.name, taken)), sheet, formats)


def write_csv(
    target: Path | BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]
) -> None:
    """UTF-8 with BOM, which Excel needs; text that Excel would run as a formula gets a '."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([_csv_cell(title) for title in header])
    writer.writerows([_csv_cell(cell) for cell in row] for row in rows)
    data = text.getvalue().encode("utf-8-sig")
    if isinstance(target, Path):
        target.write_bytes(data)
    else:
        target.write(data)


def _write_sheet(worksheet: Any, sheet: Sheet, formats: dict[str, Any]) -> None:
    widths = [len(title) for title in sheet.header]
    for column, title in enumerate(sheet.header):
        worksheet.write_string(0, column, title, formats["header"])
    for number, row in enumerate(sheet.rows, start=1):
        for column, cell in enumerate(row):
            width = _write_cell(worksheet, number, column, cell, formats)
            widths[column] = max(widths[column], width)
    for column, width in enumerate(widths):
        worksheet.set_column(column, column, min(width, _MAX_WIDTH) + 2)
    worksheet.freeze_panes(1, 0)


def _write_cell(worksheet: Any, row: int, column: int, cell: Cell, formats: dict[str, Any]) -> int:
    """Write one cell and tell how many letters wide it is."""
    match cell:
        case None:
            return 0
        case str():
            # Longer text would be left out by XlsxWriter, and a workbook with it not open.
            long = formats["text"] if len(cell) > _MAX_WIDTH or "\n" in cell else None
            worksheet.write_string(row, column, cell[:_MAX_CELL], long)
            return max((len(line) for line in cell.splitlines()), default=0)
        case dt.datetime():
            worksheet.write_datetime(row, column, cell.replace(tzinfo=None), formats["moment"])
            return 16
        case dt.date():
            worksheet.write_datetime(row, column, cell, formats["date"])
            return 10
        case Percent():
            worksheet.write_number(row, column, cell, formats["percent"])
            return 6
        case _:
            worksheet.write_number(row, column, cell)
            return len(str(cell))


def _sheet_name(name: str, taken: set[str]) -> str:
    """A name Excel accepts: 31 letters, none of []:*?/\\, no quote at the ends, unique."""
    base = re.sub(r"[\[\]:*?/\\]", "-", name).strip("' ")[:31] or "Sheet"
    unique, count = base, 1
    while unique.casefold() in taken or unique.casefold() == "history":
        count += 1
        unique = f"{base[:27]} {count}"
    taken.add(unique.casefold())
    return unique


def _csv_cell(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case str():
            return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
        case dt.datetime():
            return f"{cell:%d/%m/%Y %H:%M}"
        case dt.date():
            return f"{cell:%d/%m/%Y}"
        case Percent():
            return f"{cell:.1%}"
        case _:
            return str(cell)
