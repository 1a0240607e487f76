"""A linear probe: ridge regression, judged on songs that it was not fitted on. Takes arrays; knows no model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.intervals import Estimate, estimate_mean

Array = NDArray[np.float64]
PENALTIES = np.geomspace(1e-3, 1e5, 17)
FOLDS = 5


@dataclass(frozen=True)
class Probe:
    """A fitted line: prediction = (x - centre) / scale @ weights + mean."""

    centre: Array
    scale: Array
    weights: Array
    mean: float
    penalty: float


@dataclass(frozen=True)
class ProbeScore:
    """How well a probe predicts on held-out songs."""

    r2: float
    """1 - squared error / squared deviation from the held-out mean; below 0 is worse than that mean."""
    error_db: Estimate
    """Mean absolute error in dB, with an interval that clusters by song."""
    guess_error_db: float
    """The same of the fitted songs' mean alone, which hears nothing."""


def fit_probe(x: Array, y: Array, *, songs: Sequence[str]) -> Probe:
    """The ridge regression of y [clips] on x [clips, values], its penalty chosen by cross-validation over songs.

    `songs` names every clip's song; clips of one song are never on both sides of a fold.
    """
    folds = _folds(songs)
    errors = np.zeros(len(PENALTIES))
    for fold in range(FOLDS):
        kept, left = folds != fold, folds == fold
        for place, probe in enumerate(_fits(x[kept], y[kept], PENALTIES)):
            errors[place] += float(np.square(predict(probe, x[left]) - y[left]).sum())
    return _fits(x, y, PENALTIES[[int(errors.argmin())]])[0]


def predict(probe: Probe, x: Array) -> Array:
    """What a probe predicts for x [clips, values], [clips]."""
    return np.asarray((x - probe.centre) / probe.scale @ probe.weights + probe.mean)


def score_probe(probe: Probe, x: Array, y: Array, *, songs: Sequence[str]) -> ProbeScore:
    """A probe's score on held-out clips x [clips, values] with y [clips] in dB."""
    errors = predict(probe, x) - y
    return ProbeScore(
        r2=float(1.0 - np.square(errors).sum() / np.square(y - y.mean()).sum()),
        error_db=estimate_mean([(song, float(value)) for song, value in zip(songs, np.abs(errors), strict=True)]),
        guess_error_db=float(np.abs(y - probe.mean).mean()),
    )


def _fits(x: Array, y: Array, penalties: Array) -> list[Probe]:
    centre, scale = x.mean(axis=0), x.std(axis=0) + 1e-9
    left, singular, right = np.linalg.svd((x - centre) / scale, full_matrices=False)
    projected = left.T @ (y - y.mean())
    weights = [right.T @ (singular * projected / (singular**2 + penalty)) for penalty in penalties]
    return [
        Probe(centre, scale, each, float(y.mean()), float(penalty))
        for each, penalty in zip(weights, penalties, strict=True)
    ]


def _folds(songs: Sequence[str]) -> NDArray[np.int64]:
    places = {song: place % FOLDS for place, song in enumerate(dict.fromkeys(songs))}
    return np.array([places[song] for song in songs])
