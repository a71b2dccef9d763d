"""Draws lines as SVG, for ``docs/benchmarks/``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

WIDTH, HEIGHT = 760, 360
LEFT, RIGHT, TOP, BOTTOM = 76, 520, 48, 300
# Told apart by those who see colours differently, too (Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#999999")
KEY_LINE = 22
# About so many lines across; their distance is one of these times a power of ten.
TICKS, STEPS = 5, (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Plot:
    """What to draw.

    Attributes:
        title: Stands above.
        x: What the axis of x says; values are above 0.
        y: What the axis of y says; it begins at 0.
        series: Name to points (x, y).
        logarithmic: Whether the axis of x is; otherwise it begins at 0, too.
    """

    title: str
    x: str
    y: str
    series: Mapping[str, Sequence[tuple[float, float]]]
    logarithmic: bool = True


def draw(plot: Plot) -> str:
    """The plot as the text of an SVG file."""
    xs = sorted({x for points in plot.series.values() for x, _ in points})
    scale: Callable[[float], float] = math.log10 if plot.logarithmic else float
    first, last = scale(xs[0]) if plot.logarithmic else 0, scale(xs[-1])
    marks = _marks(max(y for points in plot.series.values() for _, y in points))

    def place(x: float, y: float) -> tuple[float, float]:
        right = (scale(x) - first) / ((last - first) or 1)
        up = y / marks[-1]
        return round(LEFT + right * (RIGHT - LEFT), 1), round(BOTTOM - up * (BOTTOM - TOP), 1)

    lines = []
    for number, (name, points) in enumerate(plot.series.items()):
        dots: list[dict[str, Any]] = []
        for x, y in points:
            across, down = place(x, y)
            dots.append({"x": across, "y": down, "text": f"{name}, {x:,.0f}: {y:,.3g}"})
        way = " ".join(f"{dot['x']},{dot['y']}" for dot in dots)
        key = TOP + KEY_LINE * number + 10
        lines.append({"name": name, "colour": COLOURS[number], "dots": dots, "points": way, "key": key})
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), undefined=StrictUndefined, autoescape=True
    )
    text = templates.get_template("plot.svg.j2").render(
        plot=plot,
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=RIGHT,
        top=TOP,
        bottom=BOTTOM,
        x_ticks=[{"at": place(x, 0)[0], "text": f"{x:,.0f}"} for x in xs],
        y_ticks=[{"at": place(xs[0], y)[1], "text": f"{y:,g}"} for y in marks],
        lines=lines,
    )
    return text + "\n"


def _marks(most: float) -> list[float]:
    """Round values from 0 to at least ``most``."""
    power = 10 ** math.floor(math.log10(most / TICKS)) if most > 0 else 1
    step = next(step * power for step in STEPS if step * power * TICKS >= most)
    return [round(step * number, 10) for number in range(math.ceil(most / step) + 1)]
