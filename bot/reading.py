"""Files that people send or name are read by a process of their own, which may die of them.

It is a fresh interpreter: forking a process that has threads may hang, and a fork would hold the
token and the database. It is given the bytes and an empty environment, and is killed when it takes
longer than it may; the limits that it sets itself are in `bot/reader.py`. Where it dies, the
sender reads that the file is too heavy, and nothing has been written.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import IO, NamedTuple, cast

from storage import reading
from storage.reading import Garbled, Read, Tables
from storage.sheets import SheetError, check_size, file_name, whole_file

PACKAGES = Path(__file__).parents[1]  # where `bot` and `storage` are found, installed or not
LONGEST_ANSWER = 64 * 2**20  # bytes


class Limits(NamedTuple):
    """What reading one file may take."""

    seconds: int = 10  # of the processor
    mebibytes: int = 256  # beyond what the interpreter takes
    patience: int = 10  # seconds


LIMITS = Limits()


class Died(SheetError):
    """The process ended before it had an answer; `code` is how."""

    def __init__(self, name: str, code: int) -> None:
        refusal = whole_file(
            "{file} is too heavy to be read safely; nothing was written. "
            "Copy what matters to a new file and send that.",
            file=file_name(name),
        )
        super().__init__(refusal.problems)
        self.code = code


def read_file(name: str, content: bytes, tables: Tables | None, limits: Limits = LIMITS) -> Read:
    """What the file says (`storage.reading.read`); blocks until that is known.

    Raises SheetError where it is too large, and Died.
    """
    check_size(len(content), file_name(name))
    try:
        started = _start(limits, form=tables == reading.FORM)
    except OSError as error:  # the machine has no room for one process more
        raise Died(name, error.errno or 0) from None
    with started as reader:
        told, heard = cast(IO[bytes], reader.stdin), cast(IO[bytes], reader.stdout)
        timer = Timer(limits.patience, reader.kill)
        timer.start()
        try:
            _tell(told, reading.ask(name, tables), content)
            found = reading.answered(name, tables, _lines(heard))
            if reader.wait() == 0:
                if tables == reading.FORM and not found.problems:
                    found.content = content
                return found
        except Garbled:
            reader.kill()
        finally:
            timer.cancel()
            reader.kill()
        raise Died(name, reader.wait())


def _start(limits: Limits, *, form: bool) -> subprocess.Popen[bytes]:
    asked = [str(limits.seconds), str(limits.mebibytes), *(["form"] if form else [])]
    return subprocess.Popen(
        [sys.executable, "-sP", "-m", "bot.reader", *asked],
        env={"PYTHONPATH": str(PACKAGES)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback may quote the file
    )


def _tell(to: IO[bytes], *parts: bytes) -> None:
    with suppress(BrokenPipeError):  # it has died; its exit code says so
        for part in parts:
            to.write(part)
        to.flush()
    with suppress(BrokenPipeError):
        to.close()


def _lines(answer: IO[bytes]) -> Iterator[bytes]:
    left = LONGEST_ANSWER
    while line := answer.readline(left):
        left -= len(line)
        if left <= 0:
            raise Garbled
        yield line
