"""A scene: the problem and reference of one example as gains on cached passages, with what is true about them.

Stems may be recombined across songs where no mix is heard: balance, not the song, has to carry the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from datagen.corrections import canonical_correction
from datagen.disturbances import DisturbanceSettings, draw_disturbance
from datagen.words import STEMS, Changes, mapping_from_changes
from training.cross_mel import mix_power, shifted_log_mel
from training.features import Floats, log_mel
from training.prompts import ClipSlot
from training.songs_cache import Songs

LEVEL_RANGE_DB = 6.0
"""Problem and reference get independent common levels in this range, either way."""
PREVIOUS_VERSION_SD_DB = 1.0
"""How far an approved earlier balance of a song is from the final one, per stem (our choice)."""

HEARING_SD_DB = 0.15
"""Unsharpness of the written differences: a model that only ever saw exact ones would trust its own too far."""


@dataclass(frozen=True)
class Side:
    """One set of stems: which passage each stem comes from, and its gain in dB."""

    songs: NDArray[np.int64]
    """[stems], index of the song."""
    passages: NDArray[np.int64]
    """[stems]."""
    gains_db: Floats
    """[stems], everything that is applied to the balanced stem."""


@dataclass(frozen=True)
class Scene:
    """Problem, reference, and the correction that undoes the disturbance."""

    problem: Side
    reference: Side | None
    correction: Changes
    disturbance_db: Mapping[str, float]
    audible: tuple[str, ...]
    overall_db: float | None
    """How much louder the unchanged stems of the problem are than those of the reference; None without a reference."""

    @property
    def differences_db(self) -> tuple[float, ...]:
        """Per stem how much louder it is than it should be: the correction with its sign turned."""
        correction = mapping_from_changes(self.correction)
        return tuple(0.0 - correction.get(stem, 0.0) for stem in STEMS)


@dataclass(frozen=True)
class SceneSettings:
    """How scenes are drawn."""

    disturbances: DisturbanceSettings = field(default_factory=DisturbanceSettings)
    recombine_share: float = 0.0
    """Share of scenes whose stems come from different songs; 0 where a mix is heard."""


def draw_scene(rng: np.random.Generator, songs: Songs, *, reference_kind: str, settings: SceneSettings) -> Scene:
    """A random scene with a reference of the given kind (or `none`)."""
    problem_songs = _draw_songs(rng, songs, recombine=bool(rng.random() < settings.recombine_share))
    passage = np.full(len(STEMS), rng.integers(songs.stems_db.shape[1]))
    audible = tuple(np.array(STEMS)[songs.audible[problem_songs, passage, np.arange(len(STEMS))]].tolist())
    disturbance = draw_disturbance(rng, audible, settings.disturbances)
    levels = rng.uniform(-LEVEL_RANGE_DB, LEVEL_RANGE_DB, size=2)
    return make_scene(
        rng, songs, problem_songs, passage, disturbance=disturbance, audible=audible, levels_db=levels,
        reference_kind=reference_kind,
    )  # fmt: skip


def make_scene(
    rng: np.random.Generator,
    songs: Songs,
    problem_songs: NDArray[np.int64],
    passages: NDArray[np.int64],
    *,
    disturbance: Mapping[str, float],
    audible: tuple[str, ...],
    levels_db: NDArray[np.float64],
    reference_kind: str,
) -> Scene:
    """The scene of a given disturbance; `levels_db` are the common levels of problem and reference."""
    gains = np.array([disturbance.get(stem, 0.0) for stem in STEMS])
    correction = canonical_correction(disturbance, audible)
    problem = Side(problem_songs, passages, (gains + levels_db[0]).astype(np.float32))
    reference = _draw_reference(rng, songs, problem, level_db=float(levels_db[1]), kind=reference_kind)
    undone = mapping_from_changes(correction)
    common = float(np.median([disturbance.get(stem, 0.0) + undone.get(stem, 0.0) for stem in audible] or [0.0]))
    overall = None if reference is None else float(levels_db[0] - levels_db[1]) + common
    return Scene(problem, reference, correction, dict(disturbance), audible, overall)


def _draw_songs(rng: np.random.Generator, songs: Songs, *, recombine: bool) -> NDArray[np.int64]:
    if recombine:
        return rng.integers(len(songs), size=len(STEMS))
    return np.full(len(STEMS), rng.integers(len(songs)))


def _draw_reference(
    rng: np.random.Generator, songs: Songs, problem: Side, *, level_db: float, kind: str
) -> Side | None:
    flat = np.full(len(STEMS), level_db, dtype=np.float32)
    if kind == "none":
        return None
    if kind == "same_passage":
        return Side(problem.songs, problem.passages, flat)
    if kind == "other_passage":
        return Side(problem.songs, (problem.passages + 1) % songs.stems_db.shape[1], flat)
    if kind == "previous_version":
        drift = rng.normal(0.0, PREVIOUS_VERSION_SD_DB, size=len(STEMS)).astype(np.float32)
        return Side(problem.songs, problem.passages, flat + drift)
    if kind == "other_song":
        return Side(_same_genre(rng, songs, problem.songs), problem.passages, flat)
    raise ValueError(f"unknown reference kind {kind!r}")


def _same_genre(rng: np.random.Generator, songs: Songs, problem_songs: NDArray[np.int64]) -> NDArray[np.int64]:
    genre = songs.genres[int(problem_songs[0])]
    others = [k for k, name in enumerate(songs.genres) if name == genre and k != problem_songs[0]]
    chosen = int(rng.choice(others)) if others else int(rng.integers(len(songs)))
    return np.full(len(STEMS), chosen)


def heard_differences_db(rng: np.random.Generator, scene: Scene) -> list[float]:
    """How much louder each stem's problem is than its reference, as a listener a little unsharp would note it."""
    assert scene.reference is not None, "differences need a reference"
    exact = scene.problem.gains_db - scene.reference.gains_db
    return [float(value) for value in exact + rng.normal(0.0, HEARING_SD_DB, size=len(exact))]


def scene_clips(scene: Scene, slots: tuple[ClipSlot, ...], songs: Songs) -> Floats:
    """Log-mel [clips, frames, mel bands] of the clips a prompt asks for, through the cross-mel matrices."""
    stems = [slot for slot in slots if slot.stem != "mix"]
    clips = stem_clips(scene, stems, songs) if stems else None
    mixes = [log_mel(_mix_power(_side(scene, slot), songs)) for slot in slots if slot.stem == "mix"]
    if clips is None:
        return np.stack(mixes)
    assert not mixes, "a prompt shows stems or mixes, not both"
    return clips


def stem_clips(scene: Scene, slots: list[ClipSlot], songs: Songs) -> Floats:
    """Log-mel of single stems, [clips, frames, mel bands]."""
    sides = [_side(scene, slot) for slot in slots]
    places = [STEMS.index(slot.stem) for slot in slots]
    power = np.stack([songs.stems_db[s.songs[k], s.passages[k], k] for s, k in zip(sides, places, strict=True)])
    return shifted_log_mel(power, np.array([s.gains_db[k] for s, k in zip(sides, places, strict=True)]))


def _side(scene: Scene, slot: ClipSlot) -> Side:
    if slot.side == "problem":
        return scene.problem
    assert scene.reference is not None, "the prompt asks for a reference that the scene does not have"
    return scene.reference


def _mix_power(side: Side, songs: Songs) -> Floats:
    assert len(set(side.songs.tolist())) == 1, "a mix is of one song"
    return mix_power(songs.cross[side.songs[0], side.passages[0]], side.gains_db)
