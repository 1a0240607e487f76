"""Drawing a whole session before its first trial: items, pairs, sides, order, repeats, checks, what is asked.

A pure function of its inputs and a seed. Both are stored with the participant, so every session can be drawn again.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from studyweb.trials.item_choice import Candidate, DrawError, TrackRule, choose, least_mean, most_left, pick_items
from studyweb.trials.questions import Asked
from studyweb.trials.sides import draw_side_blocks, shuffled, spread_pairs

ALGORITHM = "session-2"
"""Named in every stored draw; a change of anything below that changes draws gets a new name."""
TRACK_RULES: dict[str, TrackRule] = {"session-1": least_mean, "session-2": most_left}
"""Every algorithm that draws were stored by, so that all can be drawn again. They differ in how a track is chosen."""
REPEAT_DISTANCE = 4
"""A repeat comes at least this many trials after its first showing."""

PairKeys = tuple[str, str]


@dataclass(frozen=True)
class Wanted:
    """`count` trials of a pair; `check_kind` for checks."""

    pair: PairKeys
    count: int
    check_kind: str = ""


@dataclass(frozen=True)
class SessionInputs:
    """Everything a session is drawn from."""

    scored: tuple[Wanted, ...]
    checks: tuple[Wanted, ...]
    practice: int
    repeats: int
    meetings_per_track: int
    shares: dict[str, float]
    """Share of scored trials with the first choice, the scales, the improvement scales."""
    scored_items: tuple[Candidate, ...]
    check_items: tuple[Candidate, ...]
    practice_items: tuple[Candidate, ...]


@dataclass(frozen=True)
class DrawnTrial:
    """One trial of a drawn session."""

    role: str
    pair: PairKeys
    item: int
    first_in_a: bool
    asked: Asked
    check_kind: str = ""
    repeat_of: int | None = None
    """Place of the trial it repeats, in the drawn session, from 0."""
    why: dict[str, Any] = field(default_factory=dict)
    """How it came about: candidates, probability, side block."""


def pair_name(pair: Sequence[str]) -> str:
    """The name under which a pair is counted."""
    return "|".join(pair)


def draw_session(inputs: SessionInputs, *, seed: str, algorithm: str = ALGORITHM) -> list[DrawnTrial]:
    """The trials of one session in order.

    Scored items: those met least, see item_choice.py; pairs go to the chosen items so that pair-by-item counts stay
    even. Sides: see sides.py. Practice comes first; checks stand anywhere but first and last; a repeat has its sides
    swapped and comes at least REPEAT_DISTANCE trials later. Raises DrawError when there are too few items or tracks,
    and for an algorithm that is not known.
    """
    if algorithm not in TRACK_RULES:
        raise DrawError(f"drawn by {algorithm!r}; this version replays {', '.join(TRACK_RULES)}")
    # One name for all algorithms: where their rules agree, as with one item on each track, so do their draws.
    rng = random.Random(f"session-1 {seed}")  # noqa: S311 - replayed from its seed, not a secret
    met: dict[int, int] = {}
    scored = _draw_scored(inputs, TRACK_RULES[algorithm], met, rng)
    checks = _draw_checks(inputs, met, rng)
    practice = _draw_practice(inputs, met, rng)
    session = _insert_checks(scored, checks, rng)
    session = _insert_repeats(session, inputs.repeats, rng)
    return [*practice, *(_moved(trial, by=len(practice)) for trial in session)]


def _draw_scored(inputs: SessionInputs, rule: TrackRule, met: dict[int, int], rng: random.Random) -> list[DrawnTrial]:
    count, most = sum(wanted.count for wanted in inputs.scored), inputs.meetings_per_track
    picks = list(pick_items(inputs.scored_items, count, most_per_track=most, rule=rule, met=met, rng=rng))
    blocks = draw_side_blocks(count, rng)
    sides = [side for block in blocks for side in block]
    pairs = spread_pairs(sides, [(wanted.pair, wanted.count) for wanted in inputs.scored], rng)
    order = _items_for_pairs(pairs, [candidate for candidate, _ in picks], rng)
    sizes = [len(block) for block in blocks for _ in block]
    asked = _draw_asked(count, inputs.shares, rng)
    return [
        DrawnTrial("scored", pair, picks[pick][0].item, side, asks, why={**picks[pick][1], "block": size})
        for pair, pick, side, size, asks in zip(pairs, order, sides, sizes, asked, strict=True)
    ]


def _items_for_pairs(pairs: Sequence[PairKeys], items: Sequence[Candidate], rng: random.Random) -> list[int]:
    """For each pair the index of its item: the assignment with the least sum of pair-by-item counts, ties at random.

    Method: linear sum assignment; noise below one count breaks ties.
    """
    noise = np.array([[rng.random() for _ in items] for _ in pairs]).reshape(len(pairs), len(items))
    counts = np.array([[item.filled.get(pair_name(pair), 0) for item in items] for pair in pairs], dtype=np.float64)
    # Squares keep one cell from running ahead; the noise of a whole row stays below one step.
    cost = counts.reshape(noise.shape) ** 2 + noise / (2 * max(len(items), 1))
    _, columns = linear_sum_assignment(cost)
    return [int(column) for column in columns]


def _draw_asked(count: int, shares: Mapping[str, float], rng: random.Random) -> list[Asked]:
    """What each trial asks: exactly the share of the trials for each part, a remainder by chance."""
    parts = {}
    for name in ("first_choice", "scales", "improvement"):
        exact = shares[name] * count
        whole = int(exact) + (rng.random() < exact - int(exact))
        parts[name] = shuffled([True] * whole + [False] * (count - whole), rng)
    return [Asked(parts["first_choice"][i], parts["scales"][i], parts["improvement"][i]) for i in range(count)]


def _draw_checks(inputs: SessionInputs, met: dict[int, int], rng: random.Random) -> list[DrawnTrial]:
    trials, used = [], {candidate.item: 0 for candidate in inputs.check_items}
    for wanted in inputs.checks:
        for _ in range(wanted.count):
            pick, why = _unmet(inputs.check_items, met, used, rng, what=f"check {wanted.check_kind}")
            asked = _draw_asked(1, inputs.shares, rng)[0]
            side = rng.random() < 0.5
            trials.append(DrawnTrial("check", wanted.pair, pick.item, side, asked, wanted.check_kind, why=why))
    return trials


def _draw_practice(inputs: SessionInputs, met: dict[int, int], rng: random.Random) -> list[DrawnTrial]:
    used: dict[int, int] = {candidate.item: 0 for candidate in inputs.practice_items}
    trials = []
    for _ in range(inputs.practice):
        pick, why = _unmet(inputs.practice_items, met, used, rng, what="practice")
        pair = inputs.scored[0].pair
        trials.append(DrawnTrial("practice", pair, pick.item, rng.random() < 0.5, Asked(True, True, True), why=why))
    return trials


def _unmet(
    candidates: Sequence[Candidate], met: dict[int, int], used: dict[int, int], rng: random.Random, *, what: str
) -> tuple[Candidate, dict[str, Any]]:
    """An item not used yet, on the track met least, then the least filled, ties at random."""
    if not candidates:
        raise DrawError(f"there is no item for {what}")

    def burden(candidate: Candidate) -> tuple[int, int, int]:
        return used[candidate.item], met.get(candidate.track, 0), candidate.total

    least = min(burden(candidate) for candidate in candidates)
    tied = sorted((each for each in candidates if burden(each) == least), key=lambda each: each.item)
    pick = choose(tied, rng)
    used[pick.item] += 1
    met[pick.track] = met.get(pick.track, 0) + 1
    return pick, {"items": [each.item for each in tied], "probability": round(1 / len(tied), 6)}


def _insert_checks(session: list[DrawnTrial], checks: Sequence[DrawnTrial], rng: random.Random) -> list[DrawnTrial]:
    """Checks anywhere but first and last: the last trial is followed by the blinding question."""
    session = list(session)
    for check in checks:
        session.insert(1 + int(rng.random() * max(1, len(session) - 1)), check)
    return session


def _insert_repeats(session: list[DrawnTrial], repeats: int, rng: random.Random) -> list[DrawnTrial]:
    """Swapped repeats of scored trials; those for which no place is far enough away are left out."""
    session = list(session)
    for _ in range(repeats):
        repeated = {trial.repeat_of for trial in session}
        last = len(session) - REPEAT_DISTANCE
        sources = [i for i, trial in enumerate(session) if trial.role == "scored" and i <= last and i not in repeated]
        if not sources:
            break
        source = choose(sources, rng)
        place = source + REPEAT_DISTANCE + int(rng.random() * (len(session) - source - REPEAT_DISTANCE + 1))
        session = [_shifted(trial, place) for trial in session]
        session.insert(place, _repeat_of(session[source], source))
    return session


def _repeat_of(trial: DrawnTrial, source: int) -> DrawnTrial:
    return replace(
        trial, role="repeat", first_in_a=not trial.first_in_a, repeat_of=source, why={"swapped_repeat_of": source}
    )


def _shifted(trial: DrawnTrial, place: int) -> DrawnTrial:
    """The trial after another one was put in at `place`."""
    if trial.repeat_of is None or trial.repeat_of < place:
        return trial
    return _moved(trial, by=1)


def _moved(trial: DrawnTrial, *, by: int) -> DrawnTrial:
    if trial.repeat_of is None:
        return trial
    return replace(trial, repeat_of=trial.repeat_of + by, why={"swapped_repeat_of": trial.repeat_of + by})


def inputs_to_json(inputs: SessionInputs) -> dict[str, Any]:
    """The inputs as plain data, to be stored."""
    return asdict(inputs)


def inputs_from_json(data: Mapping[str, Any]) -> SessionInputs:
    """The inverse of inputs_to_json, also after JSON has made lists of tuples."""

    def wanted(entries: Sequence[Mapping[str, Any]]) -> tuple[Wanted, ...]:
        return tuple(Wanted(tuple(each["pair"]), each["count"], each["check_kind"]) for each in entries)

    def candidates(entries: Sequence[Mapping[str, Any]]) -> tuple[Candidate, ...]:
        return tuple(Candidate(**entry) for entry in entries)

    return SessionInputs(
        scored=wanted(data["scored"]),
        checks=wanted(data["checks"]),
        practice=data["practice"],
        repeats=data["repeats"],
        meetings_per_track=data["meetings_per_track"],
        shares=data["shares"],
        scored_items=candidates(data["scored_items"]),
        check_items=candidates(data["check_items"]),
        practice_items=candidates(data["practice_items"]),
    )
