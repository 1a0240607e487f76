"""The Laplace approximation for two crossed random effects: modes, value and exact gradient.

With eta = fixed + s_1 u[code_1] + s_2 v[code_2] and standard normal u, v, the log-likelihood is approximated by
sum l(eta) - |u|^2 / 2 - |v|^2 / 2 - log det(H) / 2 at the modes, H = I + Z'WZ. H is solved through the Schur complement
of its diagonal first block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import linalg

from studyweb.stats.clusters import FloatArray, IntArray
from studyweb.stats.ordered import RowTerms

Likelihood = Callable[[FloatArray], RowTerms]
Pair = tuple[FloatArray, FloatArray]

STEP_TOLERANCE = 1e-9
MOST_STEPS = 100


@dataclass(frozen=True)
class Modes:
    """The random effects' most likely values at given fixed effects and standard deviations."""

    factors: tuple[IntArray, IntArray]
    sds: tuple[float, float]
    effects: Pair
    """Standardised: multiply by `sds`."""
    rows: RowTerms

    @property
    def log_density(self) -> float:
        """What the modes maximise."""
        return float(self.rows.value.sum()) - sum(float(effect @ effect) for effect in self.effects) / 2

    @cached_property
    def hessian(self) -> CrossedHessian:
        """Minus the second derivative at the modes."""
        return CrossedHessian.of(
            -self.rows.second, self.factors, self.sds, (len(self.effects[0]), len(self.effects[1]))
        )


@dataclass(frozen=True)
class CrossedHessian:
    """[[diag(first), cross], [cross', diag(second)]] with the Cholesky factor of its Schur complement."""

    first: FloatArray
    cross: FloatArray
    schur: FloatArray

    @classmethod
    def of(
        cls, weight: FloatArray, factors: tuple[IntArray, IntArray], sds: tuple[float, float], sizes: tuple[int, int]
    ) -> CrossedHessian:
        """From row weights [n]."""
        code = factors[0] * sizes[1] + factors[1]
        cells = np.bincount(code, weights=weight, minlength=sizes[0] * sizes[1]).astype(np.float64).reshape(sizes)
        first = 1.0 + sds[0] ** 2 * cells.sum(axis=1)
        cross = sds[0] * sds[1] * cells
        second = 1.0 + sds[1] ** 2 * cells.sum(axis=0)
        schur = np.diag(second) - cross.T @ (cross / first[:, None])
        return cls(first, cross, linalg.cholesky(schur, lower=True))

    def solve(self, right: Pair) -> Pair:
        """H^-1 times a vector in two parts."""
        reduced = right[1] - self.cross.T @ (right[0] / self.first)
        second = linalg.cho_solve((self.schur, True), reduced)
        return (right[0] - self.cross @ second) / self.first, second

    @property
    def log_determinant(self) -> float:
        """log det H."""
        return float(np.log(self.first).sum() + 2 * np.log(np.diag(self.schur)).sum())

    @cached_property
    def inverse_parts(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Of H^-1: the first block's diagonal, the block between the factors, the second block's diagonal."""
        second = linalg.cho_solve((self.schur, True), np.eye(len(self.schur)))
        scaled = self.cross / self.first[:, None]
        between = -scaled @ second
        return 1 / self.first - (between * scaled).sum(axis=1), between, np.diag(second)


def find_modes(
    likelihood: Likelihood,
    *,
    fixed: FloatArray,
    factors: tuple[IntArray, IntArray],
    sds: tuple[float, float],
    start: Modes | None = None,
) -> Modes:
    """Newton's method with halved steps, until no effect moves by more than STEP_TOLERANCE."""
    sizes = (int(factors[0].max()) + 1, int(factors[1].max()) + 1)
    effects = start.effects if start is not None else (np.zeros(sizes[0]), np.zeros(sizes[1]))
    at = Modes(factors, sds, effects, likelihood(_eta(fixed, factors, sds, effects)))
    for _ in range(MOST_STEPS):
        step = at.hessian.solve(_slope(at))
        at = _climb(likelihood, fixed, at, step)
        if max(float(np.abs(part).max()) for part in step) < STEP_TOLERANCE:
            break
    return at


def _eta(fixed: FloatArray, factors: tuple[IntArray, IntArray], sds: tuple[float, float], effects: Pair) -> FloatArray:
    return fixed + sds[0] * effects[0][factors[0]] + sds[1] * effects[1][factors[1]]


def _sums(values: FloatArray, at: Modes) -> Pair:
    """Rows summed by level of either factor."""
    first, second = (
        np.bincount(codes, weights=values, minlength=len(effect)).astype(np.float64)
        for codes, effect in zip(at.factors, at.effects, strict=True)
    )
    return first, second


def _slope(at: Modes) -> Pair:
    first, second = _sums(at.rows.first, at)
    return at.sds[0] * first - at.effects[0], at.sds[1] * second - at.effects[1]


def _climb(likelihood: Likelihood, fixed: FloatArray, at: Modes, step: Pair) -> Modes:
    """The largest of the halved steps that does not go down by more than rounding."""
    before, share = at.log_density, 1.0
    while True:
        effects = (at.effects[0] + share * step[0], at.effects[1] + share * step[1])
        moved = replace(at, effects=effects, rows=likelihood(_eta(fixed, at.factors, at.sds, effects)))
        if moved.log_density >= before - 1e-9 * (1 + abs(before)) or share < 1e-6:
            return moved
        share /= 2


def laplace_value(at: Modes) -> float:
    """The approximate log-likelihood; the normal densities' constants and the Gaussian integral's cancel."""
    return at.log_density - at.hessian.log_determinant / 2


def gradient_of(at: Modes, design: FloatArray) -> FloatArray:
    """Of the approximate log-likelihood, by coefficient [k], then by the two standard deviations.

    The modes move with every parameter, and H with them: d log det(H) = sum h_i dw_i, with h_i = z_i' H^-1 z_i.
    """
    first, second = at.factors
    diagonal_1, between, diagonal_2 = at.hessian.inverse_parts
    own_1, own_2, mixed = diagonal_1[first], diagonal_2[second], between[first, second]
    sd_1, sd_2 = at.sds
    leverage = sd_1**2 * own_1 + 2 * sd_1 * sd_2 * mixed + sd_2**2 * own_2
    pull = at.rows.third * leverage
    sums = _sums(pull, at)
    moved = at.hessian.solve((sd_1 * sums[0], sd_2 * sums[1]))
    by_row = sd_1 * moved[0][first] + sd_2 * moved[1][second]
    along_eta = at.rows.first + (pull + at.rows.second * by_row) / 2
    growths = (sd_1 * own_1 + sd_2 * mixed, sd_2 * own_2 + sd_1 * mixed)
    slopes = [
        float(along_eta @ effect[codes] + (at.rows.first @ shift[codes]) / 2 + at.rows.second @ growth)
        for codes, effect, shift, growth in zip(at.factors, at.effects, moved, growths, strict=True)
    ]
    return np.concatenate([design.T @ along_eta, slopes])
