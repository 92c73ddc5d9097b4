"""The process in which one file is read (`bot/reading.py` starts it): it may die, and nobody minds.

Before it sees a byte of the file it takes itself whatever it does not need: memory beyond what a
list of people takes, time, and the means to open files and connections or to start programs.
What it has been given comes in by standard input, what it has found goes out by standard output.
"""

from __future__ import annotations

import codecs
import os
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from storage import reading
from storage.sheets import Problem, file_name

NICENESS = 5  # the bot's answers come first
# A codec is a file that is opened when it is first needed; by then nothing can be opened.
CODECS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258", "latin-1", "cp437")


def main(seconds: int, mebibytes: int, form: bool = False) -> None:
    """Reads what is asked for and answers."""
    check = form_checker() if form else None
    confine(seconds, mebibytes)
    name, tables = reading.asked(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    if check is not None:
        found = reading.Read(file_name(name), problems=check(content))
    else:
        found = reading.read(name, content, tables)
    for line in reading.answer(found):
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def form_checker() -> Callable[[bytes], list[Problem]]:
    """What looks at a form. It is heavy, so only who asks for it loads it; and tries it once."""
    from handlers.paper.checking import problems_of
    from handlers.paper.form import default_form
    from handlers.text import Reader

    problems_of(default_form(Reader()))  # whatever is loaded at first use is loaded now
    return problems_of


def confine(seconds: int, mebibytes: int) -> None:
    """Limits what this process may do from now on."""
    for name in CODECS:
        codecs.lookup(name)
    for number in (signal.SIGINT, signal.SIGTERM):  # the bot that is told to stop waits for us
        signal.signal(number, signal.SIG_IGN)
    os.nice(NICENESS)
    _limit(resource.RLIMIT_CPU, int(time.process_time()) + 1 + seconds)
    if sys.platform == "linux":  # others cannot tell what is taken, or keep no such limit
        _limit(resource.RLIMIT_AS, _memory() + mebibytes * 2**20)
    _limit(resource.RLIMIT_CORE, 0)  # an image of the memory would be a copy of people's data
    _limit(resource.RLIMIT_NOFILE, 0)
    _limit(resource.RLIMIT_NPROC, 0)


def _limit(what: int, most: int) -> None:
    ceiling = resource.getrlimit(what)[1]
    if ceiling != resource.RLIM_INFINITY:
        most = min(most, ceiling)
    resource.setrlimit(what, (most, most))


def _memory() -> int:
    """The bytes that the interpreter takes already."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), form="form" in sys.argv[3:])
