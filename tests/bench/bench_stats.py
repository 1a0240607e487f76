"""Statistics: the numbers of a results page on a million answers, on one core, beside evalica and statsmodels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from studyweb.stats.ballots import Ballots
from studyweb.stats.bootstrap import DRAWS, bootstrap_means
from studyweb.stats.differences import PairedRatings, estimate_difference
from studyweb.stats.preference import estimate_preference
from studyweb.stats.sides import report_sides
from studyweb.stats.ties import report_ties
from tests.bench.metric import Goal, Metric
from tests.bench.peer_process import Peers, running_vote_peers, what_vote_peers_lack
from tests.bench.timing import Timing, measure_interleaved

PARTICIPANTS, TRACKS = 1_000, 100
GOAL_ANSWERS, GOAL_MS, GOAL_BOOTSTRAP_MS = 1_000_000, 50.0, 300.0
PEER_DRAWS = 2
"""Draws that evalica's bootstrap makes; each takes it seconds."""

NAMED = {
    "preference": "preference rate and interval",
    "sides": "side balance and position effect",
    "ties": "ties and rate among the decided",
    "all": "all three",
    "ratings": "difference of one criterion's ratings",
    "bootstrap": f"{DRAWS:,} two-way bootstrap draws",
}


@dataclass(frozen=True)
class Against:
    """A comparison: our candidate and the peer's, whose figures are both multiplied by `times`."""

    ours: str
    peer: str
    what: str
    unit: str = "ms"
    our_times: float = 1_000.0
    peer_times: float = 1_000.0


AGAINST = (
    Against("preference", "evalica", "preference rate and interval, against evalica's rate without one"),
    Against("preference", "statsmodels", "preference rate and interval, against two-way clustered OLS"),
    Against(
        "bootstrap",
        "evalica bootstrap",
        "one bootstrap draw, two-way against one of single votes",
        "us",
        our_times=1e6 / DRAWS,
        peer_times=1e6 / PEER_DRAWS,
    ),
)


def run(answers: int = GOAL_ANSWERS, *, draws: int = DRAWS, repeats: int = 7) -> list[Metric]:
    """All metrics of this bench."""
    size = f"{answers:,} answers, {PARTICIPANTS:,} participants, {TRACKS} tracks"
    too_few = "" if answers >= GOAL_ANSWERS else f"{answers:,} answers; the goal speaks of {GOAL_ANSWERS:,}"
    ballots, ratings = _ballots(answers), _ratings(answers)
    with TemporaryDirectory() as folder:
        votes = Path(folder) / "votes.npz"
        np.savez(votes, score=ballots.score, participant=ballots.participant, track=ballots.track)
        with running_vote_peers(votes) as peers:
            candidates = {**_ours(ballots, ratings, draws=draws), **_peers(peers)}
            times = measure_interleaved(candidates, repeats=repeats)
            versions = peers.versions if peers is not None else {}
    own = [_metric(name, f"{what}, {size}", times, too_few) for name, what in NAMED.items()]
    return own + [_against(each, size, times, versions, too_few) for each in AGAINST]


def _ours(ballots: Ballots, ratings: PairedRatings, *, draws: int) -> dict[str, Callable[[], object]]:
    """Everything starts from codes: a fresh copy of the ballots is not counted yet."""
    rng = np.random.default_rng(3)
    people, sums = rng.random((draws, PARTICIPANTS), np.float32), rng.random((PARTICIPANTS, 2 * TRACKS), np.float32)
    return {
        "preference": lambda: estimate_preference(replace(ballots)),
        "sides": lambda: report_sides(replace(ballots)),
        "ties": lambda: report_ties(replace(ballots)),
        "all": lambda: _all_three(replace(ballots)),
        "ratings": lambda: estimate_difference(ratings),
        "bootstrap": lambda: bootstrap_means([replace(ballots).tally.of_first_system.cells()], draws=draws),
        "mean": lambda: (ballots.score.mean(), ballots.participant.max(), ballots.track.max()),
        "product": lambda: people @ sums,
    }


def _peers(peers: Peers | None) -> dict[str, Callable[[], object]]:
    if peers is None:
        return {}
    asked = peers
    return {
        "evalica": lambda: asked.ask("evalica"),
        "statsmodels": lambda: asked.ask("statsmodels"),
        "evalica bootstrap": lambda: asked.ask("evalica bootstrap", draws=PEER_DRAWS),
    }


def _metric(name: str, what: str, times: Mapping[str, Timing], too_few: str) -> Metric:
    """The limit: reading the columns once, and for the bootstrap the product of its weights alone."""
    is_bootstrap = name == "bootstrap"
    return Metric(
        "stats",
        what,
        "ms",
        1_000 * times[name].median_s,
        limit=1_000 * times["product" if is_bootstrap else "mean"].median_s,
        goal=Goal("ours", "at_most", GOAL_BOOTSTRAP_MS if is_bootstrap else GOAL_MS),
        ours_best=1_000 * times[name].minimum_s,
        settles=not too_few,
        why=too_few,
    )


def _against(
    each: Against, size: str, times: Mapping[str, Timing], versions: Mapping[str, str], too_few: str
) -> Metric:
    ours, theirs = times[each.ours], times.get(each.peer)
    package = each.peer.split()[0]
    lack = too_few or what_vote_peers_lack()
    return Metric(
        "stats",
        f"{each.what}, {size}",
        each.unit,
        each.our_times * ours.median_s,
        peer=each.peer_times * theirs.cpu_median_s if theirs else None,
        peer_name=f"{package} {versions[package]}" if theirs else None,
        goal=Goal("ratio_to_peer", "at_most", 1.0),
        settles=not lack,
        why=lack,
    )


def _all_three(ballots: Ballots) -> tuple[object, ...]:
    """What a results page asks of one pair."""
    return estimate_preference(ballots), report_sides(ballots), report_ties(ballots)


def _ballots(answers: int) -> Ballots:
    rng = np.random.default_rng(1)
    return Ballots(
        score=rng.choice([0.0, 0.5, 1.0], answers),
        participant=rng.integers(0, PARTICIPANTS, answers).astype(np.intp),
        track=rng.integers(0, TRACKS, answers).astype(np.intp),
        first_is_a=rng.random(answers) < 0.5,
    )


def _ratings(answers: int) -> PairedRatings:
    rng = np.random.default_rng(2)
    first, second = (rng.integers(1, 8, answers).astype(np.float64) for _ in range(2))
    first[rng.random(answers) < 0.03] = np.nan
    ballots = _ballots(answers)
    return PairedRatings(first, second, ballots.participant, ballots.track)
