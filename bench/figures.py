"""What was measured, what it is held against, and the table that shows it."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.table import Table

from bench.worlds import PROGRAMS


@dataclass(frozen=True, slots=True)
class Bound:
    """How our figure has to stand to another's, or (None) by itself; an aim is no promise."""

    limit: float
    to: str | None = None
    most: bool = False  # it is a figure that should be small
    aim: bool = False

    @property
    def words(self) -> str:
        """The bound as the table says it."""
        sign, times = "≤" if self.most else "≥", f" × {self.to}" if self.to else ""
        return f"{'aim ' if self.aim else ''}{sign} {self.limit:g}{times}"


@dataclass(slots=True)
class Figure:
    """A figure of each program, and its bounds. What a program has no figure of is left out."""

    name: str
    values: dict[str, float]
    bounds: tuple[Bound, ...] = ()
    digits: int = 0
    notes: list[str] = field(default_factory=list)

    def ratio(self, to: str) -> float | None:
        """Ours, measured by another's."""
        other = self.values.get(to)
        return self.values["ours"] / other if other else None

    def met(self, bound: Bound) -> bool:
        """Whether our figure keeps within a bound; what was not measured keeps nothing."""
        found = self.values["ours"] if bound.to is None else self.ratio(bound.to)
        if found is None:
            return False
        return found <= bound.limit if bound.most else found >= bound.limit

    @property
    def broken(self) -> bool:
        """Whether a promise is not kept."""
        return any(not self.met(bound) for bound in self.bounds if not bound.aim)


def medians(
    measure: Callable[[str], float], rounds: int, programs: tuple[str, ...] = PROGRAMS
) -> dict[str, float]:
    """The median of the rounds for each program; they take turns."""
    found: dict[str, list[float]] = {program: [] for program in programs}
    for _round in range(rounds):
        for program, values in found.items():
            values.append(measure(program))
    return {program: statistics.median(values) for program, values in found.items()}


def table(figures: list[Figure]) -> Table:
    """All figures, a line each."""
    shown = Table("", *PROGRAMS, "÷ stock", "÷ aiogram", "target", "met")
    for each in figures:
        cells = [
            f"{each.values[program]:,.{each.digits}f}" if program in each.values else "–"
            for program in PROGRAMS
        ]
        ratios = [each.ratio(other) for other in PROGRAMS[1:]]
        shown.add_row(
            each.name,
            *cells,
            *("–" if ratio is None else f"{ratio:.2f}" for ratio in ratios),
            "\n".join(bound.words for bound in each.bounds),
            "\n".join("yes" if each.met(bound) else "NO" for bound in each.bounds),
        )
    return shown
