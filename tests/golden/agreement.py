"""Makes agreement.json: python agreement.py, in this folder, with krippendorff, irrCAC and numpy installed.

Both are only needed to make the golden values again: neither is a requirement of the project.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy
import pandas
from irrCAC.raw import CAC
from krippendorff import alpha

NONE = numpy.nan
# Krippendorff 2011, "Computing Krippendorff's alpha-reliability": four observers, twelve units, five categories.
FOUR_OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
    [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
]


def sparse() -> numpy.ndarray:
    """Fourteen people who each rated some of thirty units on seven points."""
    draw = numpy.random.default_rng(20)
    rated = numpy.clip(numpy.round(4 + draw.normal(0, 1.2, 30) + draw.normal(0, 1.3, (14, 30))), 1, 7)
    rated[draw.random((14, 30)) < 0.55] = NONE
    return rated


def entry(ratings: numpy.ndarray, categories: int) -> dict[str, object]:
    """The table as [people, units] from 1, null where there is none, and the coefficients of both libraries."""
    domain = list(range(1, categories + 1))
    cac = CAC(pandas.DataFrame(ratings.T), categories=domain)
    ac1 = cac.gwet()["est"]
    return {
        "ratings": [[None if numpy.isnan(value) else int(value) for value in row] for row in ratings],
        "categories": categories,
        "alpha_nominal": alpha(ratings, level_of_measurement="nominal", value_domain=domain),
        "alpha_ordinal": alpha(ratings, level_of_measurement="ordinal", value_domain=domain),
        "ac1": float(ac1["coefficient_value"]),
        "raw": float(ac1["pa"]),
    }


source = f"krippendorff {version('krippendorff')} (alpha), irrCAC {version('irrCAC')} (AC1, raw agreement)"
golden = {
    "source": source,
    "four_observers": entry(numpy.array(FOUR_OBSERVERS), 5),
    "sparse": entry(sparse(), 7),
}
Path(__file__).with_name("agreement.json").write_text(json.dumps(golden) + "\n")
