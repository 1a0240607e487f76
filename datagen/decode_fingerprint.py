"""A short sketch of decoded audio, kept beside the store: a decoder that gives other samples is noticed, with how much.

The sketch is a random projection (count sketch: signed samples folded into 1,024 sums), so the energy of the
difference of two sketches estimates the energy of the difference of the signals, within 0.3 dB. One block in eight is
sketched. Charikar, Chen and Farach-Colton, "Finding frequent items in data streams" (2002).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from datagen.cache_folder import cache_folder, write_note

SUMS = 1024
SKETCHED_BLOCKS = 8
"""Every eighth block, from the first on."""
SAME_BELOW_DB = -100.0
"""Differences below this come from rounding."""


@dataclass(frozen=True)
class Fingerprint:
    """A sketch, and the decoder that the samples came from."""

    decoder: str
    sums: NDArray[np.float64]


def sketch_block(block: NDArray[np.float32], number: int) -> NDArray[np.float64]:
    """What the block with this number adds to a sketch; zeros for the seven in eight that are skipped."""
    if number % SKETCHED_BLOCKS:
        return np.zeros(SUMS)
    flat = block.ravel()
    bits = np.random.Generator(np.random.Philox(key=number)).integers(0, 256, -(-flat.size // 8), dtype=np.uint8)
    signs = np.unpackbits(bits)[: flat.size]
    signed = np.zeros(-(-flat.size // SUMS) * SUMS, np.float64)
    signed[: flat.size] = np.where(signs, flat, -flat)
    sums: NDArray[np.float64] = signed.reshape(-1, SUMS).sum(axis=0)
    return sums


def difference_db(one: Fingerprint, other: Fingerprint) -> float:
    """Energy of the difference of two decodes relative to the first, in dB (-200 for equal ones)."""
    whole, rest = float((one.sums**2).sum()), float(((one.sums - other.sums) ** 2).sum())
    return max(10 * math.log10(max(rest, 1e-300) / max(whole, 1e-30)), -200.0)


def compare_with_first_decode(source_sha256: str, fingerprint: Fingerprint) -> str:
    """A warning when this host decoded the same file to other samples before, or an empty string.

    The first fingerprint of a file is kept, outside the store, so that it outlives clearing the store.
    """
    path = cache_folder() / "fingerprints" / f"{source_sha256}.json"
    first = _load(path)
    if first is None:
        data = {"decoder": fingerprint.decoder, "sums": fingerprint.sums.tolist()}
        write_note(path, json.dumps(data).encode("utf-8"))
        return ""
    size_db = difference_db(first, fingerprint)
    if size_db < SAME_BELOW_DB:
        return ""
    return f"decoded by {fingerprint.decoder} it differs by {size_db:.1f} dB from the first decode, by {first.decoder}"


def _load(path: Path) -> Fingerprint | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Fingerprint(str(data["decoder"]), np.array(data["sums"], np.float64).reshape(SUMS))
    except (OSError, ValueError, KeyError, TypeError):
        return None
