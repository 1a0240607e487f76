"""The report about a file of recipes, and the page that plays some."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
import soundfile

from datagen.__main__ import main
from datagen.candidates import Candidate, CandidatePool
from datagen.listening_page import LISTENING_RATE, triplet_mixes
from datagen.recipe_arrow import track_name
from datagen.recipe_counts import count_recipes, magnitude_bars
from datagen.recipe_settings import check_settings
from datagen.recipe_table import TableInfo, read_recipes, write_recipes
from datagen.requests import ExcerptRef, TrackRef
from datagen.svg_bars import bar_chart
from datagen.words import REFERENCE_KINDS, STEMS

RATE = 44_100
REF = TrackRef("procedural", "test-00000")
SETTINGS = check_settings({"reference_kinds": {kind: 1 for kind in REFERENCE_KINDS if kind != "other_song"}})
POOL = CandidatePool(
    tuple(
        Candidate(ExcerptRef(REF, start_s * RATE, 4 * RATE, RATE), STEMS, "pop", "chorus", "vocals")
        for start_s in (10, 14)
    )
)


@pytest.fixture
def file(tmp_path):
    about = {"source": REF.source, "root": "", "key": REF.key, "licence": "CC0-1.0", "attribution": "<Nobody>"}
    info = TableInfo(seed=3, count=400, stems=STEMS, config={"seed": 3}, tracks={track_name(REF): about})
    write_recipes(tmp_path / "r.parquet", info, pool=POOL, settings=SETTINGS)
    return tmp_path / "r.parquet"


def test_counts_are_those_of_the_recipes(file):
    counts, recipes = count_recipes(file), list(read_recipes(file))

    assert counts.n_changed[0] == sum(not recipe.disturbance_db for recipe in recipes)
    assert counts.changed_stems["bass"] == sum("bass" in recipe.disturbance_db for recipe in recipes)
    assert counts.gains[-3.0] == sum(list(recipe.disturbance_db.values()).count(-3.0) for recipe in recipes)
    assert counts.texts["reference_kind"]["none"] == sum(recipe.reference_kind == "none" for recipe in recipes)
    assert counts.audible["drums"] == len(recipes)
    assert sum(counts.level_difference.values()) == len(recipes)


def test_magnitudes_cover_the_whole_grid(file):
    bars = magnitude_bars(count_recipes(file))
    assert len(bars) == 49
    assert (bars["0"], next(iter(bars)), next(reversed(bars))) == (0.0, "-12", "+12")


def test_report_has_pictures_examples_and_escaped_credits(file):
    assert main(["describe", str(file), "--play", "0"]) == 0
    html = file.with_suffix(".html").read_text()

    assert html.count("<svg") == 9
    assert "&lt;Nobody&gt;" in html
    assert "<Nobody>" not in html
    assert html.count("<tr>") > 20


def test_listening_page_plays_problem_and_reference(file):
    assert main(["describe", str(file), "--play", "2"]) == 0
    html = file.with_name("r-listen.html").read_text()
    files = re.findall(r"data:audio/flac;base64,([^\"]+)", html)

    assert html.count("<h2>") == 2
    assert 2 <= len(files) <= 4
    audio, rate = soundfile.read(io.BytesIO(base64.b64decode(files[0])))
    assert (rate, len(audio)) == (LISTENING_RATE, 4 * LISTENING_RATE)


def test_mixes_of_a_triplet_are_scaled_together_and_never_clip(file):
    loud = next(r for r in read_recipes(file) if r.reference_kind == "same_passage" and not r.disturbance_db)
    problem, reference = triplet_mixes(loud)

    assert max(np.abs(problem).max(), np.abs(reference).max()) <= 0.892
    level_db = 20 * np.log10(np.linalg.norm(problem) / np.linalg.norm(reference))
    assert level_db == pytest.approx(loud.problem_level_db - loud.reference_level_db, abs=0.01)


def test_chart_says_its_values_to_screen_readers():
    chart = bar_chart("Stems <b>", {"drums": 3.0, "bass": 0.0}, unit="recipes")
    assert 'aria-label="Stems &lt;b&gt;, recipes: drums 3; bass 0"' in chart
    assert chart.count("<rect") == 2


def test_chart_without_values_says_so():
    assert "nothing to show" in bar_chart("Genre", {}, unit="recipes")
