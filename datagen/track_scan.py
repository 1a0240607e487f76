"""One pass over a track: Gram blocks for loudness of any window and gains, and where the song itself begins and ends.

The result is kept in the cache folder, so that choosing excerpts never reads a song twice.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datagen.cache_folder import cache_folder, write_note
from datagen.loudness import HOP_S, HOPS_PER_BLOCK, gram_blocks
from datagen.sources.track import Audio, Source, Track

SCAN_VERSION = 1
SEGMENT_S = 30
WARM_UP_S = 1
"""K-weighting has forgotten its start after far less than a second."""
EDGE_S = 0.5
"""Alignment clicks are looked for in the first and last half second."""
CLICK_REACH = 64
"""Samples on either side of a click that belong to it."""
CLICK_HEIGHT = 0.25
CLICK_CORRELATION = 0.3
"""Lossy coding leaves clicks this alike at least."""


@dataclass(frozen=True)
class TrackScan:
    """What one pass over a track gives."""

    blocks: NDArray[np.float64]
    """Gram matrices of 400 ms blocks, one every 100 ms, [blocks, stems, stems]."""
    start_samples: int
    """Where the song begins: 0, or behind an alignment click."""
    end_samples: int
    """Where it ends: the track's length, or before an alignment click."""


def scan_track(source: Source, track: Track) -> TrackScan:
    """Scan a track, or fetch the scan from the cache. Raises SourceError when it cannot be read."""
    path = cache_folder() / "scans" / f"{source.name}-{track.source_sha256}-v{SCAN_VERSION}.npz"
    cached = _load(path, track)
    if cached is not None:
        return cached
    scan = _scan(source, track)
    _save(path, scan)
    return scan


def _scan(source: Source, track: Track) -> TrackScan:
    segments = range(0, -(-track.length_samples // track.sample_rate), SEGMENT_S)
    blocks = np.concatenate([_segment_blocks(source, track, start_s) for start_s in segments])
    return TrackScan(blocks, *_song_borders(source, track))


def _segment_blocks(source: Source, track: Track, start_s: int) -> NDArray[np.float64]:
    """Gram blocks that start in a segment."""
    rate = track.sample_rate
    warm_up_s = min(WARM_UP_S, start_s)
    start = (start_s - warm_up_s) * rate
    end = min(round((start_s + SEGMENT_S + (HOPS_PER_BLOCK - 1) * HOP_S) * rate), track.length_samples)
    stems = source.read(track.key, start_samples=start, length_samples=end - start)
    return gram_blocks(stems, rate)[round(warm_up_s / HOP_S) :]


def _song_borders(source: Source, track: Track) -> tuple[int, int]:
    """Start and end of the song in samples, on the 100 ms grid: behind a leading, before a trailing alignment click."""
    hop, edge = HOP_S * track.sample_rate, round(EDGE_S * track.sample_rate)
    start, end = 0, track.length_samples
    if end < 4 * edge:
        return start, end
    leading = alignment_click(source.read(track.key, start_samples=0, length_samples=edge))
    trailing = alignment_click(source.read(track.key, start_samples=end - edge, length_samples=edge))
    if leading is not None:
        start = round((int(leading / hop) + 1) * hop)
    if trailing is not None:
        end = round(int((end - edge + trailing) / hop) * hop)
    return start, end


def alignment_click(stems: Audio) -> int | None:
    """Where all stems [stems, channels, samples] carry the same click at once, or None.

    Recordings made to check the alignment of stems hold one at each end. It peaks in every stem at the same height
    (1 dB) and place, with the same sign: music does not do that in all stems of a song.
    """
    envelope = np.abs(stems).max(axis=1)
    place = int(envelope.min(axis=0).argmax())
    around = slice(max(place - CLICK_REACH, 0), place + CLICK_REACH)
    heights = envelope[:, around].max(axis=1)
    if len(stems) < 2 or heights.min() < CLICK_HEIGHT or heights.max() > heights.min() * 10 ** (1 / 20):
        return None
    clicks = stems[..., around].reshape(len(stems), -1).astype(np.float64)
    clicks /= np.linalg.norm(clicks, axis=1, keepdims=True)
    return place if (clicks @ clicks.T).min() > CLICK_CORRELATION else None


def _load(path: Path, track: Track) -> TrackScan | None:
    try:
        with np.load(path, allow_pickle=False) as stored:
            scan = TrackScan(stored["blocks"], int(stored["start_samples"]), int(stored["end_samples"]))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    fits = scan.blocks.shape[1:] == (len(track.stems), len(track.stems)) and scan.end_samples <= track.length_samples
    return scan if fits else None


def _save(path: Path, scan: TrackScan) -> None:
    content = io.BytesIO()
    np.savez(content, blocks=scan.blocks, start_samples=scan.start_samples, end_samples=scan.end_samples)
    write_note(path, content.getvalue())
