"""Recipe columns as Arrow arrays: texts are held once and referred to by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt

from datagen.briefs import write_brief
from datagen.candidates import CandidatePool
from datagen.pool_arrays import NO_ROW
from datagen.recipe_columns import RecipeColumns
from datagen.requests import TrackRef
from datagen.words import REFERENCE_KINDS

Numbers = npt.NDArray[np.int64]
N_BRIEFS = 12
"""Wordings of a brief repeat after this many seeds: three without a lead, four with one."""


@dataclass(frozen=True)
class Texts:
    """A number for each row, and the text that each number stands for."""

    numbers: Numbers
    texts: tuple[str, ...]


@dataclass(frozen=True)
class PoolTexts:
    """What the columns say about each row of a pool."""

    excerpt: dict[str, Numbers]
    """start_samples, length_samples and sample_rate."""
    track: Texts
    about: dict[str, Texts]
    """audible, genre, section and lead."""
    brief: Numbers
    briefs: Texts
    """Wording w of a row is at place brief * N_BRIEFS + w of these."""


def pool_texts(pool: CandidatePool) -> PoolTexts:
    """The texts and positions of every row of a pool."""
    candidates = pool.candidates
    names = ("start_samples", "length_samples", "sample_rate")
    facts = [(candidate.genre, candidate.section, candidate.lead) for candidate in candidates]
    kinds = tuple(dict.fromkeys(facts))
    places = {about: place for place, about in enumerate(kinds)}
    briefs = _numbered([write_brief(*about, seed) for about, seed in product(kinds, range(N_BRIEFS))])
    return PoolTexts(
        excerpt={name: np.array([getattr(candidate.excerpt, name) for candidate in candidates]) for name in names},
        track=_numbered([track_name(candidate.excerpt.track) for candidate in candidates]),
        about={
            "audible": _numbered([",".join(candidate.audible) for candidate in candidates]),
            **{name: _numbered([getattr(c, name) for c in candidates]) for name in ("genre", "section", "lead")},
        },
        brief=np.array([places[about] for about in facts], dtype=np.int64),
        briefs=briefs,
    )


def track_name(ref: TrackRef) -> str:
    """A track's name inside one file of recipes."""
    return ":".join(part for part in (ref.source, ref.root, ref.key) if part)


def recipe_arrays(
    pa: Any, columns: RecipeColumns, *, texts: PoolTexts, stems: Sequence[str], register: str
) -> dict[str, Any]:
    """Arrow arrays by column name; `pa` is pyarrow. Levels are in tenths of a dB, gains in dB."""
    row, other = columns.row, columns.reference_row
    wording = texts.brief[row] * N_BRIEFS + columns.template_seed % N_BRIEFS
    kinds = Texts(columns.kind, REFERENCE_KINDS)
    return {
        "index": pa.array(columns.start + np.arange(len(row))),
        "track": _text_array(pa, texts.track, row),
        **{name: pa.array(values[row]) for name, values in texts.excerpt.items()},
        **{name: _text_array(pa, about, row) for name, about in texts.about.items()},
        **_gains(pa, "disturbance", columns.disturbance_db, stems),
        "problem_level_tenth_db": _tenths(pa, columns.problem_level_db),
        "reference_kind": _text_array(pa, kinds, np.arange(len(row))),
        "reference_track": _text_array(pa, texts.track, other),
        **{f"reference_{name}": pa.array(values[other], mask=other < 0) for name, values in texts.excerpt.items()},
        **_gains(pa, "reference_gain", columns.reference_gains_db, stems),
        "reference_level_tenth_db": _tenths(pa, columns.reference_level_db),
        "seed": pa.array(columns.seed),
        "template_seed": pa.array(columns.template_seed),
        "register": _text_array(pa, Texts(np.zeros(len(row), np.int64), (register,)), np.arange(len(row))),
        "brief": _text_array(pa, texts.briefs, wording),
    }


def _text_array(pa: Any, texts: Texts, row: Numbers) -> Any:
    """The texts of some rows; row -1 has none."""
    places = np.where(row == NO_ROW, 0, texts.numbers[row]).astype(np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=row == NO_ROW), pa.array(texts.texts, pa.string()))


def _gains(pa: Any, prefix: str, gains_db: npt.NDArray[np.float64], stems: Sequence[str]) -> dict[str, Any]:
    return {f"{prefix}_{stem}_db": pa.array(gains_db[:, place].astype(np.float32)) for place, stem in enumerate(stems)}


def _tenths(pa: Any, levels_db: npt.NDArray[np.float64]) -> Any:
    return pa.array(np.round(levels_db * 10.0).astype(np.int16))


def _numbered(names: list[str]) -> Texts:
    places = {name: place for place, name in enumerate(dict.fromkeys(names))}
    return Texts(np.array([places[name] for name in names], dtype=np.int64), tuple(places))
