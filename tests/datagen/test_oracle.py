"""The oracle gives every disturbance back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.corrections import canonical_correction
from datagen.oracle import OracleError, least_squares_changes
from datagen.sources import recognise
from datagen.words import STEMS, GainChange
from tests.datagen.making_stems import Audio, four_stems

GRID = st.integers(-24, 24).map(lambda steps: steps / 2)


def balanced() -> Audio:
    return np.stack(list(four_stems(seconds=1.0).values()))


def disturbed(stems: Audio, gains_db: list[float], *, level_db: float = 0.0) -> Audio:
    gains = 10 ** ((np.array(gains_db) + level_db) / 20)
    return (stems * gains[:, None, None]).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(gains_db=st.lists(GRID, min_size=4, max_size=4), level_db=st.floats(-6, 6))
def test_any_disturbance_is_undone_whatever_the_common_level(gains_db: list[float], level_db: float) -> None:
    stems = balanced()
    expected = canonical_correction(dict(zip(STEMS, gains_db, strict=True)), STEMS)
    found = least_squares_changes(disturbed(stems, gains_db, level_db=level_db), stems)
    assert len(found) == len(expected)
    assert sum(abs(each.gain_db) for each in found) == sum(abs(each.gain_db) for each in expected)


def test_one_changed_stem_is_found_with_its_sign() -> None:
    stems = balanced()
    assert least_squares_changes(disturbed(stems, [0, 0, 0, -4.5], level_db=2.2), stems) == (GainChange("vocals", 4.5),)


def test_equal_sets_need_no_change() -> None:
    assert least_squares_changes(disturbed(balanced(), [0, 0, 0, 0], level_db=-3.3), balanced()) == ()


def test_inaudible_stems_are_left_out() -> None:
    stems = balanced()
    stems[1] = 0
    assert least_squares_changes(disturbed(stems, [3, 6, 0, 0]), stems) == (GainChange("drums", -3.0),)


def test_the_real_song_gives_its_disturbance_back(falcon: Path) -> None:
    stems = recognise(falcon).read("The Easton Ellises - Falcon 69", start_samples=4_410, length_samples=220_500)
    found = least_squares_changes(disturbed(stems, [-3, 0, 0, 4], level_db=1.7), stems)
    assert found == (GainChange("drums", 3.0), GainChange("vocals", -4.0))


def test_another_passage_is_not_a_reference_for_least_squares() -> None:
    with pytest.raises(OracleError, match="not the same passage"):
        least_squares_changes(balanced(), np.roll(balanced(), 12_345, axis=-1))


def test_a_silent_problem_stem_is_not_the_same_passage() -> None:
    problem = balanced()
    problem[0] = 0
    with pytest.raises(OracleError, match="drums"):
        least_squares_changes(problem, balanced())


def test_sets_of_different_shape_are_refused() -> None:
    with pytest.raises(OracleError, match="shapes"):
        least_squares_changes(balanced()[..., :100], balanced())
