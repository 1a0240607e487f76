"""Figures of every shape: files that open, the same bytes again, marked and dark where they have to be."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from studyweb.dashboard.figures.drawing import save_figure
from studyweb.dashboard.figures.place import IN_THE_DARK, INK, width_of, wrapped
from studyweb.dashboard.figures.shapes import (
    BarFigure,
    CurveFigure,
    CurvePoint,
    CurveSeries,
    Figure,
    FlowFigure,
    FlowStep,
    IntervalFigure,
    IntervalRow,
)

FIGURES: dict[str, Figure] = {
    "intervals": IntervalFigure(
        "Preference rate",
        "share of choices",
        "Baseline preferred",
        "Differential preferred",
        (
            IntervalRow("By genre"),
            IntervalRow("overall", 0.62, 0.51, 0.73, 240, also=0.4),
            IntervalRow(
                "one track alone, with a label that is far too long for the column it stands in", 0.5, note="no"
            ),
        ),
        value_label="as answered",
        also_label="shrunken",
    ),
    "bars": BarFigure("Keep", ("no", "partly", "yes"), (("First", (3, 2, 1)), ("nobody", (0, 0, 0)))),
    "even": BarFigure("Of four", ("1", "2", "3", "4"), (("First", (3, 2, 1, 0)),)),
    "curve": CurveFigure(
        "Hearing", "dB", "right", (CurveSeries("People", (CurvePoint(1, 0.5, 0.4, 0.6, 9),), ((0, 0.5), (2, 0.7))),)
    ),
    "flow": FlowFigure("Flow", (FlowStep("Agreed", 4, (("withdrew", 1),)), FlowStep("Analysed", 3))),
}


@pytest.mark.parametrize("name", FIGURES)
def test_every_shape_is_drawn_as_svg_and_pdf(name: str, tmp_path: Path) -> None:
    save_figure(FIGURES[name], tmp_path, name, simulated=False)
    for ending in ("svg", "screen.svg"):
        assert ElementTree.parse(tmp_path / f"{name}.{ending}").getroot().tag.endswith("svg")
    assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF-")


def test_the_same_figure_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        save_figure(FIGURES["intervals"], tmp_path / folder, "it", simulated=True)
    for ending in ("svg", "pdf", "screen.svg"):
        assert (tmp_path / "one" / f"it.{ending}").read_bytes() == (tmp_path / "two" / f"it.{ending}").read_bytes()


def test_a_simulated_figure_is_marked(tmp_path: Path) -> None:
    save_figure(FIGURES["flow"], tmp_path, "plain", simulated=False)
    save_figure(FIGURES["flow"], tmp_path, "marked", simulated=True)
    assert (tmp_path / "plain.svg").stat().st_size < (tmp_path / "marked.svg").stat().st_size


def test_only_the_figure_on_the_page_follows_its_ground(tmp_path: Path) -> None:
    save_figure(FIGURES["flow"], tmp_path, "it", simulated=False)
    assert f'[style*="fill: {INK}"]{{fill:{IN_THE_DARK[INK]}!important}}' in (tmp_path / "it.screen.svg").read_text()
    assert "prefers-color-scheme" not in (tmp_path / "it.svg").read_text()


def test_text_is_wrapped_into_the_width_and_loses_no_letter() -> None:
    text = "Which advice served this mix better, and Donaudampfschifffahrtsgesellschaft besides"
    lines = wrapped(text, 1.0)
    assert all(width_of(line) <= 1.0 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
