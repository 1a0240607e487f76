"""The items of a study: windows of tracks with a disturbance each, drawn by the seed of the study file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datagen.candidates import CandidatePool
from datagen.disturbances import MAGNITUDES_DB, DisturbanceSettings
from datagen.recipe_settings import RecipeSettings
from datagen.recipes import Recipe, draw_recipe
from datagen.requests import Progress
from datagen.sources import Source, SourceError, Track
from studyweb.studies.excerpt_choice import Chosen, choose_listed, choose_windows, shuffled, source_of, tracks_of_rule
from studyweb.studies.models import Item
from studyweb.studies.plan import Plan, check_trials

CLEAR_FROM_DB = 6.0
"""Practice and check items carry one clear change: practice teaches the task, a check must be plain to hear."""

TRIES = 50
"""Draws of a disturbance before an item may repeat another one's."""


@dataclass(frozen=True)
class Material:
    """One item to be."""

    role: str
    track: Track
    recipe: Recipe


def draw_materials(plan: Plan, *, base_folder: Path | None, progress: Progress) -> list[Material]:
    """All items of a study, scored ones first. Raises SourceError when the source does not offer what is asked for.

    The same plan and the same tracks give the same items.
    """
    excerpts = plan["excerpts"]
    source = source_of(excerpts, base_folder)
    if "list" in excerpts:
        return _listed(plan, source, progress)
    return _by_rule(plan, source, progress)


def extra_items(plan: Plan) -> list[str]:
    """Roles of the items beside the scored ones."""
    return ["check"] * check_trials(plan) + ["practice"] * int(plan["design"]["practice"])


def require_enough(tracks: tuple[Track, ...], plan: Plan) -> None:
    """Raise SourceError unless there are as many tracks as the rule asks for."""
    rule = plan["excerpts"]["rule"]
    if len(tracks) < rule["tracks"]:
        of_split = f" of the split {rule['split']!r}" if rule["split"] else ""
        raise SourceError(f"the rule asks for {rule['tracks']} tracks{of_split}; the source has {len(tracks)}")


def _by_rule(plan: Plan, source: Source, progress: Progress) -> list[Material]:
    rule = plan["excerpts"]["rule"]
    tracks = tracks_of_rule(source, rule)
    require_enough(tracks, plan)
    windows = list(_windows(plan, source, tracks, progress))
    clean = _clean_positions(plan, sum(role == Item.Role.SCORED for role, _ in windows))
    seen: set[str] = set()
    return [
        Material(role, chosen.track, _draw(plan, chosen, position, role=role, clean=position in clean, seen=seen))
        for position, (role, chosen) in enumerate(windows)
    ]


def _windows(plan: Plan, source: Source, tracks: tuple[Track, ...], progress: Progress) -> Iterator[tuple[str, Chosen]]:
    """(role, window) of every item. Checks and practice come from tracks of their own while there are any."""
    rule, extras = plan["excerpts"]["rule"], extra_items(plan)
    scored = tracks[: rule["tracks"]]
    others = tracks[rule["tracks"] :] or tracks
    counts = {track.key: rule["excerpts_per_track"] for track in scored}
    roles: dict[str, list[str]] = {key: [Item.Role.SCORED] * count for key, count in counts.items()}
    for index, role in enumerate(extras):
        roles.setdefault(others[index % len(others)].key, []).append(role)
    by_key = {track.key: track for track in tracks}
    found: list[tuple[str, Chosen]] = []
    for done, (key, wanted) in enumerate(roles.items()):
        progress(done / len(roles), f"choosing excerpts: {by_key[key].title}")
        chosen = choose_windows(
            source, by_key[key], count=len(wanted), length_s=float(rule["length_s"]), seed=rule["seed"]
        )
        found.extend(zip(wanted, chosen, strict=True))
    yield from sorted(found, key=lambda pair: pair[0] != Item.Role.SCORED)


def _clean_positions(plan: Plan, count: int) -> set[int]:
    """Which scored items stay undisturbed: exactly the share asked for, rounded."""
    rule, share = plan["excerpts"]["rule"], float(plan["excerpts"]["disturbances"]["clean_share"])
    return set(shuffled(range(count), f"clean {rule['seed']}", key=str)[: round(share * count)])


def _draw(plan: Plan, chosen: Chosen, position: int, *, role: str, clean: bool, seen: set[str]) -> Recipe:
    """A recipe for a window; no two items share window and disturbance while the settings offer others."""
    seed = int(plan["excerpts"].get("rule", {}).get("seed", 1))
    settings = _settings(plan, role=role, clean=clean)
    pool = CandidatePool((chosen.candidate,))
    recipe = draw_recipe(seed, position, pool=pool, settings=settings)
    for attempt in range(1, TRIES):
        identity = f"{recipe.excerpt} {sorted(recipe.disturbance_db.items())}"
        if identity not in seen:
            seen.add(identity)
            break
        recipe = draw_recipe(seed, position + 10_000 * attempt, pool=pool, settings=settings)
    return recipe


def _settings(plan: Plan, *, role: str, clean: bool) -> RecipeSettings:
    wanted: dict[str, Any] = plan["excerpts"]["disturbances"]
    is_scored = role == Item.Role.SCORED
    low_db = wanted["minimum_db"] if is_scored else max(CLEAR_FROM_DB, wanted["minimum_db"])
    high_db = wanted["maximum_db"] if is_scored else max(low_db, wanted["maximum_db"])
    magnitudes_db = tuple(size for size in MAGNITUDES_DB if low_db <= size <= high_db)
    disturbance = DisturbanceSettings(
        clean_share=1.0 if clean else 0.0,
        max_stems=wanted["max_stems"] if is_scored else 1,
        two_stem_share=wanted["two_stem_share"],
        up_share=wanted["up_share"],
        magnitudes_db=magnitudes_db,
        magnitude_weights=(1.0,) * len(magnitudes_db),
    )
    return RecipeSettings(disturbance=disturbance)


def _listed(plan: Plan, source: Source, progress: Progress) -> list[Material]:
    entries = plan["excerpts"]["list"]
    materials = []
    for position, entry in enumerate(entries):
        progress(position / len(entries), f"reading {entry['track']}")
        chosen = choose_listed(source, entry)
        recipe = _draw(plan, chosen, position, role=entry["role"], clean=True, seen=set())
        disturbance_db = {stem: float(gain_db) for stem, gain_db in entry["disturbance_db"].items() if gain_db}
        materials.append(Material(entry["role"], chosen.track, replace(recipe, disturbance_db=disturbance_db)))
    return sorted(materials, key=lambda material: material.role != Item.Role.SCORED)
