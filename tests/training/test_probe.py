"""What is probed: pairs with known levels, and pooled outputs of tower and projector."""

from __future__ import annotations

import numpy as np
import pytest

from training.bases.base import Clip, Conversation, Turn
from training.bases.registry import BASES
from training.bases.tiny_qwen2_audio import NAME, TinyBase
from training.examples import Example, Part
from training.probe import PLACES, draw_pairs, pair_outputs, pooled_outputs, probe_place
from training.songs_cache import Songs
from training.tiny_base import Base
from training.tokenizer import AUDIO, BOS


def test_a_pairs_difference_is_that_of_its_gains(noise_songs: Songs) -> None:
    pairs = [pair for pair in draw_pairs(noise_songs, per_song=6, seed=1) if pair.name != "mix"]
    for pair in pairs:
        assert pair.scene.reference is not None
        stem = ("drums", "bass", "other", "vocals").index(pair.name)
        gains = pair.scene.problem.gains_db[stem] - pair.scene.reference.gains_db[stem]
        assert pair.difference_db == pytest.approx(float(gains), abs=1e-4)


def test_outputs_of_a_batch_are_those_of_its_clips_alone(small_base: Base, noise_songs: Songs) -> None:
    base = TinyBase(small_base)
    clips = noise_songs.stems_db[0, 0, :3] / 40.0
    examples = [Example((Part(f"{BOS} problem {AUDIO} drums level"),), clips[k : k + 1]) for k in range(3)]
    together = pooled_outputs(base, examples)
    for place in PLACES:
        alone = np.concatenate([pooled_outputs(base, [example])[place] for example in examples])
        np.testing.assert_allclose(together[place], alone, atol=1e-5)
    assert together["tower"].shape == (3, small_base.model.config.audio_config.d_model)
    assert together["projector"].shape == (3, small_base.model.config.text_config.hidden_size)


@pytest.mark.parametrize("name", [name for name in BASES if name != NAME])
def test_every_real_base_can_be_probed(name: str) -> None:
    base = BASES[name].from_tiny_random_config(1)
    noise = np.random.default_rng(2).normal(size=(2, 2 * base.sample_rate)).astype(np.float32) / 10
    asked = [Conversation((Turn("user", ("how loud is", Clip(len(w), waveform=w), "?")),)) for w in noise]
    together = pooled_outputs(base, asked)
    for place in PLACES:
        alone = np.concatenate([pooled_outputs(base, [each])[place] for each in asked])
        np.testing.assert_allclose(together[place], alone, atol=1e-5)


def test_even_a_random_base_lets_differences_of_level_through(small_base: Base, noise_songs: Songs) -> None:
    base = TinyBase(small_base)
    fitted, held_out = (draw_pairs(noise_songs, per_song=40, seed=seed) for seed in (1, 2))
    outputs = [pair_outputs(base, noise_songs, pairs)["tower"] for pairs in (fitted, held_out)]
    scores = probe_place(fitted, outputs[0], held_out, outputs[1])
    assert scores["difference"].r2 > 0.9
