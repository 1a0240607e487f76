"""Is there enough music: the source, its tracks, what is listed, and what may be played to participants."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    yield from _count_problems(
        file,
        n_items=rule["tracks"] * rule["excerpts_per_track"],
        n_tracks=rule["tracks"],
        path=("excerpts", "rule", "tracks"),
    )


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
    yield from _count_problems(file, n_items=len(scored), n_tracks=len(set(scored)), path=("excerpts", "list"))


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


def _count_problems(file: StudyFile, *, n_items: int, n_tracks: int, path: KeyPath) -> Iterator[Problem]:
    trials, meetings = scored_trials(file.plan), file.plan["design"]["meetings_per_track"]
    if n_items < trials:
        yield file.problem(
            path, f"gives {n_items} scored items; a participant has {trials} scored trials, each with its own"
        )
    elif n_tracks * meetings < trials:
        message = f"{trials} scored trials from {n_tracks} tracks meet a track more than {meetings} time(s)"
        yield file.problem(path, f"{message}; raise design.meetings_per_track or take more tracks")
    if n_tracks < FEW_TRACKS:
        message = f"with fewer than {FEW_TRACKS} tracks every interval is marked indicative"
        yield file.problem(path, message if n_tracks > 1 else "from one track there is no interval", is_warning=True)


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
