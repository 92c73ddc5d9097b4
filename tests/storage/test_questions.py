"""The base of questions: what a file must be, whom it holds for, and who finds what."""

from __future__ import annotations

import io
from datetime import date

import pytest
from sqlmodel import Session, select

from storage import questions, speakers
from storage.errors import NotFound
from storage.powers import Actor
from storage.questions import Entry, NewEntry, Plan
from storage.sheets import Sheet, SheetError, write_xlsx
from tests.town import ACCOUNTS, BRANCH_1, NOON, PARTY, unit_id

TODAY = date(2026, 8, 3)
OWNER = Actor(1, owner=True)
HEADER = ("Câu hỏi", "Trả lời", "Nguồn", "Hiệu lực từ", "Từ khóa")
DUES = NewEntry(
    "Mức đóng đảng phí",
    "Đảng viên hưởng lương đóng 1% thu nhập hằng tháng.",
    "Sổ tay, mục 4.2",
    date(2026, 1, 1),
    "lương, thu nhập",
)
EXEMPTION = NewEntry("Miễn, giảm đảng phí", "Chi bộ đề nghị, cấp trên quyết định.", "Sổ tay, 4.3")
TRANSFER = NewEntry("Chuyển sinh hoạt đảng", "Nộp giấy giới thiệu trong 30 ngày.")
BASE = [DUES, EXEMPTION, TRANSFER]


def csv(*rows: str, header: str = ";".join(HEADER)) -> bytes:
    return "\n".join((header, *rows)).encode()


def read(data: bytes, name: str = "hoi-dap.csv") -> list[NewEntry]:
    return questions.read(data, name, today=TODAY)


def problems(data: bytes) -> list[tuple[int | None, str | None, str]]:
    with pytest.raises(SheetError) as caught:
        read(data)
    return [(p.row, p.column, p.message.format(**p.values)) for p in caught.value.problems]


def actor(session: Session, name: str) -> Actor:
    return speakers.who(session, ACCOUNTS[name], today=TODAY, owner=False)


def found(session: Session, query: str, units: frozenset[int] = frozenset()) -> list[str]:
    return [hit.entry.question for hit in questions.find(session, query, units)]


# -- files -------------------------------------------------------------------------------------


def test_a_secretarys_csv_gives_tidy_entries() -> None:
    row = "Mức đóng  đảng phí;Đóng 1%.;Sổ tay, mục 4.2;1/1/2026;lương;thu nhập"
    assert read(csv('"Họp mấy lần?";"Một tháng\nmột lần.";;;họp , lịch,')) == [
        NewEntry("Họp mấy lần?", "Một tháng\nmột lần.", keywords="họp, lịch")
    ]
    with pytest.raises(SheetError, match="more cells"):
        read(csv(row))


def test_english_headers_in_any_order_will_do() -> None:
    data = csv("2026-01-01,Once a month.,How often?", header="valid_from,answer,question")
    assert read(data) == [NewEntry("How often?", "Once a month.", valid_from=date(2026, 1, 1))]


def test_a_workbook_is_read_like_a_csv() -> None:
    book = io.BytesIO()
    write_xlsx(book, [Sheet("Hỏi đáp", HEADER, [(*_row(DUES),)])])
    assert read(book.getvalue(), "hoi-dap.xlsx") == [DUES]


def _row(entry: NewEntry) -> tuple[str | date | None, ...]:
    return entry.question, entry.answer, entry.source, entry.valid_from, entry.keywords


def test_every_mistake_of_a_file_is_told_with_row_and_column() -> None:
    data = csv(
        "Mức đóng đảng phí;Đóng 1%.;;31/02/2026;",
        "muc dong DANG PHI?;Đóng 2%.;;;",
        "???;Không có chữ.;;;",
        f"Dài quá;{'a' * 2501};;;",
        f"{'b' * 601};Câu hỏi dài.;;;",
    )
    assert problems(data) == [
        (2, "Hiệu lực từ", "31/02/2026 is not in the calendar."),
        (3, "Câu hỏi", "The same question stands in row 2 already."),
        (4, "Câu hỏi", "The question has no words."),
        (5, "Trả lời", "The cell holds 2501 letters; at most 2500 fit."),
        (6, "Câu hỏi", "The cell holds 601 letters; at most 600 fit."),
    ]


def test_a_question_needs_an_answer_and_an_answer_a_question() -> None:
    assert problems(csv(";Không ai hỏi;;;", "Chưa ai trả lời;;;;")) == [
        (2, "Câu hỏi", "The cell is empty."),
        (3, "Trả lời", "The cell is empty."),
    ]


def test_a_file_without_the_answers_is_refused() -> None:
    assert problems(csv("Họp mấy lần?;Sổ tay", header="Câu hỏi;Nguồn")) == [
        (None, "Trả lời", "hoi-dap.csv lacks the column Trả lời.")
    ]


# -- importing ---------------------------------------------------------------------------------


def test_the_same_file_twice_changes_nothing(session: Session, cast: dict[str, int]) -> None:
    assert questions.apply(session, OWNER, BASE, now=NOON) == Plan(None, 3, 0, 0)
    before = session.exec(select(Entry).order_by(Entry.question)).all()
    assert questions.apply(session, OWNER, BASE, now=NOON) == Plan(None, 0, 0, 3)
    assert session.exec(select(Entry).order_by(Entry.question)).all() == before


def test_a_plan_writes_nothing(session: Session, cast: dict[str, int]) -> None:
    assert questions.plan(session, OWNER, BASE) == Plan(None, added=3, changed=0, same=0)
    assert session.exec(select(Entry)).all() == []


def test_a_changed_answer_is_found_by_its_new_words(session: Session, cast: dict[str, int]) -> None:
    questions.apply(session, OWNER, BASE, now=NOON)
    changed = NewEntry("MỨC ĐÓNG ĐẢNG PHÍ?", "Mức mới theo quy định về kinh phí.")
    plan = questions.apply(session, OWNER, [changed], now=NOON)
    assert (plan.added, plan.changed, plan.same) == (0, 1, 0)
    hit = questions.find(session, "quy dinh ve kinh phi", frozenset())[0]
    assert hit.entry.answer == "Mức mới theo quy định về kinh phí."
    assert hit.entry.source == DUES.source, "an empty cell changes nothing"


def test_what_a_branch_secretary_imports_holds_for_the_branch(
    session: Session, cast: dict[str, int]
) -> None:
    branch = unit_id(session, BRANCH_1)
    plan = questions.apply(session, actor(session, "an"), [DUES], now=NOON)
    assert plan.unit is not None and plan.unit.id == branch
    assert found(session, "dang phi", questions.units_of(actor(session, "huong"))) == [
        DUES.question
    ]
    assert found(session, "dang phi", questions.units_of(actor(session, "minh"))) == []


def test_who_leads_the_whole_tree_imports_for_everybody(
    session: Session, cast: dict[str, int]
) -> None:
    assert questions.apply(session, actor(session, "oanh"), [DUES], now=NOON).unit is None
    assert found(session, "dang phi", questions.units_of(actor(session, "minh"))) == [DUES.question]


@pytest.mark.parametrize("name", ["chi", "dung", "huong", "minh"])
def test_who_leads_nothing_imports_nothing(
    session: Session, cast: dict[str, int], name: str
) -> None:
    with pytest.raises(NotFound):
        questions.apply(session, actor(session, name), [DUES], now=NOON)


# -- finding -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "dang phi dong bao nhieu",
        "đảng phí đóng bao nhiêu",
        "MUC DONG DANG PHI",
        "thu nhap dang phi",
    ],
)
def test_accents_or_not_the_dues_are_found_first(
    session: Session, cast: dict[str, int], query: str
) -> None:
    questions.apply(session, OWNER, BASE, now=NOON)
    best = questions.find(session, query, frozenset())[0]
    assert best.entry.question == DUES.question
    assert best.confident


def test_what_the_base_does_not_know_is_not_passed_off_as_an_answer(
    session: Session, cast: dict[str, int]
) -> None:
    questions.apply(session, OWNER, BASE, now=NOON)
    assert found(session, "thời tiết hôm nay") == []
    assert not any(hit.confident for hit in questions.find(session, "mat the", frozenset()))


def test_strange_signs_in_a_question_break_nothing(session: Session, cast: dict[str, int]) -> None:
    questions.apply(session, OWNER, BASE, now=NOON)
    for query in ('"', "' OR 1=1 --", "a & b | !", "NEAR(", "*", "đảng:phí*", "(((", "\\", "%_"):
        assert len(questions.find(session, query, frozenset())) <= 3


def test_an_entry_of_another_branch_looks_like_none(session: Session, cast: dict[str, int]) -> None:
    entry = questions.put(session, unit_id(session, BRANCH_1), DUES)
    units = questions.units_of(actor(session, "minh"))
    assert questions.readable(session, units, [entry.id]) == {}
    with pytest.raises(NotFound):
        questions.entry_for(session, units, entry.id)


def test_what_is_not_approved_is_not_found(session: Session, cast: dict[str, int]) -> None:
    entry = questions.put(session, None, DUES)
    entry.approved = False
    session.add(entry)
    session.flush()
    assert found(session, "dang phi") == []


def test_a_group_reads_its_own_units_entries_and_those_above(
    session: Session, cast: dict[str, int]
) -> None:
    questions.put(session, unit_id(session, PARTY), DUES)
    questions.put(session, unit_id(session, f"{PARTY} / Chi bộ 2"), EXEMPTION)
    units = questions.units_of_group(session, unit_id(session, BRANCH_1))
    assert found(session, "dang phi", units) == [DUES.question]
    assert found(session, "dang phi", questions.units_of_group(session, None)) == []
