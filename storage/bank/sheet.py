"""The rows of a file of questions → questions, or all that is wrong with them, row by row."""

from __future__ import annotations

import re
from collections.abc import Iterable

from storage.bank.judging import CHOICE_LIMIT, NewItem, check, speaks_of_others
from storage.bank.tables import ItemKind
from storage.bank_files import LETTERS, TITLES
from storage.errors import Refusal
from storage.folding import clean_name, clean_text, fold
from storage.sheets import Problems, Row

TOPIC_LIMIT = 100
# How a kind may be called in a table; the first is the one that the example has.
WORDS = {
    ItemKind.SINGLE: ("một đáp án", "single"),
    ItemKind.MULTIPLE: ("nhiều đáp án", "multiple"),
    ItemKind.TRUE_FALSE: ("đúng sai", "true false"),
    ItemKind.ORDER: ("sắp xếp", "order"),
    ItemKind.SHORT: ("trả lời ngắn", "short"),
}
TRUE_FALSE = ("Đúng", "Sai")
# What the example holds: one of each kind, with the columns as in `COLUMNS`.
EXAMPLE = (
    {
        "kind": "một đáp án",
        "ask": "Chi bộ sinh hoạt thường kỳ bao lâu một lần?",
        "a": "Mỗi tháng một lần",
        "b": "Mỗi quý một lần",
        "c": "Khi cần",
        "answer": "A",
        "why": "Sinh hoạt thường kỳ mỗi tháng một lần.",
        "topic": "Sinh hoạt chi bộ",
    },
    {
        "kind": "nhiều đáp án",
        "ask": "Kết luận của buổi họp cần nêu rõ điều gì?",
        "a": "Việc gì",
        "b": "Ai làm",
        "c": "Ai phát biểu nhiều nhất",
        "d": "Bao giờ xong",
        "answer": "A, B, D",
        "topic": "Sinh hoạt chi bộ",
    },
    {
        "kind": "đúng sai",
        "ask": "Tài liệu họp gửi trước ít nhất một ngày.",
        "answer": "Đúng",
        "topic": "Sinh hoạt chi bộ",
    },
    {
        "kind": "sắp xếp",
        "ask": "Xếp các bước của một buổi họp theo thứ tự.",
        "a": "Thảo luận",
        "b": "Khai mạc",
        "c": "Biểu quyết kết luận",
        "answer": "B, A, C",
        "topic": "Sinh hoạt chi bộ",
    },
    {
        "kind": "trả lời ngắn",
        "ask": "Buổi sinh hoạt thường kỳ dài ít nhất bao nhiêu phút? (gõ số)",
        "a": "90",
        "b": "90 phút",
        "c": "chín mươi",
        "why": "Mỗi cột A, B, C… là một cách trả lời được nhận; cột Đáp án để trống.",
        "topic": "Sinh hoạt chi bộ",
    },
)
_KINDS = {fold(word): kind for kind, words in WORDS.items() for word in words}
_TRUTH = {"dung": 0, "true": 0, "t": 0, "a": 0, "sai": 1, "false": 1, "f": 1, "b": 1}
_NO = {"", "khong", "no", "0"}


def items_of(rows: Iterable[Row]) -> list[NewItem]:
    """The questions of a file; raises SheetError with every problem, row and column."""
    problems = Problems()
    found: dict[str, int] = {}
    items = []
    for row in rows:
        if not row["ask"]:  # the table has told it
            continue
        before = len(problems)
        item = _item(row, problems)
        if len(problems) > before:
            continue
        try:
            check(item)
        except Refusal as refusal:
            problems.add(row.number, None, refusal.sentence, **refusal.values)
            continue
        if item.digest in found:
            problems.add(
                row.number,
                TITLES["ask"],
                "The same question stands in row {first} already.",
                first=found[item.digest],
            )
        found.setdefault(item.digest, row.number)
        items.append(item)
    problems.raise_any()
    return items


def kind_called(word: str) -> ItemKind | None:
    """The kind that somebody calls so, in Vietnamese or as the program does."""
    return _KINDS.get(" ".join(re.sub(r"[\W_]+", " ", fold(word)).split()))


def _item(row: Row, problems: Problems) -> NewItem:
    choices = _choices(row, problems)
    kind = _kind(row, choices, problems)
    answer: tuple[int, ...] = ()
    if kind is ItemKind.TRUE_FALSE:
        choices = choices or TRUE_FALSE
        answer = _truth(row, problems)
    elif kind is ItemKind.SHORT:
        choices = choices or ((row["answer"],) if row["answer"] else ())
    else:
        answer = _letters(row, problems)
        if kind is not ItemKind.ORDER:
            answer = tuple(sorted(answer))
    topic = clean_name(row["topic"])
    if len(topic) > TOPIC_LIMIT:
        problems.add(
            row.number,
            TITLES["topic"],
            "The cell holds {count} letters; at most {limit} fit.",
            count=len(topic),
            limit=TOPIC_LIMIT,
        )
    return NewItem(
        kind=kind,
        ask=clean_text(row["ask"]),
        choices=choices,
        answer=answer,
        why=clean_text(row["why"]),
        topic=topic,
        fixed=fold(row["fixed"]) not in _NO or speaks_of_others(choices),
    )


def _choices(row: Row, problems: Problems) -> tuple[str, ...]:
    cells = [clean_name(row[letter.lower()]) for letter in LETTERS]
    last = max((place for place, cell in enumerate(cells) if cell), default=-1)
    for letter, cell in zip(LETTERS, cells[: last + 1], strict=False):
        if not cell:
            problems.add(row.number, letter, "The cell is empty.")
        elif len(cell) > CHOICE_LIMIT:
            problems.add(
                row.number,
                letter,
                "The cell holds {count} letters; at most {limit} fit.",
                count=len(cell),
                limit=CHOICE_LIMIT,
            )
    return tuple(cells[: last + 1])


def _kind(row: Row, choices: tuple[str, ...], problems: Problems) -> ItemKind:
    """As the row calls it; a row that does not is told by what it has."""
    kind = kind_called(row["kind"])
    if kind is not None:
        return kind
    if row["kind"]:
        problems.add(
            row.number,
            TITLES["kind"],
            "{kind} is no kind of question. Known are: {kinds}.",
            kind=row["kind"][:40],
            kinds=", ".join(words[0] for words in WORDS.values()),
        )
    elif not choices:
        return ItemKind.TRUE_FALSE if fold(row["answer"]) in _TRUTH else ItemKind.SHORT
    many = len(re.findall(r"[A-Ha-h]", row["answer"])) > 1
    return ItemKind.MULTIPLE if many else ItemKind.SINGLE


def _truth(row: Row, problems: Problems) -> tuple[int, ...]:
    right = _TRUTH.get(fold(row["answer"]))
    if right is None:
        problems.add(row.number, TITLES["answer"], "The answer has to be Đúng or Sai.")
        return ()
    return (right,)


def _letters(row: Row, problems: Problems) -> tuple[int, ...]:
    """ "B", "A, C", "ACD": in the order in which they stand."""
    found = row["answer"].upper()
    letters = re.sub(r"[\s,;.>-]+", "", found)
    if not letters or set(letters) - set(LETTERS):
        problems.add(
            row.number, TITLES["answer"], "The answer has to be letters of the choices, as in A, C."
        )
        return ()
    return tuple(LETTERS.index(letter) for letter in letters)
