"""The linear probe on data whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from training.ridge import fit_probe, predict, score_probe

RNG = np.random.default_rng(3)
SONGS = [f"s{k // 4}" for k in range(200)]


def test_what_is_linear_is_read_exactly() -> None:
    x = RNG.normal(size=(200, 6))
    y = x @ np.arange(6.0) - 12.0
    probe = fit_probe(x[:120], y[:120], songs=SONGS[:120])
    score = score_probe(probe, x[120:], y[120:], songs=SONGS[120:])
    assert score.r2 == pytest.approx(1.0, abs=1e-4)
    assert score.error_db.value == pytest.approx(0.0, abs=0.02)


def test_noise_is_read_no_better_than_by_the_mean() -> None:
    x, y = RNG.normal(size=(200, 50)), RNG.normal(size=200)
    score = score_probe(fit_probe(x[:120], y[:120], songs=SONGS[:120]), x[120:], y[120:], songs=SONGS[120:])
    assert -0.2 < score.r2 < 0.2
    assert score.error_db.value == pytest.approx(score.guess_error_db, rel=0.15)


def test_a_songs_clips_do_not_help_to_guess_its_other_clips_in_choosing_the_penalty() -> None:
    # Every song has a fingerprint of its own: with its clips on both sides of a fold, no penalty would look best.
    fingerprints = np.repeat(np.eye(50), 4, axis=0)
    y = np.repeat(RNG.normal(size=50), 4)
    assert fit_probe(fingerprints, y, songs=SONGS).penalty == 1e5


def test_a_value_that_never_changes_does_no_harm() -> None:
    x = np.column_stack([np.ones(40), np.arange(40.0)])
    probe = fit_probe(x, np.arange(40.0), songs=SONGS[:40])
    assert np.isfinite(predict(probe, x)).all()
