"""A triplet as a folder of 24-bit FLAC files and a `triplet.json`: there as a whole or not at all.

Levels are data and FLAC cannot hold samples beyond full scale, so one factor scales all files of a triplet alike:
`sample in the file = sample of the triplet * headroom_gain`, problem and reference, stems and mixes.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from datagen.loudness import amplitude_db
from datagen.recipe_table import TableInfo
from datagen.recipes import recipe_to_json
from datagen.requests import ExcerptRef
from datagen.sources import Audio
from datagen.stem_flac import flac_bytes
from datagen.triplets import Triplet, about_track
from datagen.words import mapping_from_changes

HEADROOM_PEAK = 0.891
"""-1 dBFS: no file's largest sample is above this."""
LINE_FILE = "triplet.json"
LIST_FILE = "triplets.jsonl"
PARTIAL = ".partial-"
"""How the names of folders begin that are being written."""


def folder_name(place: int) -> str:
    """The folder of the recipe at a place of its file."""
    return f"{place:07d}"


def write_triplet(triplet: Triplet, out: Path, *, place: int, info: TableInfo) -> None:
    """Write a triplet into `out`/`folder_name(place)`: FLAC files, then triplet.json, then the folder takes its name.

    Raises OSError on a full disk; then nothing of this triplet is left. The folder must not exist.
    """
    audio = _files(triplet)
    gain = headroom_gain(audio)
    with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=out) as partial:
        folder = Path(partial) / folder_name(place)
        folder.mkdir()
        sizes = {}
        for name, samples in audio.items():
            content = flac_bytes(samples * np.float64(gain), triplet.sample_rate)
            (folder / name).write_bytes(content)
            sizes[name] = len(content)
        line = {"index": place, "folder": folder.name, **_line(triplet, info, gain), "bytes": sizes}
        (folder / LINE_FILE).write_text(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")
        folder.rename(out / folder.name)


def written_line(out: Path, place: int) -> dict[str, Any] | None:
    """The triplet.json of a whole triplet folder; None where the folder, a file or a part of a file is missing."""
    folder = out / folder_name(place)
    try:
        line: dict[str, Any] = json.loads((folder / LINE_FILE).read_text("utf-8"))
        whole = all((folder / name).stat().st_size == size for name, size in line["bytes"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return line if whole else None


def write_list(out: Path) -> int:
    """Write triplets.jsonl, one line for each whole triplet of a folder in order; gives their number."""
    count = 0
    with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=out) as partial:
        draft = Path(partial) / LIST_FILE
        with draft.open("w", encoding="utf-8") as file:
            for line in _whole_lines(out):
                file.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
                count += 1
        draft.replace(out / LIST_FILE)
    return count


def headroom_gain(audio: Mapping[str, Audio]) -> float:
    """The one factor (at most 1) that brings the largest sample of all to -1 dBFS."""
    peak = max(float(np.abs(samples).max(initial=0.0)) for samples in audio.values())
    return min(1.0, HEADROOM_PEAK / peak) if peak > 0.0 else 1.0


def settings_of(line: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a line that decides what its files hold."""
    return {key: line.get(key) for key in ("recipe", "sample_rate", "reasons")}


def _whole_lines(out: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(out.glob(f"*/{LINE_FILE}")):
        name = path.parent.name
        if name.isdecimal() and (line := written_line(out, int(name))) is not None:
            yield line


def _files(triplet: Triplet) -> dict[str, Audio]:
    """The audio by file name: SET.flac is a mix, SET-STEM.flac a stem."""
    files: dict[str, Audio] = {}
    for name, stem_set in (("problem", triplet.problem), ("reference", triplet.reference)):
        if stem_set is not None:
            files |= {f"{name}-{stem}.flac": stem_set.stems[place] for place, stem in enumerate(triplet.names)}
            files[f"{name}.flac"] = stem_set.mix
    return files


def _line(triplet: Triplet, info: TableInfo, gain: float) -> dict[str, Any]:
    recipe = triplet.recipe
    about = {"problem": _about(recipe.excerpt, info), "reference": _about(recipe.reference_excerpt, info)}
    return {
        "sample_rate": triplet.sample_rate,
        "stems": list(triplet.names),
        "problem": _names("problem", triplet),
        "reference": _names("reference", triplet) if triplet.reference is not None else None,
        "headroom_gain": gain,
        "headroom_db": round(amplitude_db(gain), 4),
        "label_db": mapping_from_changes(triplet.label),
        "finding": triplet.explanation.finding,
        "advice": triplet.explanation.advice,
        "reasons": triplet.reasons,
        "brief": recipe.brief,
        "reference_kind": recipe.reference_kind,
        "measures": {stem: _rounded(asdict(each)) for stem, each in triplet.measures.items()},
        "tracks": about,
        "may_publish": all(each["may_publish"] for each in about.values() if each is not None),
        "recipe": recipe_to_json(recipe),
    }


def _names(name: str, triplet: Triplet) -> dict[str, Any]:
    return {"mix": f"{name}.flac", "stems": {stem: f"{name}-{stem}.flac" for stem in triplet.names}}


def _about(excerpt: ExcerptRef | None, info: TableInfo) -> dict[str, Any] | None:
    """Where the audio comes from and what may be done with it; what a file does not say may not be done."""
    if excerpt is None:
        return None
    about = about_track(excerpt.track, info)
    texts = {key: about.get(key, "") for key in ("source", "key", "source_sha256", "licence", "attribution")}
    return texts | {key: about.get(key) is True for key in ("may_serve", "may_publish")}


def _rounded(data: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in data.items()}
