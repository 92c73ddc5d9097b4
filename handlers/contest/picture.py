"""A certificate as a picture, to be read on a telephone: upright, large letters, one colour.

It is 1080 pixels wide, and no letter that says something is smaller than 36 of them. Matplotlib
is loaded when the first one is drawn, off the loop; of it only what keeps no state is used.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, DPI = 1080, 1350, 100
INK, SOFT, RED, GOLD = "#1f2933", "#52606d", "#b42318", "#d69e2e"
COLOURS = 64  # of the file


@dataclass(frozen=True, slots=True)
class Certificate:
    """What stands on it, in the words of who asked for it."""

    above: str
    title: str
    given: str
    name: str
    unit: str
    lines: Sequence[str]
    below: str
    mark: str  # of the sealed results


def draw(made: Certificate) -> bytes:
    """The picture as a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle
    from PIL import Image

    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor="white")
    canvas: Any = FigureCanvasAgg(figure)
    for edge, wide, colour in ((28, 10, RED), (52, 3, GOLD)):
        figure.add_artist(
            Rectangle(
                (edge / WIDTH, edge / HEIGHT),
                1 - 2 * edge / WIDTH,
                1 - 2 * edge / HEIGHT,
                fill=False,
                linewidth=wide * 72 / DPI,
                edgecolor=colour,
            )
        )
    top = _say(figure, made.above, 140, 40, SOFT, 38)
    top = _say(figure, made.title, top + 50, 80, RED, 20, bold=True)
    top = _say(figure, made.given, top + 40, 42, SOFT, 40)
    top = _say(figure, made.name, top + 30, 72, INK, 20, bold=True)
    top = _say(figure, made.unit, top + 10, 42, INK, 36)
    top += 40
    for line in made.lines:
        top = _say(figure, line, top, 44, INK, 34) + 10
    _say(figure, made.below, HEIGHT - 200, 38, SOFT, 40)
    _say(figure, made.mark, HEIGHT - 130, 36, SOFT, 40)
    target = io.BytesIO()
    canvas.draw()
    size = canvas.get_width_height()
    drawn = Image.frombuffer("RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    drawn.convert("RGB").quantize(COLOURS).save(target, "PNG", optimize=True)
    return target.getvalue()


def _say(
    figure: Any,
    text: str,
    top: float,
    pixels: int,
    colour: str,
    letters: int,
    *,
    bold: bool = False,
) -> float:
    """The text in the middle, in lines of so many letters; returns where it ends."""
    for line in textwrap.wrap(text, letters, break_long_words=True, max_lines=3, placeholder="…"):
        figure.text(
            0.5,
            1 - top / HEIGHT,
            line.replace("$", r"\$"),
            ha="center",
            va="top",
            color=colour,
            fontsize=pixels * 72 / DPI,
            fontweight="bold" if bold else "normal",
        )
        top += pixels * 1.35
    return top
