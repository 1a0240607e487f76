"""Loudness: the synthetic cases of EBU Tech 3341, pyloudnorm on the same filters, and Gram matrices against audio."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from datagen.loudness import (
    amplitude_db,
    gram_blocks,
    integrated_loudness,
    k_weighting_sections,
    linear_gains,
    loudness_of_gains,
    momentary_loudness,
    true_peak_dbtp,
)
from tests.datagen.making_stems import Audio, four_stems, noise, tone

RATE = 48_000


def steps(*parts: tuple[float, float], channel_offsets_db: Sequence[float] = (0.0, 0.0)) -> Audio:
    """A 1 kHz sine whose peak level (dBFS) changes: parts of (level, seconds), a level for every channel."""
    levels = np.concatenate([np.full(round(seconds * RATE), level) for level, seconds in parts])
    wave = np.sin(2 * np.pi * 1000 * np.arange(levels.size) / RATE)
    return np.stack([wave * 10 ** ((levels + offset) / 20) for offset in channel_offsets_db]).astype(np.float32)


EBU_CASES = {
    "1: steady -23": (steps((-23, 20)), -23.0),
    "2: steady -33": (steps((-33, 20)), -33.0),
    "3: relative gate": (steps((-36, 10), (-23, 60), (-36, 10)), -23.0),
    "4: both gates": (steps((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)), -23.0),
    "5: level step": (steps((-26, 20), (-20, 20.1), (-26, 20)), -23.0),
}


@pytest.mark.parametrize("case", EBU_CASES)
def test_ebu_tech_3341_case_reads_its_target(case: str) -> None:
    audio, target = EBU_CASES[case]
    assert integrated_loudness(audio, RATE) == pytest.approx(target, abs=0.1)


def test_ebu_tech_3341_case_6_in_stereo_reads_its_target() -> None:
    """Case 6 has five channels; its stereo part alone (L = R = -28 dBFS) must read -28.0."""
    assert integrated_loudness(steps((-28, 20)), RATE) == pytest.approx(-28.0, abs=0.1)


def test_momentary_loudness_of_a_steady_sine_is_steady() -> None:
    values = momentary_loudness(steps((-23, 5)), RATE)
    assert len(values) == 47
    assert values[5:] == pytest.approx([-23.0] * 42, abs=0.1)


def test_k_weighting_at_48_khz_is_the_table_of_the_recommendation() -> None:
    shelf, high_pass = k_weighting_sections(48_000)
    assert shelf == pytest.approx(
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585], abs=1e-7
    )
    assert high_pass == pytest.approx([1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621], abs=1e-7)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_equals_pyloudnorm_on_the_same_coefficients(rate: int) -> None:
    audio = noise(3, seconds=7.3, rate=rate, peak=0.3)  # whole blocks: it rounds their number, BS.1770 drops a rest
    audio[:, rate : 2 * rate] *= 0.01
    meter = pyloudnorm.Meter(rate, filter_class="DeMan")
    ours = integrated_loudness(audio, rate)
    assert ours == pytest.approx(meter.integrated_loudness(audio.T.astype(np.float64)), abs=1e-6)


@settings(max_examples=25, deadline=None)
@given(gains_db=st.lists(st.floats(-30, 12), min_size=4, max_size=4))
def test_loudness_of_gains_equals_loudness_of_the_rendered_mix(gains_db: list[float]) -> None:
    stems = np.stack(list(four_stems(seconds=2.0).values())).astype(np.float64)
    stems[0, :, 44_100:] = 0
    gains = linear_gains(gains_db)
    expected = integrated_loudness(np.tensordot(gains, stems, axes=1), 44_100)
    assert loudness_of_gains(gram_blocks(stems, 44_100), gains) == pytest.approx(expected, abs=1e-6)


def test_a_mono_file_is_as_loud_as_dual_mono_once_it_is_up_mixed_as_played() -> None:
    mono = noise(5, seconds=3.0)[:1]
    single, played = integrated_loudness(mono, 44_100), integrated_loudness(np.repeat(mono, 2, axis=0), 44_100)
    assert single is not None
    assert played is not None
    assert played - single == pytest.approx(10 * math.log10(2), abs=1e-9)


@pytest.mark.parametrize(
    "audio",
    [
        np.zeros((2, RATE), np.float32),
        noise(1, seconds=0.3, rate=RATE),
        noise(1, seconds=1.0, rate=RATE, peak=1e-5),
        np.zeros((2, 0), np.float32),
    ],
    ids=["silence", "shorter than a block", "-100 dBFS", "empty"],
)
def test_what_has_no_loudness_is_not_measurable(audio: Audio) -> None:
    assert integrated_loudness(audio, RATE) is None


def test_momentary_loudness_of_silence_is_none_not_infinite() -> None:
    assert set(momentary_loudness(np.zeros((2, RATE), np.float32), RATE)) == {None}


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_refused(value: float) -> None:
    audio = tone(100, seconds=1.0)
    audio[0, 100] = value
    with pytest.raises(ValueError, match="no numbers"):
        integrated_loudness(audio, 44_100)


def test_stems_in_another_layout_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected \[stems, channels, samples\]"):
        gram_blocks(np.zeros((44_100, 2), np.float32), 44_100)


@pytest.mark.parametrize(
    ("divisor", "phase_degrees", "amplitude"),
    [(4, 0, 0.5), (4, 45, 0.5), (6, 60, 0.5), (8, 67.5, 0.5), (4, 45, 1.41)],
)
def test_ebu_tech_3341_true_peak_cases(divisor: int, phase_degrees: float, amplitude: float) -> None:
    """Cases 15 to 19: a tapered sine at a whole fraction of the rate; tolerance +0.2 / -0.4 dB."""
    phase = np.deg2rad(phase_degrees)
    wave = amplitude * np.sin(2 * np.pi / divisor * np.arange(RATE) + phase) * signal.windows.tukey(RATE, 0.2)
    error_db = true_peak_dbtp(np.stack([wave, wave])) - amplitude_db(amplitude)
    assert -0.4 <= error_db <= 0.2


def test_true_peak_is_above_the_sample_peak_of_a_sine_sampled_off_its_peaks() -> None:
    wave = np.sin(np.pi / 2 * np.arange(4800) + np.pi / 4) * np.hanning(4800)
    assert true_peak_dbtp(wave[np.newaxis]) > amplitude_db(float(np.abs(wave).max())) + 2.5


def test_true_peak_of_silence_is_a_finite_number() -> None:
    assert true_peak_dbtp(np.zeros((2, 1000), np.float32)) == -200.0
