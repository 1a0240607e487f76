"""Advice that is applied and asked for again: up to three rounds, as a person would use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from datagen.words import STEMS
from training.scenes import Scene

Gains = Mapping[str, float]
Ask = Callable[[Sequence[tuple[int, Scene]], int], list[dict[str, float] | None]]
"""((item number, scene) pairs, round from 0) -> what is advised for each; None where it cannot be read."""


@dataclass
class Rounds:
    """What happened to one item."""

    advised_db: list[dict[str, float] | None] = field(default_factory=list)
    """The advice of each round that was asked for."""
    applied_db: list[dict[str, float]] = field(default_factory=list)
    """All that is applied by the end of each round, of all rounds: it stays once a round has stopped."""

    @property
    def going_on(self) -> bool:
        """Whether the last advice changed something, so that listening again makes sense."""
        return not self.advised_db or bool(self.advised_db[-1])

    @property
    def stopped(self) -> bool:
        """Whether the last advice said that nothing is to be changed."""
        return bool(self.advised_db) and self.advised_db[-1] == {}


def listen_again(scenes: Sequence[Scene], ask: Ask, *, rounds: int) -> list[Rounds]:
    """Ask for advice on every scene, apply it to the problem, and ask again until nothing is to be changed.

    An item stops at "nothing to change", at an advice that cannot be read (nothing is applied), or after `rounds`.
    Gains of several rounds add up and are not limited.
    """
    items = [Rounds() for _ in scenes]
    for number in range(rounds):
        waiting = [k for k, item in enumerate(items) if item.going_on]
        scenes_now = [(k, with_gains(scenes[k], _total(items[k]))) for k in waiting]
        for k, advised in zip(waiting, ask(scenes_now, number), strict=True):
            items[k].advised_db.append(advised)
        for item in items:
            item.applied_db.append(_total(item))
    return items


def with_gains(scene: Scene, gains_db: Gains) -> Scene:
    """The scene with gains in dB applied to the problem's stems. What was right about it stays as it was."""
    gains = np.array([gains_db.get(stem, 0.0) for stem in STEMS], dtype=np.float32)
    return replace(scene, problem=replace(scene.problem, gains_db=scene.problem.gains_db + gains))


def _total(item: Rounds) -> dict[str, float]:
    total: dict[str, float] = {}
    for advised in item.advised_db:
        for stem, gain_db in (advised or {}).items():
            total[stem] = total.get(stem, 0.0) + gain_db
    return total
