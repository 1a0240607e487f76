"""A rectangle of a page or picture in inches, and the colours and letters that every figure shares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Sheet

INK, MUTED, LINE, PAPER = "#1b2330", "#4b5563", "#c7cdd6", "#ffffff"
ACCENT, ALARM, ON_STRONG = "#2457c5", "#b42318", "#fefefe"
SERIES = ("#2457c5", "#b4540a", "#0f766e", "#7c3aed")
"""Told apart by people with any colour vision, and by their markers."""
BELOW, ABOVE, MIDDLE = ("#9c4708", "#d17a35", "#edbd92"), ("#1f59ad", "#5a8ed6", "#b1cbf0"), "#d5d9e0"
"""Diverging bars, from the ends inwards."""

IN_THE_DARK = {
    INK: "#ededef",
    MUTED: "#abafb8",
    LINE: "#41454c",
    PAPER: "#1a1c20",
    ON_STRONG: "#10151d",
    ACCENT: "#8bbaff",
    ALARM: "#ff9388",
    MIDDLE: "#4a4e56",
    **dict(zip(SERIES[1:], ("#ffb580", "#62d5ba", "#c4a5ff"), strict=True)),
    **dict(zip(BELOW, ("#ffb580", "#c97c40", "#7a4a25"), strict=True)),
    **dict(zip(ABOVE, ("#8bbaff", "#4d7fc9", "#2b4a7a"), strict=True)),
}
"""The same colours on a dark page: light ink on the page's own ground."""

TEXT_PT, SMALL_PT, TITLE_PT = 9.0, 8.0, 10.5
POINTS_PER_INCH = 72.0


@dataclass(frozen=True)
class Place:
    """Where something is drawn; y is measured from the place's top, downwards."""

    sheet: Sheet
    left_in: float
    top_in: float
    """Below the sheet's top."""
    width_in: float
    height_in: float

    def text(self, x_in: float, y_in: float, text: str, **style: Any) -> None:
        """One line of text; `va` is "center" unless given."""
        x, y = self._share(x_in, y_in)
        self.sheet.text(x, y, text, **{"va": "center", "fontsize": TEXT_PT, "color": INK, **style})

    def axes(self, *, left_in: float, top_in: float, width_in: float, height_in: float) -> Axes:
        """Axes inside the place."""
        x, y = self._share(left_in, top_in + height_in)
        sheet_width, sheet_height = self.sheet.get_size_inches()
        axes: Axes = self.sheet.add_axes((x, y, width_in / sheet_width, height_in / sheet_height))
        axes.patch.set_visible(False)
        return axes

    def _share(self, x_in: float, y_in: float) -> tuple[float, float]:
        width, height = self.sheet.get_size_inches()
        return (self.left_in + x_in) / width, 1 - (self.top_in + y_in) / height


def width_of(text: str, *, points: float = TEXT_PT, weight: str = "normal") -> float:
    """How wide a line of text is, in inches; kerning, which narrows it a little, is left out."""
    return sum(_advance(letter, weight) for letter in text) * points / POINTS_PER_INCH


@lru_cache(maxsize=4_000)
def _advance(letter: str, weight: str) -> float:
    """The width of a letter in units of the letters' size."""
    # matplotlib is imported where it is used: the web process and the worker's parent never load it.
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(size=100, weight=weight)
    return float(text_to_path.get_text_width_height_descent(letter, font, ismath=False)[0]) / 100


def shortened(text: str, width_in: float, *, points: float = TEXT_PT, weight: str = "normal") -> str:
    """The text, or as much of it as fits, with an ellipsis."""
    if width_of(text, points=points, weight=weight) <= width_in:
        return text
    while text and width_of(f"{text}…", points=points, weight=weight) > width_in:
        text = text[:-1].rstrip()
    return f"{text}…"


def wrapped(text: str, width_in: float, *, points: float = TEXT_PT, weight: str = "normal") -> list[str]:
    """Lines that fit; a word that is too long for a line is broken."""
    lines = [""]
    for word in text.split():
        together = f"{lines[-1]} {word}".strip()
        if width_of(together, points=points, weight=weight) <= width_in:
            lines[-1] = together
            continue
        if lines[-1]:
            lines.append("")
        while width_of(word, points=points, weight=weight) > width_in and len(word) > 1:
            fits = next(
                n for n in range(len(word) - 1, 0, -1) if n == 1 or width_of(word[:n], points=points) <= width_in
            )
            lines[-1], word = word[:fits], word[fits:]
            lines.append("")
        lines[-1] = word
    return lines


def title_height_in(title: str, width_in: float) -> float:
    """The room that a figure's title takes, the gap below included."""
    return 0.2 * len(wrapped(title, width_in, points=TITLE_PT, weight="bold")) + 0.12


def draw_title(place: Place, title: str) -> float:
    """Write the title; the height it takes."""
    for line, text in enumerate(wrapped(title, place.width_in, points=TITLE_PT, weight="bold")):
        place.text(0, 0.1 + 0.2 * line, text, fontsize=TITLE_PT, weight="bold")
    return title_height_in(title, place.width_in)


def plain_axes(axes: Axes, *, grid: bool = False) -> None:
    """Thin lines below (and left, with a grid), muted numbers."""
    for side in ("top", "right", *(() if grid else ("left",))):
        axes.spines[side].set_visible(False)
    for spine in axes.spines.values():
        spine.set_color(LINE)
    axes.tick_params(colors=MUTED, labelsize=SMALL_PT, length=3, color=LINE)
    if grid:
        axes.grid(True, color=LINE, linewidth=0.5, alpha=0.6)
        axes.set_axisbelow(True)
