"""Loudness: the synthetic cases of EBU Tech 3341, pyloudnorm on the same filters, and Gram matrices against audio."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

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


SILENT = -1000.0
"""dBFS that is silence."""


def loudest(values: Sequence[float | None]) -> float:
    """The largest value."""
    return max(value for value in values if value is not None)


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


def test_ebu_tech_3341_case_6_reads_its_target_once_its_surrounds_are_weighted() -> None:
    """Case 6: L, R, C, Ls, Rs at -28, -28, -24, -30, -30 dBFS. Channels weigh 1 here, the standard's surrounds 1.41."""
    audio = steps((0, 20), channel_offsets_db=(-28, -28, -24, -30, -30))
    audio[3:] *= np.float32(math.sqrt(1.41))
    assert integrated_loudness(audio, RATE) == pytest.approx(-23.0, abs=0.1)


def test_ebu_tech_3341_case_12_momentary_loudness_is_constant_after_a_second() -> None:
    audio = steps(*[(-20, 0.18), (-30, 0.22)] * 25)
    values = momentary_loudness(audio, RATE, hop_s=0.01)[60:]
    assert len(values) > 900
    assert values == pytest.approx([-23.0] * len(values), abs=0.1)


@pytest.mark.parametrize("number", range(20))
def test_ebu_tech_3341_case_13_largest_momentary_loudness(number: int) -> None:
    """A tone of 400 ms that starts at a multiple of 20 ms: steps of 100 ms would miss it by up to 1.2 LU."""
    audio = steps((SILENT, 0.02 * number), (-23, 0.4), (SILENT, 1))
    assert loudest(momentary_loudness(audio, RATE, hop_s=0.01)) == pytest.approx(-23.0, abs=0.1)


def test_ebu_tech_3341_case_14_successive_largest_momentary_loudness() -> None:
    """Twenty tones in one file, each in 800 ms of its own."""
    units = [((SILENT, 0.02 * n), (-38 + n, 0.4), (SILENT, 0.4 - 0.02 * n)) for n in range(20)]
    values = momentary_loudness(steps(*[part for unit in units for part in unit]), RATE, hop_s=0.01)
    found = [loudest(values[80 * n : 80 * n + 41]) for n in range(20)]
    assert found == pytest.approx([-38.0 + n for n in range(20)], abs=0.1)


@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_finer_steps_of_momentary_loudness_hold_the_coarse_ones(rate: int) -> None:
    audio = noise(4, seconds=2.0, rate=rate)
    audio[:, rate:] *= 0.1
    fine, coarse = (momentary_loudness(audio, rate, hop_s=hop_s) for hop_s in (0.01, 0.1))
    assert fine[::10] == pytest.approx(coarse, abs=1e-6)
    assert len(fine) == 161


@pytest.mark.parametrize("hop_s", [0.0, -0.1, float("nan"), 0.03])
def test_steps_of_momentary_loudness_must_divide_a_block(hop_s: float) -> None:
    with pytest.raises(ValueError, match="steps"):
        momentary_loudness(tone(100, seconds=1.0), 44_100, hop_s=hop_s)


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


def test_pyloudnorms_own_filter_differs_by_a_few_hundredths(record_property: Callable[[str, object], None]) -> None:
    """Its default filter is not the standard's at 44.1 kHz; the offset on noise is recorded with the test."""
    audio = noise(3, seconds=7.3, rate=44_100, peak=0.3)
    offset_lu = pyloudnorm.Meter(44_100).integrated_loudness(audio.T.astype(np.float64)) - integrated_loudness(
        audio, 44_100
    )
    print(f"pyloudnorm's default filter on white noise at 44.1 kHz: {offset_lu:+.3f} LU")
    record_property("pyloudnorm_default_offset_lu", float(offset_lu))
    assert 0.001 < abs(offset_lu) < 0.1


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


@pytest.mark.parametrize("offset", range(4))
def test_ebu_tech_3341_true_peak_cases_20_to_23(offset: int) -> None:
    """A sine of fs/6 and 0.5 with one period of fs/4 and 1.0, made at four times the rate and decimated from `offset`.

    The phase goes on at both ends of the period. Its peak is 0 dBTP wherever the kept samples lie.
    """
    fast, period = 4 * RATE, 16
    amplitude, step = np.full(fast // 4, 0.5), np.full(fast // 4, 2 * np.pi / 24)
    middle = slice(fast // 8, fast // 8 + period)
    amplitude[middle], step[middle] = 1.0, 2 * np.pi / period
    wave = amplitude * np.sin(np.cumsum(step) - step[0]) * signal.windows.tukey(fast // 4, 0.2)
    filtered = signal.filtfilt(signal.firwin(257, 0.95 * RATE / 2, fs=fast), [1.0], wave)
    kept = filtered[offset::4]
    assert -0.4 <= true_peak_dbtp(np.stack([kept, kept])) <= 0.2


def test_true_peak_is_above_the_sample_peak_of_a_sine_sampled_off_its_peaks() -> None:
    wave = np.sin(np.pi / 2 * np.arange(4800) + np.pi / 4) * np.hanning(4800)
    assert true_peak_dbtp(wave[np.newaxis]) > amplitude_db(float(np.abs(wave).max())) + 2.5


def test_true_peak_of_silence_is_a_finite_number() -> None:
    assert true_peak_dbtp(np.zeros((2, 1000), np.float32)) == -200.0
