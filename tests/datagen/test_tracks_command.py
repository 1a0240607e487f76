"""`python -m datagen tracks PATH`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from datagen.__main__ import main
from tests.datagen.making_stems import four_stems, noise, write_song_wavs


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """One good song, one broken, one silent, one with a mixture that is not the sum."""
    root = tmp_path / "songs"
    for name in ("Good - Song", "Broken - Song", "Odd - Mixture"):
        write_song_wavs(root / name, four_stems(seconds=1.0))
    (root / "Broken - Song" / "bass.wav").write_bytes(b"RIFF")
    (root / "Broken - Song" / "vocals.wav").unlink()
    soundfile.write(root / "Odd - Mixture" / "mixture.wav", noise(5, seconds=1.0).T, 44_100)
    write_song_wavs(root / "Silent - Song", {k: np.zeros_like(v) for k, v in four_stems(seconds=1.0).items()})
    return root


def test_usable_and_unusable_tracks_are_listed_with_reasons(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tracks", str(dataset)]) == 0
    out = capsys.readouterr().out
    assert "usable   Good - Song (0:01, 44100 Hz" in out
    assert "UNUSABLE Broken - Song" in out
    assert "no vocals.wav; bass.wav: not a WAV file" in out
    assert "3 usable, 1 not" in out


def test_a_deep_look_finds_silence_and_odd_mixtures(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tracks", str(dataset), "--deep", "--json"]) == 0
    rows = {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["Silent - Song"]["problems"] == ["every stem is silent"]
    assert any(note.startswith("warning: mixture minus sum") for note in rows["Odd - Mixture"]["notes"])
    assert rows["Good - Song"]["usable"]


def test_the_real_song_is_usable(falcon: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tracks", str(falcon), "--deep"]) == 0
    assert "mixture minus sum of stems: -15.4 dB" in capsys.readouterr().out


def test_a_folder_without_tracks_is_one_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tracks", str(tmp_path)]) == 2
    assert "no tracks found; looked for" in capsys.readouterr().err
