"""The clustered variance equals R's sandwich::vcovCL; golden values and their script are in tests/golden."""

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studyweb.stats.ballots import dense_codes
from studyweb.stats.clusters import CellSums, ClusterVariance, cluster_variance
from studyweb.stats.differences import PairedRatings, estimate_difference
from studyweb.stats.preference import estimate_preference
from tests.studyweb.stats.test_wording import ballots

GOLDEN = Path(__file__).resolve().parents[2] / "golden"
EXPECTED: dict[str, Any] = json.loads((GOLDEN / "two_way_variance.json").read_text())
CASES = sorted(set(EXPECTED) - {"source"})


def rows_of(case: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values and dense codes of participants and tracks."""
    with (GOLDEN / "two_way_rows.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["case"] == case]
    values = np.array([float(row["value"]) for row in rows])
    return values, *(dense_codes(np.array([row[name] for row in rows])) for name in ("participant", "track"))


def variance_of(case: str) -> ClusterVariance:
    values, participant, track = rows_of(case)
    cells = CellSums.of(values, participant, track)
    mean = float(values.mean())
    return cluster_variance(cells, mean=mean, spread=float(np.var(values)), estimand="new_participants_and_tracks")


@pytest.mark.parametrize("case", CASES)
def test_each_term_equals_that_of_r(case: str) -> None:
    ours, theirs = variance_of(case), EXPECTED[case]
    assert ours.participant == pytest.approx(theirs["participant"], rel=1e-6)
    assert ours.track == pytest.approx(theirs["track"], rel=1e-6)
    assert ours.cell == pytest.approx(theirs["cell"], rel=1e-6)
    assert ours.participant + ours.track - ours.cell == pytest.approx(theirs["two_way"], rel=1e-6)


@pytest.mark.parametrize("case", CASES)
def test_the_guard_takes_the_largest_of_the_three(case: str) -> None:
    theirs = EXPECTED[case]
    largest = max(theirs["two_way"], theirs["participant"], theirs["track"])
    assert variance_of(case).used == pytest.approx(largest, rel=1e-6)


def test_the_golden_cases_hold_one_that_needs_no_guard_and_some_that_do() -> None:
    assert {variance_of(case).rule for case in CASES} == {"two-way", "participant guard", "track guard"}


def test_an_interval_of_ratings_is_made_of_these_values() -> None:
    values, participant, track = rows_of("ratings")
    estimate = estimate_difference(PairedRatings(values, np.zeros_like(values), participant, track))
    theirs = EXPECTED["ratings"]
    half_width = theirs["t_975"] * max(theirs["two_way"], theirs["track"]) ** 0.5
    assert estimate.interval is not None
    assert estimate.interval.high == pytest.approx(theirs["mean"] + half_width, rel=1e-6)
    assert estimate.interval.low == pytest.approx(theirs["mean"] - half_width, rel=1e-6)


def test_with_the_tracks_given_only_participants_are_clusters() -> None:
    given = "new_participants"
    scores = (np.random.default_rng(1).random((12, 6)) < 0.6).astype(float)
    estimate = estimate_preference(ballots(scores), estimand=given)
    assert estimate.variance is not None
    assert estimate.variance.used == estimate.variance.participant
    assert estimate.interval is not None
    assert estimate.interval.method == "clustered by participant, t with 11 degrees of freedom"
