"""How loud each stem is in a balanced song: the stated distribution that balances are drawn from.

Sources. Lead vocals: about 3 LU below the whole mix, no stem as loud as another by rule (Pestana & Reiss 2014); the
lead-to-accompaniment ratio is about 0 to +1 dB since 1975 and depends on genre (Gerdes & Siedenburg 2023, see
genres.py). Accompaniment: common working offsets of about -4 (kit), -5 (bass) and -6 (all other instruments
together) LU; only their differences count, since the four powers must add up to the mix. The
spreads are chosen so that each stem's level has an SD of at least 2 LU at spread 1.
"""

from __future__ import annotations

import numpy as np

from datagen.generator.genres import Genre
from datagen.words import STEMS

LEAD_RATIO_MEAN_LU = 1.0
LEAD_RATIO_SD_LU = 4.8
ACCOMPANIMENT_MEAN_LU = {"drums": -4.0, "bass": -5.0, "other": -6.0}
ACCOMPANIMENT_SD_LU = 2.1
LEAD_BONUS_LU = 2.0
"""What a stem that leads instead of the vocals gains, and the vocals' ratio loses."""
MAX_DEVIATIONS = 2.0
"""Draws are cut at this many SDs: a balance is unusual at most, never broken."""
MAX_LEAD_DEVIATIONS = 1.4
"""The lead-to-accompaniment ratio is cut sooner upwards, so that loud vocals do not bury the band."""


def _draws(rng: np.random.Generator, count: int) -> np.ndarray:
    return np.clip(rng.standard_normal(count), -MAX_DEVIATIONS, MAX_DEVIATIONS)


def draw_levels(genre: Genre, lead: str, rng: np.random.Generator, *, spread: float) -> tuple[float, ...]:
    """Each stem's balanced level, in LU relative to the mix of all stems, in STEMS order.

    The four powers add up to that of the mix (0 LU). `spread` scales every deviation from the one fixed balance.
    """
    drawn = _draws(rng, len(STEMS))
    ratio_lu = (genre.lead_ratio_lu - LEAD_RATIO_MEAN_LU) + LEAD_RATIO_SD_LU * min(float(drawn[3]), MAX_LEAD_DEVIATIONS)
    offsets_lu = dict.fromkeys(ACCOMPANIMENT_MEAN_LU, 0.0)
    for stem, draw in zip(ACCOMPANIMENT_MEAN_LU, drawn, strict=False):
        offsets_lu[stem] = ACCOMPANIMENT_SD_LU * float(draw)
    if lead != "vocals":
        ratio_lu -= LEAD_BONUS_LU
        offsets_lu[lead] += LEAD_BONUS_LU
    ratio = 10 ** ((LEAD_RATIO_MEAN_LU + spread * ratio_lu) / 10)
    powers = {stem: 10 ** ((mean + spread * offsets_lu[stem]) / 10) for stem, mean in ACCOMPANIMENT_MEAN_LU.items()}
    scale = 1.0 / ((1.0 + ratio) * sum(powers.values()))
    shares = {stem: power * scale for stem, power in powers.items()} | {"vocals": ratio / (1.0 + ratio)}
    return tuple(round(10 * float(np.log10(shares[stem])), 3) for stem in STEMS)
