"""A figure's files: an SVG and a PDF for papers, and an SVG for the page that follows its light or dark ground."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studyweb.dashboard.figures import bars, curves, flows, intervals
from studyweb.dashboard.figures.place import ALARM, IN_THE_DARK, Place
from studyweb.dashboard.figures.shapes import BarFigure, CurveFigure, Figure, FlowFigure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Sheet

WIDTH_IN, MARGIN_IN = 7.6, 0.12
STYLE = {"svg.hashsalt": "mixtrial", "svg.fonttype": "path", "pdf.fonttype": 42, "font.size": 9.0}
"""Letters are outlines in an SVG, for pages without the font, and selectable text in a PDF."""


def height_of(figure: Figure, width_in: float) -> float:
    """How much room a figure needs at this width, in inches."""
    match figure:
        case BarFigure():
            return bars.height_in(figure, width_in)
        case CurveFigure():
            return curves.height_in(figure, width_in)
        case FlowFigure():
            return flows.height_in(figure, width_in)
        case _:
            return intervals.height_in(figure, width_in)


def draw(figure: Figure, place: Place) -> None:
    """Draw any figure into a place of the height that `height_of` says."""
    match figure:
        case BarFigure():
            bars.draw(figure, place)
        case CurveFigure():
            curves.draw(figure, place)
        case FlowFigure():
            flows.draw(figure, place)
        case _:
            intervals.draw(figure, place)


@contextmanager
def lettering() -> Iterator[None]:
    """Whatever is saved inside has the same letters everywhere, and the library that packs them tells no log."""
    import matplotlib as mpl

    logging.getLogger("fontTools").setLevel(logging.WARNING)
    with mpl.rc_context(STYLE):
        yield


def save_figure(figure: Figure, folder: Path, name: str, *, simulated: bool) -> None:
    """Write `name`.svg, `name`.pdf and `name`.screen.svg; the same figure gives the same bytes."""
    # matplotlib is imported where it is used: the web process and the worker's parent never load it.
    from matplotlib.figure import Figure as Sheet

    inner_in = WIDTH_IN - 2 * MARGIN_IN
    height_in = height_of(figure, inner_in)
    with lettering():
        sheet = Sheet(figsize=(WIDTH_IN, height_in + 2 * MARGIN_IN))
        draw(figure, Place(sheet, MARGIN_IN, MARGIN_IN, inner_in, height_in))
        if simulated:
            mark_simulated(sheet)
        about: dict[str, Any] = {"Title": figure.title, "Creator": "MixTrial"}
        sheet.savefig(folder / f"{name}.svg", metadata={**about, "Date": None})
        sheet.savefig(folder / f"{name}.pdf", metadata={**about, "CreationDate": None})
    text = (folder / f"{name}.svg").read_text(encoding="utf-8")
    (folder / f"{name}.screen.svg").write_text(_follows_the_page(text), encoding="utf-8")


def mark_simulated(sheet: Sheet) -> None:
    """SIMULATED across the whole sheet, and in its corner."""
    width_in, height_in = sheet.get_size_inches()
    size = 44 if height_in > 2 else 26
    style: dict[str, Any] = {"ha": "center", "va": "center", "rotation": 18, "fontsize": size, "alpha": 0.13}
    sheet.text(0.5, 0.5, "SIMULATED", color=ALARM, weight="bold", **style)
    corner: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": 7.5, "color": ALARM, "weight": "bold"}
    sheet.text(1 - 0.08 / width_in, 1 - 0.06 / height_in, "SIMULATED DATA", **corner)


def _follows_the_page(svg: str) -> str:
    """In the dark the same shapes in other colours; matplotlib writes every colour into a style attribute."""
    rules = [
        f'[style*="{what}: {light}"]{{{what}:{dark}!important}}'
        for light, dark in IN_THE_DARK.items()
        for what in ("fill", "stroke")
    ]
    style = f"<style>@media (prefers-color-scheme:dark){{{''.join(rules)}}}</style>"
    return svg.replace("<defs>", f"{style}<defs>", 1)
