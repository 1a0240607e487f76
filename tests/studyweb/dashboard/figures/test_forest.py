"""The forest plot: files that open, the same bytes for the same request, SIMULATED where it has to be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from studyweb.dashboard.figures.forest import (
    ForestRequest,
    ForestRow,
    draw_forest,
    forest_request_from_json,
    forest_request_to_json,
)

REQUEST = ForestRequest(
    title="Preference rate",
    left="Baseline preferred",
    right="Differential preferred",
    rows=(
        ForestRow("Differential over baseline"),
        ForestRow("overall", 0.62, 0.51, 0.73, 240),
        ForestRow("one track alone", 0.5, None, None, 12, "one track: no interval"),
    ),
    is_simulated=False,
    folder="",
)


def silent(_share: float, _message: str) -> None:
    """Progress that nobody watches."""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Folders of the same request drawn twice, and of the same as SIMULATED."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("one", "two", "simulated")}
    for name, folder in folders.items():
        draw_forest(replace(REQUEST, folder=str(folder), is_simulated=name == "simulated"), silent)
    return folders


def test_the_same_request_gives_the_same_bytes(drawn: dict[str, Path]) -> None:
    for name in ("forest.svg", "forest.pdf"):
        assert (drawn["one"] / name).read_bytes() == (drawn["two"] / name).read_bytes()


def test_the_svg_is_well_formed_and_the_pdf_is_one(drawn: dict[str, Path]) -> None:
    assert ElementTree.parse(drawn["one"] / "forest.svg").getroot().tag.endswith("svg")
    assert (drawn["one"] / "forest.pdf").read_bytes().startswith(b"%PDF-")


def test_a_simulated_figure_looks_different(drawn: dict[str, Path]) -> None:
    assert (drawn["one"] / "forest.svg").stat().st_size < (drawn["simulated"] / "forest.svg").stat().st_size


def test_a_request_survives_json() -> None:
    assert forest_request_from_json(forest_request_to_json(REQUEST)) == REQUEST
