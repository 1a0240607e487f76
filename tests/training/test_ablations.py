"""Controls: silent clips, and the reference of another item."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from training.ablations import (
    ablated_example,
    kinds_with_reference,
    reference_places,
    silence_like,
    with_reference_audio_of,
    without_audio,
)
from training.advice_tasks import advice_example
from training.examples import Example
from training.features import FeatureSettings, clip_features, stack_frames
from training.scenes import SceneSettings
from training.songs_cache import Songs

KINDS = {"same_passage": 1.0}


def drawn(songs: Songs, shown: str, kinds: Mapping[str, float] = KINDS, *, seed: int = 0) -> Example:
    return advice_example(np.random.default_rng(seed), songs, shown=shown, kinds=kinds, settings=SceneSettings())


@pytest.mark.parametrize(
    ("shown", "places"), [("stems_ref", [1, 3, 5, 7]), ("mix_ref", [1]), ("stems", []), ("mix", [])]
)
def test_the_references_clips_are_found_by_the_prompts_words(noise_songs: Songs, shown: str, places: list[int]) -> None:
    assert reference_places(drawn(noise_songs, shown)) == places


def test_without_a_reference_kind_there_are_no_references_clips(noise_songs: Songs) -> None:
    assert reference_places(drawn(noise_songs, "stems_ref", {"none": 1.0})) == []


def test_silent_clips_are_what_the_front_end_makes_of_silence(noise_songs: Songs) -> None:
    settings = FeatureSettings()
    silent = clip_features(np.zeros((2, settings.window_samples), dtype=np.float32), settings=settings)
    clips = drawn(noise_songs, "mix_ref").clips
    np.testing.assert_array_equal(stack_frames(silence_like(clips), settings=settings), silent)


def test_text_only_keeps_the_text_and_the_number_of_clips(noise_songs: Songs) -> None:
    example = drawn(noise_songs, "stems_ref")
    text_only = without_audio(example)
    assert text_only.parts == example.parts
    assert text_only.clips.shape == example.clips.shape
    assert len(np.unique(text_only.clips)) == 1


def test_a_shuffled_reference_changes_the_references_clips_alone(noise_songs: Songs) -> None:
    example, other = (drawn(noise_songs, "stems_ref", seed=seed) for seed in (1, 2))
    mixed = with_reference_audio_of(example, other)
    assert mixed.parts == example.parts
    np.testing.assert_array_equal(mixed.clips[0::2], example.clips[0::2])
    np.testing.assert_array_equal(mixed.clips[1::2], other.clips[1::2])


def test_references_of_another_layout_are_refused(noise_songs: Songs) -> None:
    with pytest.raises(ValueError, match="other clips"):
        with_reference_audio_of(drawn(noise_songs, "stems_ref"), drawn(noise_songs, "mix_ref"))


def test_a_shuffled_run_draws_the_other_item_with_a_reference(noise_songs: Songs) -> None:
    asked: list[Mapping[str, float]] = []

    def draw(kinds: Mapping[str, float]) -> Example:
        asked.append(kinds)
        return drawn(noise_songs, "stems_ref", {"same_passage": 1.0}, seed=len(asked))

    ablated_example(draw, {"same_passage": 0.5, "none": 0.5}, reference_audio="shuffled")
    assert asked == [{"same_passage": 0.5, "none": 0.5}, {"same_passage": 0.5}]


def test_a_run_with_its_own_references_hears_the_example_as_it_was_drawn(noise_songs: Songs) -> None:
    example = drawn(noise_songs, "stems_ref", seed=4)
    assert ablated_example(lambda _: example, KINDS) is example


def test_kinds_without_a_share_are_no_references() -> None:
    assert kinds_with_reference({"other_song": 0.0, "none": 0.5, "same_passage": 0.5}) == {"same_passage": 0.5}
