"""Log-mel for any gains without touching audio: an exact quadratic form over cross-mel matrices of the stems.

The mel power of a sum of stems with gains g is sum_ij g_i g_j M_ij, where M_ij is the mel-weighted real part of the
product of the spectra of stems i and j. Everything before the logarithm is linear or quadratic, so nothing is
approximated (design decision 4).
"""

from __future__ import annotations

import numpy as np

from training.features import POWER_FLOOR, FeatureSettings, Floats, mel_filters, scale_logs, spectra


def pair_index(stems: int) -> tuple[tuple[int, int], ...]:
    """The pairs (i, j), i <= j, in the order in which cross-mel matrices are stored."""
    return tuple((i, j) for i in range(stems) for j in range(i, stems))


def cross_mel(mono_stems: Floats, *, settings: FeatureSettings) -> Floats:
    """Cross-mel matrices, float32 [pairs, frames, mel bands], of stems float32 [stems, window samples]."""
    spectrum = spectra(mono_stems, settings=settings)
    filters = mel_filters(settings)
    products = [(spectrum[i] * spectrum[j].conj()).real @ filters for i, j in pair_index(len(mono_stems))]
    return np.stack(products).astype(np.float32)


def stem_powers(cross: Floats, *, stems: int) -> Floats:
    """Mel power of each stem alone, [..., stems, frames, mel bands], from cross-mel matrices [..., pairs, ...]."""
    diagonal = [k for k, (i, j) in enumerate(pair_index(stems)) if i == j]
    return cross[..., diagonal, :, :]


def mix_power(cross: Floats, gains_db: Floats) -> Floats:
    """Mel power of the mix, [frames, mel bands], for gains in dB, one a stem."""
    gains = 10.0 ** (np.asarray(gains_db, dtype=np.float64) / 20.0)
    pairs = pair_index(len(gains))
    weights = np.array([gains[i] * gains[j] * (1.0 if i == j else 2.0) for i, j in pairs], dtype=np.float32)
    return np.maximum(np.tensordot(weights, cross, axes=1), 0.0).astype(np.float32)


def shifted_log_mel(power_db: Floats, gains_db: Floats) -> Floats:
    """Log-mel of single stems with gains, from their mel power in dB.

    power_db: 10 log10 of mel power, [clips, frames, mel bands]; gains_db: [clips]. No logarithm is needed.
    """
    logs = (power_db + np.asarray(gains_db, dtype=np.float32)[:, None, None]) / 10.0
    return scale_logs(np.maximum(logs, np.log10(POWER_FLOOR)))


def power_in_db(power: Floats) -> Floats:
    """10 log10 of mel power, with a floor far below any gain's reach."""
    return (10.0 * np.log10(np.maximum(power, 1e-20))).astype(np.float32)
