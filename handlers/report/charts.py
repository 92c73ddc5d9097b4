"""The picture of a year, to be read on a telephone: one column, large letters, few colours.

It is 1080 pixels wide and no letter in it is smaller than 36 of them. Matplotlib is loaded when
the first picture is drawn, off the loop; of it only what keeps no state is used, so that several
may be drawn at once. What is below the bar is told by hatching and by words, never by colour alone.
"""

from __future__ import annotations

import io
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, DPI = 1080, 100
COLOURS = 64  # of the file: a third of the bytes, and no eye sees it
TEXT, TITLE = 36, 48  # pixels
INK, SOFT, GRID = "#1f2933", "#52606d", "#d9e2ec"
REACHED, BELOW = "#2b6cb0", "#f0b429"  # blue and amber: apart for every eye, and in grey as well
SHARES = ("#2b6cb0", "#90cdf4", "#f0b429", "#829ab1")
ROW, GAP = 72, 40  # pixels of a month's row; between two parts
LEFT, RIGHT = 250, 150  # pixels beside the bars: for their names, for their figures


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be drawn, in the words of who asked for it."""

    title: str
    unit: str
    months: Sequence[tuple[str, float | None]]  # name, percent
    bar: float
    bar_name: str
    below_name: str
    content_title: str
    content: Sequence[tuple[str, float]]  # name, percent; nothing where no time was noted
    comma: str = ","

    def number(self, value: float) -> str:
        """ "93,5"; "100" for a whole one."""
        return f"{value:.1f}".removesuffix(".0").replace(".", self.comma)


def draw(picture: Picture) -> bytes:
    """The picture as a PNG file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from PIL import Image

    title = [*_wrapped(picture.title, 34), *_wrapped(picture.unit, 40)]
    head = GAP + 64 * len(title) + 110  # with the line that says what the marks mean
    rows = ROW * len(picture.months)
    foot = 250 + 56 * len(picture.content) if picture.content else 0
    height = head + rows + GAP + foot
    figure = Figure(figsize=(WIDTH / DPI, height / DPI), dpi=DPI, facecolor="white")
    canvas: Any = FigureCanvasAgg(figure)
    _title(figure, picture, title, height)
    _months(figure, picture, bottom=foot + GAP, size=rows, height=height)
    if picture.content:
        _content(figure, picture, foot=foot, height=height)
    target = io.BytesIO()
    canvas.draw()
    size = canvas.get_width_height()
    drawn = Image.frombuffer("RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    drawn.convert("RGB").quantize(COLOURS).save(target, "PNG", optimize=True)
    return target.getvalue()


def _points(pixels: float) -> float:
    """The size that Matplotlib calls so many pixels."""
    return pixels * 72 / DPI


def _wrapped(text: str, letters: int) -> list[str]:
    return textwrap.wrap(text, letters, break_long_words=True) or [""]


def _title(figure: Any, picture: Picture, lines: Sequence[str], height: float) -> None:
    own = len(_wrapped(picture.title, 34))
    top: float = height - GAP
    for number, line in enumerate(lines):
        large = number < own
        figure.text(
            GAP / WIDTH,
            top / height,
            line,
            va="top",
            color=INK if large else SOFT,
            fontsize=_points(TITLE if large else 40),
            fontweight="bold" if large else "normal",
        )
        top -= 64


def _months(figure: Any, picture: Picture, *, bottom: float, size: float, height: float) -> None:
    """A bar for each month, from the top down, and the line that they should reach."""
    axes = figure.add_axes(
        (LEFT / WIDTH, bottom / height, (WIDTH - LEFT - RIGHT) / WIDTH, size / height)
    )
    axes.set_xlim(0, 100)
    axes.set_ylim(len(picture.months) - 0.5, -0.5)
    axes.axis("off")
    for row, (name, percent) in enumerate(picture.months):
        axes.text(-3, row, name, ha="right", va="center", color=INK, fontsize=_points(TEXT))
        axes.barh(row, 100, height=0.62, color=GRID, alpha=0.45)
        if percent is None:
            axes.text(102, row, "–", va="center", color=SOFT, fontsize=_points(TEXT))
            continue
        short = percent < picture.bar
        axes.barh(
            row,
            percent,
            height=0.62,
            color=BELOW if short else REACHED,
            hatch="//" if short else None,
            edgecolor="white",
            linewidth=0,
        )
        axes.text(
            102,
            row,
            f"{picture.number(percent)}",
            va="center",
            color=INK,
            fontsize=_points(TEXT),
            fontweight="bold" if short else "normal",
        )
    if picture.bar:
        axes.axvline(picture.bar, color=INK, linewidth=3, linestyle=(0, (4, 2)))
        axes.text(
            picture.bar,
            -0.75,
            picture.bar_name,
            ha="center",
            va="bottom",
            color=INK,
            fontsize=_points(TEXT),
        )
        if any(percent is not None and percent < picture.bar for _name, percent in picture.months):
            axes.barh(
                -1.07,
                7,
                left=-29,
                height=0.5,
                color=BELOW,
                hatch="//",
                edgecolor="white",
                linewidth=0,
                clip_on=False,
            )
            axes.text(
                -20, -1.07, picture.below_name, va="center", color=INK, fontsize=_points(TEXT)
            )


def _content(figure: Any, picture: Picture, *, foot: float, height: float) -> None:
    """What was spoken of: one bar of all the time, and below it what its parts are."""
    figure.text(
        GAP / WIDTH,
        (foot - 20) / height,
        picture.content_title,
        va="top",
        color=INK,
        fontsize=_points(40),
        fontweight="bold",
    )
    axes = figure.add_axes((GAP / WIDTH, 0, (WIDTH - 2 * GAP) / WIDTH, foot / height))
    axes.set_xlim(0, WIDTH - 2 * GAP)
    axes.set_ylim(0, foot)
    axes.axis("off")
    start, whole = 0.0, WIDTH - 2 * GAP
    for number, (name, percent) in enumerate(picture.content):
        colour = SHARES[number % len(SHARES)]
        wide = whole * percent / 100
        axes.barh(
            foot - 130, wide, left=start, height=70, color=colour, edgecolor="white", linewidth=3
        )
        start += wide
        line = foot - 220 - 56 * number
        axes.barh(line, 40, height=36, color=colour)
        axes.text(60, line, name, va="center", color=INK, fontsize=_points(TEXT))
        axes.text(
            whole,
            line,
            f"{picture.number(percent)}%",
            ha="right",
            va="center",
            color=INK,
            fontsize=_points(TEXT),
        )
