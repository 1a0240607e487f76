"""What the data engine's benches work on: sizes, and a song made here as `.stem.mp4` and as WAV files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from datagen.cache_folder import CACHE_VARIABLE
from tests.bench.stem_songs import write_long_stem_mp4, write_long_wavs

NAME = "Bench - Song"
BENCH = "datagen"


@dataclass(frozen=True)
class Sizes:
    """How much is measured; the defaults are what the goals speak of, but for the number of windows."""

    song_s: float = 240.0
    window_s: int = 30
    windows: int = 5_000
    """Windows read one after another to see whether they get slower."""
    recipes: int = 1_000_000
    gate_songs: int = 4
    """Generated songs that the gate listens to."""
    pool_tracks: int = 150
    """Tracks that recipes are drawn from, as many as MUSDB18 has: the gate's windows under many names."""
    repeats: int = 7


@dataclass(frozen=True)
class Songs:
    """The same length of audio in both forms."""

    root: Path
    """MUSDB18's layout: root/test holds the stem file."""
    stem_mp4: Path
    wavs: Path
    """MUSDB18-HQ's layout: a folder of the song's WAV files is in it."""
    seconds: float
    """Length of the stem file."""


@contextmanager
def own_folder() -> Iterator[Path]:
    """A temporary folder that also holds the cache, so that no earlier decode is found."""
    before = os.environ.get(CACHE_VARIABLE)
    with tempfile.TemporaryDirectory(prefix="mixtrial-bench-") as name:
        os.environ[CACHE_VARIABLE] = str(Path(name) / "cache")
        try:
            yield Path(name)
        finally:
            os.environ.pop(CACHE_VARIABLE)
            if before is not None:
                os.environ[CACHE_VARIABLE] = before


def make_songs(folder: Path, sizes: Sizes) -> Songs:
    """Encode and write the song in both forms."""
    root = folder / "musdb18"
    (root / "test").mkdir(parents=True)
    stem_mp4 = root / "test" / f"{NAME}.stem.mp4"
    seconds = write_long_stem_mp4(stem_mp4, seconds=sizes.song_s)
    write_long_wavs(folder / "wavs" / NAME, seconds=sizes.song_s)
    return Songs(root, stem_mp4, folder / "wavs", seconds)
