"""The scores as two pictures: every condition side by side, and how small a change is heard."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.psychometrics import Psychometric, found_share
from training.score_rows import Row
from training.svg_drawing import COLOURS, DASHES, INK, curve, document, dot, line, text

ROW_HEIGHT, NAME_WIDTH, PANEL_WIDTH, GAP = 22, 350, 190, 48
TOP, BOTTOM = 54, 34
SMALLEST_DB, LARGEST_DB = 0.5, 12.0
TICKS_DB: tuple[float, ...] = (0.5, 1.0, 2.0, 3.0, 6.0, 12.0)
CURVES: tuple[str, ...] = (
    "stems_ref / stems_ref / same_passage",
    "stems_ref / stems_ref / previous_version",
    "stems_ref / stems_ref / other_passage",
    "mix_ref / mix_ref / same_passage",
    "stems / stems / none",
    "mix / mix / none",
)
"""Conditions whose psychometric curves are drawn, as far as they were scored."""


@dataclass(frozen=True)
class Panel:
    """One column of the comparison: a score between 0 and 1."""

    score: str
    title: str
    left: float

    def x(self, value: float) -> float:
        """Where a share lies."""
        return self.left + PANEL_WIDTH * value


PANELS: tuple[Panel, ...] = tuple(
    Panel(score, title, NAME_WIDTH + place * (PANEL_WIDTH + GAP))
    for place, (score, title) in enumerate(
        (("found", "found, changes of 3 dB and more"), ("false_alarms", "false alarms"), ("specificity", "specificity"))
    )
)


def comparison_picture(rows: Sequence[Row]) -> str:
    """An SVG with a dot and a 95 % interval for every condition and headline score."""
    height = TOP + ROW_HEIGHT * len(rows) + BOTTOM
    width = PANELS[-1].left + PANEL_WIDTH + GAP
    parts = [text(8, 20, "Every condition, with 95 % intervals over songs", weight="bold")]
    for panel in PANELS:
        parts += _panel_frame(panel, bottom=height - BOTTOM)
    for place, row in enumerate(rows):
        parts += _comparison_row(row, y=TOP + ROW_HEIGHT * (place + 0.5))
    return document("Scores of every condition", parts, width=width, height=height)


def _panel_frame(panel: Panel, *, bottom: float) -> list[str]:
    parts = [text(panel.left, TOP - 12, panel.title)]
    for value in (0.0, 0.5, 1.0):
        parts.append(line(panel.x(value), TOP - 4, panel.x(value), bottom))
        parts.append(text(panel.x(value), bottom + 18, f"{100 * value:.0f} %", anchor="middle"))
    return parts


def _comparison_row(row: Row, *, y: float) -> list[str]:
    parts = [text(8, y + 4, row["condition"])]
    for panel, colour in zip(PANELS, COLOURS, strict=False):
        cell = row["scores"][panel.score]
        if cell["value"] is None:
            continue
        if cell["low"] is not None:
            parts.append(line(panel.x(cell["low"]), y, panel.x(cell["high"]), y, colour=colour, width=3))
        parts.append(dot(panel.x(cell["value"]), y, colour=colour))
    return parts


def psychometric_picture(rows: Sequence[Row]) -> str:
    """An SVG of the share found over the size of the change: dots as measured, curves as fitted."""
    drawn = [row for name in CURVES for row in rows if row["condition"] == name and row["psychometric"]]
    width, height, plot = 720.0, 440.0 + 20 * len(drawn), Plot(56.0, 700.0, 46.0, 380.0)
    parts = [text(8, 20, "How small a change does the model hear?", weight="bold"), *_plot_frame(plot)]
    for place, row in enumerate(drawn):
        colour, dash = COLOURS[place % len(COLOURS)], DASHES[place % len(DASHES)]
        parts += _measured(plot, row["psychometric"], colour=colour)
        parts.append(curve(_fitted(plot, row["psychometric"]), colour=colour, dash=dash))
        y = 440.0 + 20 * place
        parts.append(curve([(56, y), (96, y)], colour=colour, dash=dash))
        parts.append(text(104, y + 4, row["condition"]))
    return document("Share of changes found over their size", parts, width=width, height=height)


@dataclass(frozen=True)
class Plot:
    """The frame of the psychometric picture; the size of the change on a logarithmic axis."""

    left: float
    right: float
    top: float
    bottom: float

    def x(self, size_db: float) -> float:
        """Where a size of change lies."""
        share = math.log(size_db / SMALLEST_DB) / math.log(LARGEST_DB / SMALLEST_DB)
        return self.left + 12 + (self.right - self.left - 24) * share

    def y(self, found: float) -> float:
        """Where a share found lies."""
        return self.bottom - (self.bottom - self.top) * found


def _plot_frame(plot: Plot) -> list[str]:
    parts = [text(plot.left, plot.top - 8, "share of changed stems found with the right direction")]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(line(plot.left, plot.y(share), plot.right, plot.y(share)))
        parts.append(text(plot.left - 6, plot.y(share) + 4, f"{100 * share:.0f} %", anchor="end"))
    for size in TICKS_DB:
        parts.append(line(plot.x(size), plot.bottom, plot.x(size), plot.bottom + 5, colour=INK))
        parts.append(text(plot.x(size), plot.bottom + 20, f"{size:g}", anchor="middle"))
    parts.append(text((plot.left + plot.right) / 2, plot.bottom + 40, "size of the change, dB", anchor="middle"))
    return parts


def _measured(plot: Plot, data: Mapping[str, Any], *, colour: str) -> list[str]:
    """Dots whose area grows with the number of changes."""
    return [
        dot(plot.x(float(size)), plot.y(data["found"][size] / asked), colour=colour, radius=math.sqrt(asked) / 2.2)
        for size, asked in data["asked"].items()
        if asked > 0
    ]


def _fitted(plot: Plot, data: Mapping[str, Any]) -> list[tuple[float, float]]:
    sizes_db = np.geomspace(SMALLEST_DB, LARGEST_DB, 80)
    fitted = Psychometric(
        data["guess"], data["midpoint_db"], data["slope"], data["lapse"], None, None, asked={}, found={}
    )
    return [(plot.x(x), plot.y(y)) for x, y in zip(sizes_db, found_share(fitted, sizes_db).tolist(), strict=True)]
