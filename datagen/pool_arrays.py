"""A candidate pool as arrays: the same choices as CandidatePool's, for a million recipes at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from datagen.candidates import CandidatePool, Rows

NO_ROW = -1


@dataclass(frozen=True, eq=False)
class PoolArrays:
    """One entry a candidate row where not said otherwise."""

    track_first: Rows
    """First row of each track."""
    track_rows: Rows
    """Number of rows of each track."""
    track: Rows
    """Track number."""
    before: Rows
    """How many windows of its track end before it begins."""
    after: Rows
    """How many windows of its track begin after it ends."""
    genre_rows: Rows
    """All rows, genre by genre."""
    genre_first: Rows
    """Where its genre begins in genre_rows."""
    genre_size: Rows
    own_first: Rows
    """Where its track begins inside its genre."""
    own_size: Rows
    """How many rows its track has in its genre."""

    @property
    def has_other_passage(self) -> npt.NDArray[np.bool_]:
        """Whether its track has a window that does not overlap it."""
        return self.before + self.after > 0

    @property
    def has_other_song(self) -> npt.NDArray[np.bool_]:
        """Whether its genre has another track."""
        return self.genre_size > self.own_size


def pool_arrays(pool: CandidatePool) -> PoolArrays:
    """The arrays of a pool; rows are positions in pool.candidates."""
    groups = [pool.rows_of_track[track] for track in pool.tracks]
    track = np.repeat(np.arange(len(groups)), [len(rows) for rows in groups])
    before, after = (np.concatenate(side) for side in zip(*(_apart(pool, rows) for rows in groups), strict=True))
    return PoolArrays(
        track_first=np.array([rows[0] for rows in groups]),
        track_rows=np.array([len(rows) for rows in groups]),
        track=track,
        before=before,
        after=after,
        **_genres(pool, track),
    )


def draw_rows(arrays: PoolArrays, track: npt.NDArray[np.float64], window: npt.NDArray[np.float64]) -> Rows:
    """CandidatePool.draw for many pairs of numbers in [0, 1)."""
    tracks = (track * len(arrays.track_first)).astype(np.int64)
    rows: Rows = arrays.track_first[tracks] + (window * arrays.track_rows[tracks]).astype(np.int64)
    return rows


def other_passages(arrays: PoolArrays, rows: Rows, uniforms: npt.NDArray[np.float64]) -> Rows:
    """One of CandidatePool.other_passages for every row."""
    before, after = arrays.before[rows], arrays.after[rows]
    choice = (uniforms * (before + after)).astype(np.int64)
    track = arrays.track[rows]
    skipped = np.where(choice < before, 0, arrays.track_rows[track] - before - after)
    found: Rows = arrays.track_first[track] + choice + skipped
    return found


def other_songs(arrays: PoolArrays, rows: Rows, uniforms: npt.NDArray[np.float64]) -> Rows:
    """One of CandidatePool.other_songs for every row."""
    own_size = arrays.own_size[rows]
    choice = (uniforms * (arrays.genre_size[rows] - own_size)).astype(np.int64)
    skipped = np.where(choice < arrays.own_first[rows], 0, own_size)
    found: Rows = arrays.genre_rows[arrays.genre_first[rows] + choice + skipped]
    return found


def _apart(pool: CandidatePool, rows: Rows) -> tuple[Rows, Rows]:
    """How many windows of one track lie wholly before and after each; starts are sorted, lengths equal."""
    starts = np.array([pool.candidates[int(row)].excerpt.start_samples for row in rows])
    length = pool.candidates[int(rows[0])].excerpt.length_samples
    before = np.searchsorted(starts, starts - length, side="right")
    after = len(rows) - np.searchsorted(starts, starts + length, side="left")
    return before, after


def _genres(pool: CandidatePool, track: Rows) -> dict[str, Rows]:
    count = len(pool.candidates)
    first, size, own_first, own_size = (np.zeros(count, dtype=np.int64) for _ in range(4))
    offset = 0
    for rows in pool.rows_of_genre.values():
        first[rows], size[rows] = offset, len(rows)
        _, own, inverse, counts = np.unique(track[rows], return_index=True, return_inverse=True, return_counts=True)
        own_first[rows], own_size[rows] = own[inverse], counts[inverse]
        offset += len(rows)
    return {
        "genre_rows": np.concatenate(list(pool.rows_of_genre.values())),
        "genre_first": first,
        "genre_size": size,
        "own_first": own_first,
        "own_size": own_size,
    }
