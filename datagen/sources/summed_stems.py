"""A track whose stems are sums of several files, each with a gain: for layouts with more sources than stems."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from datagen.mixing import mix_stems
from datagen.sources.audio_file import AudioFile, open_audio
from datagen.sources.track import Audio, SourceError

LENGTH_TOLERANCE = 1024
SUM_TOLERANCE_DB = -60.0
PIECE_S = 30


@dataclass(frozen=True)
class Part:
    """One file of a stem, and the linear gain it takes part with."""

    path: Path
    gain: float = 1.0


@dataclass(frozen=True)
class SummedStems:
    """The checked files of a track; a stem without files is silent."""

    stems: tuple[tuple[tuple[AudioFile, float], ...], ...]
    length_samples: int
    sample_rate: int
    warnings: tuple[str, ...]
    mixture: Path | None = None
    """The track's own mixture, for comparison; never a stem."""

    def read(self, *, start_samples: int, length_samples: int) -> Audio:
        """A window of every stem, float32 [stems, 2, samples]; a file that has ended is silent."""
        stems = np.zeros((len(self.stems), 2, length_samples), np.float32)
        for stem, files in zip(stems, self.stems, strict=True):
            for file, gain in files:
                count = min(length_samples, file.frames - start_samples)
                if count > 0:
                    stem[:, :count] += np.float32(gain) * file.read(start_samples=start_samples, length_samples=count)
        return stems

    def mix(self, gains_linear: ArrayLike, *, start_samples: int, length_samples: int) -> Audio:
        """Mixes of a window, float32 [mixes, 2, samples], for gains [mixes, stems]."""
        return mix_stems(self.read(start_samples=start_samples, length_samples=length_samples), gains_linear)

    def decode_notes(self) -> tuple[str, ...]:
        """Nothing: the files are read in place."""
        return ()

    def mixture_note(self) -> str:
        """How far mixture and sum of stems are apart, in words."""
        if self.mixture is None:
            return ""
        try:
            residual_db = residual_to_sum_db(self, open_audio(self.mixture))
        except SourceError as error:
            return f"its mixture cannot be compared: {error}"
        mark = "warning: " if residual_db > SUM_TOLERANCE_DB else ""
        return f"{mark}mixture minus sum of stems: {residual_db:.1f} dB re the mixture"


def check_summed_stems(
    parts: Mapping[str, Sequence[Part]],
    stems: Sequence[str],
    *,
    pad: bool,
    mixture: Path | None = None,
    problems: Sequence[str] = (),
) -> SummedStems:
    """Check the files of a track, {stem: its parts}; `problems` were found before and are reported with the others.

    With `pad`, files that end early are followed by silence and the longest decides the length; without, the shortest
    does. Either way lengths that differ by more than 1024 samples are a warning. Raises SourceError that lists every
    problem of the track at once.
    """
    files, unusable = _open_all([part.path for stem in stems for part in parts.get(stem, ())])
    found = [*problems, *unusable, *_disagreements(list(files.values()))]
    if not files and not found:
        found.append("no audio file belongs to any stem")
    if found:
        raise SourceError("; ".join(found))
    lengths = [file.frames for file in files.values()]
    return SummedStems(
        stems=tuple(tuple((files[part.path], part.gain) for part in parts.get(stem, ())) for stem in stems),
        length_samples=max(lengths) if pad else min(lengths),
        sample_rate=next(iter(files.values())).sample_rate,
        warnings=_warnings(files, parts, stems, pad=pad),
        mixture=mixture,
    )


def residual_to_sum_db(stems: SummedStems, mixture: AudioFile) -> float:
    """Energy of a mixture minus the sum of stems relative to the mixture, in dB, over their common length.

    Raises SourceError when they have different sample rates.
    """
    if mixture.sample_rate != stems.sample_rate:
        raise SourceError(f"{mixture.path.name} has {mixture.sample_rate} Hz, the stems have {stems.sample_rate} Hz")
    piece, length = PIECE_S * stems.sample_rate, min(stems.length_samples, mixture.frames)
    whole = rest = 0.0
    for start in range(0, length, piece):
        window = {"start_samples": start, "length_samples": min(piece, length - start)}
        mix = mixture.read(**window).astype(np.float64)
        residual = mix - stems.read(**window).sum(axis=0, dtype=np.float64)
        whole += float(np.vdot(mix, mix))
        rest += float(np.vdot(residual, residual))
    return 10 * math.log10(max(rest, 1e-20) / max(whole, 1e-20))


def _open_all(paths: Sequence[Path]) -> tuple[dict[Path, AudioFile], list[str]]:
    files: dict[Path, AudioFile] = {}
    problems: list[str] = []
    for path in paths:
        try:
            files[path] = open_audio(path)
        except SourceError as error:
            problems.append(str(error))
    return files, problems


def _disagreements(files: Sequence[AudioFile]) -> list[str]:
    if len({file.sample_rate for file in files}) <= 1:
        return []
    return ["different sample rates: " + ", ".join(f"{file.path.name} {file.sample_rate} Hz" for file in files)]


def _warnings(
    files: Mapping[Path, AudioFile], parts: Mapping[str, Sequence[Part]], stems: Sequence[str], *, pad: bool
) -> tuple[str, ...]:
    warnings = []
    lengths = {path.name: file.frames for path, file in files.items()}
    shortest, longest = min(lengths, key=lengths.__getitem__), max(lengths, key=lengths.__getitem__)
    if lengths[longest] - lengths[shortest] > LENGTH_TOLERANCE:
        rule = "shorter files are followed by silence" if pad else "the shortest decides"
        listed = f"{shortest} {lengths[shortest]:,}, {longest} {lengths[longest]:,}"
        warnings.append(f"files of different length, {rule}: from {listed} frames")
    silent = [stem for stem in stems if not parts.get(stem)]
    if silent:
        warnings.append(f"no file belongs to {', '.join(silent)}: silent")
    return tuple(warnings)
