"""A folder that may not be read costs itself alone, in every layout, and does not change what the set is taken for.

Permissions bind no administrator, so the system's refusal is played.
"""

from __future__ import annotations

import builtins
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datagen.sources import SourceError, recognise
from tests.datagen.making_layouts import write_audio, write_dsd100, write_medleydb, write_moisesdb, write_slakh
from tests.datagen.making_stems import Audio, four_stems, noise, write_song_mp4, write_song_wavs

SOURCES: list[tuple[str, Audio]] = [("drum set", noise(1, seconds=0.5)), ("piano", noise(2, seconds=0.5))]
SLAKH = [("Drums", True, noise(1, seconds=0.5)), ("Bass", False, noise(2, seconds=0.5))]


def write_plain(root: Path) -> None:
    for name in ("One", "Two"):
        write_audio(root / name / "bass.wav", noise(1, seconds=0.5))
    (root / "stems.yaml").write_text("stems: {bass: bass*}")


def write_mp4s(root: Path) -> None:
    (root / "train").mkdir(parents=True)
    for name in ("A - One", "A - Two"):
        write_song_mp4(root / "train" / f"{name}.stem.mp4", four_stems(seconds=0.5))


def each(write: Callable[[str], object]) -> None:
    for number in "12":
        write(number)


LAYOUTS: dict[str, tuple[Callable[[Path], object], str, str]] = {
    "musdb18": (write_mp4s, "train/A - One.stem.mp4", "A - One"),
    "musdb18_hq": (
        lambda root: each(lambda n: write_song_wavs(root / "train" / f"A - {n}", four_stems(seconds=0.5))),
        "train/A - 1",
        "A - 1",
    ),
    "dsd100": (
        lambda root: each(lambda n: write_dsd100(root, f"00{n} - A - {n}", four_stems(seconds=0.5))),
        "Sources/Dev/001 - A - 1",
        "A - 1",
    ),
    "moisesdb": (
        lambda root: each(lambda n: write_moisesdb(root, f"id{n}", {"bass": [noise(1, seconds=0.5)]})),
        "moisesdb_v0.1/id1",
        "id1",
    ),
    "medleydb": (lambda root: each(lambda n: write_medleydb(root, f"A_{n}", SOURCES)), "Audio/A_1", "A_1"),
    "slakh2100": (
        lambda root: each(lambda n: write_slakh(root / "train" / f"Track0000{n}", SLAKH)),
        "train/Track00001",
        "Track00001",
    ),
    "plain_folder": (write_plain, "One", "One"),
}


def lock(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system does when a path and all below it may not be read."""

    def refusing(function: Callable[..., Any], *, itself: bool) -> Callable[..., Any]:
        def call(target: Any = ".", *args: Any, **options: Any) -> Any:
            if isinstance(target, str | Path) and (path in Path(target).parents or (itself and Path(target) == path)):
                raise PermissionError(13, "Permission denied", str(target))
            return function(target, *args, **options)

        return call

    for module, name, itself in ((os, "listdir", True), (os, "scandir", True), (os, "stat", False), (io, "open", True)):
        monkeypatch.setattr(module, name, refusing(getattr(module, name), itself=itself))
    monkeypatch.setattr(builtins, "open", io.open)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_track_that_may_not_be_read_is_named_and_the_others_are_used(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, locked, name = LAYOUTS[layout]
    root = tmp_path / "root"
    write(root)
    lock(root.resolve() / locked, monkeypatch)
    source = recognise(root)
    assert source.name == layout
    assert len(source.tracks()) == 1
    (found,) = source.unusable()
    assert found.name == name
    assert "cannot be read (Permission denied)" in found.reason
    assert "Errno" not in found.reason


def test_a_root_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "root"
    write_plain(root)
    lock(root.resolve(), monkeypatch)
    with pytest.raises(SourceError, match=r"cannot be read \(Permission denied\)"):
        recognise(root).tracks()
