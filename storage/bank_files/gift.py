r"""GIFT, as Moodle and others write it: as much of it as fits the kinds of question that we ask.

    // a remark
    $CATEGORY: Điều lệ
    ::a title, which is not kept:: Họp thường kỳ ít nhất bao lâu? {~45 phút =90 phút #HD 42}
    Họp chuyên đề mỗi quý một lần. {T}
    Bao nhiêu phút? {=90 =chín mươi}
    Ai dự họp? {~%50%chính thức ~%50%dự bị ~%-100%khách ####chỉ đảng viên}

A backslash takes the meaning from ~ = # { } and :. A blank line ends a question. What fits no kind
(numbers, pairs, essays, half marks) is refused with its line.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from storage.bank_files.columns import COLUMNS, LETTERS, row
from storage.sheets import BadValue, Problem, Row, Table, whole_file

SPECIAL = "~=#{}:\\"
# Where these letters of nobody's stand, the sign of that place has been escaped.
_HIDDEN = {sign: chr(0xE000 + place) for place, sign in enumerate(SPECIAL)}
_SHOWN = {ord(hidden): sign for sign, hidden in _HIDDEN.items()}
_ESCAPED = re.compile(r"\\([~=#{}:\\n])")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_TITLE = re.compile(r"\s*::(.*?)::", re.DOTALL)
_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_WEIGHT = re.compile(r"\s*%(-?\d{1,3}(?:\.\d{1,6})?)%")
_BOOLEAN = {"t": 0, "true": 0, "f": 1, "false": 1}
_MEDIA = re.compile(r"<\s*(img|table|audio|video|iframe|object)\b", re.IGNORECASE)
_CATEGORY = re.compile(r"\s*\$CATEGORY:\s*(.*)")
BLANK = "____"


def read(text: str, file: str) -> Table:
    """The questions of a text; raises SheetError where there is none. `problems` name lines."""
    table, topic = Table(), ""
    table.present = frozenset(column.name for column in COLUMNS)
    for block in _blocks(text):
        if category := _CATEGORY.fullmatch(block.text):
            topic = _topic(category[1])
            continue
        try:
            table.append(_Question(block, topic).row())
        except _Wrong as wrong:
            table.problems.append(Problem(wrong.line, None, wrong.message, wrong.values))
    if not table and not table.problems:
        raise whole_file("{file} holds no question.", file=file)
    return table


# -- from lines to questions -------------------------------------------------------------------


class _Wrong(BadValue):
    """What is wrong with a question, and in which line."""

    line = 0


@dataclass(frozen=True, slots=True)
class _Block:
    """What stands between blank lines, remarks left out; `lines` are the numbers of its lines."""

    text: str
    lines: Sequence[int]

    def line(self, place: int) -> int:
        """The line of the file that a place of the text stands in."""
        return self.lines[min(self.text.count("\n", 0, place), len(self.lines) - 1)]


def _blocks(text: str) -> list[_Block]:
    found: list[_Block] = []
    held: list[tuple[int, str]] = []

    def close() -> None:
        if held:
            found.append(_Block("\n".join(line for _n, line in held), [n for n, _line in held]))
            held.clear()

    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            close()
        elif _CATEGORY.match(line):
            close()
            found.append(_Block(line, [number]))
        elif not line.lstrip().startswith("//"):
            held.append((number, _hide(line)))
    close()
    return found


def _hide(line: str) -> str:
    def hidden(found: re.Match[str]) -> str:
        return "\n" if found[1] == "n" else _HIDDEN[found[1]]

    return _ESCAPED.sub(hidden, _PRIVATE.sub("", line))


def _show(text: str) -> str:
    return text.translate(_SHOWN).strip()


def _joined(notes: Sequence[str]) -> str:
    """What is said after the answer, whatever was given: each note once."""
    return "\n".join(dict.fromkeys(filter(None, notes)))


def _topic(path: str) -> str:
    """ "$course$/top/Điều lệ/Chương 1" is "Điều lệ / Chương 1"."""
    parts = [part.strip() for part in path.split("/")]
    return " / ".join(each for each in parts if each and each not in ("$course$", "top"))


# -- a question --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Answer:
    """One of the answers in braces: = or ~, how much it is worth, its feedback, its place."""

    sign: str
    text: str
    weight: float | None
    feedback: str
    place: int


class _Question:
    def __init__(self, block: _Block, topic: str) -> None:
        self.block, self.topic = block, topic
        self.at = 0  # the place that is being looked at, for what is wrong there
        self.marked_up = False

    def wrong(self, message: str, **values: object) -> _Wrong:
        found = _Wrong(message, **values)
        found.line = self.block.line(self.at)
        return found

    def row(self) -> Row:
        ask, inside = self.parts()
        inside, _mark, general = inside.partition("####")
        word = _show(inside.partition("#")[0]).casefold()
        if word in _BOOLEAN:
            notes = [_show(general), *map(_show, reversed(inside.split("#")[1:]))]
            return self.made("true_false", ask, (), [_BOOLEAN[word]], _joined(notes))
        if inside.lstrip().startswith("#"):
            raise self.wrong("Questions with a number and its range are not supported.")
        if not inside.strip():
            raise self.wrong("Essays, { } with nothing in it, are not supported.")
        answers = self.answers(inside)
        kind, right = self.judged(answers)
        of_right = [answers[number].feedback for number in right]
        of_wrong = [
            f"{each.text}: {each.feedback}"
            for number, each in enumerate(answers)
            if number not in right and each.feedback
        ]
        why = _joined([_show(general), *of_right, *of_wrong])
        if kind == "short":
            right = []
        return self.made(kind, ask, [each.text for each in answers], right, why)

    def parts(self) -> tuple[str, str]:
        """What is asked, and what stands in braces."""
        text, begin = self.block.text, 0
        if title := _TITLE.match(text):
            begin = title.end()
        if form := _FORMAT.match(text, begin):
            begin = form.end()
            if form[1].lower() == "markdown":
                raise self.wrong("Markdown is not supported: write plain text.")
            self.marked_up = form[1].lower() == "html"
        opened, closed = text.find("{", begin), text.find("}", begin)
        if opened < 0 or 0 <= closed < opened:
            self.at = max(closed, begin)
            raise self.wrong("There is no answer in { } here.")
        self.at = opened
        if closed < 0:
            raise self.wrong("This { is not closed before the next blank line.")
        for sign in "{}":
            place = text.find(sign, closed + 1 if sign == "}" else opened + 1)
            if place >= 0:
                self.at = place
                raise self.wrong(
                    "A second { or } stands here: between two questions is a blank line."
                )
        before, after = text[begin:opened].strip(), text[closed + 1 :].strip()
        ask = f"{before} {BLANK} {after}" if after else before
        return self.plain(ask), text[opened + 1 : closed]

    def answers(self, inside: str) -> list[_Answer]:
        """The answers with = and ~, each with its place in the text."""
        start = self.at + 1
        signs = [found.start() for found in re.finditer("[=~]", inside)]
        if not signs or inside[: signs[0]].strip():
            raise self.wrong("An answer begins with = or ~, or is T or F.")
        if len(signs) > len(LETTERS):
            self.at = start + signs[len(LETTERS)]
            raise self.wrong("At most {n} answers to a question are supported.", n=len(LETTERS))
        found = []
        for place, end in zip(signs, [*signs[1:], len(inside)], strict=True):
            self.at = start + place
            text, _mark, feedback = inside[place + 1 : end].partition("#")
            weight = _WEIGHT.match(text)
            text = text[weight.end() :] if weight else text
            if "->" in text and inside[place] == "=":
                raise self.wrong("Pairs, written with ->, are not supported.")
            if not text.strip():
                raise self.wrong("An answer is empty.")
            found.append(
                _Answer(
                    inside[place],
                    self.plain(text),
                    float(weight[1]) if weight else None,
                    self.plain(feedback),
                    self.at,
                )
            )
        return found

    def judged(self, answers: Sequence[_Answer]) -> tuple[str, list[int]]:
        """The kind of the question, and which of its answers are right."""
        equal = [number for number, each in enumerate(answers) if each.sign == "="]
        for number in equal:
            if answers[number].weight not in (None, 100):
                self.at = answers[number].place
                raise self.wrong("Half marks are not supported.")
        if len(equal) == len(answers):
            return "short", equal
        worth = {n: each.weight or 0 for n, each in enumerate(answers) if n not in equal}
        right = [number for number, weight in worth.items() if weight > 0]
        if not equal:
            if not right:
                raise self.wrong("There is no right answer.")
            total = sum(worth[number] for number in right)
            if not 99 <= total <= 101:
                raise self.wrong(
                    "The right answers are worth {n}% together, not 100%.", n=f"{total:g}"
                )
            return "multiple", right
        if right:
            self.at = answers[right[0]].place
            raise self.wrong("Half marks are not supported.")
        if len(equal) > 1:
            self.at = answers[equal[1]].place
            raise self.wrong("Two right answers: write them as ~%50%, for = means the only one.")
        return "single", equal

    def plain(self, text: str) -> str:
        """Text without the marks of HTML, where the question says that it has some."""
        if not self.marked_up:
            return _show(text)
        if _MEDIA.search(text):
            raise self.wrong("Pictures, sound and tables are not supported.")
        return html.unescape(re.sub(r"<[^<>]*>", " ", _show(text)))

    def made(
        self, kind: str, ask: str, choices: Sequence[str], right: Sequence[int], why: str
    ) -> Row:
        if not ask.replace(BLANK, "").strip():
            self.at = 0
            raise self.wrong("The question has no words in front of its answers.")
        return row(self.block.lines[0], kind, ask, choices, right, why=why, topic=self.topic)
