"""Log-mel of any mix through a measured window equals the plain way, Whisper's extractor, and keeps level."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import WhisperFeatureExtractor

from training.features import ClipTooLongError, FeatureSettings, clip_features, tower_input
from training.mix_features import GainsError, clip_log_mel, mix_features, mix_log_mel, mix_log_mels, mix_power
from training.whisper_front_end import WHISPER, WhisperSettings, clip_frames
from training.window_cache import WindowCache
from training.window_mel import WindowMel, measure_window

SHORT = WhisperSettings(frames=200)
"""Whisper's front end with a window of 2 s."""
TINY = FeatureSettings()


def stems_of(front_end: FeatureSettings, *, seed: int = 0, stems: int = 4, seconds: float | None = None) -> np.ndarray:
    """Chords, beats and noise that share frequencies, so that their cross terms matter."""
    rng = np.random.default_rng(seed)
    samples = front_end.window_samples if seconds is None else round(seconds * front_end.sample_rate)
    time_s = np.arange(samples) / front_end.sample_rate
    tones = np.stack([np.sin(2 * np.pi * f * time_s) for f in (110.0, 220.0, 440.0, 1320.0, 2640.0)])
    beats = np.exp(-8 * (time_s * 2 % 1))
    parts = rng.normal(0, 0.1, (stems, len(tones))) @ tones * (1 + rng.normal(0, 1, (stems, 1)) * beats)
    return (parts + rng.normal(0, 0.003, parts.shape)).astype(np.float32)


def extracted(mono: np.ndarray) -> np.ndarray:
    """Log-mel by transformers, with a window of 2 s."""
    extractor = WhisperFeatureExtractor(feature_size=128, chunk_length=2)
    return extractor(mono, sampling_rate=16000, return_tensors="np")["input_features"][0]


@pytest.fixture(scope="module")
def window() -> WindowMel:
    return measure_window(stems_of(SHORT), settings=SHORT)


gain = st.one_of(st.just(0.0), st.floats(0.25, 4.0), st.floats(-4.0, -0.25))


@settings(max_examples=40, deadline=None)
@given(st.lists(gain, min_size=4, max_size=4))
def test_any_gains_polarities_and_silences_give_what_whispers_extractor_hears(gains: list[float]) -> None:
    stems = stems_of(SHORT)
    ours = mix_log_mel(measure_window(stems, settings=SHORT), gains)
    theirs = extracted(np.asarray(gains, np.float32) @ stems)
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


@settings(max_examples=20, deadline=None)
@given(st.floats(-24, 24))
def test_a_common_gain_of_g_db_shifts_every_feature_by_g_over_40(gain_db: float) -> None:
    window = measure_window(stems_of(SHORT), settings=SHORT)
    balance = np.array([1.0, 0.5, -2.0, 1.4])
    shift = mix_log_mel(window, balance * 10 ** (gain_db / 20)) - mix_log_mel(window, balance)
    np.testing.assert_allclose(shift, gain_db / 40, atol=1e-5)


def test_stems_that_nearly_cancel_stay_exact() -> None:
    stems = stems_of(SHORT)
    stems[1] = stems[0] + 1e-3 * stems[1]
    ours = mix_log_mel(measure_window(stems, settings=SHORT), [1.0, -1.0, 0.0, 0.0])
    theirs = extracted(stems[0] - stems[1])
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


@pytest.mark.parametrize("stems", [1, 2, 3])
def test_fewer_stems_go_the_same_way(stems: int) -> None:
    audio, gains = stems_of(SHORT, stems=stems), [0.5, -2.0, 1.0][:stems]
    theirs = extracted(np.asarray(gains, np.float32) @ audio)
    np.testing.assert_allclose(mix_log_mel(measure_window(audio, settings=SHORT), gains), theirs, atol=1e-3)


def test_a_mix_of_silence_is_whispers_floor_everywhere(window: WindowMel) -> None:
    assert np.unique(mix_log_mel(window, np.zeros(4))).tolist() == [-1.5]


def test_silent_stems_are_measured_as_silence() -> None:
    window = measure_window(np.zeros((4, SHORT.window_samples), np.float32), settings=SHORT)
    assert window.heard_frames == 0
    assert np.unique(mix_log_mel(window, np.ones(4))).tolist() == [-1.5]


def test_one_silent_stem_changes_nothing(window: WindowMel) -> None:
    stems = stems_of(SHORT)
    more = np.insert(stems, 2, 0.0, axis=0)
    with_silence = mix_log_mel(measure_window(more, settings=SHORT), [1.0, 2.0, 5.0, 0.5, 1.0])
    np.testing.assert_allclose(with_silence, mix_log_mel(window, [1.0, 2.0, 0.5, 1.0]), atol=1e-5)


def test_a_short_clip_is_followed_by_silence_that_is_not_stored() -> None:
    stems = stems_of(SHORT, seconds=0.7)
    window = measure_window(stems, settings=SHORT)
    assert window.heard_frames < 75
    np.testing.assert_allclose(mix_log_mel(window, np.ones(4)), extracted(stems.sum(axis=0)), atol=1e-3)


def test_the_tiny_front_end_takes_the_same_call(tmp_path: Path) -> None:
    stems, gains = stems_of(TINY, seconds=6.0), [1.0, 0.5, 2.0, -1.0]
    features = mix_features(stems, gains, settings=TINY, cache=WindowCache(tmp_path))
    plain = clip_features((np.asarray(gains, np.float32) @ stems)[None], settings=TINY)
    np.testing.assert_allclose(tower_input(features[None], settings=TINY), plain, atol=1e-4)


def test_an_effect_on_the_mix_takes_the_plain_way(tmp_path: Path) -> None:
    stems, cache = 3 * stems_of(SHORT), WindowCache(tmp_path)

    def clip(mix: np.ndarray) -> np.ndarray:
        return np.clip(mix, -0.5, 0.5)

    features = mix_features(stems, np.ones(4), settings=SHORT, cache=cache, effect=clip)
    np.testing.assert_allclose(features, extracted(clip(stems.sum(axis=0))), atol=1e-3)
    assert cache.measured == 0


def test_training_with_a_cache_and_serving_without_hear_the_same(tmp_path: Path) -> None:
    stems, gains = stems_of(SHORT), [0.7, 1.0, -1.5, 0.0]
    served = mix_features(stems, gains, settings=SHORT)
    trained = mix_features(stems, gains, settings=SHORT, cache=WindowCache(tmp_path))
    np.testing.assert_allclose(trained, served, atol=1e-4)


def test_many_mixes_equal_one_at_a_time(window: WindowMel) -> None:
    gains = np.array([[1, 1, 1, 1], [0, 2, 0.5, 1], [-1, 1, 1, 1.0]])
    assert np.array_equal(mix_log_mels(window, gains), np.stack([mix_log_mel(window, row) for row in gains]))


def test_mel_power_is_what_the_log_mel_is_made_of(window: WindowMel) -> None:
    logs = np.log10(mix_power(window, [1.0, 1.0, 0.5, 1.0])).T
    expected = (np.maximum(logs, logs.max() - 8) + 4) / 4
    np.testing.assert_allclose(mix_log_mel(window, [1.0, 1.0, 0.5, 1.0]), expected, atol=1e-5)


def test_the_plain_way_pads_a_clip_as_the_extractor_does() -> None:
    mono = stems_of(SHORT, seconds=1.3)[0]
    np.testing.assert_allclose(clip_log_mel(mono, settings=SHORT), extracted(mono), atol=1e-4)


@pytest.mark.parametrize(("samples", "frames"), [(1, 1), (160, 1), (161, 2), (480_000, 3000)])
def test_a_clip_reaches_as_many_frames_as_the_extractors_mask_says(samples: int, frames: int) -> None:
    mask = WhisperFeatureExtractor(feature_size=8)(
        np.zeros(samples, np.float32), sampling_rate=16000, return_attention_mask=True, return_tensors="np"
    )["attention_mask"]
    assert (clip_frames(samples, settings=WHISPER), int(mask.sum())) == (frames, frames)


@pytest.mark.parametrize("gains", [[1.0, 1.0], [1.0, 1.0, np.nan, 1.0], [[1.0] * 4]], ids=["few", "nan", "nested"])
def test_gains_that_do_not_fit_are_refused(window: WindowMel, gains: list[float]) -> None:
    with pytest.raises(GainsError, match="4 finite linear gains"):
        mix_log_mel(window, gains)


def test_a_clip_longer_than_the_window_is_refused() -> None:
    with pytest.raises(ClipTooLongError, match=r"choose a shorter excerpt"):
        measure_window(stems_of(SHORT, seconds=2.5), settings=SHORT)
