"""Files of questions: what is read of a table, of GIFT and of Aiken, and what is refused where."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.bank import ItemKind, NewItem, check
from storage.bank.sheet import items_of
from storage.bank_files import COLUMNS, LETTERS, NAME
from storage.folding import clean_name, clean_text, fold
from storage.questions import COLUMNS as QUESTIONS
from storage.reading import Read, read
from storage.roster_import import COLUMNS as ROSTER
from storage.sheets import Problem, Sheet, SheetError, fill, write_csv, write_xlsx

KINDS = {"roster": ROSTER, "questions": QUESTIONS, NAME: COLUMNS}


def taken(text: str | bytes, name: str = "a.gift") -> list[NewItem]:
    """The questions of a file in which nothing is wrong."""
    found = reading(text, name)
    assert (found.kind, found.problems, found.table.problems) == (NAME, [], [])
    return items_of(found.table)


def refused(text: str | bytes, name: str = "a.gift") -> list[Problem]:
    """What is wrong with a file, all of it."""
    found = reading(text, name)
    problems = [*found.problems, *found.table.problems]
    try:
        items_of(found.table)
    except SheetError as error:
        problems += error.problems
    return sorted(problems, key=lambda each: each.row or 0)


def reading(text: str | bytes, name: str) -> Read:
    return read(name, text if isinstance(text, bytes) else text.encode(), KINDS)


# -- GIFT --------------------------------------------------------------------------------------


def test_a_question_with_one_right_answer_and_its_feedback() -> None:
    text = """// một lời ghi chú
::Câu 1:: Họp thường kỳ
ít nhất bao lâu? {
  ~45 phút # quá ngắn
  // chưa ai chọn
  =90 phút # HD 42
  ~cả ngày
}
"""
    assert taken(text) == [
        NewItem(
            ItemKind.SINGLE,
            "Họp thường kỳ\nít nhất bao lâu?",
            ("45 phút", "90 phút", "cả ngày"),
            (1,),
            why="HD 42\n45 phút: quá ngắn",
        )
    ]


@pytest.mark.parametrize(
    ("inside", "kind", "choices", "answer", "why"),
    [
        ("T", ItemKind.TRUE_FALSE, ("Đúng", "Sai"), (0,), ""),
        ("FALSE", ItemKind.TRUE_FALSE, ("Đúng", "Sai"), (1,), ""),
        ("F#vì sai#vì đúng####chung", ItemKind.TRUE_FALSE, ("Đúng", "Sai"), (1,),
         "chung\nvì đúng\nvì sai"),
        ("=90 =%100%chín mươi", ItemKind.SHORT, ("90", "chín mươi"), (), ""),
        ("=90#tròn", ItemKind.SHORT, ("90",), (), "tròn"),
        ("~%50%một ~%50%hai ~%-100%ba", ItemKind.MULTIPLE, ("một", "hai", "ba"), (0, 1), ""),
        ("~%33.3%a ~%33.3%b ~%33.4%c ~d", ItemKind.MULTIPLE, tuple("abcd"), (0, 1, 2), ""),
        ("~%100%a ~b", ItemKind.MULTIPLE, ("a", "b"), (0,), ""),
        ("=a ~b ####vì thế", ItemKind.SINGLE, ("a", "b"), (0,), "vì thế"),
    ],
)  # fmt: skip
def test_the_kind_of_a_question_follows_from_its_answers(
    inside: str, kind: ItemKind, choices: tuple[str, ...], answer: tuple[int, ...], why: str
) -> None:
    assert taken(f"Hỏi? {{{inside}}}") == [NewItem(kind, "Hỏi?", choices, answer, why=why)]


def test_a_backslash_takes_the_meaning_from_a_sign() -> None:
    (found,) = taken(r"Tập \{1\} \: a\=b\\c? {=một\~hai \#1 ~ba\}\n bốn}")
    assert found.ask == r"Tập {1} : a=b\c?"
    assert found.choices == ("một~hai #1", "ba} bốn")


def test_a_category_is_the_topic_of_what_follows() -> None:
    text = (
        "Một? {T}\n\n$CATEGORY: $course$/top/Điều lệ/Chương 1\nHai? {T}\n$CATEGORY: Khác\n\nBa? {F}"
    )
    assert [each.topic for each in taken(text)] == ["", "Điều lệ / Chương 1", "Khác"]


def test_a_gap_in_the_sentence_is_shown_as_one() -> None:
    (found,) = taken("Chi bộ họp {=mỗi tháng ~mỗi quý} một lần.")
    assert found.ask == "Chi bộ họp ____ một lần."


def test_the_marks_of_html_are_taken_off() -> None:
    text = "[html]<p>Bao nhiêu <b>phút</b> &lt; 100?</p> {=<i>90</i> ~45 &amp; hơn}"
    (found,) = taken(text)
    assert (clean_name(found.ask), found.choices) == ("Bao nhiêu phút < 100?", ("90", "45 & hơn"))


BAD_GIFT = {
    "number": ("Một? {T}\n\nHai?\n{#3:1}", 4, "number and its range"),
    "pairs": ("Nối {\n=a -> 1\n=b -> 2\n}", 2, "Pairs"),
    "essay": ("// x\nViết {}", 2, "Essays"),
    "description": ("Chỉ là lời dẫn.", 1, "no answer in { }"),
    "left open": ("Một?\n{=a ~b\n\nHai? {T}", 2, "not closed"),
    "closed twice": ("Một? {=a ~b}\nHai? {T}", 2, "second { or }"),
    "no sign": ("Một? {a ~b}", 1, "begins with = or ~"),
    "no right one": ("Một? {~a ~b}", 1, "no right answer"),
    "half marks": ("Một? {=a\n=%50%b}", 2, "Half marks"),
    "half marks beside": ("Một? {=a\n~%50%b}", 2, "Half marks"),
    "two right ones": ("Một? {=a ~b\n=c}", 2, "Two right answers"),
    "too little": ("Một? {~%30%a ~%30%b ~c}", 1, "worth 60% together"),
    "too many": ("Một? {=a ~b ~c ~d ~e ~f ~g ~h\n~i}", 2, "At most 8"),
    "empty answer": ("Một? {=a\n~\n~b}", 2, "An answer is empty"),
    "no words": ("::tên:: {T}", 1, "no words"),
    "a picture": ("[html]<img src='x'> gì? {T}", 1, "Pictures"),
    "markdown": ("[markdown]Một **hai**? {T}", 1, "Markdown"),
    "the same twice": ("Một? {=hòa ~Hoà}", 1, "are the same"),
    "one choice": ("Một? {~%100%a}", 1, "two to 8 choices"),
    "asked twice": ("Một? {=a ~b}\n\nmột?  {=a ~b}", 3, "stands in row 1 already"),
    "nothing": ("// chỉ có ghi chú", None, "holds no question"),
    "nothing at all": (" \n", None, "is empty"),
    "long": (f"{'x' * 801} {{T}}", 1, "at most 800 letters"),
}


@pytest.mark.parametrize(("text", "line", "said"), BAD_GIFT.values(), ids=BAD_GIFT)
def test_what_gift_cannot_be_asked_here_is_refused_with_its_line(
    text: str, line: int | None, said: str
) -> None:
    (found, *more) = refused(text)
    assert found.row == line
    assert said in fill(found.message, found.values)
    assert more == []


def test_every_mistake_of_a_text_is_named() -> None:
    found = refused("Một? {~a}\n\nHai? {=a}\n\nBa? {}\n\nBốn? {#1}")
    assert [each.row for each in found] == [1, 5, 7]


SIGNS = st.text(st.sampled_from(list("aăđ~=#{}:\\%->[]/ n$TF.\n“”é🎉")), min_size=1, max_size=30)
WORDS = SIGNS.map(clean_name).filter(lambda word: bool(fold(word).strip("%")))


@st.composite
def new_items(draw: st.DrawFn) -> NewItem:
    """Any question of a kind that GIFT knows."""
    kind = draw(st.sampled_from([each for each in ItemKind if each is not ItemKind.ORDER]))
    ask = draw(SIGNS.map(clean_text).filter(lambda text: bool(fold(text)) and "\n\n" not in text))
    no_pairs = WORDS.filter(lambda word: "->" not in word)  # which no backslash escapes
    why = draw(WORDS | st.just(""))
    if kind is ItemKind.TRUE_FALSE:
        return NewItem(kind, ask, ("Đúng", "Sai"), (draw(st.integers(0, 1)),), why)
    choices = tuple(draw(st.lists(no_pairs, min_size=2, max_size=8, unique_by=fold)))
    places = st.integers(0, len(choices) - 1)
    if kind is ItemKind.SINGLE:
        return NewItem(kind, ask, choices, (draw(places),), why)
    if kind is ItemKind.MULTIPLE:
        return NewItem(kind, ask, choices, tuple(sorted(draw(st.sets(places, min_size=1)))), why)
    return NewItem(kind, ask, choices, (), why)


def as_gift(item: NewItem) -> str:
    """A question as another program would write it."""

    def plain(text: str) -> str:
        escaped = "".join(f"\\{sign}" if sign in "~=#{}:\\" else sign for sign in text)
        return escaped.replace("\n", "\\n")

    worth = 100 / len(item.answer) if item.answer else 0
    answers = []
    for number, choice in enumerate(item.choices):
        sign = "=" if item.kind is ItemKind.SHORT or number in item.answer else "~"
        if item.kind is ItemKind.MULTIPLE:
            sign = f"~%{worth:.5f}%" if number in item.answer else "~%-100%"
        answers.append(sign + plain(choice))
    inside = " ".join(answers)
    if item.kind is ItemKind.TRUE_FALSE:
        inside = "TF"[item.answer[0]]
    return f"::tên:: {plain(item.ask)} {{{inside}####{plain(item.why)}}}\n\n"


@settings(deadline=None, max_examples=300)
@given(st.lists(new_items(), min_size=1, max_size=4, unique_by=lambda item: item.digest))
def test_whatever_is_written_as_gift_is_read_back_the_same(items: list[NewItem]) -> None:
    for each in items:
        check(each)
    read_back = taken("".join(map(as_gift, items)))
    assert [(each.kind, each.choices, each.answer, each.why) for each in read_back] == [
        (each.kind, each.choices, each.answer, each.why) for each in items
    ]
    assert [clean_name(each.ask) for each in read_back] == [clean_name(each.ask) for each in items]


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from(list("ab{}=~#%:\\\n ->TF05[]$/.")), max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    for name in ("a.gift", "a.txt"):
        found = refused(text, name)
        assert all(each.row is None or 1 <= each.row <= text.count("\n") + 1 for each in found)


# -- Aiken -------------------------------------------------------------------------------------


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            WORDS.filter(lambda word: word[1:2] not in tuple(".)")),
            st.lists(WORDS, min_size=2, max_size=8, unique_by=fold),
            st.integers(0, 7),
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda each: fold(each[0]),
    ),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
)
def test_whatever_is_written_as_aiken_is_read_back_the_same(
    items: list[tuple[str, list[str], int]], end: str
) -> None:
    text = ""
    for ask, choices, right in items:
        lines = [f"{letter}. {choice}" for letter, choice in zip(LETTERS, choices, strict=False)]
        text += end.join([ask, *lines, f"ANSWER: {LETTERS[right % len(choices)]}", ""])
    assert [(each.ask, list(each.choices), each.answer) for each in taken(text, "a.txt")] == [
        (ask, choices, (right % len(choices),)) for ask, choices, right in items
    ]


def test_aiken_may_be_written_with_brackets_and_in_vietnamese() -> None:
    text = "Câu hỏi\ncó hai dòng\nA) một\nb. hai\nĐáp án: b\n"
    assert taken(text, "a.txt") == [
        NewItem(ItemKind.SINGLE, "Câu hỏi\ncó hai dòng", ("một", "hai"), (1,))
    ]


BAD_AIKEN = {
    "no answer": ("Một\nA. a\nB. b\n\nHai\nA. a\nB. b\nANSWER: A", 5, "missing before"),
    "no answer at the end": ("Một\nA. a\nB. b\nANSWER: A\n\nHai\nA. a\nB. b", 8, "missing after"),
    "no question": ("A. a\nB. b\nANSWER: A", 1, "without a question"),
    "no choices": ("Một\nANSWER: A", 2, "without a question and its choices"),
    "a letter left out": ("Một\nA. a\nC. c\nANSWER: A", 3, "A, B, C … in turn"),
    "no such choice": ("Một\nA. a\nB. b\nANSWER: C", 4, "letter of one choice"),
    "two answers": ("Một\nA. a\nB. b\nANSWER: A, B", 4, "letter of one choice"),
    "the same twice": ("Một\nA. a\nB. A\nANSWER: A", 1, "are the same"),
    "one choice": ("Một\nA. a\nANSWER: A", 1, "two to 8 choices"),
}


@pytest.mark.parametrize(("text", "line", "said"), BAD_AIKEN.values(), ids=BAD_AIKEN)
def test_what_is_wrong_in_aiken_is_told_with_its_line(text: str, line: int, said: str) -> None:
    (found, *more) = refused(text, "a.txt")
    assert (found.row, more) == (line, [])
    assert said in fill(found.message, found.values)


# -- a table -----------------------------------------------------------------------------------

HEAD = "Loại câu;Câu hỏi;A;B;C;D;Đáp án;Giải thích;Chủ đề;Giữ thứ tự"


def csv(*rows: str) -> str:
    return "\n".join([HEAD, *rows])


@pytest.mark.parametrize(
    ("row", "item"),
    [
        (
            "một đáp án;Hỏi?;a;b;c;;B;Vì;Điều lệ;",
            NewItem(ItemKind.SINGLE, "Hỏi?", ("a", "b", "c"), (1,), "Vì", "Điều lệ"),
        ),
        (";Hỏi?;a;b;;;b;;;có", NewItem(ItemKind.SINGLE, "Hỏi?", ("a", "b"), (1,), fixed=True)),
        (";Hỏi?;a;b;c;;C, A;;;", NewItem(ItemKind.MULTIPLE, "Hỏi?", ("a", "b", "c"), (0, 2))),
        (
            "Nhiều đáp án;Hỏi?;a;b;;;A;;;không",
            NewItem(ItemKind.MULTIPLE, "Hỏi?", ("a", "b"), (0,)),
        ),
        ("Đúng/Sai;Hỏi?;;;;;Sai;;;", NewItem(ItemKind.TRUE_FALSE, "Hỏi?", ("Đúng", "Sai"), (1,))),
        (";Hỏi?;;;;;đúng;;;", NewItem(ItemKind.TRUE_FALSE, "Hỏi?", ("Đúng", "Sai"), (0,))),
        ("SẮP XẾP;Hỏi?;a;b;c;;C-A-B;;;", NewItem(ItemKind.ORDER, "Hỏi?", tuple("abc"), (2, 0, 1))),
        ("trả lời ngắn;Hỏi?;90;90 phút;;;;;;", NewItem(ItemKind.SHORT, "Hỏi?", ("90", "90 phút"))),
        (";Hỏi?;;;;;90 phút;;;", NewItem(ItemKind.SHORT, "Hỏi?", ("90 phút",))),
        (
            ";Hỏi?;a;b;Cả A và B;;C;;;",
            NewItem(ItemKind.SINGLE, "Hỏi?", ("a", "b", "Cả A và B"), (2,), fixed=True),
        ),
    ],
)  # fmt: skip
def test_a_row_is_a_question(row: str, item: NewItem) -> None:
    assert taken(csv(row), "a.csv") == [item]


BAD_ROWS = {
    "no such kind": ("tự luận;Hỏi?;a;b;;;A;;;", "Loại câu", "tự luận is no kind"),
    "no question": (";;a;b;;;A;;;", "Câu hỏi", "empty"),
    "a choice left out": (";Hỏi?;a;;c;;A;;;", "B", "empty"),
    "a long choice": (f";Hỏi?;a;{'b' * 201};;;A;;;", "B", "at most 200"),
    "a long topic": (f";Hỏi?;a;b;;;A;;{'c' * 101};", "Chủ đề", "at most 100"),
    "answer in words": (";Hỏi?;một;hai;;;một;;;", "Đáp án", "letters of the choices"),
    "no answer": (";Hỏi?;a;b;;;;;;", "Đáp án", "letters of the choices"),
    "no truth": ("đúng sai;Hỏi?;;;;;có;;;", "Đáp án", "Đúng or Sai"),
    "no such choice": (";Hỏi?;a;b;;;C;;;", None, "none of the choices"),
    "not all in order": ("sắp xếp;Hỏi?;a;b;c;;A, B;;;", None, "each choice once"),
    "two for one": ("một đáp án;Hỏi?;a;b;;;A, B;;;", None, "Only one"),
    "nothing to accept": ("trả lời ngắn;Hỏi?;;;;;;;;", None, "no right answer"),
    "more cells than columns": (";Hỏi?;a;b;;;A;;;;x", None, "more cells"),
}


@pytest.mark.parametrize(("row", "column", "said"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_what_is_wrong_in_a_row_is_told_with_its_place(
    row: str, column: str | None, said: str
) -> None:
    (found, *more) = refused(csv(";Được?;a;b;;;A;;;", row), "a.csv")
    assert (found.row, found.column, more) == (3, column, [])
    assert said in fill(found.message, found.values)


def test_a_workbook_is_read_like_text() -> None:
    target = io.BytesIO()
    header = HEAD.split(";")
    row = (None, "Hỏi?", 45, 90, None, None, "B", None, None, None)
    write_xlsx(target, [Sheet("Câu hỏi", header, [row])])
    assert taken(target.getvalue(), "a.xlsx") == [
        NewItem(ItemKind.SINGLE, "Hỏi?", ("45", "90"), (1,))
    ]


def test_what_another_kind_of_file_is_stays_it() -> None:
    target = io.BytesIO()
    write_csv(target, ["Câu hỏi", "Trả lời"], [["Hỏi?", "Đáp."]])
    assert reading(target.getvalue(), "a.csv").kind == "questions"
    assert reading(target.getvalue(), "a.txt").kind == "questions"
    assert reading("Họ và tên;Đơn vị\nMai Thị Xuân;Chi bộ 9", "a.txt").kind == "roster"
    assert reading("một câu thôi", "a.txt").kind is None
    assert reading(b"PK\x03\x04", "a.gift").problems
    assert "old font" in refused("Nguyeãn Vaên Thaønh? {=Nguyeãn ~Vaên}")[0].message
