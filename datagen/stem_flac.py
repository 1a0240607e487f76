"""Stems as FLAC files for a browser: 24 bit, no tags, names that say nothing, there all at once or not at all."""

from __future__ import annotations

import hashlib
import io
import shutil
import tempfile
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from datagen.requests import StemFile

FULL_SCALE = 2**23


def write_stems(
    stems: NDArray[np.float32],
    sample_rate: int,
    *,
    names: Sequence[str],
    folder: Path,
    written: Callable[[int], None],
) -> tuple[StemFile, ...]:
    """Write stems [stems, 2, samples] as FLAC into `folder` and describe the files; `written` is told after each.

    Files are written in a folder beside it and moved when all are complete. Names are random, so a second run leaves
    the first one's files as they are: whoever recorded those can still play them. Raises ValueError for samples beyond
    full scale, and OSError when the disk is full, leaving nothing behind.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=folder) as partial:
        files = []
        for position, (name, stem) in enumerate(zip(names, stems, strict=True)):
            files.append(_write_one(stem, sample_rate, stem=name, folder=Path(partial)))
            written(position + 1)
        for file in files:
            shutil.move(Path(partial) / file.file_name, folder / file.file_name)
    return tuple(files)


def flac_bytes(audio: NDArray[np.floating], sample_rate: int) -> bytes:
    """Audio [channels, samples] as the content of a 24-bit FLAC file. Raises ValueError for samples beyond full scale.

    Encoded in memory, because the library reports a full disk without saying that it is one.
    """
    file = io.BytesIO()
    soundfile.write(file, _as_24_bit(audio).T, sample_rate, subtype="PCM_24", format="FLAC")
    return file.getvalue()


def _write_one(audio: NDArray[np.float32], sample_rate: int, *, stem: str, folder: Path) -> StemFile:
    path = folder / f"{uuid.uuid4().hex}.flac"
    content = flac_bytes(audio, sample_rate)
    path.write_bytes(content)
    return StemFile(stem, path.name, len(content), hashlib.sha256(content).hexdigest())


def _as_24_bit(audio: NDArray[np.floating]) -> NDArray[np.int32]:
    """Samples as 24-bit integers in the upper bits of 32, rounded; exact full scale becomes the largest value."""
    scaled = np.rint(audio.astype(np.float64) * FULL_SCALE)
    if np.abs(scaled).max(initial=0) > FULL_SCALE:
        raise ValueError(f"a sample is {np.abs(audio).max():.3f} times full scale; attenuate the stems first")
    return np.minimum(scaled, FULL_SCALE - 1).astype(np.int32) << 8
