"""What the process that reads files says is looked at piece by piece before it is believed."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator

import pytest

from storage import reading
from storage.reading import Garbled, Read, answer, answered, ask, asked, parse_toml
from storage.sheets import Column, Problem, Row, SheetError
from tests.sheets import CSV, workbook

TABLES = {
    "questions": [Column("question", ("Câu hỏi",), required=True), Column("answer", ("Trả lời",))],
    "roster": [
        Column("name", ("Họ và tên", "full_name"), required=True),
        Column("unit", ("Đơn vị",), required=True),
        Column("phone", ("Điện thoại",)),
    ],
}


def test_what_is_asked_arrives_as_it_was() -> None:
    name, tables = asked(ask('a"\n\udcff.csv', TABLES))
    assert name.startswith('a"\n') and tables is not None
    assert {kind: list(columns) for kind, columns in tables.items()} == TABLES
    assert asked(ask("a.toml", None)) == ("a.toml", None)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", CSV.encode()),
        ("a.csv", CSV.replace("Ngày sinh", "Lạ").encode() + "Tổng,,,\n".encode()),
        ("a.csv", CSV.encode() + 'An,"Chi\nbộ ""1""",\u2028,\n'.encode()),
        ("a.csv", CSV.encode() + b"An,,,\nBa,,,\n"),
        ("a.csv", "Câu hỏi;Trả lời\nBao giờ?;Mai.\n".encode()),
        ("a.csv", b"a,b\n1,2\n"),
        ("a.xlsx", workbook()),
        ("a.xlsx", workbook()[:900]),
        ("a.pdf", b"%PDF"),
    ],
    ids=range(9),
)
def test_what_was_found_arrives_as_it_was(name: str, content: bytes) -> None:
    found = reading.read(name, content, TABLES)
    arrived = answered(name, TABLES, answer(found))
    assert arrived == found
    assert arrived.table.present == found.table.present
    assert arrived.table.warnings == found.table.warnings
    assert arrived.table.problems == found.table.problems
    assert bool(arrived.table) != bool(arrived.problems)


def test_a_table_is_known_by_its_header_before_anything_is_wrong_with_it() -> None:
    assert reading.read("a.csv", CSV.encode(), TABLES).kind == "roster"
    assert reading.read("a.csv", CSV.encode() + b"An,,,\n", TABLES).kind == "roster"
    assert reading.read("a.csv", "Câu hỏi,Trả lời\nA,\n".encode(), TABLES).kind == "questions"
    assert reading.read("a.csv", b"a,b\n1,2\n", TABLES).kind is None
    assert reading.read("a.xlsx", workbook()[:900], TABLES).kind is None


def test_toml_comes_through_with_its_days_as_text() -> None:
    content = b'\xef\xbb\xbfa = 2026-08-01\nb = [1, 2.5, true, "x"]\n[[c.d]]\ne = 07:30:00\n'
    found = reading.read("a.toml", content, None)
    arrived = answered("a.toml", None, answer(found))
    assert arrived.settings == {
        "a": "2026-08-01",
        "b": [1, 2.5, True, "x"],
        "c": {"d": [{"e": "07:30:00"}]},
    }


def test_what_lies_deeper_in_toml_than_anything_we_know_is_nothing() -> None:
    found = parse_toml(b"a." * 300 + b"a = 1")
    depth = 0
    while found is not None:
        found, depth = found["a"], depth + 1
    assert 6 < depth < 20


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a = 1\nb = = 2\n", "line 2 is not valid TOML"),
        (b"a = " + b"9" * 5000, "is not valid TOML"),
        (b"a = " + b"[" * 5000, "is not valid TOML"),
        (b"a = 2026-13-45\n", "line 1 is not valid TOML"),
        ("a = 'ạ'".encode("utf-16"), "not text in UTF-8"),
        (b"a = '\x00'", "is not valid TOML"),
        (b"#" * (2**20 + 1), "larger than 1 MiB"),
    ],
)
def test_what_is_no_toml_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(SheetError, match=says):
        parse_toml(content)


HEAD = {
    "kind": "roster",
    "present": ["name", "unit"],
    "rows": 1,
    "warnings": [],
    "wrong": [],
    "problems": [],
    "settings": {},
}
ROW: object = [2, ["An", "Chi bộ 1"]]


def lines(*data: object) -> Iterator[bytes]:
    return (each if isinstance(each, bytes) else json.dumps(each).encode() for each in data)


def test_an_honest_answer_is_believed() -> None:
    found = answered("a.csv", TABLES, lines(HEAD, ROW))
    assert found.table == [Row(2, {"name": "An", "unit": "Chi bộ 1"})]


class Trap:
    """What unpickling would run."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return pytest.fail, ("somebody has unpickled it",)


@pytest.mark.parametrize(
    "answer",
    [
        [],
        [b""],
        [b"\xff\xfe"],
        [b"[" * 100_000],
        [pickle.dumps(Trap())],
        [[]],
        [{}],
        [HEAD],
        [HEAD, ROW, ROW],
        [{**HEAD, "rows": 1e9}, ROW],
        [HEAD, pickle.dumps(Trap())],
        [HEAD, [True, ["An", "1"]]],
        [HEAD, ["2", ["An", "1"]]],
        [HEAD, [2, ["An"]]],
        [HEAD, [2, ["An", "1", "2"]]],
        [HEAD, [2, ["An", None]]],
        [HEAD, [2, ["An", {"a": 1}]]],
        [HEAD, [2, "An"]],
        [HEAD, {"number": 2}],
        [{**HEAD, "kind": "accounts"}, ROW],
        [{**HEAD, "kind": None}, ROW],
        [{**HEAD, "kind": ["roster"]}, ROW],
        [{**HEAD, "present": ["name", "telegram_id"]}, ROW],
        [{**HEAD, "present": [["name"], "unit"]}, ROW],
        [{**HEAD, "settings": {"a": 1}}, ROW],
        [{**HEAD, "settings": []}, ROW],
        [{**HEAD, "problems": [[1, "a", "b"]]}, ROW],
        [{**HEAD, "problems": [["1", "a", "b", {}]]}, ROW],
        [{**HEAD, "problems": [[1, 2, "b", {}]]}, ROW],
        [{**HEAD, "problems": [[1, "a", 3, {}]]}, ROW],
        [{**HEAD, "problems": [[1, "a", "b", {"c": [1]}]]}, ROW],
        [{**HEAD, "problems": [[1, "a", "b", {"c": True}]]}, ROW],
        [{**HEAD, "problems": [[1, "a", "b", []]]}, ROW],
        [{**HEAD, "problems": "none"}, ROW],
        [{**HEAD, "warnings": 5}, ROW],
        [{**HEAD, "wrong": [[1, "a", "b", {"c": None}]]}, ROW],
    ],
    ids=range(36),
)
def test_an_answer_that_is_none_is_not_believed(answer: list[object]) -> None:
    with pytest.raises(Garbled):
        answered("a.csv", TABLES, lines(*answer))


def test_a_sentence_from_there_cannot_reach_into_its_values() -> None:
    told = [None, None, "{file.__class__} {0} {file}", {"file": "a.csv"}]
    head = {**HEAD, "rows": 0, "problems": [told]}
    found = answered("a.csv", TABLES, lines(head))
    with pytest.raises(SheetError) as caught:
        found.raise_any()
    assert str(caught.value) == "{file.__class__} {0} a.csv"
    assert isinstance(found, Read) and isinstance(found.problems[0], Problem)
