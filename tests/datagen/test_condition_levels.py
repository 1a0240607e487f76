"""Trims and the common attenuation: every condition as loud as the problem, nothing above the ceiling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.condition_levels import measure_conditions
from datagen.loudness import integrated_loudness, linear_gains, true_peak_dbtp
from tests.datagen.making_stems import RATE, Audio, four_stems, noise

GAINS = st.lists(st.sampled_from([-12.0, -6.0, -0.5, 0.0, 3.0, 12.0]), min_size=4, max_size=4)


def stems_at(peak: float, *, seconds: float = 1.0) -> Audio:
    return np.stack(list(four_stems(seconds=seconds).values())) * np.float32(peak / 0.2)


def played(stems: Audio, gains_db: list[float], *, level_db: float) -> Audio:
    gains = linear_gains(gains_db) * linear_gains([level_db])
    return np.tensordot(gains.astype(np.float32), stems, axes=1)


@settings(max_examples=12, deadline=None)
@given(first=GAINS, second=GAINS, peak=st.sampled_from([0.01, 0.2, 0.99]))
def test_conditions_as_played_are_equally_loud_and_below_the_ceiling(
    first: list[float], second: list[float], peak: float
) -> None:
    stems = stems_at(peak)
    gains_db = {"problem": np.zeros(4), "a": np.array(first), "b": np.array(second)}
    levels = measure_conditions(stems, RATE, gains_db=gains_db)
    assert levels.attenuation_db <= 0
    stems = stems * linear_gains([levels.attenuation_db]).astype(np.float32)
    target = integrated_loudness(stems.sum(axis=0), RATE)
    for name, condition in levels.conditions.items():
        mix = played(stems, list(gains_db[name]), level_db=condition.trim_db)
        assert true_peak_dbtp(mix) <= -1.0 + 0.01
        assert integrated_loudness(mix, RATE) == pytest.approx(target, abs=0.01)
        untrimmed = played(stems, list(gains_db[name]), level_db=0.0)
        assert condition.loudness_lufs == pytest.approx(integrated_loudness(untrimmed, RATE), abs=0.001)
        assert condition.true_peak_dbtp == pytest.approx(true_peak_dbtp(untrimmed), abs=0.001)


def test_a_quiet_mix_is_not_attenuated() -> None:
    assert measure_conditions(stems_at(0.1), RATE, gains_db={"problem": np.zeros(4)}).attenuation_db == 0.0


def test_a_stem_that_clips_alone_is_attenuated_even_if_others_cancel_it() -> None:
    loud = noise(1, seconds=2.0, peak=1.5)
    stems = np.stack([loud, -loud, noise(2, seconds=2.0, peak=0.01), noise(3, seconds=2.0, peak=0.01)])
    levels = measure_conditions(stems, RATE, gains_db={"problem": np.zeros(4)})
    assert np.abs(stems * linear_gains([levels.attenuation_db])[0]).max() <= 1.0


def test_passages_near_the_absolute_gate_are_matched_too() -> None:
    """A trim lifts quiet blocks over the -70 LUFS gate, so one step of the loudness difference is not enough."""
    stems = stems_at(0.2, seconds=6.0)
    stems[..., 2 * RATE :] *= np.float32(10 ** (-47 / 20))
    gains_db = {"problem": np.zeros(4), "quieter": np.full(4, -12.0)}
    levels = measure_conditions(stems, RATE, gains_db=gains_db)
    assert levels.conditions["quieter"].trim_db == pytest.approx(12.0, abs=0.01)
    assert levels.residual_lu <= 0.01


@pytest.mark.parametrize("level", [0.0, 1e-6])
def test_what_has_no_loudness_gets_no_trim(level: float) -> None:
    stems = stems_at(1.0) * np.float32(level)
    levels = measure_conditions(stems, RATE, gains_db={"problem": np.zeros(4), "a": np.full(4, 6.0)})
    assert levels.attenuation_db == 0.0
    assert {(each.loudness_lufs, each.trim_db) for each in levels.conditions.values()} == {(None, 0.0)}


def test_a_condition_below_the_gate_of_a_measurable_problem_gets_no_trim() -> None:
    levels = measure_conditions(stems_at(0.001), RATE, gains_db={"problem": np.zeros(4), "gone": np.full(4, -12.0)})
    assert levels.conditions["problem"].loudness_lufs is not None
    assert (levels.conditions["gone"].loudness_lufs, levels.conditions["gone"].trim_db) == (None, 0.0)


def test_a_clip_shorter_than_a_block_gets_no_trim() -> None:
    levels = measure_conditions(
        stems_at(0.2, seconds=0.3), RATE, gains_db={"problem": np.zeros(4), "a": np.full(4, 6.0)}
    )
    assert levels.conditions["a"].trim_db == 0.0
