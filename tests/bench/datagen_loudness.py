"""Loudness of gain sets from the cached Gram matrices, beside pyloudnorm on the rendered mix."""

from __future__ import annotations

import numpy as np
import pyloudnorm
from numpy.typing import NDArray

from datagen.loudness import gram_blocks, linear_gains, loudness_of_gains
from datagen.mixing import mix_stems
from tests.bench.datagen_songs import BENCH, Sizes
from tests.bench.metric import Goal, Metric
from tests.bench.timing import measure_interleaved
from tests.datagen.making_stems import RATE, four_stems

GAIN_SETS = 24


def measure_loudness(sizes: Sizes) -> list[Metric]:
    """Gain sets a second, the mix rendered for the peer beforehand; and the largest difference over many gain sets."""
    stems = _stems_with_quiet_parts(sizes.window_s)
    blocks, gains = gram_blocks(stems, RATE), linear_gains([0.0, -4.5, 6.0, 0.0])
    meter, usual = pyloudnorm.Meter(RATE, filter_class="DeMan"), pyloudnorm.Meter(RATE)
    mix = _mix(stems, gains)
    times = measure_interleaved(
        {
            "ours": lambda: loudness_of_gains(blocks, gains),
            "peer": lambda: meter.integrated_loudness(mix),
            "limit": lambda: blocks.sum(),
        },
        repeats=sizes.repeats,
    )
    ours, theirs, limit = times["ours"], times["peer"], times["limit"]
    same = f"{GAIN_SETS} gain sets, largest difference to pyloudnorm"
    return [
        Metric(
            BENCH, f"loudness of a gain set of {sizes.window_s} s", "per second", 1 / ours.one_core_s,
            1 / theirs.one_core_s, "pyloudnorm, same coefficients, mix rendered before", 1 / limit.one_core_s,
            Goal("ratio_to_peer", "at_least", 50), ours_best=1 / ours.one_core_minimum_s,
            peer_best=1 / theirs.one_core_minimum_s,
        ),
        Metric(
            BENCH, f"{same} on the same coefficients", "LU", _largest_difference(stems, blocks, meter),
            goal=Goal("ours", "at_most", 0.01),
        ),
        Metric(
            BENCH, f"{same} with its own coefficients", "LU", _largest_difference(stems, blocks, usual),
            why="no goal is set: its default filters are not the recommendation's at 44.1 kHz",
        ),
    ]  # fmt: skip


def _stems_with_quiet_parts(seconds: float) -> NDArray[np.float32]:
    """Four stems [4, 2, samples] with a third of quiet and a tenth of silence, so that both gates act."""
    stems = np.stack(list(four_stems(seconds=seconds).values()))
    third, tenth = stems.shape[-1] // 3, stems.shape[-1] // 10
    stems[..., third : 2 * third] *= np.float32(10 ** (-30 / 20))
    stems[..., -tenth:] = 0
    return stems


def _largest_difference(stems: NDArray[np.float32], blocks: NDArray[np.float64], meter: pyloudnorm.Meter) -> float:
    rng = np.random.default_rng(2)
    differences = []
    for gains_db in rng.uniform(-12, 12, (GAIN_SETS, len(stems))):
        gains = linear_gains(gains_db.tolist())
        found = loudness_of_gains(blocks, gains)
        assert found is not None
        differences.append(abs(found - meter.integrated_loudness(_mix(stems, gains))))
    return float(max(differences))


def _mix(stems: NDArray[np.float32], gains: NDArray[np.float64]) -> NDArray[np.float64]:
    return mix_stems(stems, gains)[0].T.astype(np.float64)
