"""`make bench`: our figures beside a stock python-telegram-bot and aiogram, in the same run.

The three do the same work in turn; each figure is the median of the rounds. Ends with 1 where a
promise is not kept.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable

from rich.console import Console

from bench import growth, plans, standing, traffic
from bench.figures import Figure, table
from bench.worlds import AIOGRAM, Size, telegram

PARTS: dict[str, Callable[[str, Size], list[Figure]]] = {
    "texts": traffic.texts,
    "presses": traffic.presses,
    "latency": traffic.latency,
    "broadcast": traffic.broadcast,
    "sends": traffic.sends,
    "memory": standing.memory,
    "start": standing.start,
    "screens": growth.screens,
    "campaign": growth.campaign,
    "plans": plans.plans,
}


def main() -> None:
    """Measures what was asked for, and shows it."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of which the median counts")
    parser.add_argument("--scale", type=float, default=1.0, help="of all sizes, to try the bench")
    parser.add_argument("--only", default="", help=f"some of {','.join(PARTS)}")
    given = parser.parse_args()
    chosen = [name for name in given.only.split(",") if name] or list(PARTS)
    if unknown := set(chosen) - set(PARTS):
        parser.error(f"no such part: {', '.join(unknown)}")
    if not AIOGRAM.exists():
        parser.error("aiogram is not installed: `make bench` does that, and runs this")
    # What was started ends with us, however we are told to.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    console, figures = Console(), list[Figure]()
    for name in chosen:
        begun = time.monotonic()
        with telegram() as url:
            figures += PARTS[name](url, Size(given.rounds, given.scale))
        console.print(f"{name}: {time.monotonic() - begun:.0f} s", style="dim")
    console.print(table(figures))
    for figure in figures:
        for note in figure.notes:
            console.print(f"{figure.name}: {note}", style="dim", highlight=False)
    if any(figure.broken for figure in figures):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
