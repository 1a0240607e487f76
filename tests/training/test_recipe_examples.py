"""From recipes to conversations: what is shown, what is heard, and an answer that undoes the disturbance."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datagen.corrections import residual_imbalance_db
from datagen.explanations import read
from datagen.words import SHOWN, STEMS, mapping_from_changes
from tests.datagen.making_recipes import build_recipes, write_songs
from training.bases.base import Clip, Conversation
from training.chat_prompts import split_answer
from training.recipe_examples import Showing, common_difference_db, differences_db, recipe_example
from training.recipe_reader import TripletReader, place_of

RATE = 16_000


@pytest.fixture(scope="module")
def recipes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    return build_recipes(folder.parent / "recipes.parquet", write_songs(folder), count=30)


@pytest.fixture
def reader(recipes: Path) -> TripletReader:
    return TripletReader(recipes, sample_rate=RATE)


def place_with(reader: TripletReader, kind: str, *, changed: bool = True) -> int:
    found = (k for k in range(len(reader)) if (r := reader.at(k).recipe).reference_kind == kind
             and (not changed or r.disturbance_db))  # fmt: skip
    return next(found)


def clips_of(example: Conversation) -> list[Clip]:
    return [piece for turn in example.turns for piece in turn.content if isinstance(piece, Clip)]


def answer_of(example: Conversation) -> tuple[str, str]:
    (taught,) = [turn for turn in example.turns if turn.taught]
    return split_answer(str(taught.content[0]))


@pytest.mark.parametrize(("shown", "clips"), [("mix", 1), ("stems", 4), ("mix_ref", 2), ("stems_ref", 8)])
def test_each_condition_hears_its_clips(reader: TripletReader, shown: str, clips: int) -> None:
    example = recipe_example(reader, place_with(reader, "same_passage"), Showing(shown))
    heard = clips_of(example)
    assert len(heard) == clips
    assert {clip.samples for clip in heard} == {4 * RATE}
    assert all(clip.waveform is not None and clip.waveform.dtype == np.float32 for clip in heard)


def test_all_conditions_are_taught_the_same_advice(reader: TripletReader) -> None:
    place = place_with(reader, "same_passage")
    assert len({answer_of(recipe_example(reader, place, Showing(shown)))[1] for shown in SHOWN}) == 1


def test_the_advice_undoes_the_disturbance(reader: TripletReader) -> None:
    for place in range(len(reader)):
        triplet = reader.at(place)
        _, advice = answer_of(recipe_example(reader, place, Showing("stems_ref")))
        changes = read(advice).changes
        assert changes is not None
        left = residual_imbalance_db(triplet.recipe.disturbance_db, mapping_from_changes(changes), STEMS)
        assert left < 1e-9


def test_the_common_difference_is_that_of_the_stems_that_were_not_changed(reader: TripletReader) -> None:
    triplet = reader.at(place_with(reader, "same_passage"))
    assert triplet.reference is not None
    powers = [np.mean(side.stems.astype(np.float64) ** 2, axis=(1, 2)) for side in (triplet.problem, triplet.reference)]
    measured_db = 10.0 * np.log10(powers[0] / powers[1])
    expected_db = [common_difference_db(triplet) + differences_db(triplet).get(stem, 0.0) for stem in triplet.names]
    np.testing.assert_allclose(measured_db, expected_db, atol=1e-3)


def test_stems_are_shuffled_by_recipe_and_named_in_the_order_of_the_finding(reader: TripletReader) -> None:
    orders = {answer_of(recipe_example(reader, place, Showing("stems")))[0].split(" ")[0] for place in range(12)}
    assert len(orders) > 1
    canonical = answer_of(recipe_example(reader, 0, Showing("stems", shuffle_stems=False)))[0]
    assert canonical.startswith("drums")


def test_without_audio_the_clips_are_silent_and_the_text_is_the_same(reader: TripletReader) -> None:
    place = place_with(reader, "same_passage")
    heard, silent = (recipe_example(reader, place, Showing("stems_ref", audio=audio)) for audio in ("heard", "none"))
    assert answer_of(silent) == answer_of(heard)
    assert all(not clip.waveform.any() for clip in clips_of(silent) if clip.waveform is not None)
    assert [clip.samples for clip in clips_of(silent)] == [clip.samples for clip in clips_of(heard)]


def test_a_shuffled_reference_is_another_recipes_and_the_problem_its_own(reader: TripletReader) -> None:
    place = place_with(reader, "same_passage")
    showing = Showing("stems_ref", shuffle_stems=False)
    own = clips_of(recipe_example(reader, place, showing))
    other = clips_of(recipe_example(reader, place, replace(showing, reference_audio="shuffled")))
    for k, (mine, theirs) in enumerate(zip(own, other, strict=True)):
        assert mine.waveform is not None
        assert np.array_equal(mine.waveform, theirs.waveform) == (k % 2 == 0)


def test_without_a_reference_there_is_nothing_to_shuffle(reader: TripletReader) -> None:
    place = place_with(reader, "none")
    own, other = (
        clips_of(recipe_example(reader, place, Showing("stems_ref", reference_audio=audio)))
        for audio in ("own", "shuffled")
    )
    assert all(np.array_equal(a.waveform, b.waveform) for a, b in zip(own, other, strict=True))


def test_every_recipe_comes_once_in_each_pass_and_in_another_order() -> None:
    first, second = ([place_of(epoch * 30 + k, count=30, seed=1) for k in range(30)] for epoch in (0, 1))
    assert sorted(first) == sorted(second) == list(range(30))
    assert first != second
    assert first == [place_of(k, count=30, seed=1) for k in range(30)]
