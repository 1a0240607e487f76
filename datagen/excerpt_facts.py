"""What can be measured in the stems of an excerpt: loudness and share of each, audibility, and who covers whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from datagen.explanations.facts import ExplanationFacts, Masking
from datagen.loudness import block_powers, gated_loudness, gram_blocks, power_of_lufs
from datagen.words import STEMS

ACTIVE_ABOVE_LUFS = -60.0
"""A block of 400 ms counts as active above this momentary loudness."""
MIN_ACTIVE_SHARE = 0.25
"""An audible stem is active in at least this share of the blocks."""
MIN_LEVEL_LU = -20.0
"""An audible stem is at most this far below the whole mix: one per cent of its K-weighted power."""

BAND_EDGES_HZ = (20, 60, 120, 250, 500, 1000, 2000, 4000, 8000, 16000)
"""Octave-like bands that mix engineers speak of."""
COVERED_BY_DB = 6.0
"""A stem is covered in a band where another one has this much more energy."""
BAND_MATTERS_SHARE = 0.1
"""... if at least this share of its own energy lies in that band."""


@dataclass(frozen=True)
class StemFacts:
    """One stem inside the excerpt."""

    stem: str
    loudness_lufs: float | None
    """Integrated over its own gated blocks; None when not measurable."""
    level_lu: float | None
    """Loudness relative to the whole mix; None when either is not measurable."""
    ratio_lu: float | None
    """Loudness relative to all other stems together; None when either is not measurable."""
    active_share: float
    """Share of 400 ms blocks above -60 LUFS, 0..1."""
    audible: bool


@dataclass(frozen=True)
class ExcerptFacts:
    """Measured facts of an excerpt's stems."""

    stems: tuple[StemFacts, ...]
    mix_lufs: float | None
    masking: tuple[Masking, ...]
    """Which stem covers which in which band, strongest first; audible stems only."""

    @property
    def audible(self) -> tuple[str, ...]:
        """Audible stems in the source's order."""
        return tuple(facts.stem for facts in self.stems if facts.audible)


def measured_facts(stems: ArrayLike, sample_rate: int, *, names: Sequence[str] = STEMS) -> ExcerptFacts:
    """Facts of stems [stems, channels, samples]. Raises ValueError for values that are no numbers."""
    audio = np.asarray(stems, np.float32)
    blocks = gram_blocks(audio, sample_rate)
    each = stem_facts(blocks, names=names)
    audible = [position for position, facts in enumerate(each) if facts.audible]
    masking = _masking(band_energies(audio, sample_rate), names, audible)
    return ExcerptFacts(each, gated_loudness(block_powers(blocks, np.ones(len(names)))), masking)


def stem_facts(blocks: NDArray[np.float64], *, names: Sequence[str] = STEMS) -> tuple[StemFacts, ...]:
    """Loudness, share and audibility of every stem from Gram blocks [blocks, stems, stems] of the balanced mix."""
    alone = block_powers(blocks, np.eye(len(names)))
    rest = block_powers(blocks, 1 - np.eye(len(names)))
    mix_lufs = gated_loudness(block_powers(blocks, np.ones(len(names))))
    return tuple(_one_stem(name, own, others, mix_lufs) for name, own, others in zip(names, alone, rest, strict=True))


def audible_stems(stems: ArrayLike, sample_rate: int, *, names: Sequence[str] = STEMS) -> tuple[str, ...]:
    """Names of the stems that can be heard in balanced stems [stems, channels, samples].

    A stem is audible when it is active (above -60 LUFS) in a quarter of the 400 ms blocks and its gated loudness is
    no more than 20 LU below the mix's. A silent stem is normal; it is just not audible.
    """
    return tuple(facts.stem for facts in stem_facts(gram_blocks(stems, sample_rate), names=names) if facts.audible)


def explanation_facts(facts: ExcerptFacts, *, section: str = "", lead: str = "") -> ExplanationFacts:
    """The facts that texts give reasons with."""
    ratios = {each.stem: each.ratio_lu for each in facts.stems if each.audible and each.ratio_lu is not None}
    return ExplanationFacts(ratio_lu=ratios, masking=facts.masking, section=section, lead=lead)


def facts_as_json(facts: ExcerptFacts) -> dict[str, Any]:
    """Facts as plain JSON data, rounded to what can be heard."""
    return {
        "mix_lufs": _rounded(facts.mix_lufs),
        "audible": list(facts.audible),
        "stems": {each.stem: _stem_json(each) for each in facts.stems},
        "masking": [asdict(masking) for masking in facts.masking],
    }


def band_energies(stems: NDArray[np.float32], sample_rate: int) -> NDArray[np.float64]:
    """Energy of every stem [stems, channels, samples] in every band [stems, bands], summed over channels."""
    spectrum = np.abs(np.fft.rfft(stems, axis=-1)) ** 2
    frequencies = np.fft.rfftfreq(stems.shape[-1], 1 / sample_rate)
    borders = np.searchsorted(frequencies, BAND_EDGES_HZ)
    power = spectrum.sum(axis=1, dtype=np.float64)
    return np.stack([power[:, low:high].sum(axis=1) for low, high in pairwise(borders)], axis=1)


def _one_stem(name: str, own: NDArray[np.float64], others: NDArray[np.float64], mix_lufs: float | None) -> StemFacts:
    loudness, rest_lufs = gated_loudness(own), gated_loudness(others)
    active_share = float((own > power_of_lufs(ACTIVE_ABOVE_LUFS)).mean()) if own.size else 0.0
    level_lu = _difference(loudness, mix_lufs)
    audible = level_lu is not None and level_lu >= MIN_LEVEL_LU and active_share >= MIN_ACTIVE_SHARE
    return StemFacts(name, loudness, level_lu, _difference(loudness, rest_lufs), active_share, audible)


def _masking(energies: NDArray[np.float64], names: Sequence[str], audible: Sequence[int]) -> tuple[Masking, ...]:
    shares = energies / np.maximum(energies.sum(axis=1, keepdims=True), 1e-30)
    found: list[tuple[float, Masking]] = []
    for masked in audible:
        for masker in audible:
            for band, (low, high) in enumerate(pairwise(BAND_EDGES_HZ)):
                excess_db = _excess_db(energies[masker, band], energies[masked, band])
                if masker != masked and shares[masked, band] >= BAND_MATTERS_SHARE and excess_db >= COVERED_BY_DB:
                    strength = float(shares[masked, band]) * excess_db
                    found.append((strength, Masking(names[masker], names[masked], float(low), float(high))))
    return tuple(masking for _, masking in sorted(found, key=lambda item: -item[0]))


def _excess_db(louder: float, quieter: float) -> float:
    return 10 * float(np.log10(max(louder, 1e-30) / max(quieter, 1e-30)))


def _difference(level: float | None, other: float | None) -> float | None:
    return None if level is None or other is None else level - other


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _stem_json(facts: StemFacts) -> dict[str, Any]:
    data = asdict(facts)
    del data["stem"]
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in data.items()}
