"""Conditions on the same items: the oracle, the constant answer, shuffled and silent ones, and the shipped weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datagen.disturbances import DisturbanceSettings
from datagen.words import REFERENCE_KINDS
from training.adapters import activate, load_adapter
from training.conditions import CONDITIONS, Condition, needed_adapters, of_adapters
from training.evaluate import EvaluationSettings, evaluation_scenes, example_of, model_advice, score_condition, shuffled
from training.metrics import METRICS, Scored, score_of
from training.ship import SHIPPED_FOLDER
from training.songs_cache import Songs, load_songs
from training.tiny_base import Base, load_base

SETTINGS = EvaluationSettings(items_per_song=8)
ORACLE = next(condition for condition in CONDITIONS if condition.system == "oracle")
CONSTANT = next(condition for condition in CONDITIONS if condition.system == "constant")
DIFFERENTIAL = Condition("stems_ref", "stems_ref", "stems_ref", "same_passage")


def value(items: list[Scored], name: str) -> float | None:
    return score_of(items, METRICS[name]).value


def test_the_oracle_finds_everything_exactly(small_base: Base, noise_songs: Songs) -> None:
    items = score_condition(None, small_base, noise_songs, ORACLE, settings=SETTINGS)
    wanted = {
        "found": 1,
        "false_alarms": 0,
        "error_db": 0,
        "specificity": 1,
        "exact": 1,
        "residual_3_db": 0,
        "stopped": 1,
    }
    assert {name: value(items, name) for name in wanted} == wanted


def test_the_constant_answer_leaves_the_imbalance_as_it_was(small_base: Base, noise_songs: Songs) -> None:
    items = score_condition(None, small_base, noise_songs, CONSTANT, settings=SETTINGS)
    assert (value(items, "found"), value(items, "specificity")) == (0.0, 1.0)
    assert value(items, "residual_db") == value(items, "residual_3_db")
    changes = [abs(gain_db) for item in items for gain_db in item.correction_db.values()]
    assert value(items, "error_db") == pytest.approx(np.mean(changes))


@pytest.mark.parametrize("kind", REFERENCE_KINDS)
def test_every_reference_kind_gets_the_same_problems(noise_songs: Songs, kind: str) -> None:
    first = evaluation_scenes(noise_songs, reference_kind="same_passage", settings=SETTINGS)
    other = evaluation_scenes(noise_songs, reference_kind=kind, settings=SETTINGS)
    assert [scene.correction for scene in other] == [scene.correction for scene in first]
    for one, two in zip(first, other, strict=True):
        np.testing.assert_array_equal(one.problem.gains_db, two.problem.gains_db)


def test_a_shuffled_reference_is_of_another_song(noise_songs: Songs) -> None:
    scenes = evaluation_scenes(noise_songs, reference_kind="same_passage", settings=SETTINGS)
    for scene, heard in zip(scenes, shuffled(scenes), strict=True):
        assert heard.reference is not None
        assert heard.reference.songs[0] != scene.problem.songs[0]
        assert heard.problem is scene.problem


def test_a_condition_that_hears_nothing_gets_the_same_text_with_silent_clips(noise_songs: Songs) -> None:
    scene = evaluation_scenes(noise_songs, reference_kind="same_passage", settings=SETTINGS)[0]
    heard = example_of(noise_songs, scene, DIFFERENTIAL, number=0)
    silent = example_of(noise_songs, scene, replace(DIFFERENTIAL, control="text only"), number=0)
    assert silent.parts == heard.parts
    assert silent.clips.shape == heard.clips.shape
    np.testing.assert_allclose(silent.clips, -1.5, atol=1e-6)


def test_an_answer_that_does_not_end_cannot_be_acted_on(small_base: Base, noise_songs: Songs) -> None:
    settings = EvaluationSettings(items_per_song=1)
    untuned = Condition("untuned", "untuned", "mix", "none")
    items = score_condition(small_base.model, small_base, noise_songs, untuned, settings=settings)
    assert value(items, "unreadable") == 1.0


def test_conditions_are_named_once_and_by_what_was_trained_and_shown() -> None:
    labels = [condition.label for condition in CONDITIONS]
    assert len(set(labels)) == len(labels)
    assert "stems_ref / stems_ref / previous_version" in labels
    assert "stems_ref / stems_ref / same_passage, reference shuffled" in labels
    for condition in of_adapters(CONDITIONS, ("mix",)):
        assert condition.system in ("mix", "oracle", "constant", "untuned")
    assert needed_adapters(of_adapters(CONDITIONS, ("mix",))) == ("mix",)


def test_swapping_the_references_audio_changes_the_shipped_differentials_answers(tmp_path: Path) -> None:
    base = load_base(SHIPPED_FOLDER / "base")
    model = load_adapter(base.model, SHIPPED_FOLDER / "stems_ref", name="stems_ref")
    activate(model, "stems_ref")
    songs = load_songs("test", count=2, settings=base.features, folder=tmp_path)
    settings = EvaluationSettings(items_per_song=4, disturbances=DisturbanceSettings(clean_share=0.0))
    scenes = evaluation_scenes(songs, reference_kind="same_passage", settings=settings)
    own = model_advice(model, base, songs, DIFFERENTIAL, 0, list(enumerate(scenes)), 0)
    swapped = model_advice(model, base, songs, DIFFERENTIAL, 0, list(enumerate(shuffled(scenes))), 0)
    assert sum(one != two for one, two in zip(own, swapped, strict=True)) >= len(scenes) // 2
