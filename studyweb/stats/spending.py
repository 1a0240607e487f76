"""Bounds for planned looks that spend a type I error over time (Lan & DeMets 1983, Biometrika 70(3)).

The z statistics of the looks are those of a Brownian motion at the information fractions t; crossing probabilities by
recursive numerical integration (Armitage, McPherson & Rowe 1969, J. R. Stat. Soc. A 132(2)).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, get_args

import numpy as np
from scipy import optimize, stats

from studyweb.stats.clusters import FloatArray

Shape = Literal["obrien_fleming", "pocock"]
SHAPES: tuple[str, ...] = get_args(Shape)

GRID = 401
"""Points of Simpson's rule between two bounds, an odd number; bounds are then exact to 1e-4."""
FARTHEST = 8.0
"""No bound lies farther out: a first look too early to spend anything."""


class SpendingError(ValueError):
    """Looks that no error can be spent over."""


def _obrien_fleming(t: float, tail: float) -> float:
    return float(2 * stats.norm.sf(stats.norm.isf(tail / 2) / math.sqrt(t)))


def _pocock(t: float, tail: float) -> float:
    return tail * math.log(1 + (math.e - 1) * t)


_SPENT: Mapping[str, Callable[[float, float], float]] = {"obrien_fleming": _obrien_fleming, "pocock": _pocock}


def spent_by(fraction: float, *, tail: float, shape: Shape) -> float:
    """The share of `tail` (error in one tail) that may be spent by an information fraction in (0, 1].

    O'Brien-Fleming type 2 - 2 Phi(z_{tail/2} / sqrt t) and Pocock type tail log(1 + (e - 1) t), as in Lan & DeMets.
    """
    return _SPENT[shape](min(fraction, 1.0), tail)


def spending_bounds(
    fractions: Sequence[float], *, alpha: float, shape: Shape, two_sided: bool = True
) -> tuple[float, ...]:
    """The z bound of every look; two-sided ones spend alpha / 2 in each tail.

    fractions: strictly increasing information fractions in (0, 1]. Raises SpendingError otherwise, for an alpha outside
    (0, 1/2], and for an unknown shape.
    """
    _check(fractions, alpha=alpha, shape=shape)
    tail = alpha / 2 if two_sided else alpha
    bounds: list[float] = []
    grid, density = np.zeros(1), np.ones(1)
    before, spent = 0.0, 0.0
    for fraction in fractions:
        step, due = math.sqrt(fraction - before), spent_by(fraction, tail=tail, shape=shape)
        bound = _bound(grid, density, step, due - spent, scale=math.sqrt(fraction))
        bounds.append(bound)
        spent += float(density @ stats.norm.sf((bound * math.sqrt(fraction) - grid) / step))
        low = -bound if two_sided else -FARTHEST
        grid, density = _go_on(grid, density, step, low * math.sqrt(fraction), bound * math.sqrt(fraction))
        before = fraction
    return tuple(bounds)


def _check(fractions: Sequence[float], *, alpha: float, shape: str) -> None:
    if shape not in SHAPES:
        raise SpendingError(f"unknown spending shape {shape!r}; expected one of {', '.join(SHAPES)}")
    if not 0.0 < alpha <= 0.5:
        raise SpendingError(f"alpha must lie above 0 and at most at 1/2, not {alpha}")
    ends = (0.0, *fractions)
    if not fractions or any(after <= before for before, after in itertools.pairwise(ends)) or ends[-1] > 1:
        raise SpendingError(f"looks need increasing information fractions in (0, 1], not {list(fractions)}")


def _bound(grid: FloatArray, density: FloatArray, step: float, due: float, *, scale: float) -> float:
    """The z bound that is crossed for the first time with probability `due`, of those still going on."""

    def excess(bound: float) -> float:
        return float(density @ stats.norm.sf((bound * scale - grid) / step)) - due

    return FARTHEST if excess(FARTHEST) >= 0 else float(optimize.brentq(excess, -FARTHEST, FARTHEST, xtol=1e-9))


def _go_on(
    grid: FloatArray, density: FloatArray, step: float, low: float, high: float
) -> tuple[FloatArray, FloatArray]:
    """Where the motion is after one more step without a crossing: points, and densities weighted by Simpson's rule."""
    there = np.linspace(low, high, GRID)
    weights = np.where(np.arange(GRID) % 2 == 1, 4.0, 2.0)
    weights[[0, -1]] = 1.0
    moved = stats.norm.pdf((there[:, None] - grid[None, :]) / step) / step
    return there, (moved @ density) * weights * (there[1] - there[0]) / 3
