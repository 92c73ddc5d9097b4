"""`chibo` as a process of its own, forked from one that has loaded the program already.

The tests begin it a hundred times, and loading it is most of what a short command costs. That it
begins from nothing just as well is shown by tests/bot/test_systemd.py and tests/bot/test_demo.py.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import sys
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from bot.__main__ import main

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["bot.cli", __name__])
NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    returncode: int | None
    stdout: str
    stderr: str


def start(
    folder: Path, environment: dict[str, str], *arguments: str, out: Path, err: Path
) -> ForkServerProcess:
    """Begins `chibo ARGUMENTS` there; what it says is added to the two files."""
    for file in (out, err):
        file.touch(0o600)
    process = FORKS.Process(target=_be, args=(folder, environment, arguments, out, err))
    process.daemon = True
    process.start()
    return process


def run(folder: Path, environment: dict[str, str], *arguments: str, seconds: float = 60) -> Done:
    """Runs `chibo ARGUMENTS` to its end; nobody answers when it asks."""
    out, err = (folder / f"command-{next(NUMBERS)}.{name}" for name in ("out", "err"))
    command = start(folder, environment, *arguments, out=out, err=err)
    command.join(seconds)
    if command.is_alive():
        command.kill()
        raise TimeoutError(f"chibo {' '.join(arguments)} has not ended after {seconds} s")
    return Done(command.exitcode, out.read_text("utf-8"), err.read_text("utf-8"))


def _be(
    folder: Path, environment: dict[str, str], arguments: tuple[str, ...], out: Path, err: Path
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for stream, file in ((1, out), (2, err)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), stream)
    sys.argv = ["chibo", *arguments]
    main()
