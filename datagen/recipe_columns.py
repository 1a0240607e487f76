"""Many recipes at once, as columns: number by number the same as draw_recipe, a million in seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datagen.candidates import CandidatePool, Rows
from datagen.counter_random import raw_words, uniforms_of
from datagen.disturbances import MIN_AUDIBLE, gain_table, stem_sets
from datagen.pool_arrays import NO_ROW, PoolArrays, draw_rows, other_passages, other_songs
from datagen.recipe_settings import RecipeSettings
from datagen.recipes import LEVEL_GRID_DB, N_WORDS, PREVIOUS_GRID_DB, Word, stream_name
from datagen.words import REFERENCE_KINDS

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class RecipeColumns:
    """Recipes start..start+n-1; gains and levels in dB, shape (n,) or (n, stems)."""

    start: int
    row: Rows
    """Row of the problem's excerpt in the pool."""
    disturbance_db: Floats
    kind: npt.NDArray[np.int64]
    """Position in REFERENCE_KINDS."""
    reference_row: Rows
    """Row of the reference's excerpt in the pool, -1 for kind `none`."""
    reference_gains_db: Floats
    problem_level_db: Floats
    reference_level_db: Floats
    seed: npt.NDArray[np.uint32]
    template_seed: npt.NDArray[np.uint32]


def draw_columns(
    seed: int,
    start: int,
    count: int,
    *,
    pool: CandidatePool,
    arrays: PoolArrays,
    settings: RecipeSettings,
    stems: tuple[str, ...],
) -> RecipeColumns:
    """Recipes number start..start+count-1; `stems` orders the columns of gains and holds every stem of the pool.

    Raises ValueError where no reference kind of the settings is possible for an excerpt drawn.
    """
    words = raw_words(stream_name(seed), start, count, words_each=N_WORDS)
    uniforms = uniforms_of(words)
    row = draw_rows(arrays, uniforms[:, Word.TRACK], uniforms[:, Word.WINDOW])
    kind = _kinds(uniforms[:, Word.KIND], arrays=arrays, row=row, settings=settings)
    disturbance_db, previous_db = np.zeros((2, count, len(stems)))
    for audible, members in _by_audible(pool, row):
        places = np.array([stems.index(stem) for stem in audible], dtype=np.int64)
        drawn = uniforms[members, Word.DISTURBANCE : Word.DISTURBANCE + 4]
        disturbance_db[np.ix_(members, places)] = _disturbances(drawn, len(places), settings)
        previous_db[np.ix_(members, places)] = _previous(uniforms[members, Word.PREVIOUS], len(places), settings)
    previous_db[kind != REFERENCE_KINDS.index("previous_version")] = 0.0
    return RecipeColumns(
        start=start,
        row=row,
        disturbance_db=disturbance_db,
        kind=kind,
        reference_row=_references(uniforms[:, Word.REFERENCE], arrays=arrays, row=row, kind=kind),
        reference_gains_db=previous_db,
        problem_level_db=_levels(uniforms[:, Word.PROBLEM_LEVEL], settings),
        reference_level_db=_levels(uniforms[:, Word.REFERENCE_LEVEL], settings),
        seed=(words[:, Word.SEED] >> np.uint64(32)).astype(np.uint32),
        template_seed=(words[:, Word.TEMPLATE] >> np.uint64(32)).astype(np.uint32),
    )


def _by_audible(pool: CandidatePool, row: Rows) -> list[tuple[tuple[str, ...], Rows]]:
    """Positions of the recipes with each set of audible stems."""
    codes = pool.audible_codes[row]
    return [(audible, np.flatnonzero(codes == code)) for code, audible in enumerate(pool.audible_sets)]


def _kinds(uniforms: Floats, *, arrays: PoolArrays, row: Rows, settings: RecipeSettings) -> npt.NDArray[np.int64]:
    passage, song = arrays.has_other_passage[row], arrays.has_other_song[row]
    kinds = np.zeros(len(row), dtype=np.int64)
    for has_passage in (False, True):
        for has_song in (False, True):
            members = (passage == has_passage) & (song == has_song)
            missing = {"other_passage": not has_passage, "other_song": not has_song}
            possible = [(kind, weight) for kind, weight in settings.reference_kinds if not missing.get(kind, False)]
            if not members.any():
                continue
            if not possible:
                wanted = ", ".join(kind for kind, _ in settings.reference_kinds)
                raise ValueError(f"{int(members.sum())} excerpts offer none of the reference kinds {wanted}")
            cumulative = np.cumsum([weight for _, weight in possible])
            places = np.searchsorted(cumulative, uniforms[members] * cumulative[-1], side="right")
            kinds[members] = np.array([REFERENCE_KINDS.index(kind) for kind, _ in possible])[places]
    return kinds


def _references(uniforms: Floats, *, arrays: PoolArrays, row: Rows, kind: npt.NDArray[np.int64]) -> Rows:
    found = row.copy()
    found[kind == REFERENCE_KINDS.index("none")] = NO_ROW
    for name, choose in (("other_passage", other_passages), ("other_song", other_songs)):
        members = kind == REFERENCE_KINDS.index(name)
        found[members] = choose(arrays, row[members], uniforms[members])
    return found


def _disturbances(uniforms: Floats, n_audible: int, settings: RecipeSettings) -> Floats:
    """disturbance_from_uniforms for many recipes with the same number of audible stems, shape (n, audible)."""
    drawn = settings.disturbance
    gains_db = np.zeros((len(uniforms), n_audible))
    if n_audible < MIN_AUDIBLE:
        return gains_db
    dirty = uniforms[:, 0] >= drawn.clean_share
    both = (uniforms[:, 1] < drawn.two_stem_share) & (drawn.max_stems >= 2) & (n_audible >= 4)
    for n_stems, members in ((1, np.flatnonzero(dirty & ~both)), (2, np.flatnonzero(dirty & both))):
        if not len(members):
            continue
        sets = np.array(stem_sets(n_audible, n_stems))
        table = gain_table(drawn, n_stems, needs_gap=2 * n_stems == n_audible)
        chosen = sets[(uniforms[members, 2] * len(sets)).astype(np.int64)]
        rows = np.searchsorted(table.cumulative, uniforms[members, 3], side="right")
        gains_db[members[:, None], chosen] = table.gains_db[rows]
    return gains_db


def _previous(uniforms: Floats, n_audible: int, settings: RecipeSettings) -> Floats:
    """The balance of a previous version for many recipes, shape (n, audible)."""
    n_steps = round(settings.previous_version_max_db / PREVIOUS_GRID_DB)
    gains_db = np.zeros((len(uniforms), n_audible))
    left = uniforms.copy()
    for place in range(n_audible):
        left *= 2 * n_steps + 1
        digits = np.floor(left)
        left -= digits
        gains_db[:, place] = (digits - n_steps) * PREVIOUS_GRID_DB
    return gains_db


def _levels(uniforms: Floats, settings: RecipeSettings) -> Floats:
    n_steps = round(settings.level_range_db / LEVEL_GRID_DB)
    levels_db: Floats = (np.floor(uniforms * (2 * n_steps + 1)) - n_steps) / 10.0
    return levels_db
