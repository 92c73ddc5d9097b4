"""A member's question finds its answer, however it is typed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, make_url, text
from sqlmodel import Session, col, select

from storage import search
from storage.questions import NEAR
from storage.search import (
    CONFIDENT,
    SearchEntry,
    bigrams,
    confident,
    expand_abbreviations,
    rank,
    score,
    terms,
)

BASE = {
    1: ("Mức đóng đảng phí", "lương, thu nhập", "Đảng viên đóng 1% thu nhập hằng tháng."),
    2: ("Miễn, giảm đảng phí", "khó khăn", "Chi bộ đề nghị, cấp trên quyết định."),
    3: ("Chuyển sinh hoạt đảng", "giấy giới thiệu", "Nộp giấy giới thiệu trong 30 ngày."),
    4: ("Thủ tục kết nạp đảng viên", "hồ sơ, lý lịch", "Gồm đơn, lý lịch và giấy giới thiệu."),
    5: ("Thẻ đảng bị mất thì làm thế nào?", "", "Báo ngay với chi bộ."),
    6: ("Thời hạn nộp bài thu hoạch", "học tập", "Trong vòng 15 ngày."),
    7: ("Sinh hoạt chi bộ thường kỳ bao lâu?", "thời lượng, họp", "Ít nhất 90 phút."),
    8: ("Mức lệ phí đăng ký xe", "", "Hỏi công an phường."),
}
ASKED = [
    ("đảng phí đóng bao nhiêu", 1),
    ("dang phi dong bao nhieu", 1),
    ("MIEN DANG PHI", 2),
    ("giảm đảng phí cho người khó khăn", 2),
    ("chuyen sinh hoat", 3),
    ("ket nap DV can gi", 4),
    ("kết nạp đ/v cần giấy giới thiệu gì", 4),
    ("mat the dang", 5),
    ("bài thu hoạch nộp khi nào", 6),
    ("CB họp bao lâu", 7),
    ("sinh hoat chi bo thuong ki bao lau", 7),
]
STRANGE = ["lịch cắt điện ngày mai", "thời tiết hôm nay", "đảng viên đi nước ngoài", "là gì", "?"]


@pytest.fixture(params=["sqlite", "postgresql"])
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """An open transaction on a database with nothing but the search table and its index."""
    if request.param == "sqlite":
        engine = create_engine("sqlite://")
        admin = name = None
    else:
        server = make_url(request.getfixturevalue("postgres"))
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        name = f"search_{uuid.uuid4().hex[:12]}"
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine = create_engine(server.set(database=name))
    with Session(engine) as opened:
        SearchEntry.__table__.create(opened.connection())
        for statement in search.create_index_ddl(engine.dialect.name):
            opened.connection().execute(text(statement))
        yield opened
        opened.rollback()
    engine.dispose()
    if admin is not None:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


@pytest.fixture
def base(session: Session) -> Session:
    for entry_id, fields in BASE.items():
        search.index(session, entry_id, "\n".join(fields))
    return session


@pytest.mark.parametrize(("question", "answer"), ASKED)
def test_a_member_finds_the_answer_first(base: Session, question: str, answer: int) -> None:
    found = search.candidates(base, question)
    best = rank(question, [(entry_id, BASE[entry_id]) for entry_id in found])
    assert best[0][0] == answer
    assert confident(best[0][1])


@pytest.mark.parametrize("question", STRANGE)
def test_a_question_outside_the_base_is_not_answered_with_confidence(
    base: Session, question: str
) -> None:
    found = search.candidates(base, question)
    best = rank(question, [(entry_id, BASE[entry_id]) for entry_id in found])
    assert not any(confident(points) for _, points in best)


def test_entries_with_all_terms_come_before_those_with_any(base: Session) -> None:
    found = search.candidates(base, "đảng phí")
    assert set(found[:3]) == {1, 2, 8}
    assert set(found) > {3, 4, 5}
    assert search.candidates(base, "đảng phí", limit=2) == found[:2]


def test_a_corrected_entry_is_found_by_its_new_words_only(base: Session) -> None:
    search.index(base, 3, "Đổi tên khu phố")
    assert search.candidates(base, "giới thiệu sinh hoạt đảng phí")[0] != 3
    assert search.candidates(base, "đổi tên") == [3]
    assert 3 not in search.candidates(base, "chuyển")


def test_a_removed_entry_is_found_no_more(base: Session) -> None:
    search.remove(base, 7)
    search.remove(base, 7)
    assert 7 not in search.candidates(base, "sinh hoạt chi bộ")


def test_a_member_finds_only_what_the_unit_may_see(base: Session) -> None:
    own = select(SearchEntry.entry_id).where(col(SearchEntry.entry_id) > 1)
    assert 1 in search.candidates(base, "đảng phí")
    assert set(search.candidates(base, "đảng phí", among=own)) >= {2, 8}
    assert 1 not in search.candidates(base, "đảng phí", among=own)


@pytest.mark.parametrize(
    "question",
    ["", "?!", "'", '"', "a' | 'b", 'x" OR "y', "(đảng)", "NOT AND OR NEAR", "%_*", "\x00", "&|!"],
)
def test_a_question_full_of_signs_is_only_a_question(base: Session, question: str) -> None:
    assert set(search.candidates(base, question)) <= set(BASE)


def test_the_longest_question_is_cut_and_answered(base: Session) -> None:
    assert 1 in search.candidates(base, "đảng phí " * 2000)
    assert search.candidates(base, " ".join(f"x{n}" for n in range(4000))) == []


def test_the_index_can_be_taken_down_again(base: Session) -> None:
    for statement in search.drop_index_ddl(base.connection().dialect.name):
        base.connection().execute(text(statement))
    search.remove(base, 1)
    assert len(base.exec(select(SearchEntry.entry_id)).all()) == len(BASE) - 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("CB họp", "chi bộ họp"),
        ("đ/c BT", "đồng chí bí thư"),
        ("D/C dv", "đồng chí đảng viên"),
        ("Nộp cho CU", "Nộp cho chi ủy"),
        ("tài liệu cu", "tài liệu cu"),
        ("HĐND, UBND", "hội đồng nhân dân, ủy ban nhân dân"),
        ("50-CT/TW", "50-chỉ thị/trung ương"),
    ],
)
def test_an_abbreviation_of_branch_life_is_read_in_full(typed: str, meant: str) -> None:
    assert expand_abbreviations(typed) == meant


def test_words_that_only_ask_do_not_count() -> None:
    assert terms("Xin hỏi mức đóng đảng phí là bao nhiêu ạ?") == ["muc", "dong", "dang", "phi"]
    assert terms("mat the dang") == ["mat", "the", "dang"]
    assert terms("là gì") == ["la", "gi"]
    assert bigrams(["dang", "phi", "thang"]) == ["dangphi", "phithang"]


def test_accents_decide_between_words_that_fold_alike() -> None:
    fee, registration = BASE[1], BASE[8]
    assert score("đăng ký xe lệ phí", registration) > score("đảng phí", registration)
    assert score("mức đảng phí", fee) > score("mức đảng phí", registration)


@pytest.mark.parametrize("question", ["tôi bận", "bạn", "bàn", "bán hàng"])
def test_a_word_that_only_folds_alike_answers_nothing(question: str) -> None:
    entry = ("Ban chấp hành họp khi nào?", "ban chấp hành, họp", "Mỗi quý một lần.")
    assert score(question, entry) < NEAR
    assert score("ban chap hanh hop khi nao", entry) > CONFIDENT


def test_a_tone_on_either_vowel_is_the_same_word() -> None:
    entry = ("Họp tổ hòa giải", "", "Mỗi quý một lần.")
    assert score("tổ hoà giải họp", entry) > CONFIDENT


def test_a_slip_of_the_finger_in_a_longer_word_is_forgiven() -> None:
    assert score("chuyenr sinh hoat", BASE[3]) > 60


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=3))
def test_every_question_scores_between_nought_and_a_hundred(
    question: str, fields: list[str]
) -> None:
    assert 0 <= score(question, fields) <= 100.0001


@given(st.sampled_from([fields[0] for fields in BASE.values()]))
def test_a_question_asked_in_the_words_of_the_base_is_certain(title: str) -> None:
    assert score(title, [title]) > 99
