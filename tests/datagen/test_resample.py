"""Sample rate conversion keeps stems aligned."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.resample import resample_stems
from tests.datagen.making_stems import noise, tone


@pytest.mark.parametrize(("to_rate", "samples"), [(8_000, 8_000), (16_000, 16_000), (48_000, 48_000), (44_101, 44_101)])
def test_length_is_the_same_time_at_the_new_rate(to_rate: int, samples: int) -> None:
    stems = np.stack([noise(1, seconds=1.0), noise(2, seconds=1.0)])
    assert resample_stems(stems, 44_100, to_rate=to_rate).shape == (2, 2, samples)


def test_resampling_is_linear_so_stems_can_be_converted_before_mixing() -> None:
    stems = np.stack([noise(1, seconds=1.0), tone(440, seconds=1.0)])
    mixed_first = resample_stems(stems.sum(axis=0, keepdims=True), 44_100, to_rate=16_000)
    np.testing.assert_allclose(resample_stems(stems, 44_100, to_rate=16_000).sum(axis=0), mixed_first[0], atol=1e-6)


def test_a_tone_keeps_its_level() -> None:
    converted = resample_stems(tone(440, seconds=1.0)[np.newaxis], 44_100, to_rate=16_000)
    assert np.sqrt(np.mean(converted[..., 2000:-2000] ** 2)) == pytest.approx(0.1 / np.sqrt(2), rel=1e-3)


def test_the_same_rate_changes_nothing() -> None:
    stems = noise(1, seconds=0.1)[np.newaxis]
    assert resample_stems(stems, 44_100, to_rate=None) is stems
    assert resample_stems(stems, 44_100, to_rate=44_100) is stems


def test_a_rate_that_is_not_positive_is_refused() -> None:
    with pytest.raises(ValueError, match="not positive"):
        resample_stems(noise(1, seconds=0.1)[np.newaxis], 44_100, to_rate=-1)
