"""Ordered logit with crossed random effects of participants and tracks, by the Laplace approximation.

P(Y <= c) = F(cut_c - eta), eta = X b + s_p u_p + s_t v_t, u and v standard normal, F the logistic function: a mixed
logit with one cut, a model of ties with two, a cumulative link mixed model with more. The likelihood is that of R's
lme4::glmer(nAGQ = 1) and ordinal::clmm(nAGQ = 1): Pinheiro & Chao 2006 (J. Comput. Graph. Stat. 15(1)), Breslow &
Clayton 1993 (JASA 88). Modes by Newton on steps, not on the objective: stopped early they make gradients noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from studyweb.stats.clusters import FloatArray, IntArray
from studyweb.stats.laplace import Modes, find_modes, gradient_of, laplace_value
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.ordered import ordered_rows

Cuts = Callable[[FloatArray], FloatArray]
"""From a model's free shape parameters to its rising cut points."""

DIFFERENCE_STEP = 1e-4
SHAPE_STEP = 1e-5
LARGEST_COEFFICIENT = 15.0
"""A log-odds beyond this is an estimate on its way to infinity."""
GRADIENT_TOLERANCE = 1e-3


@dataclass(frozen=True)
class CrossedRows:
    """Answers with their design: design [n, k], category [n] from 0, participant and track [n] dense codes."""

    design: FloatArray
    category: IntArray
    participant: IntArray
    track: IntArray


@dataclass(frozen=True)
class CrossedFit:
    """A fitted model; parameters in the order coefficients, shape, participant SD, track SD."""

    coefficients: FloatArray
    shape: FloatArray
    participant_sd: float
    track_sd: float
    covariance: FloatArray
    """[q, q] of all parameters; a standard deviation of 0 has no variance, and the others' then are as given it."""
    log_likelihood: float
    participant_effects: FloatArray
    """[P] most likely deviations from the typical participant, on the scale of log-odds; shrunken."""
    track_effects: FloatArray
    gradient: float
    """Largest slope that is left, in log-likelihood per unit: near 0."""

    @property
    def parameters(self) -> FloatArray:
        """All of them in one vector, as `covariance` orders them."""
        return np.concatenate([self.coefficients, self.shape, [self.participant_sd, self.track_sd]])

    @property
    def standard_errors(self) -> FloatArray:
        """[q] in the order of `parameters`."""
        return np.sqrt(np.diag(self.covariance))


def fit_crossed(rows: CrossedRows, *, cuts: Cuts, shape_start: FloatArray) -> CrossedFit | NotFitted:
    """The maximum of the Laplace likelihood, with the covariance from its curvature; refusals say why.

    Coefficients and shape are free, standard deviations at least 0. `shape_start` is where the shape starts.
    """
    if reason := _why_not(rows):
        return NotFitted(reason)
    objective = _Objective(rows, cuts, rows.design.shape[1], shape_start.size)
    start = np.concatenate([np.zeros(objective.n_coefficients), shape_start, [0.5, 0.5]])
    free = objective.n_coefficients + shape_start.size
    bounds = [(-30.0, 30.0)] * free + [(0.0, 20.0)] * 2
    found = optimize.minimize(
        objective.downhill, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13, "gtol": 1e-6}
    )
    at = np.asarray(found.x, dtype=np.float64)
    at[free:][at[free:] < 1e-3] = 0.0
    if np.abs(at[: objective.n_coefficients]).max(initial=0.0) > LARGEST_COEFFICIENT:
        return NotFitted("an effect has no finite estimate: on one side of it all answers are alike")
    return _finished(objective, at)


def _why_not(rows: CrossedRows) -> str:
    if rows.category.size == 0:
        return "no answers"
    if int(rows.participant.max()) == 0:
        return "one participant: how participants differ cannot be estimated"
    if int(rows.track.max()) == 0:
        return "one track: how tracks differ cannot be estimated"
    if int(np.ptp(rows.category)) == 0:
        return "all answers are alike: no finite estimate"
    return "" if rows.category.size > rows.design.shape[1] + 2 else "fewer answers than parameters"


class _Objective:
    """The Laplace log-likelihood and its gradient; keeps the last modes to start the next search from."""

    def __init__(self, rows: CrossedRows, cuts: Cuts, n_coefficients: int, n_shape: int) -> None:
        self.rows, self.cuts = rows, cuts
        self.n_coefficients, self.n_shape = n_coefficients, n_shape
        self.modes: Modes | None = None

    def modes_at(self, at: FloatArray) -> Modes:
        """The modes of all random effects at a point."""
        k, rows = self.n_coefficients, self.rows
        bounds = self.cuts(at[k : k + self.n_shape])
        self.modes = find_modes(
            lambda eta: ordered_rows(rows.category, eta, bounds),
            fixed=rows.design @ at[:k],
            factors=(rows.participant, rows.track),
            sds=(float(at[-2]), float(at[-1])),
            start=self.modes,
        )
        return self.modes

    def gradient(self, at: FloatArray) -> tuple[float, FloatArray]:
        """Value and slope; the shape's slope by central differences, all others exactly."""
        modes, k = self.modes_at(at), self.n_coefficients
        value = laplace_value(modes)
        slope = gradient_of(modes, self.rows.design)
        shape = np.array([self._shape_slope(at, k + index) for index in range(self.n_shape)], dtype=np.float64)
        return value, np.concatenate([slope[:k], shape, slope[k:]])

    def _shape_slope(self, at: FloatArray, index: int) -> float:
        above, below = (laplace_value(self.modes_at(_moved(at, index, by))) for by in (SHAPE_STEP, -SHAPE_STEP))
        return (above - below) / (2 * SHAPE_STEP)

    def downhill(self, at: FloatArray) -> tuple[float, FloatArray]:
        """What a minimiser asks for."""
        value, slope = self.gradient(at)
        return -value, -slope

    def curvature(self, at: FloatArray, free: IntArray) -> FloatArray:
        """Minus the second derivative in the free parameters, by central differences of the slope."""
        columns = []
        for index in free:
            above, below = (self.gradient(_moved(at, index, by))[1] for by in (DIFFERENCE_STEP, -DIFFERENCE_STEP))
            columns.append((below - above)[free] / (2 * DIFFERENCE_STEP))
        matrix = np.array(columns, dtype=np.float64)
        return (matrix + matrix.T) / 2


def _moved(at: FloatArray, index: int, by: float) -> FloatArray:
    moved = at.copy()
    moved[index] += by
    return moved


def _finished(objective: _Objective, at: FloatArray) -> CrossedFit | NotFitted:
    """A last Newton step, the covariance, and the check that this is a maximum."""
    is_fixed_at_zero = np.zeros(at.size, dtype=np.bool_)
    is_fixed_at_zero[-2:] = at[-2:] == 0.0
    free = np.flatnonzero(~is_fixed_at_zero)
    curvature = objective.curvature(at, free)
    if np.linalg.eigvalsh(curvature)[0] <= 0.0:
        return NotFitted("the likelihood has no clear maximum: too few answers for this model")
    inverse = np.linalg.inv(curvature)
    at[free] += inverse @ objective.gradient(at)[1][free]
    at[-2:] = np.abs(at[-2:])
    value, slope = objective.gradient(at)
    left = float(np.abs(slope[free]).max())
    if left > GRADIENT_TOLERANCE:
        return NotFitted(f"the search did not settle: a slope of {left:.2g} is left")
    covariance = np.zeros((at.size, at.size))
    covariance[np.ix_(free, free)] = inverse
    modes, k = objective.modes_at(at), objective.n_coefficients
    people, tracks = (sd * effect for sd, effect in zip(modes.sds, modes.effects, strict=True))
    return CrossedFit(
        coefficients=at[:k],
        shape=at[k:-2],
        participant_sd=float(at[-2]),
        track_sd=float(at[-1]),
        covariance=covariance,
        log_likelihood=value,
        participant_effects=people,
        track_effects=tracks,
        gradient=left,
    )
