"""`python -m datagen tracks PATH`: a path's layout, its usable tracks, and what is wrong with the others."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict

from datagen.sources import LAYOUTS, Source, recognise
from datagen.sources.scan import FOLLOW_LINKS_VARIABLE
from datagen.track_check import TrackCheck, check_track, track_line

SUMMARY = "list the tracks of a folder: what is usable and what is wrong, all problems at once"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The path, and how deep and in what form to report."""
    parser.add_argument("path", help="a .stem.mp4 file or a folder of tracks")
    parser.add_argument("--layout", choices=LAYOUTS, default="", help="where more than one fits: take this one")
    parser.add_argument("--deep", action="store_true", help="also read all audio: silence, NaN, mixture against stems")
    parser.add_argument("--follow-links", action="store_true", help="allow links that lead out of the folder")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of text")


def run(arguments: argparse.Namespace) -> int:
    """Print the report. Exit status 0 when at least one track is usable, else 1."""
    if arguments.follow_links:
        os.environ[FOLLOW_LINKS_VARIABLE] = "1"
    source = recognise(arguments.path, layout=arguments.layout)
    if not arguments.json:
        print(f"{source.name} at {source.root_text}")
    usable = 0
    for check in _checks(source, deep=arguments.deep):
        usable += check.usable
        print(json.dumps(asdict(check), ensure_ascii=False) if arguments.json else _as_text(check))
    if not arguments.json:
        depth = "" if arguments.deep else " (by their headers; --deep reads all audio)"
        print(f"{usable} usable, {len(source.tracks()) + len(source.unusable()) - usable} not{depth}")
    return 0 if usable else 1


def _checks(source: Source, *, deep: bool) -> Iterable[TrackCheck]:
    tracks = source.tracks()
    for number, track in enumerate(tracks, start=1):
        if deep:
            print(f"reading {number} of {len(tracks)}: {track.key}", file=sys.stderr)
            yield check_track(source, track)
        else:
            yield TrackCheck(track.key, usable=True, facts=track_line(track), problems=(), notes=track.warnings)
    for found in source.unusable():
        yield TrackCheck(found.name, usable=False, facts="", problems=(found.reason,), notes=())


def _as_text(check: TrackCheck) -> str:
    head = f"{'usable  ' if check.usable else 'UNUSABLE'} {check.name}" + (f" ({check.facts})" if check.facts else "")
    return "\n".join(
        [
            head,
            *(f"         problem: {each}" for each in check.problems),
            *(f"         note: {each}" for each in check.notes),
        ]
    )
