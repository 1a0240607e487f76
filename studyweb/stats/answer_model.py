"""A stated model of final choices, from which whole studies are drawn at once: for planning and for measured coverage.

For participant p and track t, on the logit scale, eta = shift + u_p + v_t, plus side_log_odds where the first system
stands in A and minus it where it stands in B; P(first chosen) = expit(eta - tie), P(second chosen) = expit(-eta - tie),
the rest are ties (the symmetric-threshold cumulative logit, which is Rao & Kupper's 1967 model with random effects).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import optimize
from scipy.special import expit

from studyweb.stats.clusters import FloatArray, IntArray

QUADRATURE_POINTS = 41
"""Gauss-Hermite points of the averages over people and tracks; exact to 1e-6 up to SDs of 2."""
FARTHEST_LOGIT = 60.0
LARGEST_TIE = 16.0
NO_TIES_BELOW = 1e-6
MOST_TIES = 0.9


class AnswerModelError(ValueError):
    """A model that cannot be: what is wrong is said in words."""


@dataclass(frozen=True)
class AnswerModel:
    """How answers come about in a simulated study.

    rate: the preference rate over new participants and tracks, ties as half; tie_rate: share of ties; the SDs of
    participants and tracks and side_log_odds (how much slot A itself attracts) are on the logit scale.
    """

    rate: float = 0.5
    participant_sd: float = 0.5
    track_sd: float = 0.5
    tie_rate: float = 0.0
    side_log_odds: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.tie_rate <= MOST_TIES:
            raise AnswerModelError(f"the tie rate must lie between 0 and {MOST_TIES}, not {self.tie_rate}")
        low, high = self.tie_rate / 2, 1 - self.tie_rate / 2
        if not low < self.rate < high:
            raise AnswerModelError(
                f"with {100 * self.tie_rate:g} % ties as half the rate lies between {low:g} and {high:g}; "
                f"{self.rate} does not"
            )
        if min(self.participant_sd, self.track_sd) < 0 or max(self.participant_sd, self.track_sd) > 3:
            raise AnswerModelError("standard deviations on the logit scale must lie between 0 and 3")

    @cached_property
    def shift_and_tie(self) -> tuple[float, float]:
        """The intercept and the tie threshold that give `rate` and `tie_rate` on average."""
        spread = math.hypot(self.participant_sd, self.track_sd)

        def shift_for(tie: float) -> float:
            def excess(shift: float) -> float:
                win, loss = self._average(shift, tie, spread)
                return 0.5 + 0.5 * (win - loss) - self.rate

            return float(optimize.brentq(excess, -FARTHEST_LOGIT, FARTHEST_LOGIT))

        def excess_ties(tie: float) -> float:
            return 1.0 - sum(self._average(shift_for(tie), tie, spread)) - self.tie_rate

        if self.tie_rate < NO_TIES_BELOW:
            return shift_for(0.0), 0.0
        high = 1.0
        while excess_ties(high) < 0:
            high *= 2
            if high > LARGEST_TIE:
                raise AnswerModelError(
                    f"a rate of {self.rate} leaves hardly any room for {100 * self.tie_rate:g} % ties"
                )
        tie = float(optimize.brentq(excess_ties, 0.0, high, xtol=1e-10))
        return shift_for(tie), tie

    def _average(self, shift: float, tie: float, spread: float) -> tuple[float, float]:
        """P(first chosen) and P(second chosen) over people, tracks and sides."""
        nodes, weights = np.polynomial.hermite_e.hermegauss(QUADRATURE_POINTS)
        weights = weights / weights.sum()
        eta = shift + spread * nodes
        sides = (self.side_log_odds, -self.side_log_odds)
        win = sum(float(weights @ expit(eta + side - tie)) for side in sides) / 2
        loss = sum(float(weights @ expit(-eta - side - tie)) for side in sides) / 2
        return win, loss


@dataclass(frozen=True)
class Meetings:
    """Who judges which track, the same in every drawn study: codes [n], in the order of participants."""

    participant: IntArray
    track: IntArray

    @property
    def n_participants(self) -> int:
        """Participants are numbered from 0 without gaps."""
        return int(self.participant[-1]) + 1

    @property
    def n_tracks(self) -> int:
        """Tracks that anybody meets."""
        return int(self.track.max()) + 1


def deal_meetings(counts: IntArray, *, tracks: int, rng: np.random.Generator) -> Meetings:
    """Meetings of participants who judge counts[p] tracks each: the least-filled tracks first, ties at random.

    Raises AnswerModelError when somebody would have to meet a track twice.
    """
    if counts.size == 0 or counts.min() < 1 or counts.max() > tracks:
        raise AnswerModelError(f"everybody must judge at least one and at most all {tracks} tracks")
    filled = np.zeros(tracks)
    dealt = []
    for count in counts:
        chosen = np.argsort(filled + rng.random(tracks) / 2)[:count]
        filled[chosen] += 1
        dealt.append(chosen)
    codes = np.concatenate(dealt).astype(np.intp)
    used = np.unique(codes, return_inverse=True)[1].reshape(-1).astype(np.intp)
    return Meetings(np.repeat(np.arange(counts.size, dtype=np.intp), counts), used)


def mirrored_effects(sd: float, meetings: Meetings, *, studies: int, rng: np.random.Generator) -> FloatArray:
    """Effects of a study's fixed tracks, [studies, tracks], in pairs of opposite sign.

    Without a shift the rate over exactly these tracks is then one half, and with one it is nearly the model's.
    """
    half = rng.normal(0.0, sd, (studies, meetings.n_tracks // 2))
    middle = np.zeros((studies, meetings.n_tracks % 2))
    effects: FloatArray = rng.permuted(np.concatenate([half, middle, -half], axis=1), axis=1)
    return effects


def draw_scores(
    model: AnswerModel,
    meetings: Meetings,
    *,
    studies: int,
    rng: np.random.Generator,
    track_effects: FloatArray | None = None,
) -> FloatArray:
    """Scores 0, 1/2 or 1 of many studies at once, [studies, n]; sides are balanced within every participant.

    track_effects: [studies, tracks] on the logit scale, to be given where the tracks are a study's fixed ones.
    """
    shift, tie = model.shift_and_tie
    people = rng.normal(0.0, model.participant_sd, (studies, meetings.n_participants))
    if track_effects is None:
        track_effects = rng.normal(0.0, model.track_sd, (studies, meetings.n_tracks))
    eta = shift + people[:, meetings.participant] + track_effects[:, meetings.track]
    if model.side_log_odds:
        eta += model.side_log_odds * _sides(meetings, studies, rng)
    chance = rng.random(eta.shape)
    won, lost = chance < expit(eta - tie), chance > 1.0 - expit(-eta - tie)
    scores: FloatArray = 0.5 + 0.5 * (won.astype(np.float64) - lost)
    return scores


def _sides(meetings: Meetings, studies: int, rng: np.random.Generator) -> FloatArray:
    """+1 where the first system stands in A and -1 where in B: half of each participant's trials, at random."""
    order = np.lexsort((rng.random((studies, meetings.participant.size)), np.tile(meetings.participant, (studies, 1))))
    starts = np.searchsorted(meetings.participant, np.arange(meetings.n_participants))
    place = np.arange(meetings.participant.size) - starts[meetings.participant]
    first = rng.integers(0, 2, (studies, meetings.n_participants))[:, meetings.participant]
    sides = np.empty(order.shape)
    np.put_along_axis(sides, order, np.where((place + first) % 2 == 0, 1.0, -1.0), axis=1)
    return sides
