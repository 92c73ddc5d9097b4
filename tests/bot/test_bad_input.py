"""A bad file is refused in words that name the place, an odd one is read, none is half written."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from python_calamine import load_workbook
from sqlmodel import Session, SQLModel, select
from typer.testing import CliRunner

from bot.cli import app
from bot.reading import read_file
from bot.simulator.client import World
from storage import migrate, roster
from storage.db import Database
from storage.roster import Person
from storage.roster_import import COLUMNS
from storage.roster_import.columns import understand
from storage.sheets import Problems
from tests.bad_files import EVERY, ODD, ROSTERS, row, rows
from tests.sheets import a_tower_of_accents
from tests.town import BRANCH_1, PARTY, Town, settle

# -- on the command line -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the town's roll is kept, with two namesakes on it."""
    folder = tmp_path_factory.mktemp("house")
    (folder / "data").mkdir()
    address = f"sqlite:///{folder / 'data' / 'chibo.db'}"
    migrate.upgrade(address)
    database = Database(address)

    def fill(session: Session) -> None:
        settle(session)
        branch = roster.unit_at(session, BRANCH_1)
        for day in (1, 2):
            roster.new_person(session, branch, "Hà Văn Đôi").born = date(1990, 1, day)

    database.run(fill)
    database.close()
    return folder


@pytest.fixture
def here(house: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name in [name for name in os.environ if name.startswith("CHIBO_")]:
        monkeypatch.delenv(name)
    with contextlib.chdir(house):
        yield house


def everything(house: Path) -> dict[str, list[object]]:
    """All rows of all tables."""
    database = Database(f"sqlite:///{house / 'data' / 'chibo.db'}")
    try:
        return database.run(
            lambda session: {
                table.name: [tuple(row) for row in session.execute(select(table))]
                for table in SQLModel.metadata.sorted_tables
            }
        )
    finally:
        database.close()


@pytest.mark.parametrize(
    ("command", "name"), EVERY, ids=[f"{command} {name}" for command, name in EVERY]
)
def test_a_bad_file_is_named_with_row_and_column_and_nothing_is_written(
    here: Path, tmp_path: Path, command: str, name: str
) -> None:
    bad = EVERY[command, name]
    file = tmp_path / Path(bad.name).name
    file.write_bytes(bad.make())
    before = everything(here)
    result = CliRunner().invoke(app, ["import", command, str(file)])
    said = result.stderr.splitlines()
    assert result.exit_code == 1, result.output
    assert said[0].startswith(bad.says) or said[0].startswith(f"chibo: {bad.says}"), result.stderr
    assert said[-1] == "Chưa ghi gì."
    assert result.stdout == ""
    assert everything(here) == before


# -- odd, but certain --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD)
def test_an_odd_file_is_read_for_what_it_surely_says(name: str) -> None:
    file_name, build = ODD[name]
    table = read_file(file_name, build(), {"": COLUMNS}).table
    assert len(table) == 1
    entry = understand(table[0], date(2026, 8, 3), problems := Problems())
    assert entry is not None, problems
    assert (entry.full_name, entry.path, entry.born) == (
        "Mai Thị Xuân",
        ("Chi bộ 9",),
        date(1980, 2, 3),
    )
    assert entry.fields["phone"] == "+84912345678"


def test_what_a_file_has_too_much_of_is_named_and_left_out(here: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(
        rows("1;Mai Thị Xuân;Chi bộ 9;x;y", "Tổng số: 1;;;;", head="STT;Họ và tên;Đơn vị;Lương;Ma")
    )
    result = CliRunner().invoke(app, ["import", "roster", str(file), "--dry-run"])
    assert result.exit_code == 0, result.output
    assert result.stderr.splitlines() == [
        "a.csv: Không rõ cột Lương, đã bỏ qua.",
        "a.csv: Không rõ cột Ma, đã bỏ qua.",
        "a.csv, dòng 3: Đã bỏ qua dòng tổng cộng.",
    ]


# -- text that would be more than text ---------------------------------------------------------

NAMES = [
    '=HYPERLINK("http://x.vn","Bấm")',
    "+An",
    "-An",
    "@SUM(A1) An",
    "<b>An</b> & con",
    "tg://user?id=1 An",
    "{0.__class__} {name} An",
    "https://x.vn/An",
]


def test_whatever_a_name_begins_with_it_is_text_in_every_file_that_goes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, world: World
) -> None:
    for name, value in {"TOKEN": world.token, "API_URL": world.api_url}.items():
        monkeypatch.setenv(f"CHIBO_{name}", value)
    monkeypatch.chdir(tmp_path)
    quoted = ['"' + name.replace('"', '""') + '"' for name in NAMES]
    Path("a.csv").write_bytes(rows(*(f"{name};=1+1;Bí thư;;;;;;@home" for name in quoted)))
    for command in (
        "import roster a.csv",
        "export roster roster.xlsx",
        "export attendance attendance.xlsx",
        "invites --output links.csv",
    ):
        result = CliRunner().invoke(app, command.split())
        assert result.exit_code == 0, result.output
    for book in ("roster.xlsx", "attendance.xlsx"):
        with zipfile.ZipFile(book) as archive:
            parts = {name: archive.read(name) for name in archive.namelist()}
        assert not re.search(rb"<f[ >]|<hyperlink|externalLink", b"".join(parts.values()))
    written = load_workbook("roster.xlsx").get_sheet_by_index(0).to_python()
    assert sorted(row[0] for row in written[1:]) == sorted(NAMES)
    assert {(row[1], row[9]) for row in written[1:]} == {("=1+1", "@home")}
    links = Path("links.csv").read_text("utf-8-sig")
    cells = [cell for line in csv.reader(links.splitlines()) for cell in line]
    assert "'" + NAMES[0] in cells and NAMES[4] in cells
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


# -- in the chat -------------------------------------------------------------------------------

CHAT = [
    "file: cut zip",
    "file: password",
    "file: entity bomb",
    "file: a million sheets",
    "encoding: TCVN3",
    "encoding: a name pasted from TCVN3 among others",
    "CSV: quote left open",
    "structure: a column is missing",
]


def test_a_bad_file_in_the_chat_is_answered_in_words_and_nothing_is_written(
    town: Town, capfd: pytest.CaptureFixture[str]
) -> None:
    def people(session: Session) -> list[tuple[object, ...]]:
        return [tuple(row) for row in session.execute(select(Person.__table__))]

    before = town.database.run(people)
    for name in CHAT:
        bad = ROSTERS[name]
        words = bad.says.removeprefix("a.csv, ").removeprefix("dòng ")
        town.quyen.send_document(bad.name, bad.make())
        town.quyen.wait_for(words, timeout=30)
    assert town.database.run(people) == before
    log = "".join(capfd.readouterr())
    assert log.count("reading.died") == 1
    assert "Traceback" not in log and "a.xlsx" not in log


def test_a_branchs_secretary_gives_nobody_a_role_above_by_a_file(town: Town) -> None:
    town.an.send_document("a.csv", rows(row(name="Lý Yên", unit=PARTY, role="Bí thư")))
    said = town.an.wait_for("KIỂM TRA TỆP a.csv → 0 mới")
    assert "Dòng 2, cột Đơn vị:" in said.text
    assert said.buttons == ["Tải dòng lỗi", "Hủy"]


def test_markup_in_a_file_and_in_its_name_is_shown_as_it_stands(town: Town) -> None:
    content = rows(row(name="<b>Lý</b> & {name}", unit=BRANCH_1, role="<i>Vua</i>"))
    town.an.send_document("../<u>a</u>\u202e.csv", content)
    said = town.an.wait_for("KIỂM TRA TỆP")
    assert "KIỂM TRA TỆP <u>a</u>.csv" not in said.text  # the part before the slash is no name
    assert "u>.csv →" in said.text
    assert "Dòng 2, cột Chức vụ: <i>Vua</i> không phải" in said.text


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_nobody_waits_while_a_heavy_file_is_read(town: Town) -> None:
    town.an.send_document("nang.csv", a_tower_of_accents())
    town.an.wait_for("nang.csv")
    town.huong.send("/trogiup")
    answer = town.huong.wait_for("Trợ giúp")
    refusal = town.an.wait_for("nang.csv quá nặng để đọc an toàn; chưa ghi gì.", timeout=30)
    assert answer.rev < refusal.rev
    assert "‹ Trang đầu" in refusal.buttons
