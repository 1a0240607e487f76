"""Triplets: the plain definition, for every reference kind, with label, texts, audibility and loudness effect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from datagen.corrections import canonical_correction
from datagen.explanations import read
from datagen.loudness import integrated_loudness
from datagen.recipe_table import RecipeTableError, read_recipes
from datagen.recipes import Recipe
from datagen.requests import ExcerptRef
from datagen.stem_mp4 import open_stem_mp4
from datagen.triplets import Triplet, TripletError, iterate_triplets, materialise
from datagen.words import REFERENCE_KINDS, STEMS
from tests.datagen.making_recipes import build_recipes, loud_song, write_songs
from tests.datagen.making_stems import RATE, write_song_wavs


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Forty recipes over two songs that may be published."""
    return build_recipes(tmp_path / "r.parquet", write_songs(tmp_path / "songs"))


def on_disk(excerpt: ExcerptRef) -> np.ndarray:
    """The stems of an excerpt in float64 as the files hold them, [stems, 2, samples]."""
    folder = Path(excerpt.track.root) / excerpt.track.key
    part = {"start": excerpt.start_samples, "frames": excerpt.length_samples, "dtype": "float64"}
    return np.stack([soundfile.read(folder / f"{stem}.wav", **part)[0].T for stem in STEMS])


def defined(excerpt: ExcerptRef, gains_db: dict[str, float], level_db: float) -> np.ndarray:
    """The plain definition of a set of stems."""
    gains = [10 ** ((gains_db.get(stem, 0.0) + level_db) / 20) for stem in STEMS]
    return on_disk(excerpt) * np.array(gains)[:, None, None]


def changed(file: Path) -> Triplet:
    """A triplet in which two stems were changed."""
    return next(triplet for triplet in iterate_triplets(file) if len(triplet.recipe.disturbance_db) == 2)


def test_every_reference_kind_equals_the_plain_definition(file: Path) -> None:
    seen = set()
    for triplet in iterate_triplets(file):
        recipe = triplet.recipe
        seen.add(recipe.reference_kind)
        problem = defined(recipe.excerpt, recipe.disturbance_db, recipe.problem_level_db)
        np.testing.assert_allclose(triplet.problem.stems, problem, rtol=0, atol=1e-6)
        np.testing.assert_allclose(triplet.problem.mix, problem.sum(axis=0), rtol=0, atol=1e-6)
        if recipe.reference_excerpt is None:
            assert triplet.reference is None
            continue
        assert triplet.reference is not None
        reference = defined(recipe.reference_excerpt, recipe.reference_gains_db, recipe.reference_level_db)
        np.testing.assert_allclose(triplet.reference.stems, reference, rtol=0, atol=1e-6)
        np.testing.assert_allclose(triplet.reference.mix, reference.sum(axis=0), rtol=0, atol=1e-6)
    assert seen == set(REFERENCE_KINDS)


def test_nothing_is_clipped(file: Path) -> None:
    assert max(np.abs(triplet.problem.mix).max() for triplet in iterate_triplets(file)) > 1.5


def test_stems_of_the_real_song_are_those_of_the_store(tmp_path: Path, falcon: Path) -> None:
    recipes = build_recipes(tmp_path / "r.parquet", falcon, count=6)
    for triplet in iterate_triplets(recipes):
        recipe = triplet.recipe
        start, length = recipe.excerpt.start_samples, recipe.excerpt.length_samples
        balanced = open_stem_mp4(falcon).read(start_samples=start, length_samples=length)
        gains = [10 ** ((recipe.disturbance_db.get(s, 0.0) + recipe.problem_level_db) / 20) for s in STEMS]
        problem = balanced.astype(np.float64) * np.array(gains)[:, None, None]
        np.testing.assert_allclose(triplet.problem.stems, problem, rtol=0, atol=1e-6)
        np.testing.assert_allclose(triplet.problem.mix, problem.sum(axis=0), rtol=0, atol=1e-6)


def test_label_undoes_the_disturbance_and_the_advice_says_it(file: Path) -> None:
    for triplet in iterate_triplets(file):
        assert triplet.label == canonical_correction(triplet.recipe.disturbance_db, triplet.recipe.audible)
        assert read(triplet.explanation.advice, triplet.names).changes == triplet.label


def test_reasons_are_given_on_request_and_change_no_gain(file: Path) -> None:
    plain = [triplet.explanation.advice for triplet in iterate_triplets(file)]
    reasoned = list(iterate_triplets(file, reasons=True))
    assert any(triplet.explanation.advice != text for triplet, text in zip(reasoned, plain, strict=True))
    assert all(read(each.explanation.advice, each.names).changes == each.label for each in reasoned)


def test_effect_on_the_mix_is_the_loudness_difference_of_rendered_mixes(file: Path) -> None:
    triplet = changed(file)
    recipe = triplet.recipe
    balanced = integrated_loudness(defined(recipe.excerpt, {}, recipe.problem_level_db).sum(axis=0), RATE)
    for stem in STEMS:
        alone = {stem: recipe.disturbance_db.get(stem, 0.0)}
        loudness = integrated_loudness(defined(recipe.excerpt, alone, recipe.problem_level_db).sum(axis=0), RATE)
        assert triplet.measures[stem].mix_effect_lu == pytest.approx(loudness - balanced, abs=1e-4)


def test_effect_on_a_stem_is_the_change_of_its_ratio_to_the_others(file: Path) -> None:
    triplet = changed(file)
    recipe = triplet.recipe
    ratios = []
    for gains_db in ({}, recipe.disturbance_db):
        stems = defined(recipe.excerpt, gains_db, recipe.problem_level_db)
        ratios.append([integrated_loudness(s, RATE) - integrated_loudness(stems.sum(axis=0) - s, RATE) for s in stems])
    for stem, before, after in zip(STEMS, *ratios, strict=True):
        assert triplet.measures[stem].ratio_effect_lu == pytest.approx(after - before, abs=1e-4)


def test_audibility_is_the_recipes_with_the_measured_level(tmp_path: Path) -> None:
    songs = write_songs(tmp_path / "songs", songs=1)
    quiet = {**loud_song(0), "other": loud_song(0)["other"] * 0}
    write_song_wavs(songs / "Song 0", quiet, mixture=False, subtype="FLOAT")
    triplet = next(iterate_triplets(build_recipes(tmp_path / "r.parquet", songs)))
    other, drums = triplet.measures["other"], triplet.measures["drums"]
    assert (other.audible, other.level_lu, other.active_share, other.mix_effect_lu) == (False, None, 0.0, 0.0)
    assert (drums.audible, drums.active_share) == (True, 1.0)
    assert drums.level_lu is not None
    assert -20 < drums.level_lu < 0


def test_places_choose_recipes_and_their_order(file: Path) -> None:
    recipes = list(read_recipes(file))
    assert [each.recipe for each in iterate_triplets(file, places=[30, 2, 2])] == [recipes[30], recipes[2], recipes[2]]


def test_a_place_outside_the_file_is_named(file: Path) -> None:
    with pytest.raises(RecipeTableError, match=r"holds recipes 0 to 39, there is no 40"):
        next(iterate_triplets(file, places=[40]))


def test_another_sample_rate_resamples_before_the_gains(file: Path) -> None:
    triplet = next(iterate_triplets(file, sample_rate=16_000))
    assert triplet.sample_rate == 16_000
    assert triplet.problem.stems.shape == (4, 2, 64_000)
    assert triplet.problem.mix.dtype == np.float32


def test_songs_that_are_not_those_of_the_recipes_are_refused(file: Path, tmp_path: Path) -> None:
    write_song_wavs(tmp_path / "songs" / "Song 0", loud_song(9), mixture=False, subtype="FLOAT")
    with pytest.raises(TripletError, match="Song 0: its files are not those that the recipes were drawn from"):
        list(iterate_triplets(file))


def test_problem_and_reference_of_different_rates_ask_for_one(file: Path, tmp_path: Path) -> None:
    recipe = next(each for each in read_recipes(file) if each.reference_kind == "other_song")
    assert recipe.reference_excerpt is not None
    other = ExcerptRef(**{**vars(recipe.reference_excerpt), "sample_rate": 48_000})
    with pytest.raises(TripletError, match="ask for one sample rate"):
        materialise(Recipe(**{**vars(recipe), "reference_excerpt": other}))
