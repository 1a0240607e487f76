"""Cross-mel matrices of procedural songs, computed once and kept on disk: what every training example is made from.

Two passages of each song, so that a reference can come from another passage. 164 kB a passage; gains are applied to
these matrices, never to audio. The folder is a cache: it can be deleted and is filled again from the generator.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datagen.excerpt_facts import audible_stems
from datagen.generator import GENERATOR_VERSION, SongPlan, plan_song, render, song_keys
from datagen.words import STEMS
from training.cross_mel import cross_mel, pair_index, power_in_db, stem_powers
from training.features import FeatureSettings, Floats, settings_to_json

PASSAGES = 2
CACHE_VARIABLE = "MIXTRIAL_TRAINING_CACHE"

Log = Callable[[str], None]


@dataclass(frozen=True)
class Songs:
    """Passages of songs as features need them; the first axis is the song, the second the passage."""

    keys: tuple[str, ...]
    genres: tuple[str, ...]
    starts_s: NDArray[np.float64]
    """[songs, passages], seconds."""
    cross: Floats
    """[songs, passages, pairs, frames, mel bands], mel power."""
    stems_db: Floats
    """[songs, passages, stems, frames, mel bands], 10 log10 of mel power of each stem alone."""
    gram: NDArray[np.float64]
    """[songs, passages, pairs], mean products of the stems' samples: powers and levels of any mix."""
    audible: NDArray[np.bool_]
    """[songs, passages, stems]."""

    def __len__(self) -> int:
        """The number of songs."""
        return len(self.keys)


def songs_identity(songs: Songs) -> dict[str, str]:
    """What a run's songs are: the generator's version, and a hash of their names and of what was heard in them."""
    digest = hashlib.sha256("\n".join(songs.keys).encode() + songs.gram.tobytes())
    return {"generator": str(GENERATOR_VERSION), "songs_sha256": digest.hexdigest()}


def default_cache_folder() -> Path:
    """Where caches go: $MIXTRIAL_TRAINING_CACHE, or mixtrial/training under the user's cache folder."""
    named = os.environ.get(CACHE_VARIABLE)
    if named:
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "mixtrial" / "training"


def load_songs(
    split: str,
    *,
    count: int,
    settings: FeatureSettings,
    spread: float = 1.0,
    folder: Path | None = None,
    log: Log = print,
) -> Songs:
    """The first `count` songs of a split, from the cache, rendering what is missing."""
    place = (folder or default_cache_folder()) / _cache_name(split, spread=spread, settings=settings)
    place.mkdir(parents=True, exist_ok=True)
    keys = song_keys(split, count)
    missing = [key for key in keys if not (place / f"{key}.npz").exists()]
    started = time.monotonic()
    for done, key in enumerate(missing):
        _store(place / f"{key}.npz", _measure(key, spread=spread, settings=settings))
        if done % 100 == 99:
            log(f"{split}: {done + 1} of {len(missing)} songs rendered, {time.monotonic() - started:.0f} s")
    return _gather(keys, place)


def _cache_name(split: str, *, spread: float, settings: FeatureSettings) -> str:
    text = json.dumps({"settings": settings_to_json(settings), "passages": PASSAGES}, sort_keys=True)
    return f"v{GENERATOR_VERSION}-{split}-spread{spread:g}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def passage_starts(plan: SongPlan, *, window_s: float) -> list[float]:
    """Starts in seconds of two passages of a song: where most stems play, then as far from each other as can be.

    Deterministic: depends on the plan alone.
    """
    last = max(plan.duration_s - window_s, 0.0)
    candidates = np.linspace(0.0, last, 25)
    playing = np.array([_stems_playing(plan, start, start + window_s) for start in candidates])
    best = candidates[playing >= playing.max() - 0.25]
    phase = int(hashlib.sha256(plan.key.encode()).hexdigest()[:8], 16) / 16**8
    first = float(best[int(phase * len(best))])
    second = float(max(best, key=lambda start: abs(start - first)))
    return [first, second if second != first else float(candidates[0] if first > last / 2 else candidates[-1])]


def _stems_playing(plan: SongPlan, start_s: float, end_s: float) -> float:
    overlaps = [
        max(0.0, min(end_s, section.end_s) - max(start_s, section.start_s)) * sum(section.playing)
        for section in plan.sections
    ]
    return sum(overlaps) / (end_s - start_s)


def _measure(key: str, *, spread: float, settings: FeatureSettings) -> dict[str, NDArray[np.generic]]:
    plan = plan_song(key, spread=spread)
    starts = passage_starts(plan, window_s=settings.window_seconds)
    passages = [_passage(plan, start, settings=settings) for start in starts]
    return {
        "starts_s": np.array(starts),
        "genre": np.array(plan.genre),
        **{name: np.stack([passage[name] for passage in passages]) for name in ("cross", "gram", "audible")},
    }


def _passage(plan: SongPlan, start_s: float, *, settings: FeatureSettings) -> dict[str, NDArray[np.generic]]:
    audio = render(
        plan,
        start_samples=round(start_s * settings.sample_rate),
        length_samples=settings.window_samples,
        sample_rate=settings.sample_rate,
    )
    mono = audio.mean(axis=1, dtype=np.float32)
    gram = np.array([np.mean(mono[i].astype(np.float64) * mono[j]) for i, j in pair_index(len(mono))])
    audible = audible_stems(audio, settings.sample_rate)
    return {
        "cross": cross_mel(mono, settings=settings),
        "gram": gram,
        "audible": np.array([stem in audible for stem in STEMS]),
    }


def _store(path: Path, arrays: dict[str, NDArray[np.generic]]) -> None:
    # Written beside and renamed, so that a killed run never leaves half a file under the final name.
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, allow_pickle=False, **arrays)
    partial.replace(path)


def _gather(keys: tuple[str, ...], place: Path) -> Songs:
    stored = [dict(np.load(place / f"{key}.npz")) for key in keys]
    cross = np.stack([song["cross"] for song in stored])
    stems_db = np.stack([power_in_db(stem_powers(song["cross"], stems=len(STEMS))) for song in stored])
    return Songs(
        keys=keys,
        genres=tuple(str(song["genre"]) for song in stored),
        starts_s=np.stack([song["starts_s"] for song in stored]),
        cross=cross,
        stems_db=stems_db,
        gram=np.stack([song["gram"] for song in stored]),
        audible=np.stack([song["audible"] for song in stored]),
    )


def levels_db(gram: NDArray[np.float64], gains_db: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Levels in dB re full scale of the stems and of their mix, from one passage's Gram entries [pairs] and gains
    [stems]."""
    gains = 10.0 ** (gains_db / 20.0)
    pairs = pair_index(len(gains))
    weighted = np.array([gram[k] * gains[i] * gains[j] for k, (i, j) in enumerate(pairs)])
    own = np.array([weighted[k] for k, (i, j) in enumerate(pairs) if i == j])
    total = sum(value * (1.0 if i == j else 2.0) for value, (i, j) in zip(weighted, pairs, strict=True))
    return 10.0 * np.log10(np.maximum(own, 1e-12)), float(10.0 * np.log10(max(total, 1e-12)))
