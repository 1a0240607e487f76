"""Rendered songs: the same bytes every time, the same sound at every rate, no faults in the signal."""

from __future__ import annotations

import hashlib
import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from datagen.generator import plan_song, render, song_keys
from datagen.generator.render import WindowError
from datagen.generator.score import score_of

RATE = 8000
KEYS = ("train-00002", "validation-00001", "test-00003", "study-00002")


def whole(key, sample_rate=RATE):
    plan = plan_song(key)
    return render(plan, start_samples=0, length_samples=int(plan.duration_s * sample_rate), sample_rate=sample_rate)


@pytest.fixture(scope="module", params=KEYS)
def song(request):
    return request.param, whole(request.param)


def test_shape_and_type(song):
    key, stems = song
    assert stems.dtype == np.float32
    assert stems.shape == (4, 2, int(plan_song(key).duration_s * RATE))


def test_every_sample_is_finite_and_the_mix_stays_below_full_scale(song):
    _, stems = song
    assert np.isfinite(stems).all()
    assert np.abs(stems.sum(axis=0)).max() < 1.0


def test_every_stem_is_heard(song):
    _, stems = song
    blocks = stems[:, :, : stems.shape[2] // RATE * RATE].reshape(4, 2, -1, RATE)
    loudest = (blocks**2).mean(axis=(1, 3)).max(axis=1)
    assert (10 * np.log10(loudest) > -55).all()


def test_there_is_no_dc(song):
    _, stems = song
    assert np.abs(stems.mean(axis=2)).max() < 2e-3


@pytest.mark.parametrize(("start", "length"), [(0, 5000), (1, 7001), (93_210, 40_003), (310_000, 60_000)])
def test_a_window_is_a_slice_of_the_song(song, start, length):
    key, stems = song
    window = render(plan_song(key), start_samples=start, length_samples=length, sample_rate=RATE)
    expected = np.zeros_like(window)
    part = stems[:, :, start : start + length]
    expected[:, :, : part.shape[2]] = part
    inside = part.shape[2]
    np.testing.assert_allclose(window[:, :, :inside], expected[:, :, :inside], atol=1e-5)


def test_after_the_end_there_is_silence():
    plan = plan_song("train-00001")
    late = render(plan, start_samples=int(90 * RATE), length_samples=800, sample_rate=RATE)
    assert not late.any()


def test_the_same_bytes_in_another_process():
    code = (
        "import hashlib; from datagen.generator import plan_song, render;"
        "x = render(plan_song('test-00007'), start_samples=80000, length_samples=16000, sample_rate=8000);"
        "print(hashlib.sha256(x.tobytes()).hexdigest())"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], capture_output=True, check=True)
    here = render(plan_song("test-00007"), start_samples=80_000, length_samples=16_000, sample_rate=8000)
    assert run.stdout.decode().strip() == hashlib.sha256(here.tobytes()).hexdigest()


def test_rendering_order_does_not_matter():
    plan = plan_song("train-00011")
    before = render(plan, start_samples=1000, length_samples=8000, sample_rate=RATE)
    whole("train-00012")
    score_of.cache_clear()
    again = render(plan, start_samples=1000, length_samples=8000, sample_rate=RATE)
    np.testing.assert_array_equal(before, again)


def band_energies_db(stems, sample_rate, edges_hz):
    spectra = np.abs(np.fft.rfft(stems.astype(np.float64), axis=2)) ** 2 / sample_rate**2
    hz = np.fft.rfftfreq(stems.shape[2], 1 / sample_rate)
    return 10 * np.log10(
        [spectra[:, :, (hz >= low) & (hz < high)].sum(axis=(1, 2)) for low, high in itertools.pairwise(edges_hz)]
    )


@pytest.mark.parametrize("key", ["train-00004", "study-00003"])
def test_bands_below_6_khz_agree_between_16_and_44_khz(key):
    edges_hz = (40, 80, 160, 315, 630, 1250, 2500, 4000, 6000)
    levels = [
        band_energies_db(
            render(plan_song(key), start_samples=12 * rate, length_samples=8 * rate, sample_rate=rate), rate, edges_hz
        )
        for rate in (16_000, 44_100)
    ]
    heard = levels[0] > levels[0].max(axis=0) - 55
    assert np.abs(levels[0] - levels[1])[heard].max() < 0.5


@pytest.mark.parametrize("rate", [8_000, 16_000])
def test_nothing_aliases(rate):
    """What a 48 kHz rendering holds below half the rate's Nyquist frequency is all that a low rate holds there."""
    plan = plan_song("train-00006")
    low = render(plan, start_samples=20 * rate, length_samples=8 * rate, sample_rate=rate)
    high = render(plan, start_samples=20 * 48_000, length_samples=8 * 48_000, sample_rate=48_000)
    count = int(8 * rate * 0.4)
    window = np.hanning(8 * rate), np.hanning(8 * 48_000)
    lows = np.fft.rfft(low[1:] * window[0], axis=2)[:, :, :count] / rate
    highs = np.fft.rfft(high[1:] * window[1], axis=2)[:, :, :count] / 48_000
    error = (np.abs(np.abs(lows) - np.abs(highs)) ** 2).sum(axis=2) / (np.abs(highs) ** 2).sum(axis=2)
    assert 10 * np.log10(error).max() < -30


@pytest.mark.parametrize("window", [{"start_samples": -1}, {"length_samples": 0}, {"sample_rate": 96_000}])
def test_an_impossible_window_is_a_named_error(window):
    asked = {"start_samples": 0, "length_samples": 100, "sample_rate": 8000} | window
    with pytest.raises(WindowError, match=next(iter(window))):
        render(plan_song("train-00000"), **asked)


def test_all_mistakes_of_a_window_are_reported_at_once():
    with pytest.raises(WindowError, match=r"start_samples.*length_samples.*sample_rate"):
        render(plan_song("train-00000"), start_samples=-1, length_samples=0, sample_rate=1)


def test_training_songs_sound_different():
    window = {"start_samples": 80_000, "length_samples": 4000, "sample_rate": RATE}
    assert len({render(plan_song(key), **window).tobytes() for key in song_keys("train", 5)}) == 5
