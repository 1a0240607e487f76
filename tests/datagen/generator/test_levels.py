"""The levels that are heard are the levels that were planned."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.generator import plan_song, render
from datagen.generator.weighting import k_power

RATE = 44_100


def active_loudness_lufs(stereo):
    """Gated loudness by filtering in the frequency domain: blocks of 400 ms, 75 % overlap, both BS.1770 gates."""
    hz = np.fft.rfftfreq(stereo.shape[1], 1 / RATE)
    filtered = np.fft.irfft(np.fft.rfft(stereo, axis=1) * np.sqrt(k_power(hz)), stereo.shape[1], axis=1)
    step = RATE // 10
    steps = (filtered[:, : filtered.shape[1] // step * step].reshape(2, -1, step) ** 2).mean(axis=2).sum(axis=0)
    blocks = np.convolve(steps, np.full(4, 0.25), mode="valid")
    blocks = blocks[-0.691 + 10 * np.log10(blocks + 1e-12) > -70]
    return -0.691 + 10 * np.log10(blocks[blocks > 0.1 * blocks.mean()].mean())


@pytest.mark.parametrize("key", ["study-00001"])
def test_rendered_stems_lie_at_their_planned_levels(key):
    plan = plan_song(key)
    stems = render(plan, start_samples=0, length_samples=int(plan.duration_s) * RATE, sample_rate=RATE)
    heard = np.array([active_loudness_lufs(stem) for stem in stems])
    planned = np.array(plan.levels_lu)
    np.testing.assert_allclose(heard - heard.mean(), planned - planned.mean(), atol=1.0)


def test_the_weighting_has_the_gain_that_the_standard_states_at_997_hz():
    """BS.1770: a 0 dBFS sine of 997 Hz in one channel reads -3.01 LUFS, so the filter's gain there is 0.691 dB."""
    assert 10 * np.log10(k_power(997.0)) == pytest.approx(0.691, abs=0.02)
