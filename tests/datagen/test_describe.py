"""The report about a file of recipes, and the page that plays some."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from datagen.__main__ import main
from datagen.fingerprint import sha256_of_file
from datagen.listening_page import LISTENING_RATE, corrected_mix, listening_page, trims_db, triplet_clips
from datagen.loudness import integrated_loudness, linear_gains
from datagen.recipe_arrow import track_name
from datagen.recipe_counts import count_recipes, gain_counts, level_differences
from datagen.recipe_table import read_info, read_recipes
from datagen.triplets import iterate_triplets
from tests.datagen.making_described_file import RATE, REF, write_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_file(tmp_path / "r.parquet", may_publish=True)


def report(file: Path, *arguments: str) -> str:
    """The report alone, as text."""
    assert main(["describe", str(file), "--play", "0", *arguments]) == 0
    return file.with_suffix(".html").read_text()


def test_counts_are_those_of_the_recipes(file):
    counts, recipes = count_recipes(file), list(read_recipes(file))

    assert counts.n_changed[0] == sum(not recipe.disturbance_db for recipe in recipes)
    assert counts.louder["bass"] == sum(recipe.disturbance_db.get("bass", 0.0) > 0 for recipe in recipes)
    assert counts.changed["bass"] == sum("bass" in recipe.disturbance_db for recipe in recipes)
    assert counts.gains[-3.0] == sum(list(recipe.disturbance_db.values()).count(-3.0) for recipe in recipes)
    assert counts.texts["reference_kind"]["none"] == sum(recipe.reference_kind == "none" for recipe in recipes)
    assert (counts.audible["drums"], counts.n_audible) == (len(recipes), {4: len(recipes)})
    assert counts.tracks == {track_name(REF): len(recipes)}
    assert {start for _, start in counts.windows} == {10 * RATE, 14 * RATE}


def test_levels_are_counted_only_where_there_is_a_reference(file):
    compared = [recipe for recipe in read_recipes(file) if recipe.reference_kind != "none"]
    differences = level_differences(count_recipes(file))

    assert sum(differences.values()) == len(compared)
    low, high = -0.55, 0.45  # halves go up, and levels lie on a grid of 0.1 dB
    assert differences[0] == sum(low < r.problem_level_db - r.reference_level_db < high for r in compared)


def test_magnitudes_cover_the_whole_grid(file):
    gains = gain_counts(count_recipes(file))
    assert len(gains) == 49
    assert (gains[0.0], next(iter(gains)), next(reversed(gains))) == (0, -12.0, 12.0)


def test_every_figure_has_a_number_a_caption_and_a_table(file):
    html = report(file)
    figures = re.findall(r"<figure>.*?</figure>", html, re.DOTALL)

    assert len(figures) == 6
    for number, figure in enumerate(figures, start=1):
        assert f"<strong>Figure {number}. " in figure
        assert f"<summary>Numbers of figure {number}</summary>" in figure
        assert "<svg" in figure
        assert "<table>" in figure


def test_what_has_only_one_value_is_a_sentence_not_a_picture(tmp_path):
    html = report(write_file(tmp_path / "r.parquet"))
    assert "The sources name no genre; the briefs of all 400 recipes do without one." in html
    assert "The section of all 400 recipes is chorus." in html


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"clean": True}, "No stem of any recipe was changed."),
        ({"kinds": {"none": 1}}, "No recipe has a reference, so there are no levels to compare."),
    ],
)
def test_a_file_with_nothing_to_draw_says_so(tmp_path, changes, sentence):
    assert sentence in report(write_file(tmp_path / "r.parquet", **changes))


def test_report_states_where_the_file_comes_from(file):
    html = report(file)
    assert sha256_of_file(file) in html
    assert "<dt>Seed</dt><dd>3</dd>" in html
    assert "<dt>Schema version</dt><dd>1</dd>" in html
    assert "seed: 3" in html
    assert "CC0-1.0" in html
    assert "&lt;Nobody&gt;" in html
    assert "<Nobody>" not in html


def test_report_shows_the_first_recipes_with_their_labels(file):
    html = report(file)
    assert "The first 20 recipes of the file" in html
    for recipe in read_recipes(file, count=20):
        assert recipe.brief in html


def test_labels_are_reported_as_checked_only_when_they_were(file):
    assert "not checked for this report" in report(file)
    assert "25 checked on 2 excerpts at 8,000 Hz: none is wrong" in report(file, "--check", "25")


def test_report_says_when_audio_may_not_be_published_and_links_the_page(tmp_path):
    file = write_file(tmp_path / "r.parquet", may_publish=False)
    assert main(["describe", str(file), "--play", "1"]) == 0
    html, page = (file.with_name(name).read_text() for name in ("r.html", "r-listen.html"))

    assert "The audio is private to this machine" in html
    assert '<a href="r-listen.html">' in html
    assert "This page is private to this machine." in page
    assert "test-00000" in page


def test_audio_that_may_be_published_carries_no_warning(file):
    assert "The audio of every track may be published." in report(file)
    page = listening_page(iterate_triplets(file, places=[0], sample_rate=LISTENING_RATE), read_info(file))
    assert "private" not in page


def test_listening_page_holds_random_triplets_with_names_texts_and_audio(file):
    assert main(["describe", str(file), "--play", "3"]) == 0
    page = file.with_name("r-listen.html").read_text()
    files = re.findall(r"data:audio/flac;base64,([^\"]+)", page)
    names = re.findall(r'aria-label="(Triplet \d, [^"]+)"', page)

    assert page.count("<h2 ") == 3
    assert len(files) == len(set(names)) == len(re.findall("<audio ", page)) >= 3
    for part in ("Disturbance", "Label", "Finding", "Advice", "Credit", "Licence"):
        assert page.count(f"<dt>{part}</dt>") == 3
    audio, rate = soundfile.read(io.BytesIO(base64.b64decode(files[0])))
    assert (rate, len(audio)) == (LISTENING_RATE, 4 * LISTENING_RATE)


def test_pages_refer_to_nothing_outside_themselves(file):
    assert main(["describe", str(file), "--play", "1"]) == 0
    pages = "".join(file.with_name(name).read_text() for name in ("r.html", "r-listen.html"))
    assert {link.split(",")[0] for link in re.findall(r'(?:src|href)="([^"]+)"', pages)} == {
        "r-listen.html",
        "data:audio/flac;base64",
    }


def test_clips_are_scaled_together_and_never_clip(file):
    for triplet in iterate_triplets(file, places=range(6), sample_rate=LISTENING_RATE):
        clips = triplet_clips(triplet)
        assert max(float(np.abs(clip.audio).max()) for clip in clips) <= 0.892
        if triplet.reference is not None:
            played_db = 20 * np.log10(np.linalg.norm(clips[0].audio) / np.linalg.norm(clips[1].audio))
            drawn_db = 20 * np.log10(np.linalg.norm(triplet.problem.mix) / np.linalg.norm(triplet.reference.mix))
            assert played_db == pytest.approx(drawn_db, abs=0.01)


def test_the_advice_applied_gives_the_balanced_mix_at_the_problems_level(file):
    triplet = next(
        triplet
        for triplet in iterate_triplets(file, sample_rate=LISTENING_RATE)
        if triplet.recipe.reference_kind == "same_passage" and len(triplet.label) == 1
    )
    assert triplet.reference is not None
    common_db = triplet.recipe.problem_level_db - triplet.recipe.reference_level_db
    expected = triplet.reference.mix * linear_gains([common_db])[0]
    assert np.allclose(corrected_mix(triplet), expected, atol=1e-6)


def test_matching_brings_every_clip_to_the_quietest(file):
    triplet = next(t for t in iterate_triplets(file, sample_rate=LISTENING_RATE) if len(triplet_clips(t)) == 3)
    clips = triplet_clips(triplet)
    trims = trims_db(clips)

    matched = [
        integrated_loudness(clip.audio * linear_gains([trim])[0], LISTENING_RATE)
        for clip, trim in zip(clips, trims, strict=True)
    ]
    assert max(trims) == 0.0
    assert np.ptp(matched) < 0.1


def test_a_track_that_is_gone_is_named_with_the_way_out(tmp_path, capsys):
    file = write_file(tmp_path / "r.parquet", source="musdb18", root=str(tmp_path / "gone"), key="x")
    assert main(["describe", str(file)]) == 2
    assert "--play 0" in capsys.readouterr().err
    assert not file.with_suffix(".html").exists()
