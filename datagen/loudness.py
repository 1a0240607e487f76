"""Loudness after ITU-R BS.1770-5, for finished audio and, exactly and cheaply, for any gains over a set of stems.

Integrated loudness: K-weighting, 400 ms blocks overlapping by 75 %, gates at -70 LUFS and 10 LU below the mean.
Both channels weigh 1, so a mono file must be up-mixed to two channels, as it is played, before it is measured
(3.01 LU louder than its single channel). "Not measurable" (None) means: shorter than one block, or nothing above the
absolute gate; it is never a number, an infinity or NaN.

Gains are linear and K-weighting is linear, so the power of a block of a mix is the quadratic form g'Gg over the Gram
matrix G of the block's K-weighted stems: gating included, the loudness of a gain set needs no audio at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import signal

BLOCK_S = 0.4
HOP_S = 0.1
HOPS_PER_BLOCK = 4
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
OFFSET_LUFS = -0.691
TRUE_PEAK_OVERSAMPLING = 4
SILENCE_DB = -200.0
"""Stands for the level of digital silence where a number is needed."""

Float = NDArray[np.float64]


def k_weighting_sections(sample_rate: int) -> Float:
    """K-weighting as two second-order sections [2, 6] (scipy's order) at a sample rate.

    The high shelf and the high pass of BS.1770-5 annex 1, derived from their analogue parameters so that 48 kHz gives
    the table of the recommendation (De Man, "Evaluation of Implementations of the EBU R128 Loudness Measurement").
    """
    if sample_rate < 4_000:
        raise ValueError(f"K-weighting needs a sample rate of at least 4,000 Hz, not {sample_rate}")
    return np.array([_shelf_section(sample_rate), _high_pass_section(sample_rate)])


def k_weight(audio: ArrayLike, sample_rate: int) -> Float:
    """K-weighted audio [..., samples] as float64, starting from silence."""
    weighted: Float = signal.sosfilt(k_weighting_sections(sample_rate), np.asarray(audio, np.float64), axis=-1)
    return weighted


def gram_blocks(stems: ArrayLike, sample_rate: int) -> Float:
    """Per-block Gram matrices of K-weighted stems.

    Takes stems [stems, channels, samples]; gives [blocks, stems, stems], the mean product of every pair of stems over
    a 400 ms block, summed over channels. No block when the audio is shorter than one. Raises ValueError for audio that
    is not finite or not three-dimensional.
    """
    stems = np.asarray(stems)
    if stems.ndim != 3:
        raise ValueError(f"stems have shape {stems.shape}, expected [stems, channels, samples]")
    return _gram_blocks(_finite(stems), sample_rate, hops_per_block=HOPS_PER_BLOCK)


def block_powers(blocks: Float, gains_linear: ArrayLike) -> Float:
    """K-weighted power of every block of the mix with these gains; gains [..., stems] give powers [..., blocks]."""
    gains = np.asarray(gains_linear, np.float64)
    powers: Float = np.einsum("...s,bst,...t->...b", gains, blocks, gains, optimize=True)
    return np.maximum(powers, 0.0)


def loudness_of_gains(blocks: Float, gains_linear: ArrayLike) -> float | None:
    """Integrated loudness in LUFS of sum(gains[s] * stem[s]); None when not measurable."""
    return gated_loudness(block_powers(blocks, gains_linear))


def gated_loudness(powers: ArrayLike) -> float | None:
    """Integrated loudness in LUFS from block powers by the two gates of BS.1770-5; None when not measurable."""
    powers = np.asarray(powers, np.float64)
    loud = powers[powers > power_of_lufs(ABSOLUTE_GATE_LUFS)]
    if not loud.size:
        return None
    relative_gate = loud.mean() * 10 ** (RELATIVE_GATE_LU / 10)
    return lufs_of_power(float(loud[loud > relative_gate].mean()))


def integrated_loudness(audio: ArrayLike, sample_rate: int) -> float | None:
    """Integrated loudness in LUFS of audio [channels, samples]; None when not measurable."""
    return loudness_of_gains(gram_blocks(_one_stem(audio), sample_rate), [1.0])


def momentary_loudness(audio: ArrayLike, sample_rate: int, *, hop_s: float = HOP_S) -> tuple[float | None, ...]:
    """Momentary loudness in LUFS (400 ms, every `hop_s` seconds) of audio [channels, samples]; None for silent blocks.

    The largest value of short sounds needs steps of 10 ms (EBU Tech 3341, cases 13 and 14). Raises ValueError when
    400 ms is no multiple of `hop_s`.
    """
    hops_per_block = round(BLOCK_S / hop_s) if hop_s > 0 else 0
    if hops_per_block < 1 or abs(hops_per_block * hop_s - BLOCK_S) > 1e-9:
        raise ValueError(f"steps of {hop_s} s do not divide a block of {BLOCK_S} s")
    blocks = _gram_blocks(_finite(_one_stem(audio)), sample_rate, hops_per_block=hops_per_block)
    powers = block_powers(blocks, [1.0])
    return tuple(lufs_of_power(power) if power > 0 else None for power in powers.tolist())


def true_peak_dbtp(audio: ArrayLike) -> float:
    """True peak in dBTP of audio [channels, samples] by four-fold oversampling (BS.1770-5 annex 2).

    Silence gives SILENCE_DB. The oversampling filter is flat to 0.1 dB up to 0.45 of the sample rate.
    """
    return amplitude_db(true_peak_linear(audio))


def true_peak_linear(audio: ArrayLike) -> float:
    """True peak as an amplitude; never below the sample peak."""
    audio = np.asarray(audio, np.float32)
    if audio.shape[-1] == 0:
        return 0.0
    oversampled = signal.resample_poly(audio, TRUE_PEAK_OVERSAMPLING, 1, axis=-1, window=_oversampling_filter())
    return float(max(np.abs(oversampled).max(), np.abs(audio).max()))


def lufs_of_power(power: float) -> float:
    """LUFS of a K-weighted power (> 0) that is summed over channels."""
    return OFFSET_LUFS + 10 * math.log10(power)


def power_of_lufs(loudness_lufs: float) -> float:
    """The inverse of lufs_of_power."""
    return float(10 ** ((loudness_lufs - OFFSET_LUFS) / 10))


def amplitude_db(amplitude: float) -> float:
    """dB of a linear amplitude; SILENCE_DB for silence."""
    return max(20 * math.log10(amplitude), SILENCE_DB) if amplitude > 0 else SILENCE_DB


def linear_gains(gains_db: Sequence[float]) -> Float:
    """Linear gains from dB."""
    return np.asarray(10 ** (np.asarray(gains_db, np.float64) / 20))


def _one_stem(audio: ArrayLike) -> NDArray[np.generic]:
    audio = np.asarray(audio)
    if audio.ndim != 2:
        raise ValueError(f"audio has shape {audio.shape}, expected [channels, samples]; a mono file is up-mixed first")
    return audio[np.newaxis]


def _finite(audio: NDArray[Any]) -> NDArray[Any]:
    if not np.isfinite(audio).all():
        raise ValueError("the audio holds values that are no numbers (NaN or infinity)")
    return audio


def _gram_blocks(stems: NDArray[np.generic], sample_rate: int, *, hops_per_block: int) -> Float:
    edges = _hop_edges(stems.shape[-1], BLOCK_S / hops_per_block * sample_rate)
    if len(edges) < hops_per_block + 1:
        return np.zeros((0, len(stems), len(stems)))
    return _blocks_from_hops(_hop_grams(k_weight(stems, sample_rate), edges), edges, hops_per_block)


def _hop_edges(n_samples: int, hop_samples: float) -> NDArray[np.int64]:
    """Sample positions of the hop borders."""
    n_hops = int(n_samples / hop_samples + 1e-9)
    edges: NDArray[np.int64] = np.floor(np.arange(n_hops + 1) * hop_samples + 1e-6).astype(np.int64)
    return edges


def _hop_grams(weighted: Float, edges: NDArray[np.int64]) -> Float:
    n_stems = len(weighted)
    grams = np.empty((len(edges) - 1, n_stems, n_stems))
    for hop, (start, end) in enumerate(pairwise(edges)):
        part = weighted[..., start:end].reshape(n_stems, -1)
        np.matmul(part, part.T, out=grams[hop])
    return grams


def _blocks_from_hops(grams: Float, edges: NDArray[np.int64], hops_per_block: int) -> Float:
    """Block j covers the samples from edge j to edge j + hops_per_block."""
    n_blocks = len(grams) - hops_per_block + 1
    sums = sum((grams[offset : offset + n_blocks] for offset in range(1, hops_per_block)), grams[:n_blocks])
    lengths = edges[hops_per_block:] - edges[:-hops_per_block]
    blocks: Float = sums / lengths[:, np.newaxis, np.newaxis]
    return blocks


def _shelf_section(sample_rate: int) -> list[float]:
    frequency, gain_db, quality = 1681.974450955533, 3.999843853973347, 0.7071752369554196
    k = math.tan(math.pi * frequency / sample_rate)
    high = 10 ** (gain_db / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / quality + k * k
    return [
        (high + band * k / quality + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / quality + k * k) / a0,
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / quality + k * k) / a0,
    ]


def _high_pass_section(sample_rate: int) -> list[float]:
    frequency, quality = 38.13547087602444, 0.5003270373238773
    k = math.tan(math.pi * frequency / sample_rate)
    a0 = 1 + k / quality + k * k
    return [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / quality + k * k) / a0]


def _oversampling_filter() -> Float:
    """An interpolation filter with 24 taps a phase: a Kaiser-windowed sinc."""
    taps = 24 * TRUE_PEAK_OVERSAMPLING + 1
    window: Float = signal.firwin(taps, 1 / TRUE_PEAK_OVERSAMPLING, window=("kaiser", 5.0))
    return window
