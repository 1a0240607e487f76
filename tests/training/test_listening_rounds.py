"""Apply and listen again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datagen.disturbances import DisturbanceSettings
from datagen.words import STEMS, mapping_from_changes
from training.evaluate import EvaluationSettings, evaluation_scenes
from training.listening_rounds import listen_again, with_gains
from training.scenes import Scene
from training.songs_cache import Songs

Numbered = Sequence[tuple[int, Scene]]


def scenes_of(songs: Songs) -> list[Scene]:
    settings = EvaluationSettings(items_per_song=3, disturbances=DisturbanceSettings(clean_share=0.0))
    return evaluation_scenes(songs, reference_kind="same_passage", settings=settings)


def half_of_what_is_left(numbered: Numbered, _: int) -> list[dict[str, float] | None]:
    """An adviser that hears exactly and halves every difference; it stops below 1 dB."""
    answers: list[dict[str, float] | None] = []
    for _number, scene in numbered:
        assert scene.reference is not None
        raw = scene.problem.gains_db - scene.reference.gains_db
        common = np.median(raw)
        answers.append({s: float((common - r) / 2) for s, r in zip(STEMS, raw, strict=True) if abs(r - common) >= 1.0})
    return answers


def test_gains_of_all_rounds_add_up_on_the_problem(noise_songs: Songs) -> None:
    scenes = scenes_of(noise_songs)
    one = [k for k, scene in enumerate(scenes) if len(scene.correction) == 1 and abs(scene.correction[0].gain_db) >= 8]
    rounds = listen_again([scenes[k] for k in one], half_of_what_is_left, rounds=3)
    assert one
    for k, item in zip(one, rounds, strict=True):
        ((stem, right),) = mapping_from_changes(scenes[k].correction).items()
        applied = [each[stem] for each in item.applied_db]
        np.testing.assert_allclose(applied, [right / 2, right * 3 / 4, right * 7 / 8], rtol=1e-4)
        assert not item.stopped


def test_an_item_stops_at_nothing_to_change(noise_songs: Songs) -> None:
    asked: list[list[int]] = []

    def ask(numbered: Numbered, _: int) -> list[dict[str, float] | None]:
        asked.append([number for number, _scene in numbered])
        return [{} if number % 3 == 0 else None if number % 3 == 1 else {"bass": 1.0} for number, _scene in numbered]

    rounds = listen_again(scenes_of(noise_songs)[:6], ask, rounds=3)
    assert asked == [[0, 1, 2, 3, 4, 5], [2, 5], [2, 5]]
    assert [item.stopped for item in rounds] == [True, False, False] * 2
    assert rounds[1].applied_db == [{}, {}, {}]
    assert rounds[2].applied_db == [{"bass": 1.0}, {"bass": 2.0}, {"bass": 3.0}]


def test_applied_gains_change_the_problem_and_nothing_else(noise_songs: Songs) -> None:
    scene = scenes_of(noise_songs)[0]
    applied = with_gains(scene, {"vocals": -2.0})
    np.testing.assert_allclose(applied.problem.gains_db - scene.problem.gains_db, [0, 0, 0, -2.0], atol=1e-6)
    assert applied.reference is scene.reference
    assert applied.correction == scene.correction
