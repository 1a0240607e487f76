"""Balance spreads in dB, and the factor on the generator's standard deviations that makes each.

The spread of a set of songs is the standard deviation of a stem's planned level relative to the mix, as a root mean
square over the stems. The generator's factor 1 gives 2.8 dB; the factors here were found on 1,000 training songs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datagen.generator import plan_song

SPREAD_FACTORS: dict[float, float] = {0.0: 0.0, 3.0: 1.07, 6.0: 2.11}
"""{spread in dB: factor}. At 0 dB all songs share one balance, so that a model of single mixes can learn it."""


def measured_spread_db(keys: Sequence[str], *, factor: float) -> float:
    """The balance spread in dB of the songs with these keys, at a factor on the generator's deviations."""
    levels_lu = np.array([plan_song(key, spread=factor).levels_lu for key in keys])
    return float(np.sqrt(levels_lu.var(axis=0, ddof=1).mean()))
