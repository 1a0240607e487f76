"""Whether a small classifier tells from what a browser received which system stood in slot A.

Half of the trials train it, the other half test it. Two detectors: the column that told most in training, and a ridge
logistic regression on the columns that told most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from studyweb.stats.classify import area_under_curve, fit_ridge_logit, null_standard_error
from tests.bench.blinding_sessions import Seen

COLUMNS = 100
PENALTY = 10.0


@dataclass(frozen=True)
class Verdict:
    """What the test half says."""

    best_column: float
    """Area under the curve of the column that told most in training."""
    regression: float
    standard_error: float
    """Of an area where nothing tells."""
    telling: str
    """The name of that column."""

    @property
    def area(self) -> float:
        """The more telling of the two."""
        return max(self.best_column, self.regression, key=lambda area: abs(area - 0.5))


def judge(seen: Seen) -> Verdict:
    """Train on the first half of the trials, test on the second."""
    half = len(seen.labels) // 2
    train, test = seen.rows[:half], seen.rows[half:]
    known, hidden = seen.labels[:half], seen.labels[half:]
    areas = _areas(train, known)
    chosen = np.argsort(-np.abs(areas - 0.5), kind="stable")[:COLUMNS]
    sign = 1.0 if areas[chosen[0]] > 0.5 else -1.0
    model = fit_ridge_logit(train[:, chosen].astype(np.float64), known, penalty=PENALTY)
    return Verdict(
        best_column=area_under_curve(sign * test[:, chosen[0]], hidden),
        regression=area_under_curve(model.scores(test[:, chosen].astype(np.float64)), hidden),
        standard_error=null_standard_error(hidden),
        telling=str(seen.names[chosen[0]]),
    )


def _areas(rows: NDArray[np.float32], labels: NDArray[np.bool_]) -> NDArray[np.float64]:
    """[d] areas under the curve of single columns."""
    positive, negative = int(labels.sum()), int((~labels).sum())
    sums = [float(stats.rankdata(column)[labels].sum()) for column in rows.T]
    areas: NDArray[np.float64] = (np.array(sums) - positive * (positive + 1) / 2) / (positive * negative)
    return areas
