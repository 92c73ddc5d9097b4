"""What a program costs while nobody looks: its memory after many updates, and its start."""

from __future__ import annotations

import time
from pathlib import Path

from bench.figures import Bound, Figure, medians
from bench.worlds import PROGRAMS, Size, Town, town

UPDATES, STARTS = 50_000, 5
MEBIBYTE = 1024.0  # the kernel counts in KiB


def memory(url: str, size: Size) -> list[Figure]:
    """Resident memory after many texts; measured once, for it hardly differs between runs."""
    half = size.of(UPDATES) // 2
    at_half: dict[str, float] = {}
    at_end: dict[str, float] = {}
    for program in PROGRAMS:
        with town(url) as here, here.running(program, "serve") as process:
            at_half[program] = _after(here, process.pid, half)
            at_end[program] = _after(here, process.pid, half)
    growth = {program: at_end[program] / at_half[program] for program in PROGRAMS}
    bounds = Bound(3.0, "stock", most=True), Bound(1.0, "aiogram", most=True)
    return [
        Figure(f"memory after {2 * half:,} updates, MiB", at_end, bounds, digits=1),
        Figure("the same, by what it was at half", growth, (Bound(1.05, most=True),), digits=2),
    ]


def start(url: str, size: Size) -> list[Figure]:
    """From the command to the first getUpdates: `chibo run`, on a database that is up to date."""

    def measure(program: str) -> float:
        with town(url) as here:
            here.world.chatter(here.people, "/help", 1)  # so that no poll waits for anything
            begun = time.monotonic()
            with here.running(program, "run"):
                return (here.all_of("getUpdates", 1)[0].monotonic - begun) * 1000

    for program in PROGRAMS:
        measure(program)  # what Python compiles once is no part of a start
    values = medians(measure, max(size.rounds, STARTS))
    return [Figure("start to first getUpdates, ms", values, (Bound(0.6, "aiogram", most=True),))]


def _after(here: Town, pid: int, number: int) -> float:
    """The memory once so many more texts are answered, in MiB."""
    since = here.world.last_call
    here.world.chatter(here.people, "/help", number)
    here.all_of("sendMessage", number, since=since)
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / MEBIBYTE
