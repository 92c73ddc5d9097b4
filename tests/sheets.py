"""Files that people might send: one as it should be, and what is made of it to break us."""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile
from collections.abc import Callable

import xlsxwriter

HEADER = ["Họ và tên", "Đơn vị", "Ngày sinh", "Điện thoại"]
HUONG = ["Nguyễn Thị Hương", "Chi bộ 1", "03/02/1980", "0912345678"]
CSV = "Họ và tên,Đơn vị,Ngày sinh,Điện thoại\nNguyễn Thị Hương,Chi bộ 1,03/02/1980,0912345678\n"


def workbook(rows: list[list[object]] | None = None, **options: object) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet("Danh sách")
        date = book.add_format({"num_format": "dd/mm/yyyy"})
        for number, row in enumerate([HEADER, HUONG] if rows is None else rows):
            for column, cell in enumerate(row):
                if isinstance(cell, dt.date):
                    sheet.write_datetime(number, column, cell, date)
                elif cell is not None:
                    sheet.write(number, column, cell)
    return target.getvalue()


def changed(data: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            content = old.read(info)
            new.writestr(info.filename, change(content) if info.filename == part else content)
    return target.getvalue()


def padded(data: bytes) -> bytes:
    """The same with so much ballast that what else is in it looks hardly packed."""
    target = io.BytesIO(data)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr("ballast.bin", random.Random(1).randbytes(400_000))
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"


def many_parts() -> bytes:
    target = io.BytesIO(workbook())
    with zipfile.ZipFile(target, "a") as archive:
        for number in range(3000):
            archive.writestr(f"xl/worksheets/extra{number}.xml", "<worksheet/>")
    return target.getvalue()


def with_sheet_data(xml: bytes) -> bytes:
    return changed(
        workbook(), SHEET, lambda old: old.replace(b"</sheetData>", xml + b"</sheetData>")
    )


def shared_string_bomb() -> bytes:
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(3, 15_000)
    )
    return changed(
        with_sheet_data(cells),
        STRINGS,
        lambda xml: xml.replace("Họ và tên".encode(), b"<!-- -->" + b"x1y2" * 8_000, 1),
    )


def swollen_picture() -> bytes:
    target = io.BytesIO(workbook())
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image1.png", bytes(2_000_000))
    return target.getvalue()


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip bomb": (lambda: with_sheet_data(b" " * 30_000_000), "grows more than 100 times"),
    "unpacked": (
        lambda: padded(with_sheet_data(b" " * 34_000_000)),
        "too big once unpacked (more than 32 MiB)",
    ),
    "nested": (
        lambda: padded(with_sheet_data(b"<a>" * 4_000_000 + b"</a>" * 4_000_000)),
        "damaged",
    ),
    "entities": (
        lambda: changed(
            workbook(), SHEET, lambda xml: xml.replace(b"<worksheet", ENTITIES + b"<worksheet", 1)
        ),
        "damaged",
    ),
    "thousands of parts": (many_parts, "too many parts"),
    "last corner": (
        lambda: with_sheet_data(
            b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        ),
        "too many",
    ),
    "far corner": (
        lambda: with_sheet_data(
            b'<row r="19999"><c r="GR19999"><v>1</v></c></row>',
        ),
        "too many cells",
    ),
    "wide": (
        lambda: with_sheet_data(b'<row r="3"><c r="ZZZ3"><v>1</v></c></row>'),
        "too many columns",
    ),
    "millions of rows": (
        lambda: with_sheet_data(
            b"".join(b"<row><c><v>%d</v></c></row>" % number for number in range(1_000_000))
        ),
        "too many rows",
    ),
    "millions of empty cells": (
        lambda: with_sheet_data(b"<row>" + b"".join([b'<c s="1"/><c s="2"/>'] * 1_000_000)),
        "too",
    ),
    "a swollen picture": (swollen_picture, "grows more than 100 times"),
    "one string a thousand times": (shared_string_bomb, "too much text"),
}


def largest_allowed() -> bytes:
    """As many rows, cells and letters as fit under the caps."""
    rows = [[f"Nguyễn Văn {n}", *["Đường Hoà Bình, tổ 7, khu phố 3"] * 11] for n in range(19_990)]
    return workbook([HEADER, *rows])


def largest_text() -> bytes:
    """As much of a CSV file as may be sent, all of it in columns that are looked at."""
    street = "Đường Hoà Bình tổ 7 khu phố 3 " * 18
    return (CSV + "".join(f"Nguyễn Văn {n},{street},,\n" for n in range(19_990))).encode()


# What no cap foresees; each would take gigabytes or minutes.


def a_million_sheets() -> bytes:
    dice = random.Random(1)  # names that are not all alike are not packed too tightly
    sheets = b"".join(
        b'<sheet name="%08x" sheetId="1" r:id="rId1"/>' % dice.getrandbits(32)
        for _ in range(600_000)
    )
    return changed(
        workbook(),
        "xl/workbook.xml",
        lambda xml: xml.replace(b"</sheets>", sheets + b"</sheets>"),
    )


def a_tower_of_accents() -> bytes:
    """Letters with thousands of marks, which Unicode wants sorted: that takes the square of it."""
    tower = "a" + "\u0301\u0323" * 16_000
    return (CSV + f"{tower},Chi bộ 1,,\n" * 200).encode()


def a_key_of_half_a_million_parts() -> bytes:
    return b"a." * 500_000 + b"a = 1"
