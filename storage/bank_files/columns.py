"""The columns of a table of questions, and what the rows of a text are made of."""

from __future__ import annotations

from collections.abc import Sequence

from storage.folding import clean_text
from storage.sheets import Column, Row

NAME = "bank"  # what a reader calls this kind of file
MOST = 2_000  # questions of one file
LETTERS = "ABCDEFGH"

COLUMNS = (
    Column("kind", ("Loại câu", "kind")),
    Column("ask", ("Câu hỏi", "ask"), required=True),
    *(Column(letter.lower(), (letter,)) for letter in LETTERS),
    Column("answer", ("Đáp án", "answer")),
    Column("why", ("Giải thích", "why")),
    Column("topic", ("Chủ đề", "topic")),
    Column("fixed", ("Giữ thứ tự", "fixed")),
)
TITLES = {column.name: column.title for column in COLUMNS}


def row(
    number: int,
    kind: str,
    ask: str,
    choices: Sequence[str],
    right: Sequence[int] = (),
    *,
    why: str = "",
    topic: str = "",
) -> Row:
    """A question of a text as a row: `number` is its line, `right` the places of what is right."""
    filled = zip(LETTERS.lower(), map(clean_text, choices), strict=False)
    answer = ", ".join(LETTERS[each] for each in right)
    values = {"kind": kind, "ask": clean_text(ask), "answer": answer, "why": clean_text(why)}
    return Row(number, {**values, "topic": clean_text(topic), **dict(filled)})
