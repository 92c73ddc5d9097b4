"""Every bad file that we could think of, and every odd one that still says something for sure.

Each row of the tables is one file, made when a test asks for it, with the line that has to be said
about it: it names the file, and the row and the column where there is one.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import xlsxwriter

from tests.sheets import (
    BOMBS,
    SHEET,
    STRINGS,
    a_million_sheets,
    changed,
    many_parts,
    with_sheet_data,
    workbook,
)
from tests.town import ACCOUNTS, BRANCH_1

HEADER = (
    "Họ và tên;Đơn vị;Chức vụ;Ngày sinh;Ngày vào Đảng;Ngày chính thức;Số thẻ;Điện thoại;"
    "Nơi cư trú;Telegram ID"
)
TITLES = HEADER.split(";")
GOOD = "Mai Thị Xuân;Chi bộ 9;;3/2/1980;;;;;;"


@dataclass(frozen=True)
class Bad:
    """A file, and the line that has to be said about it."""

    says: str
    content: bytes | Callable[[], bytes]
    name: str = "a.csv"

    def make(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content()


def rows(*lines: str, head: str = HEADER) -> bytes:
    return "\n".join([head, *lines]).encode() + b"\n"


def row(**cells: str) -> str:
    """A row in which only these cells are not as they should be."""
    names = ["name", "unit", "role", "born", "joined", "official", "card", "phone", "home", "tg"]
    values = dict(zip(names, GOOD.split(";"), strict=True)) | cells
    return ";".join(values.values())


def cell(says: str, *lines: str) -> Bad:
    """A list with one good row, then these; what is said begins with the place."""
    return Bad(f"a.csv, dòng {says}", rows(GOOD, *lines))


def xlsx(*lines: list[object], **options: object) -> bytes:
    return workbook([list(TITLES), *lines], **options)


def encrypted_part() -> bytes:
    data = bytearray(workbook())
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = data.find(mark)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(mark, place + 1)
    return bytes(data)


def word_document() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", "<document/>")
    return target.getvalue()


OLE = bytes.fromhex("d0cf11e0a1b11ae1")
DAMAGED = "Tệp a.xlsx hỏng hoặc thiếu."
OLD_FONT = "Tệp a.csv gõ bằng phông cũ (TCVN3 hoặc VNI). Xin chuyển sang Unicode trước."
TCVN3 = "Hä vµ tªn;§¬n vÞ\nNguyÔn V¨n Thµnh;Chi bé 1\n"
VNI = "Hoï vaø teân;Ñôn vò\nNguyeãn Vaên Thaønh;Chi boä 1\n"

FILES = {
    "empty": Bad("Tệp a.csv trống.", b""),
    "white": Bad("Tệp a.csv trống.", b"\xef\xbb\xbf \r\n\t"),
    "empty workbook": Bad("Tệp a.xlsx trống.", b"", "a.xlsx"),
    "no zip": Bad("Tệp a.xlsx không phải Excel.", b"no zip at all", "a.xlsx"),
    "a zip only by its first letters": Bad(DAMAGED, b"PK\x03\x04" + bytes(99), "a.xlsx"),
    "cut zip": Bad(DAMAGED, lambda: workbook()[:-300], "a.xlsx"),
    "cut in half": Bad(DAMAGED, lambda: workbook()[:2500], "a.xlsx"),
    "old Excel": Bad("Tệp a.xls là Excel đời cũ (.xls).", OLE + bytes(600), "a.xls"),
    "old Excel, renamed": Bad("Tệp a.xlsx là Excel đời cũ", OLE + bytes(600), "a.xlsx"),
    "password": Bad(
        "Tệp a.xlsx có mật khẩu.", OLE + "EncryptedPackage".encode("utf-16-le"), "a.xlsx"
    ),
    "password on the zip": Bad("Tệp a.xlsx có mật khẩu.", encrypted_part, "a.xlsx"),
    "CSV named xlsx": Bad("Tệp a.xlsx không phải Excel.", rows(GOOD), "a.xlsx"),
    "xlsx named CSV": Bad("Tệp a.csv thật ra là Excel.", workbook),
    "Word": Bad(DAMAGED, word_document, "a.xlsx"),
    "PDF": Bad("Tệp a.pdf không phải .xlsx hay .csv.", b"%PDF-1.7", "a.pdf"),
    "no ending": Bad("Tệp danh-sach không phải .xlsx hay .csv.", rows(GOOD), "danh-sach"),
    "21 MiB": Bad("Tệp a.csv 21 MB, tôi nhận tối đa 20 MB.", lambda: bytes(20 * 2**20 + 1)),
    "packed too tightly": Bad(
        "Tệp a.xlsx phình to hơn 100 lần khi giải nén.", BOMBS["zip bomb"][0], "a.xlsx"
    ),
    "33 MiB unpacked": Bad(
        "Tệp a.xlsx khi giải nén quá lớn (hơn 32 MB).", BOMBS["unpacked"][0], "a.xlsx"
    ),
    "thousands of parts": Bad(
        "Tệp a.xlsx có quá nhiều phần bên trong (hơn 1.000).", many_parts, "a.xlsx"
    ),
    "entity bomb": Bad(DAMAGED, BOMBS["entities"][0], "a.xlsx"),
    "a cell in the last corner": Bad(
        "Tệp a.xlsx quá nhiều dòng (hơn 20.000).", BOMBS["last corner"][0], "a.xlsx"
    ),
    "a cell far away": Bad(
        "Tệp a.xlsx quá nhiều ô (hơn 500.000).", BOMBS["far corner"][0], "a.xlsx"
    ),
    "millions of rows": Bad(
        "Tệp a.xlsx quá nhiều dòng (hơn 20.000).", BOMBS["millions of rows"][0], "a.xlsx"
    ),
    "tags within tags": Bad(DAMAGED, BOMBS["nested"][0], "a.xlsx"),
    "one long text everywhere": Bad(
        "Tệp a.xlsx chứa quá nhiều chữ", BOMBS["one string a thousand times"][0], "a.xlsx"
    ),
    "a million sheets": Bad(
        "Tệp a.xlsx quá nặng để đọc an toàn; chưa ghi gì.", a_million_sheets, "a.xlsx"
    ),
    "no sheet": Bad(
        "Tệp a.xlsx không có trang tính nào hiện.",
        lambda: changed(
            workbook(),
            "xl/workbook.xml",
            lambda xml: re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", xml),
        ),
        "a.xlsx",
    ),
    "only a hidden sheet": Bad(
        "Tệp a.xlsx không có trang tính nào hiện.",
        lambda: changed(
            workbook(),
            "xl/workbook.xml",
            lambda xml: xml.replace(b"<sheet ", b'<sheet state="veryHidden" '),
        ),
        "a.xlsx",
    ),
    "a sheet that is not there": Bad(
        DAMAGED,
        lambda: changed(
            workbook(),
            "xl/_rels/workbook.xml.rels",
            lambda xml: xml.replace(b"worksheets/sheet1.xml", b"../../../etc/passwd"),
        ),
        "a.xlsx",
    ),
    "broken XML": Bad(DAMAGED, lambda: with_sheet_data(b"<row><c></row>"), "a.xlsx"),
    "a name that leads elsewhere": Bad(
        "Tệp passwd không phải .xlsx hay .csv.", rows(GOOD), "../../../../etc/passwd"
    ),
}

STRUCTURE = {
    "no header": Bad(
        "Tệp a.csv chưa có dòng tiêu đề. Cần các cột: Họ và tên, Đơn vị.", f"{GOOD}\n".encode()
    ),
    "header below a long preface": Bad("Tệp a.csv chưa có dòng tiêu đề.", b"x\n" * 30 + rows(GOOD)),
    "other columns": Bad("Tệp a.csv chưa có dòng tiêu đề.", b"a;b;c\n1;2;3\n"),
    "a column twice": Bad(
        "Tệp a.csv có hai cột Họ và tên.",
        rows("An;An;Chi bộ 9", head="Họ và tên;HO VA TEN;Đơn vị"),
    ),
    "a column is missing": Bad(
        "Tệp a.csv thiếu cột Đơn vị.", rows("An;1/1/1990", head="Họ và tên;Ngày sinh")
    ),
    "header only": Bad("Tệp a.csv chỉ có dòng tiêu đề", rows()),
    "header only in a workbook": Bad("Tệp a.xlsx chỉ có dòng tiêu đề", xlsx, "a.xlsx"),
    "blank rows are counted": cell(
        "7, cột Đơn vị: Ô này trống.", "", ";;;;", "  ", "", row(unit="")
    ),
    "header in the third row": Bad(
        "a.csv, dòng 5, cột Họ và tên: Ô này trống.",
        b"DANH S\xc3\x81CH\n\n" + rows(GOOD, row(name="")),
    ),
    "a workbook with blank rows": Bad(
        "a.xlsx, dòng 5, cột Đơn vị: Ô này trống.",
        lambda: workbook([[], list(TITLES), [], ["Mai Thị Xuân", "Chi bộ 9"], ["Lý Yên"]]),
        "a.xlsx",
    ),
    "a totals row that names nobody's unit in between": cell(
        "4, cột Đơn vị: Ô này trống.", "Tổng cộng: 2;;;;;;;;;", row(unit="")
    ),
}

ENCODINGS = {
    "no encoding": Bad("Không rõ bảng mã của tệp a.csv.", b"caf\x81;\xff\xfe\n"),
    "UTF-8 cut within a letter": Bad(
        "Tệp a.csv, dòng 3: có chữ bị hỏng.", rows(GOOD) + "Lý Văn Yê".encode() + b"\xe1\xbb"
    ),
    "TCVN3": Bad(OLD_FONT, TCVN3.encode("latin-1")),
    "TCVN3 saved as UTF-8": Bad(OLD_FONT, TCVN3.encode()),
    "TCVN3 saved as UTF-16": Bad(OLD_FONT, TCVN3.encode("utf-16")),
    "VNI": Bad(OLD_FONT, VNI.encode("latin-1")),
    "VNI saved as UTF-8": Bad(OLD_FONT, VNI.encode()),
    "TCVN3 in a workbook with a header in Unicode": Bad(
        OLD_FONT.replace("csv", "xlsx"),
        lambda: xlsx(*[["NguyÔn V¨n Thµnh", "Chi bé 1"]] * 3),
        "a.xlsx",
    ),
    "TCVN3 that might be Windows-1258": Bad(
        "a.csv, dòng 2, cột Họ và tên: NguyÔn Nam gõ bằng phông cũ (TCVN3 hoặc VNI).",
        rows("NguyÔn Nam;X", head="full_name;unit").decode().encode("latin-1"),
    ),
    "a name pasted from TCVN3 among others": cell(
        "4, cột Họ và tên: TrÇn V¨n Hïng gõ bằng phông cũ (TCVN3 hoặc VNI).",
        *(row(name="Lý Văn Yên"), row(name="TrÇn V¨n Hïng"), *[row(name="Đỗ Thị Hạ")] * 5),
    ),
    "an address pasted from VNI among others": cell(
        "4, cột Nơi cư trú: Phöôøng Taân Bình gõ bằng phông cũ (TCVN3 hoặc VNI).",
        *(row(name="Lý Văn Yên"), row(name="Lý Hạ", home="Phöôøng Taân Bình"), *[GOOD] * 5),
    ),
}

CSV = {
    "quote left open": Bad(
        "Tệp a.csv, dòng 3: dấu ngoặc kép chưa đóng",
        rows(GOOD, 'An;"Chi bộ 1;;;', *[GOOD] * 9),
    ),
    "quote within a cell": Bad(
        "Tệp a.csv, dòng 3: dấu ngoặc kép chưa đóng", rows(GOOD, 'An;"Chi" bộ 1;;;')
    ),
    "quote open for a megabyte": Bad(
        "Tệp a.csv, dòng 3: một ô quá dài.", lambda: rows(GOOD, 'An;"', *[GOOD] * 20_000)
    ),
    "too many cells in a row": cell("3: Dòng này nhiều ô hơn dòng tiêu đề.", row() + ";;x"),
    "too few cells in a row": cell("3, cột Đơn vị: Ô này trống.", "Lý Yên"),
    "one line of a megabyte": Bad(
        "Tệp a.csv, dòng 3: một ô quá dài.", lambda: rows(GOOD, "x" * (2**20 - 1))
    ),
    "one line of nineteen": Bad(
        "Tệp a.csv, dòng 3: dòng quá dài", lambda: rows(GOOD, ";" * (19 * 2**20))
    ),
    "a cell of forty thousand letters": cell(
        "3: Một ô dài hơn 32.767 chữ.", row(home="x" * 40_000)
    ),
    "millions of rows": Bad(
        "Tệp a.csv quá nhiều dòng (hơn 20.000).", lambda: rows() + b"x;y\n" * 4_000_000
    ),
    "three hundred columns": Bad("Tệp a.csv quá nhiều cột (hơn 200).", rows(";" * 300)),
}

VALUES = {
    "31 February": cell(
        "3, cột Ngày sinh: 31/02/1990 không có trong lịch.", row(born="31/02/1990")
    ),
    "29 February in a common year": cell(
        "3, cột Ngày sinh: 29/2/2023 không có trong lịch.", row(born="29/2/2023")
    ),
    "month first": cell("3, cột Ngày sinh: 02/13/1990 ghi tháng trước.", row(born="02/13/1990")),
    "month first from an American Excel": cell(
        "3, cột Ngày vào Đảng: 12/31/2001 ghi tháng trước.", row(joined="12/31/2001")
    ),
    "year only": cell("3, cột Ngày sinh: 1975 mới chỉ là năm.", row(born="1975")),
    "a year that is a number": Bad(
        "a.xlsx, dòng 2, cột Ngày sinh: 1975 mới chỉ là năm.",
        lambda: xlsx(["Lý Yên", "Chi bộ 9", None, 1975]),
        "a.xlsx",
    ),
    "month and year": cell("3, cột Ngày sinh: 8/1975 không phải ngày.", row(born="8/1975")),
    "a day as Excel's number": cell("3, cột Ngày sinh: 29432 không phải ngày.", row(born="29432")),
    "born in the future": cell("3, cột Ngày sinh: 1/1/2090 ở tương lai.", row(born="1/1/2090")),
    "born before anybody": cell(
        "3, cột Ngày sinh: 3/2/1026 là năm không hợp lý.", row(born="3/2/1026")
    ),
    "the year 0": cell("3, cột Ngày sinh: 1/1/0000 không có trong lịch.", row(born="1/1/0000")),
    "a day with a time": cell(
        "3, cột Ngày sinh: 3/2/1980 19:30 không phải ngày.", row(born="3/2/1980 19:30")
    ),
    "joined before birth": cell(
        "3, cột Ngày vào Đảng: ", row(name="Lý Yên", born="1/1/1990", joined="1/1/1980")
    ),
    "official before joining": cell(
        "3, cột Ngày vào Đảng: ", row(name="Lý Yên", joined="1/1/2010", official="1/1/2009")
    ),
    "telephone rounded": cell(
        "3, cột Điện thoại: 9.12E+08 đã bị bảng tính làm tròn.", row(phone="9.12E+08")
    ),
    "telephone rounded in Vietnamese": cell(
        "3, cột Điện thoại: 9,12E+08 đã bị bảng tính làm tròn.", row(phone="9,12E+08")
    ),
    "two telephones": cell(
        "3, cột Điện thoại: 0912345678 / 0987654321 không phải số điện thoại.",
        row(phone="0912345678 / 0987654321"),
    ),
    "telephone too short": cell("3, cột Điện thoại: 12345 không phải số", row(phone="12345")),
    "card rounded": cell("3, cột Số thẻ: 1.2E+11 đã bị", row(card="1.2E+11")),
    "account by name": cell("3, cột Telegram ID: @huong không phải Telegram ID", row(tg="@huong")),
    "account of a group": cell(
        "3, cột Telegram ID: -1001234567890 không", row(tg="-1001234567890")
    ),
    "account rounded": cell("3, cột Telegram ID: 5.0E+08 đã bị", row(tg="5.0E+08")),
    "account without end": cell("3, cột Telegram ID: 99999", row(tg="9" * 5000)),
    "a day beyond Excel's calendar": Bad(
        "a.xlsx, dòng 2, cột Ngày sinh: ",
        lambda: changed(
            xlsx(["Lý Yên", "Chi bộ 9", None, date(1980, 2, 3)]),
            SHEET,
            lambda xml: xml.replace(b"<v>29254</v>", b"<v>1E+300</v>"),
        ),
        "a.xlsx",
    ),
    "an error for a value": Bad(
        "a.xlsx, dòng 2, cột Ngày sinh: ",
        lambda: changed(
            xlsx(["Lý Yên", "Chi bộ 9", None, date(1980, 2, 3)]),
            SHEET,
            lambda xml: xml.replace(b's="1"><v>29254</v>', b't="str"><v>#REF!</v>'),
        ),
        "a.xlsx",
    ),
}

IDENTITY = {
    "the same person twice": cell("3, cột Họ và tên: Trùng người với dòng 2.", row()),
    "the same person in other letters": cell(
        "3, cột Họ và tên: Trùng người với dòng 2.", row(name="MAI  THỊ XUÂN", unit="chi bo 9")
    ),
    "one card for two": cell(
        "4, cột Số thẻ: ", row(name="Lý Yên", card="12.345"), row(name="Lý Hạ", card="12.345")
    ),
    "one account for two": cell(
        "4, cột Telegram ID: ", row(name="Lý Yên", tg="777"), row(name="Lý Hạ", tg="777")
    ),
    "an account that is somebody else's": cell(
        "3, cột Telegram ID: ",
        row(name="Nguyễn Văn An", unit=BRANCH_1, born="", tg=str(ACCOUNTS["huong"])),
    ),
    "a namesake who may be either": cell(
        "3, cột Họ và tên: ", row(name="Hà Văn Đôi", unit=BRANCH_1, born="")
    ),
    "a unit within itself": cell(
        "3, cột Đơn vị: Đảng bộ A / Chi bộ B / đảng bộ a ",
        row(unit="Đảng bộ A / Chi bộ B / đảng bộ a"),
    ),
    "units without end": cell("3, cột Đơn vị: ", row(unit=" / ".join("ABCDEFGH"))),
    "a unit without a name": cell("3, cột Đơn vị: ", row(unit=" / / ")),
    "a name of 500 letters": cell("3, cột Họ và tên: ", row(name="Y" * 500)),
    "a unit of 500 letters": cell("3, cột Đơn vị: ", row(unit="Y" * 500)),
    "a name without letters": cell("3, cột Họ và tên: 12345 ", row(name="12345")),
    "a name that nobody sees": cell("3, cột Họ và tên: Ô này trống.", row(name="\u200b\u202e\x00")),
    "an unknown position": cell("3, cột Chức vụ: Tổng thống ", row(role="Tổng thống")),
}

INJECTION = {
    "a formula for a day": cell(
        '3, cột Ngày sinh: =HYPERLINK("http://x.vn") ', row(born='"=HYPERLINK(""http://x.vn"")"')
    ),
    "markup for a position": cell(
        "3, cột Chức vụ: <b>Vua</b> & con ", row(role="<b>Vua</b> & con")
    ),
    "a place of a sentence": cell(
        "3, cột Ngày sinh: {value}{0.__class__} ", row(born="{value}{0.__class__}")
    ),
    "a link for an account": cell("3, cột Telegram ID: tg://user?id=1 ", row(tg="tg://user?id=1")),
    "a command for a telephone": cell("3, cột Điện thoại: ", row(phone="=cmd|' /C calc'!A0")),
    "right to left": cell("3, cột Ngày sinh: 0891/2/13 ", row(born="\u202e0891/2/13")),
}

ROSTERS = {
    f"{part}: {name}": bad
    for part, table in {
        "file": FILES,
        "structure": STRUCTURE,
        "encoding": ENCODINGS,
        "CSV": CSV,
        "value": VALUES,
        "identity": IDENTITY,
        "injection": INJECTION,
    }.items()
    for name, bad in table.items()
}

CAMPAIGN = """
name = "Học tập"
unit = "Chi bộ 1"
starts = 2026-08-01
ends = 2026-08-31
[[lesson]]
title = "Bài 1"
text = "Đọc."
"""


def campaign(old: str = "", new: str = "") -> bytes:
    assert old in CAMPAIGN
    return CAMPAIGN.replace(old, new).encode()


CAMPAIGNS = {
    "empty": Bad("a.toml: ", b"", "a.toml"),
    "no TOML": Bad("a.toml: dòng 3 ", b"a = 1\nb = 2\n= 3\n", "a.toml"),
    "a workbook": Bad("a.toml: ", workbook, "a.toml"),
    "UTF-16": Bad("a.toml: ", lambda: CAMPAIGN.encode("utf-16"), "a.toml"),
    "more than a megabyte": Bad("a.toml: ", lambda: b"#" * (2**20 + 1), "a.toml"),
    "brackets within brackets": Bad("a.toml: ", b"a = " + b"[" * 100_000, "a.toml"),
    "a number without end": Bad("a.toml: ", b"a = " + b"9" * 100_000, "a.toml"),
    "an unknown unit": Bad(
        'a.toml: không có đơn vị "Chi bộ 77"', campaign("bộ 1", "bộ 77"), "a.toml"
    ),
    "ends before it starts": Bad("a.toml: ", campaign("2026-08-31", "2026-07-31"), "a.toml"),
    "a word for a day": Bad("a.toml: ", campaign("= 2026-08-01", '= "mai"'), "a.toml"),
    "a file elsewhere": Bad(
        "a.toml: Bài 1: ", campaign('text = "Đọc."', 'file = "../house.db"'), "a.toml"
    ),
    "a file that is missing": Bad(
        "a.toml: Bài 1: ", campaign('text = "Đọc."', 'file = "bai-1.pdf"'), "a.toml"
    ),
    "a lesson too long": Bad("a.toml: Bài 1: ", campaign("Đọc.", "đ" * 100_001), "a.toml"),
}

QUESTION_HEADER = "Câu hỏi;Trả lời;Hiệu lực từ"
QUESTIONS = {
    "no answer": Bad(
        "a.csv, dòng 2, cột Trả lời: Ô này trống.", rows("Bao giờ?;;", head=QUESTION_HEADER)
    ),
    "the same twice": Bad(
        "a.csv, dòng 3, cột Câu hỏi: ",
        rows("Bao giờ?;Mai.;", "BAO GIỜ;Mốt.;", head=QUESTION_HEADER),
    ),
    "an answer too long": Bad(
        "a.csv, dòng 2, cột Trả lời: ", rows(f"A?;{'x' * 2501};", head=QUESTION_HEADER)
    ),
    "a day that is none": Bad(
        "a.csv, dòng 2, cột Hiệu lực từ: 31/2/2026 ", rows("A?;B.;31/2/2026", head=QUESTION_HEADER)
    ),
    "a workbook that is broken": Bad(DAMAGED, lambda: workbook()[:2500], "a.xlsx"),
}
EVERY = {
    (command, name): bad
    for command, table in {
        "roster": ROSTERS,
        "campaign": CAMPAIGNS,
        "questions": QUESTIONS,
    }.items()
    for name, bad in table.items()
}


# -- odd, but certain --------------------------------------------------------------------------

XUAN = ["Mai Thị Xuân", "Chi bộ 9", None, date(1980, 2, 3), None, None, None, 912345678]
LIST = rows(row(phone="0912345678"))


def hidden_sheet_first() -> bytes:
    """The list is on the second sheet; the first one is hidden."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        hidden, shown = book.add_worksheet("Danh mục"), book.add_worksheet("Danh sách")
        hidden.write_row(0, 0, TITLES)
        hidden.write_row(1, 0, ["Lý Văn Giấu", "Chi bộ 9"])
        shown.activate()
        hidden.hide()
        for number, line in enumerate(LIST.decode().splitlines()):
            shown.write_row(number, 0, line.split(";"))
    return target.getvalue()


def windows_1258() -> bytes:
    """That code page holds a letter first, then its tone as a mark."""
    text = ""
    for letter in LIST.decode():
        marks = unicodedata.normalize("NFD", letter)
        tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
        plain = "".join(mark for mark in marks if mark not in tones)
        text += unicodedata.normalize("NFC", plain) + "".join(tones)
    return text.encode("cp1258")


ODD: dict[str, tuple[str, Callable[[], bytes]]] = {
    "BOM": ("a.csv", lambda: b"\xef\xbb\xbf" + LIST),
    "UTF-16": ("a.csv", lambda: LIST.decode().encode("utf-16")),
    "Windows-1258": ("a.csv", windows_1258),
    "letters taken apart": ("a.csv", lambda: unicodedata.normalize("NFD", LIST.decode()).encode()),
    "letters nobody sees": (
        "a.csv",
        lambda: LIST.decode().replace("Thị", "\u202eTh\u200bị\x00\ufeff").encode(),
    ),
    "line ends of an old Mac": ("a.csv", lambda: LIST.replace(b"\n", b"\r")),
    "commas": ("a.csv", lambda: LIST.replace(b";", b",")),
    "lost zero": ("a.csv", lambda: LIST.replace(b"0912345678", b"912345678")),
    "full-width digits": (
        "a.csv",
        lambda: (
            LIST.decode()
            .replace("0912345678", "０９１２３４５６７８")
            .replace("3/2/1980", "３/２/１９８０")
            .encode()
        ),
    ),
    "two-digit year": ("a.csv", lambda: LIST.replace(b"3/2/1980", b"3.2.80")),
    "header in other letters": (
        "a.csv",
        lambda: LIST.decode().replace("Họ và tên", "  HO  VÀ  TÊN *").replace("Số", "so").encode(),
    ),
    "columns in another order": (
        "a.csv",
        lambda: rows(
            "0912345678;Chi bộ 9;3/2/1980;Mai Thị Xuân",
            head="Điện thoại;Đơn vị;Ngày sinh;full_name",
        ),
    ),
    "a workbook's own days and numbers": ("a.xlsx", lambda: xlsx(XUAN)),
    "days counted from 1904": ("a.xlsx", lambda: xlsx(XUAN, date_1904=True)),
    "hidden sheet first": ("a.xlsx", hidden_sheet_first),
    "false dimension": (
        "a.xlsx",
        lambda: changed(
            xlsx(XUAN), SHEET, lambda xml: re.sub(rb'ref="A1:\w+"', b'ref="A1:XFD1048576"', xml)
        ),
    ),
    "text within the cells": (
        "a.xlsx",
        lambda: changed(
            xlsx(["Mai Thị", *XUAN[1:]]),
            STRINGS,
            lambda xml: xml.replace(
                "<t>Mai Thị</t>".encode(),
                "<r><t xml:space='preserve'>Mai </t></r><r><b/><t>Thị Xuân</t></r>".encode(),
            ),
        ),
    ),
}
