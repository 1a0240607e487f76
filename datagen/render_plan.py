"""What a rendering of recipes will write: checked as a whole before the first file."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from datagen.recipe_rows import recipes_at
from datagen.recipe_table import TableInfo, read_info
from datagen.recipes import Recipe, recipe_to_json
from datagen.requests import ExcerptRef, TrackRef
from datagen.triplet_files import folder_name, settings_of, written_line
from datagen.triplets import about_track, check_source

SAMPLE_RATES = (8_000, 192_000)
BYTES_PER_SAMPLE = 3
FILE_EXTRA_BYTES = 16_384
"""Headers, and a block of the disk that is not filled."""
NAMED = 20
"""So many problems are written out; the rest is counted."""


class RenderError(ValueError):
    """A rendering cannot begin or go on; the message lists every problem and what to do."""

    def __init__(self, problems: list[str]) -> None:
        more = [f"... and {len(problems) - NAMED} more"] if len(problems) > NAMED else []
        super().__init__("\n".join(["nothing was rendered:", *(f"  {each}" for each in problems[:NAMED] + more)]))
        self.problems = problems


@dataclass(frozen=True)
class RenderRequest:
    """What to render, and how."""

    file: Path
    out: Path
    items: Sequence[str] = ()
    """Places and ranges of places: `3`, `10-19`."""
    first: int | None = None
    """The number of recipes from the beginning; without this and items: all."""
    sample_rate: int | None = None
    """Hz; None for each track's own."""
    reasons: bool = False
    private: bool = False
    """Whether tracks that may not be published are rendered too."""


@dataclass
class RenderPlan:
    """What is left to render."""

    info: TableInfo
    done: int = 0
    """Triplets that are whole already; they are kept."""
    pending: list[int] = field(default_factory=list)
    needed_bytes: int = 0
    """At most this much: FLAC never needs more than its samples, and usually two thirds of it."""
    free_bytes: int = 0


def plan_render(request: RenderRequest) -> RenderPlan:
    """Check everything that can be checked and say what is left to do; nothing is written.

    Raises RenderError with all problems, and RecipeTableError for a file that holds no recipes.
    """
    plan = RenderPlan(read_info(request.file))
    problems = _setting_problems(request)
    places = chosen_places(request.items, first=request.first, count=plan.info.count, problems=problems)
    tracks: dict[TrackRef, None] = {}
    for place, recipe in zip(places, recipes_at(request.file, places), strict=True):
        tracks |= {excerpt.track: None for excerpt in _excerpts(recipe)}
        problems += _plan_one(plan, request, recipe, place=place)
    problems += track_problems(tracks, plan.info, private=request.private)
    plan.free_bytes = shutil.disk_usage(_existing(request.out)).free
    if plan.needed_bytes > plan.free_bytes:
        problems.append(
            f"{request.out}: up to {gib(plan.needed_bytes)} are needed, {gib(plan.free_bytes)} are free; "
            "free some, or choose fewer with --first or --items"
        )
    if problems:
        raise RenderError(problems)
    return plan


def chosen_places(items: Sequence[str], *, first: int | None, count: int, problems: list[str]) -> list[int]:
    """Places of a file of `count` recipes in order; what is no place is added to `problems`."""
    if first is not None:
        if first < 1:
            problems.append(f"--first {first}: expected a number of at least 1")
        return list(range(min(max(first, 0), count)))
    places: set[int] = set()
    for item in items:
        low, _, high = item.partition("-")
        if not (low.isdecimal() and (high or low).isdecimal()) or item.endswith("-"):
            problems.append(f"--items {item}: expected a number such as 3, or a range such as 10-19")
        elif not int(low) <= int(high or low) < count:
            problems.append(f"--items {item}: the file holds recipes 0 to {count - 1}")
        else:
            places.update(range(int(low), int(high or low) + 1))
    return sorted(places) if items else list(range(count))


def track_problems(tracks: Iterable[TrackRef], info: TableInfo, *, private: bool) -> list[str]:
    """Why tracks cannot or may not be rendered, all of them."""
    problems = []
    for ref in tracks:
        about = about_track(ref, info)
        if not private and about.get("may_publish") is not True:
            problems.append(
                f"{ref.key} ({about.get('licence', 'licence unknown')}): its audio may not be published; "
                "--private renders it for this machine alone"
            )
        try:
            check_source(ref, info)
        except (ValueError, OSError) as error:
            problems.append(str(error))
    return problems


def gib(size: int) -> str:
    """Bytes as GiB for people."""
    return f"{size / 2**30:.2f} GiB"


def _plan_one(plan: RenderPlan, request: RenderRequest, recipe: Recipe, *, place: int) -> list[str]:
    """Count one recipe as done or pending; gives what is wrong with it."""
    folder, excerpts = request.out / folder_name(place), _excerpts(recipe)
    if request.sample_rate is None and len({excerpt.sample_rate for excerpt in excerpts}) > 1:
        return [f"recipe {place}: problem and reference have different sample rates; choose --sample-rate"]
    if not folder.exists():
        plan.pending.append(place)
        plan.needed_bytes += sum(_size(excerpt, len(plan.info.stems), request.sample_rate) for excerpt in excerpts)
        return []
    line = written_line(request.out, place)
    if line is None:
        return [f"{folder}: not a whole triplet; delete it and run again"]
    rate = request.sample_rate or recipe.excerpt.sample_rate
    if settings_of(line) != {"recipe": recipe_to_json(recipe), "sample_rate": rate, "reasons": request.reasons}:
        return [f"{folder}: holds another triplet; choose another folder"]
    plan.done += 1
    return []


def _excerpts(recipe: Recipe) -> list[ExcerptRef]:
    return [recipe.excerpt, *([recipe.reference_excerpt] if recipe.reference_excerpt else [])]


def _size(excerpt: ExcerptRef, n_stems: int, sample_rate: int | None) -> int:
    frames = -(-excerpt.length_samples * (sample_rate or excerpt.sample_rate) // excerpt.sample_rate)
    return (n_stems + 1) * (2 * BYTES_PER_SAMPLE * frames + FILE_EXTRA_BYTES)


def _setting_problems(request: RenderRequest) -> list[str]:
    problems = []
    if request.out.exists() and not request.out.is_dir():
        problems.append(f"{request.out}: is a file, expected a folder")
    low, high = SAMPLE_RATES
    if request.sample_rate is not None and not low <= request.sample_rate <= high:
        problems.append(f"--sample-rate {request.sample_rate}: expected {low} to {high} Hz")
    return problems


def _existing(path: Path) -> Path:
    return next(each for each in (path.absolute(), *path.absolute().parents) if each.exists())
