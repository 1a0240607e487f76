"""How a simulated producer decides: a stated rule over what each advice leaves of the imbalance.

A choice follows a cumulative logit (proportional odds, McCullagh 1980). With r_A and r_B the imbalance in dB that is
left after following each advice, u a participant's and v a track's leaning towards the pair's first system:

    eta = slope * (r_B - r_A) + side + sign * (u + v),    sign = +1 where the first system stands in A, else -1
    P(choice at least "A, slightly") = logistic(eta - tie), P("A, clearly") = logistic(eta - clear), B likewise

Reading alone tells less: the first choice uses a smaller slope. Ratings and "would you keep it" fall with what is left.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass

RATINGS = 7


@dataclass(frozen=True)
class BotSettings:
    """The rule's numbers; slopes in logits per dB."""

    slope: float = 0.55
    reading_slope: float = 0.3
    participant_sd: float = 0.5
    track_sd: float = 0.4
    side: float = 0.08
    """A small habit of choosing A."""
    tie: float = 0.4
    clear: float = 1.7
    leniency_sd: float = 0.7
    """Spread of participants' use of the rating scale, in scale points."""
    rating_noise_sd: float = 0.9
    cant_tell_share: float = 0.03
    fader_sd: float = 1.0
    """Spread in dB of a fader around what undoes the disturbance."""


@dataclass(frozen=True)
class Situation:
    """What a simulated producer's answer depends on, in dB of imbalance (RMS over audible stems)."""

    before_db: float
    after_db: Mapping[str, float]
    """{slot: imbalance left after its advice}."""
    first_in_a: bool
    participant_leaning: float
    track_leaning: float
    leniency: float


def decide(
    name: str, kind: str, options: tuple[str, ...], situation: Situation, rng: random.Random, settings: BotSettings
) -> str | None:
    """The answer to a question, or None for an optional one that is left open. Raises ValueError for a kind unknown."""
    base, _, slot = name.partition(".")
    match kind, base:
        case "choice", "first_choice" | "final_choice":
            slope = settings.reading_slope if base == "first_choice" else settings.slope
            return choose(preference_eta(situation, settings, slope=slope), rng, settings)
        case "choice", "no_preference_reason":
            return _reason(situation, rng)
        case "choice", "heard_more":
            return options[int(rng.random() * len(options))]
        case "rating", "confidence":
            return str(1 + int(rng.random() * RATINGS))
        case "rating", _:
            return _rating(situation.after_db[slot], situation, rng, settings)
        case "keep", _:
            return _keep(situation.before_db - situation.after_db[slot], rng)
        case "text", _:
            return None
    raise ValueError(f"a simulated producer does not know questions of kind {kind!r} ({name})")


def preference_eta(situation: Situation, settings: BotSettings, *, slope: float) -> float:
    """The linear predictor for A over B, in logits."""
    sign = 1.0 if situation.first_in_a else -1.0
    leaning = sign * (situation.participant_leaning + situation.track_leaning)
    return slope * (situation.after_db["B"] - situation.after_db["A"]) + settings.side + leaning


def choose(eta: float, rng: random.Random, settings: BotSettings) -> str:
    """One of the five choices, drawn from the cumulative logit."""
    value = eta + _logistic(rng)
    strength = "clearly" if abs(value) > settings.clear else "slightly"
    if abs(value) <= settings.tie:
        return "no_preference"
    return f"{'a' if value > 0 else 'b'}_{strength}"


def _rating(left_db: float, situation: Situation, rng: random.Random, settings: BotSettings) -> str:
    if rng.random() < settings.cant_tell_share:
        return "cant_tell"
    value = 5.5 - 0.8 * left_db + situation.leniency + rng.gauss(0.0, settings.rating_noise_sd)
    return str(min(RATINGS, max(1, round(value))))


def _keep(gained_db: float, rng: random.Random) -> str:
    value = 0.9 * gained_db + _logistic(rng)
    return "yes" if value > 1.0 else "partly" if value > -0.5 else "no"


def _reason(situation: Situation, rng: random.Random) -> str:
    left_a, left_b = situation.after_db["A"], situation.after_db["B"]
    if abs(left_a - left_b) < 0.5 and rng.random() < 0.7:
        return "no_difference"
    if min(left_a, left_b) > situation.before_db:
        return "both_unhelpful"
    return "other_problem" if rng.random() < 0.15 else "different_but_equal"


def _logistic(rng: random.Random) -> float:
    uniform = min(max(rng.random(), 1e-12), 1 - 1e-12)
    return math.log(uniform / (1 - uniform))
