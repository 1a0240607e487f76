"""Is there enough music: the source, its tracks, what is listed, and what may be played to participants."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from datagen.sources import Source, SourceError, Track
from datagen.words import GRID_DB
from studyweb.studies.excerpt_choice import source_of, tracks_of_rule, why_no_tracks
from studyweb.studies.plan import scored_trials
from studyweb.studies.problems import KeyPath, Problem
from studyweb.studies.study_file import StudyFile

FEW_TRACKS = 10


def excerpt_problems(file: StudyFile, *, base_folder: Path | None) -> Iterator[Problem]:
    """Problems of the excerpts; the source is opened and its tracks are listed, no audio is decoded."""
    excerpts = file.plan["excerpts"]
    if ("rule" in excerpts) == ("list" in excerpts):
        yield file.problem(("excerpts",), "needs either a rule or a list, and not both")
        return
    yield from _disturbance_problems(file)
    try:
        source = source_of(excerpts, base_folder)
    except SourceError as error:
        where: KeyPath = ("excerpts", "root") if excerpts["root"] else ("excerpts", "source")
        yield file.problem(where, str(error))
        return
    yield from _rule_problems(file, source) if "rule" in excerpts else _list_problems(file, source)


def _disturbance_problems(file: StudyFile) -> Iterator[Problem]:
    settings = file.plan["excerpts"]["disturbances"]
    for name in ("minimum_db", "maximum_db"):
        if not _on_grid(settings[name]):
            yield file.problem(("excerpts", "disturbances", name), f"must be a multiple of {GRID_DB} dB")
    if settings["minimum_db"] > settings["maximum_db"]:
        yield file.problem(("excerpts", "disturbances", "minimum_db"), "is above maximum_db")


def _rule_problems(file: StudyFile, source: Source) -> Iterator[Problem]:
    rule: dict[str, Any] = file.plan["excerpts"]["rule"]
    tracks = tracks_of_rule(source, rule)
    if not tracks and not rule["split"]:
        yield file.problem(("excerpts", "root"), why_no_tracks(source))
        return
    if not tracks:
        splits = sorted({track.split for track in source.tracks()})
        here: KeyPath = ("excerpts", "rule", "split")
        yield file.problem(here, f"no track is in the split {rule['split']!r}; there are {', '.join(splits)}")
        return
    if len(tracks) < rule["tracks"]:
        yield file.problem(
            ("excerpts", "rule", "tracks"), f"must be at most {len(tracks)}: the source has no more tracks"
        )
    yield from _right_problems(file, tracks)
    sizes = [rule["excerpts_per_track"]] * rule["tracks"]
    yield from _count_problems(file, items_per_track=sizes, path=("excerpts", "rule", "tracks"))


def _list_problems(file: StudyFile, source: Source) -> Iterator[Problem]:
    known = {track.key: track for track in source.tracks()}
    entries = file.plan["excerpts"]["list"]
    for index, entry in enumerate(entries):
        path: KeyPath = ("excerpts", "list", index)
        track = known.get(entry["track"])
        if track is None:
            yield file.problem((*path, "track"), f"the source has no track {entry['track']!r}")
        else:
            yield from _entry_problems(file, path, entry, track)
    scored = [entry["track"] for entry in entries if entry["role"] == "scored"]
    yield from _role_problems(file, entries)
    yield from _right_problems(file, [known[key] for key in dict.fromkeys(scored) if key in known])
    items = Counter(scored)
    yield from _count_problems(file, items_per_track=list(items.values()), path=("excerpts", "list"))
    yield from _balance_warnings(file, items)


def _entry_problems(file: StudyFile, path: KeyPath, entry: dict[str, Any], track: Track) -> Iterator[Problem]:
    end_s = entry["start_s"] + entry["length_s"]
    if end_s > track.duration_s:
        yield file.problem((*path, "start_s"), f"ends at {end_s:g} s; the track has {track.duration_s:.2f} s")
    for stem, gain_db in entry["disturbance_db"].items():
        here = (*path, "disturbance_db", stem)
        if stem not in track.stems:
            yield file.problem(here, f"no such stem; the track has {', '.join(track.stems)}")
        if not _on_grid(gain_db):
            yield file.problem(here, f"{gain_db:g} is not a multiple of {GRID_DB} dB")


def _role_problems(file: StudyFile, entries: Sequence[dict[str, Any]]) -> Iterator[Problem]:
    design = file.plan["design"]
    needed = {"practice": design["practice"], "check": sum(check["count"] for check in design["checks"])}
    for role, wanted in needed.items():
        listed = sum(entry["role"] == role for entry in entries)
        if listed < wanted:
            yield file.problem(("excerpts", "list"), f"{wanted} of role {role} are needed, {listed} are listed")


def _count_problems(file: StudyFile, *, items_per_track: Sequence[int], path: KeyPath) -> Iterator[Problem]:
    trials, meetings = scored_trials(file.plan), file.plan["design"]["meetings_per_track"]
    n_items, n_tracks = sum(items_per_track), len(items_per_track)
    if n_items < trials:
        yield file.problem(
            path, f"gives {n_items} scored items; a participant has {trials} scored trials, each with its own"
        )
    elif _most_trials(items_per_track, meetings=meetings) < trials:
        message = f"{trials} scored trials from {n_tracks} tracks meet a track more than {meetings} time(s)"
        yield file.problem(path, f"{message}; raise design.meetings_per_track or take more tracks")
    if n_tracks < FEW_TRACKS:
        message = f"with fewer than {FEW_TRACKS} tracks every interval is marked indicative"
        yield file.problem(path, message if n_tracks > 1 else "from one track there is no interval", is_warning=True)


def _most_trials(items_per_track: Iterable[int], *, meetings: int) -> int:
    """The most scored trials that one session can hold."""
    return sum(min(items, meetings) for items in items_per_track)


def _balance_warnings(file: StudyFile, items: Mapping[str, int]) -> Iterator[Problem]:
    """Trials per item stay even only where no track has more items than its meetings can keep up with."""
    trials, meetings = scored_trials(file.plan), file.plan["design"]["meetings_per_track"]
    if _most_trials(items.values(), meetings=meetings) < trials:
        return
    behind, others_rate = _that_fall_behind(items, trials=trials, meetings=meetings)
    if not behind:
        return
    n_items, most = sum(items.values()), items[behind[0]]
    people = file.plan["recruitment"]["target_participants"]
    yield file.problem(
        ("excerpts", "list"),
        f"trials per item will not be even: {most} of the {n_items} scored items are of {behind[0]} and need "
        f"{most * trials / n_items:.2f} of the {trials} scored trials of a session, but it may have {meetings}; after "
        f"{people} participants they have about {people * meetings / most:.1f} trials each, items that keep up "
        f"{people * others_rate:.1f}. List {ceil(most * trials / meetings) - n_items} more excerpts of smaller tracks, "
        f"or raise design.meetings_per_track to {ceil(most * trials / n_items)}, or have at most "
        f"{meetings * n_items // most} scored trials",
        is_warning=True,
    )


def _that_fall_behind(items: Mapping[str, int], *, trials: int, meetings: int) -> tuple[list[str], float]:
    """Tracks with more items than they can keep up with, most first, and the trials a session has per other item.

    What such tracks cannot take goes to the others, which may bring further tracks to their limit.
    """
    behind: list[str] = []
    trials_left, items_left = trials, sum(items.values())
    for track, size in sorted(items.items(), key=lambda entry: -entry[1]):
        limit = min(size, meetings)
        if size * trials_left <= limit * items_left:
            break
        behind.append(track)
        trials_left, items_left = trials_left - limit, items_left - size
    return behind, trials_left / max(1, items_left)


def _right_problems(file: StudyFile, tracks: Sequence[Track]) -> Iterator[Problem]:
    restricted = [track for track in tracks if not track.may_serve]
    if restricted and not file.plan["excerpts"]["statement_of_right"].strip():
        names = ", ".join(f"{track.title} ({track.licence})" for track in restricted[:3])
        message = f"participants may not hear {len(restricted)} of the tracks by their licence ({names}, ...)"
        yield file.problem(
            ("excerpts", "statement_of_right"),
            f"{message}; opening the study needs a statement of the right to play them",
            is_warning=True,
        )


def _on_grid(gain_db: float) -> bool:
    return gain_db / GRID_DB == round(gain_db / GRID_DB)
