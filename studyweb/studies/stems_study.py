"""The demo's study file for someone's own tracks: counts that fit what is found at a path."""

from __future__ import annotations

import json
import math
from pathlib import Path
from string import Template

from datagen.excerpts import MIN_LENGTH_S
from datagen.sources import SourceError, recognise
from studyweb.studies.excerpt_choice import why_no_tracks

FILES = Path(__file__).with_name("files")
MOST_TRACKS = 12
SCORED_TRIALS = 8
"""As in demo-stems.yaml."""

STATEMENT = (
    "The person who started this demonstration plays their own files to themselves; "
    "the server can be reached from this machine only."
)


def demo_file(name: str) -> str:
    """The text of a study file that comes with MixTrial: `demo`, or the template `demo-stems`."""
    return (FILES / f"{name}.yaml").read_text(encoding="utf-8")


def stems_study_file(path: Path, *, slug: str = "demo-stems") -> str:
    """A study file on the tracks at `path`, of whatever layout is recognised there.

    Raises SourceError when nothing is recognised, or no track has four seconds.
    """
    source = recognise(path)
    usable = [track for track in source.tracks() if track.duration_s >= MIN_LENGTH_S]
    if not usable:
        raise SourceError(f"{path}: {why_no_tracks(source)}")
    n_tracks = min(len(usable), MOST_TRACKS)
    each = math.ceil(SCORED_TRIALS / n_tracks)
    return Template(demo_file("demo-stems")).substitute(
        slug=slug,
        source=source.name,
        root=json.dumps(str(path.resolve()), ensure_ascii=False),
        statement_of_right=json.dumps("" if all(track.may_serve for track in usable) else STATEMENT),
        tracks=n_tracks,
        excerpts_per_track=each,
        meetings_per_track=each,
    )
