"""Whole sessions over HTTP in which both arms are served from one shared pool of texts and gains.

Before every session each item's two advices are drawn anew from the pool, so that nothing legitimate tells which of
them is the first system's. What the browser gets is turned into features by blinding_features.py.

python -m tests.bench.blinding_sessions TRIALS SEED LEAK FOLDER     writes FOLDER/seen.npz; LEAK may be empty
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

TRIALS_PER_SESSION = 20
PAIR = ("differential", "baseline")
POOL_SIZE = 200
VOCABULARY_TRIALS = 400
"""Features are those met in the first so many trials, in at least RAREST of them."""
RAREST = 0.02


@dataclass(frozen=True)
class Seen:
    """Trials as a browser met them, in the order played."""

    rows: NDArray[np.float32]
    """[trials, features]"""
    names: list[str]
    labels: NDArray[np.bool_]
    """Whether the pair's first system stood in slot A."""


def make_shared_study(sessions: int) -> Any:
    """A study of one pair; every session meets every item once."""
    from tests.factories import make_study

    return make_study(
        items=TRIALS_PER_SESSION,
        design={
            "trials": [{"pair": list(PAIR), "count": TRIALS_PER_SESSION}],
            "repeats": 0,
            "checks": [],
            "practice": 0,
        },
        recruitment={"target_participants": sessions, "completion_url": ""},
    )


def play(study: Any, *, trials: int, seed: int, leak: str = "", load_audio: bool = True) -> Seen:
    """Play sessions until there are so many trials. Sides follow from the seed; ids are secret as ever."""
    from studyweb.trials import assignment
    from tests.bench.blinding_leaks import LEAKS

    rng = random.Random(f"blinding {seed}")
    seeded = patch.object(assignment, "_seed", lambda _study, place: f"blinding {seed} {place}")
    with LEAKS[leak]() if leak else nullcontext(), seeded:
        played = islice(_sessions(study, rng, load_audio=load_audio), trials)
        first = list(islice(played, VOCABULARY_TRIALS))
        names = _vocabulary([features for features, _ in first])
        rows, labels = np.zeros((trials, len(names)), dtype=np.float32), np.zeros(trials, dtype=np.bool_)
        for number, (features, label) in enumerate(chain(first, played)):
            rows[number] = [features.get(name, 0.0) for name in names]
            labels[number] = label
    return Seen(rows, names, labels)


def _vocabulary(trials: list[Mapping[str, float]]) -> list[str]:
    counts = Counter(name for features in trials for name in features)
    return sorted(name for name, count in counts.items() if count >= max(2, RAREST * len(trials)))


def _sessions(study: Any, rng: random.Random, *, load_audio: bool) -> Iterator[tuple[Mapping[str, float], bool]]:
    """Trials without end, session by session: (features, whether the first system stood in slot A)."""
    pool = list(_pool(rng))
    while True:
        _deal(study, pool, rng)
        yield from _play_session(study, rng.randrange(2**32), load_audio=load_audio)


def _play_session(study: Any, seed: int, *, load_audio: bool) -> Iterator[tuple[Mapping[str, float], bool]]:
    from studyweb.trials.models import Trial
    from studyweb.trials.scripted import ScriptedParticipant, seeded_rule
    from tests.bench.blinding_clock import SteadyTransport
    from tests.bench.blinding_features import exchanges_by_trial, features_of

    player = ScriptedParticipant(SteadyTransport(), rule=seeded_rule(seed), load_audio=load_audio)
    found = exchanges_by_trial(player.complete(study.public_id).exchanges)
    sides = {each.public_id: each.draw["first_in_a"] for each in Trial.objects.filter(public_id__in=found)}
    for public_id, exchanges in found.items():
        yield features_of(exchanges), sides[public_id]


def _pool(rng: random.Random) -> Iterator[tuple[str, dict[str, float], float]]:
    """Texts with their gains and trims, as any system might give them."""
    from datagen.explanations import write
    from datagen.words import REGISTERS, STEMS, changes_from_mapping

    for number in range(POOL_SIZE):
        stems = rng.sample(STEMS, rng.choice((1, 1, 2)))
        gains_db = {stem: rng.choice((-1, 1)) * rng.randrange(2, 19) / 2 for stem in stems}
        changes = changes_from_mapping(gains_db, tuple(gains_db))
        text = write(changes, register=rng.choice(REGISTERS), seed=number, reference=False).advice
        yield text, gains_db, round(rng.uniform(-3.0, 0.0), 4)


def _deal(study: Any, pool: list[tuple[str, dict[str, float], float]], rng: random.Random) -> None:
    """Give every advice of the pair another entry of the pool, none twice on one item."""
    from studyweb.studies.models import Advice

    dealt = []
    advices = Advice.objects.filter(item__study=study, system__key__in=PAIR).order_by("item__position", "system_id")
    for number, advice in enumerate(advices):
        entry = rng.choice(pool)
        while number % 2 and entry[0] == dealt[-1].text:
            entry = rng.choice(pool)
        advice.text, advice.changes, advice.trim_db = entry
        advice.text_sha256 = hashlib.sha256(advice.text.encode()).hexdigest()
        dealt.append(advice)
    Advice.objects.bulk_update(dealt, ["text", "changes", "trim_db", "text_sha256"])


def main(trials: int, seed: int, leak: str, folder: Path) -> None:
    """Play in a database of its own and write what was seen."""
    os.environ |= {"MIXTRIAL_DATA": str(folder), "DATABASE_URL": "", "DJANGO_SETTINGS_MODULE": "studyweb.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    study = make_shared_study(-(-trials // TRIALS_PER_SESSION))
    seen = play(study, trials=trials, seed=seed, leak=leak)
    np.savez(folder / "seen.npz", rows=seen.rows, labels=seen.labels, names=np.array(seen.names))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], Path(sys.argv[4]))
