"""Aiken: the question, a line for each choice, and ANSWER. Nothing else is in it.

Họp thường kỳ ít nhất bao lâu?
A. 45 phút
B. 90 phút
ANSWER: B
"""

from __future__ import annotations

import re

from storage.bank_files.columns import COLUMNS, LETTERS, row
from storage.sheets import Problem, Table, whole_file

ANSWER = r"^[ \t]*(?:ANSWER|ĐÁP ÁN)[ \t]*:"
_ANSWER = re.compile(rf"{ANSWER}\s*(.*?)\s*$", re.IGNORECASE)
_CHOICE = re.compile(r"^\s*([A-Za-z])[.)]\s+(.*)$")


def read(text: str, file: str) -> Table:
    """The questions of a text; raises SheetError where there is none. `problems` name lines."""
    return _Reader().read(text, file)


class _Reader:
    def __init__(self) -> None:
        self.table = Table()
        self.problems: list[Problem] = []
        self.line = 0
        self.begin()

    def begin(self) -> None:
        """Another question; what is wrong with one is told once, for one slip leads to more."""
        self.first = 0
        self.ask: list[str] = []
        self.choices: list[str] = []
        self.told = False

    def read(self, text: str, file: str) -> Table:
        for self.line, line in enumerate(text.splitlines(), 1):
            if line.strip():
                self.take(line)
        if self.first:
            self.wrong("ANSWER is missing after this question.")
        if not self.table and not self.problems:
            raise whole_file("{file} holds no question.", file=file)
        self.table.present = frozenset(column.name for column in COLUMNS)
        self.table.problems = self.problems
        return self.table

    def take(self, line: str) -> None:
        """One line that is not blank."""
        answer, choice = _ANSWER.match(line), _CHOICE.match(line)
        if not answer and not choice and self.choices:
            self.wrong("ANSWER is missing before this line.")
            self.begin()
        self.first = self.first or self.line
        if answer:
            self.close(answer[1])
        elif not choice:
            self.ask.append(line)
        elif not self.ask:
            self.wrong("A choice stands here without a question.")
        elif choice[1].upper() != LETTERS[len(self.choices) : len(self.choices) + 1]:
            self.wrong("The choices have to be A, B, C … in turn, up to H.")
        else:
            self.choices.append(choice[2])

    def close(self, answer: str) -> None:
        right = LETTERS.find(answer.upper()) if len(answer) == 1 else -1
        if not self.ask or not self.choices:
            self.wrong("ANSWER stands here without a question and its choices.")
        elif not 0 <= right < len(self.choices):
            self.wrong("ANSWER has to be the letter of one choice.")
        elif not self.told:
            ask = "\n".join(self.ask)
            self.table.append(row(self.first, "single", ask, self.choices, [right]))
        self.begin()

    def wrong(self, message: str) -> None:
        if not self.told:
            self.problems.append(Problem(self.line, None, message, {}))
        self.told = True
