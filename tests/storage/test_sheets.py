"""Whatever file a secretary sends gives rows or a message that says what to mend."""

import datetime as dt
import io
import re
import unicodedata
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.sheets import (
    MAX_PROBLEMS,
    BadValue,
    Column,
    Problems,
    Sheet,
    SheetError,
    Table,
    parse_date,
    parse_phone,
    parse_telegram_id,
    read_table,
    write_csv,
    write_xlsx,
)
from tests.sheets import BOMBS, CSV, HEADER, HUONG, SHEET, changed, with_sheet_data, workbook

COLUMNS = (
    Column("name", ("Họ và tên", "full_name"), required=True),
    Column("unit", ("Đơn vị", "unit"), required=True),
    Column("born", ("Ngày sinh", "born")),
    Column("phone", ("Điện thoại", "phone")),
)


def read(data: bytes | str, filename: str = "roster.csv") -> Table:
    return read_table(data.encode() if isinstance(data, str) else data, filename, COLUMNS)


def refused(data: bytes | str, filename: str = "roster.csv") -> str:
    """The one thing that is wrong, in words that always fill."""
    with pytest.raises(SheetError) as caught:
        read(data, filename)
    assert all(problem.message.format(**problem.values) for problem in caught.value.problems)
    assert len(caught.value.problems) == 1
    return str(caught.value)


HUONG_ROW = dict(zip(["name", "unit", "born", "phone"], HUONG, strict=True))


# --- what is read -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        CSV,
        "\ufeff" + CSV,
        CSV.replace("\n", "\r\n"),
        CSV.replace(",", ";"),
        CSV.replace(",", "\t"),
        "sep=;\n" + CSV.replace(",", ";"),
        CSV.encode("utf-16"),
        CSV.encode("utf-16-le"),
        CSV.encode("utf-16-be"),
        unicodedata.normalize("NFD", CSV),
        CSV.replace("Hương", "Hư\u200bơng\u202e").replace("Chi", "\x00Chi"),
        CSV.replace("Họ và tên", " HO  VA TEN * ").replace("Đơn vị", "đơn_vị:"),
        CSV.replace("Họ và tên,Đơn vị", "Full Name,UNIT"),
        "DANH SÁCH ĐẢNG VIÊN,,,\n\n" + CSV,
        CSV + "\n,,,\n   ,\n",
        CSV + "Tổng cộng: 1,,,\n",
        CSV.rstrip("\n"),
    ],
    ids=range(17),
)
def test_huong_is_found_in_a_csv_however_it_was_saved(data: bytes | str) -> None:
    assert [row.values for row in read(data)] == [HUONG_ROW]


def test_a_file_in_windows_1258_is_read_with_its_tones() -> None:
    # That code page holds a letter first, then its tone as a mark.
    tones = "\u0300\u0301\u0303\u0309\u0323"
    text = ""
    for letter in CSV:
        marks = unicodedata.normalize("NFD", letter)
        plain = "".join(mark for mark in marks if mark not in tones)
        text += unicodedata.normalize("NFC", plain)
        text += "".join(mark for mark in marks if mark in tones)
    assert [row.values for row in read(text.encode("cp1258"))] == [HUONG_ROW]


def test_columns_may_stand_in_any_order_and_unknown_ones_are_named() -> None:
    table = read("STT,Đơn vị,Ghi chú,Họ và tên\n1,Chi bộ 1,x,Trần Văn An\n")
    assert table[0].values == {"unit": "Chi bộ 1", "name": "Trần Văn An"}
    assert table[0]["phone"] == ""
    assert table.present == {"name", "unit"}
    assert [warning.values for warning in table.warnings] == [{"name": "Ghi chú"}]


def test_rows_keep_the_numbers_they_have_in_the_sheet() -> None:
    assert [row.number for row in read(CSV + "\n" + "An,Chi bộ 2,,\n")] == [2, 4]
    book = workbook([[], HEADER, [], HUONG])
    assert [row.number for row in read(book, "a.xlsx")] == [4]


def test_a_person_called_tong_is_no_totals_row() -> None:
    names = [row["name"] for row in read(CSV + "Tổng Văn Cộng,Chi bộ 1,,\nTổng số 2 người,,,\n")]
    assert names == ["Nguyễn Thị Hương", "Tổng Văn Cộng"]


@pytest.mark.parametrize("options", [{}, {"date_1904": True}])
def test_a_workbook_gives_dates_and_numbers_as_text(options: dict[str, object]) -> None:
    born = dt.date(1980, 2, 3)
    table = read(workbook([HEADER, ["Hương", "Chi bộ 1", born, 912345678]], **options), "a.XLSX")
    assert table[0]["born"] == "1980-02-03"
    assert table[0]["phone"] == "912345678"
    assert parse_date(table[0]["born"], TODAY) == born
    assert parse_phone(table[0]["phone"]) == "+84912345678"


def test_a_hidden_sheet_in_front_is_passed_over() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        hidden = book.add_worksheet("Danh mục")
        hidden.write(0, 0, "Loại")
        shown = book.add_worksheet("Danh sách")
        shown.activate()
        hidden.hide()
        for number, row in enumerate([HEADER, HUONG]):
            shown.write_row(number, 1, row)
    assert [row.values for row in read(target.getvalue(), "a.xlsx")] == [HUONG_ROW]


def test_a_false_dimension_and_formatted_empty_cells_do_no_harm() -> None:
    book = changed(
        workbook(), SHEET, lambda xml: re.sub(rb'ref="A1:D2"', b'ref="A1:XFD1048576"', xml)
    )
    assert len(read(book, "a.xlsx")) == 1
    row = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    book = changed(workbook(), SHEET, lambda xml: xml.replace(b"</sheetData>", row))
    assert len(read(book, "a.xlsx")) == 1


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "filename", "says"),
    [
        (b"", "a.csv", "a.csv is empty"),
        (b"\xef\xbb\xbf \r\n", "a.csv", "is empty"),
        (b"", "a.xlsx", "is empty"),
        (b"PK\x03\x04 not really", "a.xlsx", "damaged"),
        (b"no zip at all", "a.xlsx", "not an Excel file"),
        (CSV.encode(), "a.xlsx", "not an Excel file"),
        (workbook(), "a.csv", "Name it .xlsx"),
        (workbook()[:-500], "a.xlsx", "damaged"),
        (workbook()[:2000], "a.xlsx", "damaged"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "a.xls", "old Excel file"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "a.xlsx", "old Excel file"),
        (
            bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"),
            "a.xlsx",
            "password",
        ),
        (CSV.encode(), "a.pdf", "neither .xlsx nor .csv"),
        (CSV.encode(), "../../etc/passwd", "passwd is neither"),
        (bytes(20 * 2**20 + 1), "a.csv", "a.csv has 21 MiB; at most 20 MiB"),
        (b"caf\x81,\xff\xfe\n", "a.csv", "unknown encoding"),
        (
            "Hä vµ tªn,§¬n vÞ\nNguyÔn V¨n Thµnh,Chi bé 1\n".encode("latin-1"),
            "a.csv",
            "old font",
        ),
        ("Hä vµ tªn,§¬n vÞ\nNguyÔn V¨n Thµnh,Chi bé 1\n".encode(), "a.csv", "old font"),
        (
            "Hoï vaø teân,Ñôn vò\nNguyeãn Vaên Thaønh,Chi boä 1\n".encode("latin-1"),
            "a.csv",
            "old font",
        ),
        (
            workbook([HEADER, *[["NguyÔn V¨n Thµnh", "Chi bé 1"]] * 3]),
            "a.xlsx",
            "old font",
        ),
        (CSV + 'An,"Chi bộ 1,,\n', "a.csv", "row 3: a quotation mark is left open"),
        (CSV + 'An,"Chi" bộ 1,,\n', "a.csv", "row 3: a quotation mark"),
        (CSV + "x" * 2**20, "a.csv", "row 3: a cell is too long"),
        (CSV + f"An,{'x' * 40_000},,\n", "a.csv", "Row 3: A cell holds more than 32767 letters"),
        (CSV + "An,Chi bộ 1,,,0912\n", "a.csv", "Row 3: The row has more cells than the header"),
        (CSV + "An\n", "a.csv", "Row 3, column Đơn vị: The cell is empty"),
        ("a,b,c\n1,2,3\n", "a.csv", "no header row. It needs the columns Họ và tên, Đơn vị"),
        ("Họ và tên,Ngày sinh\nAn,\n", "a.csv", "lacks the column Đơn vị"),
        ("Họ và tên,full_name,Đơn vị\nAn,An,1\n", "a.csv", "has the column Họ và tên twice"),
        (",".join(HEADER) + "\n", "a.csv", "a header but no rows"),
        (workbook([HEADER]), "a.xlsx", "a header but no rows"),
        (workbook([]), "a.xlsx", "no header row"),
        (CSV + "x,y\n" * 20_000, "a.csv", "too many rows (more than 20000)"),
        (CSV + "," * 300, "a.csv", "too many columns"),
    ],
    ids=range(34),
)
def test_a_file_that_cannot_be_read_says_why(data: bytes | str, filename: str, says: str) -> None:
    assert says in refused(data, filename)


def test_a_workbook_without_a_visible_sheet_says_so() -> None:
    hidden = changed(
        workbook(),
        "xl/workbook.xml",
        lambda xml: xml.replace(b"<sheet ", b'<sheet state="hidden" '),
    )
    none = changed(
        workbook(),
        "xl/workbook.xml",
        lambda xml: re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", xml),
    )
    assert "no visible sheet" in refused(hidden, "a.xlsx")
    assert "no visible sheet" in refused(none, "a.xlsx")


def test_another_office_file_is_no_workbook() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<document/>")
    assert "damaged" in refused(target.getvalue(), "a.xlsx")


@pytest.mark.parametrize("name", BOMBS)
def test_a_workbook_that_asks_for_too_much_is_refused(name: str) -> None:
    build, says = BOMBS[name]
    assert says in refused(build(), "a.xlsx")


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    book = bytearray(with_sheet_data(b" " * 5000))
    entry = book.find(b"PK\x01\x02", book.find(SHEET.encode(), book.find(b"PK\x01\x02")) - 46)
    book[entry + 24 : entry + 28] = (100).to_bytes(4, "little")
    assert "damaged" in refused(bytes(book), "a.xlsx")


def test_at_most_fifty_problems_are_told_at_once() -> None:
    with pytest.raises(SheetError) as caught:
        read(CSV + "An,,,\n" * 200)
    assert len(caught.value.problems) == MAX_PROBLEMS
    assert [problem.row for problem in caught.value.problems[:2]] == [3, 4]


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a.xls", "a"]))
def test_random_bytes_never_crash_the_reader(data: bytes, filename: str) -> None:
    for content in (data, b"PK\x03\x04" + data, CSV.encode() + data):
        try:
            assert all(row["name"] for row in read(content, filename))
        except SheetError as error:
            assert str(error)


BOOK = workbook()


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, len(BOOK) - 1), st.integers(0, 255)), min_size=1, max_size=4)
)
def test_a_workbook_with_flipped_bytes_never_crashes_the_reader(
    flips: list[tuple[int, int]],
) -> None:
    data = bytearray(BOOK)
    for place, value in flips:
        data[place] = value
    try:
        assert len(read(bytes(data), "a.xlsx")) == 1
    except SheetError as error:
        assert str(error)


# --- values -----------------------------------------------------------------------------------

TODAY = dt.date(2026, 8, 10)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("15/8/1980", dt.date(1980, 8, 15)),
        ("05/08/1980", dt.date(1980, 8, 5)),
        ("15-8-1980", dt.date(1980, 8, 15)),
        ("15.8.80", dt.date(1980, 8, 15)),
        ("3/2/30", dt.date(1930, 2, 3)),
        ("3/2/26", dt.date(2026, 2, 3)),
        ("1980-08-15", dt.date(1980, 8, 15)),
        ("1980-08-15 00:00:00", dt.date(1980, 8, 15)),
        ("ngày 15 tháng 8 năm 1980", dt.date(1980, 8, 15)),
        ("１５/８/１９８０", dt.date(1980, 8, 15)),
        ("29/2/2024", dt.date(2024, 2, 29)),
    ],
)
def test_a_date_is_read_day_first(text: str, date: dt.date) -> None:
    assert parse_date(text, TODAY) == date


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("31/02/1980", "not in the calendar"),
        ("29/2/2023", "not in the calendar"),
        ("0/0/1980", "not in the calendar"),
        ("8/15/1980", "month first"),
        ("1975", "only a year"),
        ("8/1975", "not a date"),
        ("29432", "not a date"),
        ("11/8/2026", "in the future"),
        ("3/2/1026", "not a year we can believe"),
        ("=HYPERLINK(1)", "not a date"),
        ("{0.__class__}", "not a date"),
    ],
)
def test_a_date_that_is_none_says_what_to_write(text: str, says: str) -> None:
    with pytest.raises(BadValue, match=re.escape(f"{text} ") + ".*" + says) as caught:
        parse_date(text, TODAY)
    assert caught.value.values == {"value": text}


def test_a_date_to_come_or_a_bare_year_is_taken_where_the_column_allows() -> None:
    assert parse_date("1/1/30", TODAY, future=True) == dt.date(2030, 1, 1)
    assert parse_date("1975", TODAY, year_only=True) == dt.date(1975, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        "0912345678",
        "912345678",
        "+84 912 345 678",
        "84912345678",
        "０９１２３４５６７８",
        "0912.345.678",
    ],
)
def test_a_telephone_is_kept_in_one_form(text: str) -> None:
    assert parse_phone(text) == "+84912345678"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("9.12E+08", "rounded"),
        ("9,12E+08", "rounded"),
        ("không có", "not a telephone"),
        ("0912345678 / 0987654321", "not a telephone"),
        ("123", "not a telephone"),
        ("0" * 400, "not a telephone"),
    ],
)
def test_a_telephone_that_is_none_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadValue, match=says):
        parse_phone(text)


def test_a_telegram_id_is_a_positive_whole_number() -> None:
    assert parse_telegram_id("123456789") == 123456789
    assert parse_telegram_id(str(2**52)) == 2**52
    for text in ("0", "-5", "1.5", "1.2E+09", str(2**52 + 1), "@huong", "9" * 5000):
        with pytest.raises(BadValue):
            parse_telegram_id(text)


def test_problems_of_several_cells_are_told_together() -> None:
    problems = Problems()
    assert problems.read(2, "Điện thoại", parse_phone, "") is None
    assert problems.read(2, "Điện thoại", parse_phone, "0912345678") == "+84912345678"
    problems.raise_any()
    assert problems.read(3, "Điện thoại", parse_phone, "x") is None
    assert problems.read(4, "Telegram ID", parse_telegram_id, "y") is None
    with pytest.raises(
        SheetError, match="Row 3, column Điện thoại: x is not a telephone"
    ) as caught:
        problems.raise_any()
    assert [(p.row, p.column) for p in caught.value.problems] == [
        (3, "Điện thoại"),
        (4, "Telegram ID"),
    ]


@given(st.text(max_size=30))
def test_any_cell_is_a_value_or_a_bad_one(text: str) -> None:
    for parse in (lambda t: parse_date(t, TODAY), parse_phone, parse_telegram_id):
        try:
            assert parse(text)
        except BadValue as bad:
            assert bad.message.format(**bad.values)


# --- writing ----------------------------------------------------------------------------------

FORMULAS = ["=HYPERLINK(1)", "+84912345678", "-5", "@SUM(A1)", "\tx", "\rx", "https://x", "007"]


def test_a_workbook_we_write_holds_text_as_text_and_is_read_back() -> None:
    target = io.BytesIO()
    rows = [[text, "Chi bộ 1", dt.date(1980, 2, 3), 7] for text in FORMULAS]
    moment = dt.datetime(2026, 8, 13, 19, 30, tzinfo=dt.UTC)
    write_xlsx(
        target,
        [
            Sheet("Đảng viên: 'A/B' " + "x" * 40, HEADER, rows),
            Sheet("Hai", ["Lúc"], [[moment], [None]]),
            Sheet("hai", ["Tỷ lệ"], [[0.935], ["y" * 40_000]]),
        ],
    )
    table = read(target.getvalue(), "a.xlsx")
    assert [row["name"] for row in table] == [text.strip() for text in FORMULAS]
    assert table[0]["born"] == "1980-02-03"
    with zipfile.ZipFile(target) as archive:
        sheet = archive.read(SHEET).decode()
        assert "<f>" not in sheet
        assert "hyperlink" not in sheet
        assert 'state="frozen"' in sheet


def test_a_csv_we_write_runs_no_formula_and_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(path, HEADER, [[text, "Chi bộ 1", dt.date(1980, 2, 3), -5] for text in FORMULAS])
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    table = read(data)
    assert [row["name"] for row in table][:4] == [f"'{text}" for text in FORMULAS[:4]]
    assert table[0].values["born"] == "03/02/1980"
    assert table[0].values["phone"] == "-5"


def test_a_formula_in_a_header_or_behind_a_line_end_is_text_too(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    write_csv(path, ["=1+1", "Đơn vị"], [["\n=1+1", "@x"], ["a=1", "1-2"]])
    assert path.read_text("utf-8-sig") == "'=1+1,Đơn vị\n\"'\n=1+1\",'@x\na=1,1-2\n"
    target = io.BytesIO()
    write_xlsx(target, [Sheet("=1+1", ["=1+1", "@x"], [["=1+1", "=1+1"]])])
    with zipfile.ZipFile(target) as archive:
        assert b"<f>" not in archive.read(SHEET)
        assert archive.read(SHEET).count(b't="s"') == 4
