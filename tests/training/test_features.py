"""Log-mel keeps level, equals Whisper's formula, and the cross-mel form equals the plain path."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import WhisperFeatureExtractor

from training.cross_mel import cross_mel, mix_power, power_in_db, shifted_log_mel, stem_powers
from training.features import (
    ClipTooLongError,
    FeatureSettings,
    clip_features,
    fill_window,
    log_mel,
    mel_filters,
    mel_power,
    stack_frames,
)

FRONT_END = FeatureSettings()


def music_like(*, seed: int = 0, clips: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    time_s = np.arange(FRONT_END.window_samples) / FRONT_END.sample_rate
    tones = sum(np.sin(2 * np.pi * f * time_s + f) / f for f in rng.uniform(60, 3000, size=12)) * 20
    envelope = 0.6 + 0.4 * np.sin(2 * np.pi * 1.7 * time_s)
    noise = rng.normal(0, 0.02, size=(clips, FRONT_END.window_samples))
    return (0.1 * tones * envelope + noise * rng.uniform(0.5, 2, size=(clips, 1))).astype(np.float32)


@settings(max_examples=10, deadline=None)
@given(st.floats(min_value=-24, max_value=24))
def test_a_gain_of_g_db_shifts_every_feature_by_g_over_40(gain_db: float) -> None:
    audio = music_like()
    louder = (audio * 10 ** (gain_db / 20)).astype(np.float32)
    shift = clip_features(louder, settings=FRONT_END) - clip_features(audio, settings=FRONT_END)
    np.testing.assert_allclose(shift, gain_db / 40, atol=2e-4)


def test_log_mel_equals_whispers_extractor_given_the_same_filters() -> None:
    extractor = WhisperFeatureExtractor(
        feature_size=FRONT_END.mel_bands,
        sampling_rate=FRONT_END.sample_rate,
        hop_length=FRONT_END.hop_samples,
        chunk_length=20,
        n_fft=FRONT_END.fft_samples,
    )
    extractor.mel_filters = mel_filters(FRONT_END)
    audio = music_like(seed=3)
    theirs = extractor(audio[0], sampling_rate=FRONT_END.sample_rate, return_tensors="np")["input_features"][0]
    ours = log_mel(mel_power(audio, settings=FRONT_END))[0].T
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@settings(max_examples=8, deadline=None)
@given(st.lists(st.floats(min_value=-12, max_value=12), min_size=4, max_size=4))
def test_cross_mel_matrices_give_the_mix_of_any_gains(gains_db: list[float]) -> None:
    stems = music_like(seed=1, clips=4)
    gains = np.array(gains_db, dtype=np.float32)
    mixed = ((10 ** (gains / 20))[:, None] * stems).sum(axis=0, keepdims=True).astype(np.float32)
    plain = log_mel(mel_power(mixed, settings=FRONT_END))[0]
    quadratic = log_mel(mix_power(cross_mel(stems, settings=FRONT_END), gains))
    np.testing.assert_allclose(quadratic, plain, atol=1e-3)


def test_single_stems_are_shifted_without_a_logarithm() -> None:
    stems = music_like(seed=2, clips=4)
    gains = np.array([3.0, -6.0, 0.0, 12.0], dtype=np.float32)
    powers = power_in_db(stem_powers(cross_mel(stems, settings=FRONT_END), stems=4))
    plain = log_mel(mel_power((10 ** (gains / 20))[:, None] * stems, settings=FRONT_END))
    np.testing.assert_allclose(shifted_log_mel(powers, gains), plain, atol=1e-3)


def test_silence_is_the_floor_and_not_a_number_that_breaks() -> None:
    silent = np.zeros((1, FRONT_END.window_samples), dtype=np.float32)
    np.testing.assert_allclose(clip_features(silent, settings=FRONT_END), -1.5, atol=1e-6)


def test_a_short_clip_is_repeated_and_keeps_its_level() -> None:
    short = music_like()[:, : 6 * FRONT_END.sample_rate]
    filled = fill_window(short, settings=FRONT_END)
    assert filled.shape == (1, FRONT_END.window_samples)
    assert np.mean(filled[:, : 3 * 48_000] ** 2) == pytest.approx(np.mean(short**2), rel=1e-4)


@pytest.mark.parametrize("seconds", [20.2, 30.0, 40.0])
def test_a_clip_beyond_the_window_is_refused_and_says_both_lengths(seconds: float) -> None:
    audio = np.zeros((1, round(seconds * FRONT_END.sample_rate)), dtype=np.float32)
    with pytest.raises(ClipTooLongError, match=r"lasts .* hears 20\.000 s"):
        fill_window(audio, settings=FRONT_END)


def test_stacked_frames_keep_time_order() -> None:
    frames = np.arange(FRONT_END.frames, dtype=np.float32)[:, None].repeat(FRONT_END.mel_bands, axis=1)[None]
    stacked = stack_frames(frames, settings=FRONT_END)
    assert stacked.shape == (1, FRONT_END.bins, FRONT_END.steps)
    assert stacked[0, :, 1].min() == FRONT_END.stacked_frames
    assert stacked[0, -1, 0] == FRONT_END.stacked_frames - 1
