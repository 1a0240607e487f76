"""Models of comparisons with ties: as half, Davidson's and Rao & Kupper's, with two-way clustered intervals.

With log-odds eta of the first over the second:
- half: P(first) = F(eta), a tie is half a win and half a loss (quasi-likelihood);
- davidson (1970, JASA 65): P(first) : P(tie) : P(second) = exp(eta / 2) : nu : exp(-eta / 2);
- rao_kupper (1967, JASA 62): P(first) = F(eta - tau), P(second) = F(-eta - tau).
Estimates solve the score equations; sandwich.py makes clustered intervals of the answers' influence.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from scipy.special import expit, log_expit, logsumexp

from studyweb.stats.clusters import FloatArray
from studyweb.stats.not_fitted import NotFitted
from studyweb.stats.ordered import ordered_rows

TieModel = Literal["half", "davidson", "rao_kupper"]
TIE_MODELS: tuple[str, ...] = get_args(TieModel)

MOST_STEPS = 60
STEP_TOLERANCE = 1e-9
DIFFERENCE_STEP = 1e-5
LARGEST_COEFFICIENT = 15.0
"""A log-odds beyond this is an estimate on its way to infinity."""
NO_FINITE_ESTIMATE = "an effect has no finite estimate: on one side of it all answers are alike"


@dataclass(frozen=True)
class PairedFit:
    """A fitted model; parameters are the coefficients, then log nu or log tau where it has one."""

    ties: TieModel
    parameters: FloatArray
    independent_covariance: FloatArray
    """[q, q] if all answers were independent; what most tools print."""
    influence: FloatArray
    """[n, q]: how much each answer moves each parameter."""
    log_likelihood: float

    @property
    def independent_errors(self) -> FloatArray:
        """[q] standard errors if all answers were independent."""
        return np.sqrt(np.diag(self.independent_covariance))


def fit_paired(design: FloatArray, score: FloatArray, *, ties: TieModel) -> PairedFit | NotFitted:
    """The model of scores (1 first, 1/2 tie, 0 second) on a design [n, k]; refusals say why.

    Raises ValueError for an unknown model of ties.
    """
    if ties not in TIE_MODELS:
        raise ValueError(f"unknown model of ties {ties!r}; expected one of {', '.join(TIE_MODELS)}")
    if reason := _why_not(score, ties=ties):
        return NotFitted(reason)
    at = np.zeros(design.shape[1] + (ties != "half"))
    if ties != "half":
        at[-1] = math.log(float((score == 0.5).mean()) + 0.1)
    found = _maximum(_Problem(design, score, ties), at)
    return found if isinstance(found, PairedFit) else NotFitted(found)


def _why_not(score: FloatArray, *, ties: TieModel) -> str:
    if score.size == 0:
        return "no answers"
    n_ties = int((score == 0.5).sum())
    if n_ties == score.size:
        return "every answer is no preference"
    if ties != "half" and n_ties == 0:
        return "no answer is a tie: the model without ties says the same"
    return "all answers are alike: no finite estimate" if float(np.ptp(score)) == 0.0 else ""


@dataclass(frozen=True)
class _Problem:
    design: FloatArray
    score: FloatArray
    ties: TieModel

    def terms(self, at: FloatArray) -> tuple[float, FloatArray]:
        """Log-likelihood and the answers' scores [n, q]."""
        value, along_eta, along_tie = self._rows(at)
        by_answer = along_eta[:, None] * self.design
        return float(value.sum()), by_answer if along_tie is None else np.column_stack([by_answer, along_tie])

    def information(self, at: FloatArray) -> FloatArray:
        """Minus the second derivative [q, q], by central differences of the score."""
        steps = np.eye(at.size) * DIFFERENCE_STEP
        slopes = [(self.terms(at - step)[1] - self.terms(at + step)[1]).sum(axis=0) for step in steps]
        matrix = np.array(slopes, dtype=np.float64) / (2 * DIFFERENCE_STEP)
        return (matrix + matrix.T) / 2

    def _rows(self, at: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray | None]:
        eta = self.design @ at[: self.design.shape[1]]
        if self.ties == "half":
            value = self.score * log_expit(eta) + (1 - self.score) * log_expit(-eta)
            return value, self.score - expit(eta), None
        return _TIE_ROWS[self.ties](self.score, eta, float(at[-1]))


def _davidson(score: FloatArray, eta: FloatArray, log_nu: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    weights = np.stack([-eta / 2, np.full(eta.size, log_nu), eta / 2])
    whole = logsumexp(weights, axis=0)
    loss, tie, win = np.exp(weights - whole)
    value = weights[(2 * score).astype(np.intp), np.arange(eta.size)] - whole
    return value, score - 0.5 - (win - loss) / 2, (score == 0.5) - tie


def _rao_kupper(score: FloatArray, eta: FloatArray, log_tau: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    tau = math.exp(log_tau)
    rows = ordered_rows((2 * score).astype(np.intp), eta, np.array([-tau, tau]))
    of_tie = expit(-eta - tau) + expit(eta - tau) + 2 / math.expm1(2 * tau)
    of_decision = -expit(tau - np.where(score == 1.0, eta, -eta))
    return rows.value, rows.first, tau * np.where(score == 0.5, of_tie, of_decision)


_TIE_ROWS: dict[str, Callable[[FloatArray, FloatArray, float], tuple[FloatArray, FloatArray, FloatArray]]] = {
    "davidson": _davidson,
    "rao_kupper": _rao_kupper,
}


def _maximum(problem: _Problem, at: FloatArray) -> PairedFit | str:
    """Newton's method with halved steps; why there is no maximum otherwise."""
    for _ in range(MOST_STEPS):
        information = problem.information(at)
        if np.abs(at).max() > LARGEST_COEFFICIENT or np.linalg.eigvalsh(information)[0] < 1e-9 * len(problem.score):
            return NO_FINITE_ESTIMATE
        value, slopes = problem.terms(at)
        step = np.linalg.solve(information, slopes.sum(axis=0))
        if np.abs(step).max() < STEP_TOLERANCE:
            inverse = np.linalg.inv(information).astype(np.float64)
            return PairedFit(problem.ties, at, inverse, slopes @ inverse, value)
        at = _climbed(problem, at, step, value)
    return NO_FINITE_ESTIMATE


def _climbed(problem: _Problem, at: FloatArray, step: FloatArray, value: float) -> FloatArray:
    share = 1.0
    while problem.terms(at + share * step)[0] < value - 1e-12 * (1 + abs(value)) and share > 1e-6:
        share /= 2
    return at + share * step
