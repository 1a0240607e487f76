"""Triplets: recipes made into problem stems, reference stems, their mixes, a label and two texts.

The plain definition, in float64 and rounded to float32 once: stem s of a set is its excerpt's stem times
10^((gain[s] + level) / 20), and the mix is the sum of these. Nothing is clipped: samples may pass 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from datagen.excerpt_facts import explanation_facts, measured_facts
from datagen.explanations import Explanation
from datagen.loudness import linear_gains
from datagen.mixing import BLOCK_FRAMES
from datagen.recipe_arrow import track_name
from datagen.recipe_rows import recipes_at
from datagen.recipe_table import TableInfo, read_info
from datagen.recipe_texts import explanation_of
from datagen.recipes import Recipe, correction_of
from datagen.requests import TrackRef
from datagen.sources import Audio, read_excerpt, track_of
from datagen.triplet_measures import StemMeasures, measure_stems
from datagen.words import Changes


class TripletError(ValueError):
    """A recipe cannot be made into audio; the message says why and what to do."""


@dataclass(frozen=True)
class StemSet:
    """Stems [stems, 2, samples] and their mix [2, samples], float32, with every gain and the common level applied."""

    stems: Audio
    mix: Audio


@dataclass(frozen=True, eq=False)
class Triplet:
    """A recipe made into audio and text. What takes time to measure is measured when it is first asked for."""

    recipe: Recipe
    names: tuple[str, ...]
    """The stems' names, in the order of the arrays."""
    sample_rate: int
    problem: StemSet
    reference: StemSet | None
    """None for reference kind `none`."""
    label: Changes
    """The canonical gain changes that undo the disturbance; empty for "nothing to change"."""
    reasons: bool

    @cached_property
    def explanation(self) -> Explanation:
        """Finding and advice; with `reasons`, the advice gives reasons that were measured in the problem."""
        if not self.reasons:
            return explanation_of(self.recipe)
        facts = measured_facts(self.problem.stems, self.sample_rate, names=self.names)
        return explanation_of(self.recipe, facts=explanation_facts(facts))

    @cached_property
    def measures(self) -> dict[str, StemMeasures]:
        """Audibility and loudness effect of every stem."""
        return measure_stems(self.problem.stems, self.sample_rate, recipe=self.recipe, names=self.names)


def iterate_triplets(
    path: Path, *, places: Iterable[int] | None = None, sample_rate: int | None = None, reasons: bool = False
) -> Iterator[Triplet]:
    """The triplets of a file of recipes, one after the other, made when they are asked for.

    `places` chooses recipes and their order (0 is the first; default: all, in the file's order), so that several
    processes can share a file: `range(worker, count, workers)`. `sample_rate` resamples every stem before the gains.
    Raises RecipeTableError for the file, SourceError for a track that cannot be read, and TripletError for one that
    is not what the recipes were drawn from.
    """
    info = read_info(path)
    known: set[TrackRef] = set()
    for recipe in recipes_at(path, range(info.count) if places is None else places):
        for excerpt in (recipe.excerpt, recipe.reference_excerpt):
            if excerpt is not None and excerpt.track not in known:
                check_source(excerpt.track, info)
                known.add(excerpt.track)
        yield materialise(recipe, sample_rate=sample_rate, reasons=reasons)


def materialise(recipe: Recipe, *, sample_rate: int | None = None, reasons: bool = False) -> Triplet:
    """One recipe as a triplet, at its track's rate or at `sample_rate` (Hz).

    A reference from another song keeps its own track's rate, so `sample_rate` must be given where the two differ.
    Raises SourceError and TripletError.
    """
    names = track_of(recipe.excerpt.track).stems
    audio = read_excerpt(recipe.excerpt, sample_rate=sample_rate)
    return Triplet(
        recipe=recipe,
        names=names,
        sample_rate=sample_rate or recipe.excerpt.sample_rate,
        problem=_stem_set(audio, names, recipe.disturbance_db, recipe.problem_level_db),
        reference=_reference(recipe, audio, names, sample_rate),
        label=correction_of(recipe),
        reasons=reasons,
    )


def check_source(ref: TrackRef, info: TableInfo) -> None:
    """Raise TripletError unless the track here is the one that the file's recipes were drawn from."""
    track, about = track_of(ref), about_track(ref, info)
    if track.source_sha256 != about.get("source_sha256", track.source_sha256):
        raise TripletError(f"{ref.key}: its files are not those that the recipes were drawn from; build them again")
    if track.stems != info.stems:
        raise TripletError(
            f"{ref.key}: its stems are {', '.join(track.stems)}, the recipes are for {', '.join(info.stems)}"
        )


def about_track(ref: TrackRef, info: TableInfo) -> Mapping[str, Any]:
    """What a file of recipes says about a track: licence, attribution, source_sha256, may_serve, may_publish."""
    return info.tracks[track_name(ref)]


def _reference(recipe: Recipe, audio: Audio, names: tuple[str, ...], sample_rate: int | None) -> StemSet | None:
    excerpt = recipe.reference_excerpt
    if excerpt is None:
        return None
    if sample_rate is None and excerpt.sample_rate != recipe.excerpt.sample_rate:
        raise TripletError(
            f"{recipe.excerpt.track.key} has {recipe.excerpt.sample_rate} Hz, its reference {excerpt.track.key} "
            f"{excerpt.sample_rate} Hz; ask for one sample rate"
        )
    if excerpt != recipe.excerpt:
        audio = read_excerpt(excerpt, sample_rate=sample_rate)
    return _stem_set(audio, names, recipe.reference_gains_db, recipe.reference_level_db)


def _stem_set(audio: Audio, names: tuple[str, ...], gains_db: Mapping[str, float], level_db: float) -> StemSet:
    gains = linear_gains([gains_db.get(name, 0.0) + level_db for name in names])[:, None, None]
    stems, mix = np.empty_like(audio), np.empty_like(audio[0])
    # Block by block, so that the float64 products stay in the processor's cache.
    for start in range(0, audio.shape[-1], BLOCK_FRAMES):
        part = slice(start, start + BLOCK_FRAMES)
        products = audio[..., part] * gains
        stems[..., part] = products
        mix[:, part] = products.sum(axis=0)
    return StemSet(stems, mix)
