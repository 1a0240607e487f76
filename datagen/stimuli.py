"""The audio of one item: problem stems as FLAC, and what every condition needs to be played equally loud.

The browser mixes: condition c is sum(gain_c[s] * problem stem s) at its trim. So only the problem's stems are written,
never a file per condition, and the answer is not among the files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.condition_levels import PROBLEM, StimulusLevels, measure_conditions
from datagen.excerpt_facts import facts_as_json, measured_facts
from datagen.loudness import linear_gains
from datagen.requests import Progress, StimulusRequest, StimulusResult
from datagen.sources import Audio, Track, read_excerpt, track_of
from datagen.stem_flac import write_stems
from datagen.words import MAX_GAIN_DB

FADE_S = 0.01
"""Both ends are faded over 10 ms (raised cosine), so that a looped excerpt does not click."""
WAVEFORM_COLUMNS = 600


class StimulusError(ValueError):
    """The stimulus cannot be made as requested."""


def make_stimulus(request: StimulusRequest, progress: Progress) -> StimulusResult:
    """Write the FLAC stems of a request and measure its conditions.

    Stems keep the track's sample rate and carry the disturbance, edge fades and one common attenuation, so that the
    problem and every condition after its loudness trim stay at or below -1 dBTP. Every condition's trim matches its
    integrated loudness (BS.1770-5) to the problem's. Raises StimulusError for gains that cannot be applied and
    SourceError for an excerpt that cannot be read; then nothing is written.
    """
    progress(0.0, "reading the excerpt")
    track = track_of(request.excerpt.track)
    gains_db = _checked_gains(request, track.stems)
    balanced = read_excerpt(request.excerpt)
    problem = problem_stems(balanced, _row(request.disturbance_db, track.stems), track.sample_rate)
    progress(0.3, "measuring loudness and peaks")
    levels = measure_conditions(problem, track.sample_rate, gains_db=gains_db)
    problem *= np.float32(linear_gains([levels.attenuation_db])[0])
    files = write_stems(
        problem,
        track.sample_rate,
        names=track.stems,
        folder=Path(request.folder),
        written=lambda count: progress(0.5 + 0.4 * count / len(track.stems), f"stem {count} of {len(track.stems)}"),
    )
    facts = _facts(balanced, track, levels)
    progress(1.0, "done")
    return StimulusResult(
        sample_rate=track.sample_rate,
        frames=problem.shape[-1],
        attenuation_db=levels.attenuation_db,
        stems=files,
        conditions=levels.conditions,
        waveform=waveform_columns(problem.sum(axis=0)),
        facts=facts,
    )


def problem_stems(balanced: Audio, disturbance_db: NDArray[np.float64], sample_rate: int) -> Audio:
    """Balanced stems [stems, 2, samples] with a disturbance (dB per stem) applied and both ends faded."""
    gains = linear_gains(list(disturbance_db)).astype(np.float32)
    stems: Audio = balanced * gains[:, np.newaxis, np.newaxis]
    length = min(round(FADE_S * sample_rate), stems.shape[-1] // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * (np.arange(length) + 0.5) / max(length, 1))).astype(np.float32)
    stems[..., :length] *= ramp
    stems[..., stems.shape[-1] - length :] *= ramp[::-1]
    return stems


def waveform_columns(mix: NDArray[np.float32], *, columns: int = WAVEFORM_COLUMNS) -> tuple[int, ...]:
    """Peaks of a mix [channels, samples] for drawing, 0..255, the loudest column being 255."""
    peaks = np.abs(mix).max(axis=0)
    edges = np.linspace(0, peaks.size, min(columns, peaks.size) + 1).astype(int)[:-1]
    heights = np.maximum.reduceat(peaks, edges)
    top = float(heights.max(initial=0.0))
    return tuple(np.rint(heights * (255 / top)).astype(int).tolist()) if top > 0 else (0,) * len(edges)


def _checked_gains(request: StimulusRequest, stems: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Gains of every condition per stem, `problem` added. Raises StimulusError listing every wrong gain."""
    conditions = {**request.conditions_db, PROBLEM: request.conditions_db.get(PROBLEM, {})}
    problems = _wrong_gains("disturbance", request.disturbance_db, stems)
    for name, gains_db in conditions.items():
        problems += _wrong_gains(f"condition {name}", gains_db, stems)
    if any(gain_db != 0 for gain_db in conditions[PROBLEM].values()):
        problems.append("condition problem: it is the problem itself and takes no gains")
    if problems:
        raise StimulusError(f"item {request.item_id}: " + "; ".join(problems))
    return {name: _row(gains_db, stems) for name, gains_db in conditions.items()}


def _wrong_gains(where: str, gains_db: Mapping[str, float], stems: Sequence[str]) -> list[str]:
    unknown = [f"{where}: unknown stem {stem!r}" for stem in gains_db if stem not in stems]
    wild = [
        f"{where}: {stem} by {gain_db} dB, at most {MAX_GAIN_DB:g} dB either way can be applied"
        for stem, gain_db in gains_db.items()
        if not isfinite(gain_db) or abs(gain_db) > MAX_GAIN_DB
    ]
    return unknown + wild


def _row(gains_db: Mapping[str, float], stems: Sequence[str]) -> NDArray[np.float64]:
    return np.array([gains_db.get(stem, 0.0) for stem in stems], np.float64)


def _facts(balanced: Audio, track: Track, levels: StimulusLevels) -> dict[str, Any]:
    return {
        **facts_as_json(measured_facts(balanced, track.sample_rate, names=track.stems)),
        "residual_lu": round(levels.residual_lu, 5),
        "track": track.key,
        "attribution": track.attribution,
        "source_sha256": track.source_sha256,
        "warnings": list(track.warnings),
    }
