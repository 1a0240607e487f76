"""`python -m datagen tracks PATH`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from datagen.__main__ import main
from datagen.decoded_store import store_folder
from datagen.sources.scan import FOLLOW_LINKS_VARIABLE
from datagen.stem_mp4 import open_stem_mp4
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


def rows_of(root: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, dict[str, Any]]:
    """What `tracks --deep --json` says, by the name of the track."""
    main(["tracks", str(root), "--deep", "--json", *options])
    return {row["name"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}


def test_stems_that_cancel_each_other_are_not_called_silent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stems = four_stems(seconds=1.0)
    stems["bass"], stems["other"] = -stems["drums"], -stems["vocals"]
    write_song_wavs(tmp_path / "Some Band - Song", stems)
    assert rows_of(tmp_path, capsys)["Some Band - Song"]["problems"] == []


def test_a_song_too_short_to_measure_is_not_called_silent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_song_wavs(tmp_path / "Some Band - Song", four_stems(seconds=0.3))
    assert rows_of(tmp_path, capsys)["Some Band - Song"]["problems"] == ["only 0.30 s long: too short to measure"]


def test_a_silent_stem_is_a_note_and_the_song_is_usable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stems = four_stems(seconds=1.0)
    stems["vocals"][:] = 0
    write_song_wavs(tmp_path / "Some Band - Song", stems)
    row = rows_of(tmp_path, capsys)["Some Band - Song"]
    assert row["usable"]
    assert "silent all the way: vocals" in row["notes"]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_are_found_without_stopping_the_list(
    dataset: Path, capsys: pytest.CaptureFixture[str], value: float
) -> None:
    stems = four_stems(seconds=1.0)
    stems["bass"][0, 30_000] = value
    write_song_wavs(dataset / "Wild - Song", stems, mixture=False, subtype="FLOAT")
    rows = rows_of(dataset, capsys)
    assert rows["Wild - Song"]["problems"] == ["bass.wav: holds values that are no numbers (NaN or infinity)"]
    assert rows["Good - Song"]["usable"]


def test_a_mixture_at_another_rate_is_not_compared(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = dataset / "Good - Song" / "mixture.wav"
    soundfile.write(path, noise(5, seconds=1.0, rate=48_000).T, 48_000)
    expected = "its mixture cannot be compared: mixture.wav has 48000 Hz, the stems have 44100 Hz"
    assert expected in rows_of(dataset, capsys)["Good - Song"]["notes"]


def test_headers_that_are_cut_off_do_not_stop_the_list(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (dataset / "Broken - Song" / "bass.wav").write_bytes(b"RF64\xff\xff\xff\xffWAVEds64\x1c\0\0\0")
    rows = rows_of(dataset, capsys)
    assert "bass.wav: it holds no audio data" in rows["Broken - Song"]["problems"][0]
    assert rows["Good - Song"]["usable"]


def test_links_out_of_the_folder_are_followed_only_with_the_option(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLLOW_LINKS_VARIABLE, "0")
    write_song_wavs(tmp_path / "elsewhere", four_stems(seconds=1.0))
    (dataset / "Linked - Song").symlink_to(tmp_path / "elsewhere")
    (problem,) = rows_of(dataset, capsys)["Linked - Song"]["problems"]
    assert problem.startswith("drums.wav, bass.wav, other.wav, vocals.wav, mixture.wav: a link that leads out of the")
    assert rows_of(dataset, capsys, "--follow-links")["Linked - Song"]["usable"]


def test_a_decode_unlike_the_first_is_told(
    falcon: Path, cache_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_stem_mp4(falcon)
    (note,) = (cache_folder / "fingerprints").iterdir()
    data = json.loads(note.read_text())
    note.write_text(json.dumps({**data, "sums": [1.01 * value for value in data["sums"]]}))
    shutil.rmtree(store_folder())
    (row,) = rows_of(falcon, capsys).values()
    assert row["usable"]
    assert any("differs by -40.1 dB from the first decode" in text for text in row["notes"])


def test_a_listing_from_headers_says_how_to_read_all_audio(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["tracks", str(dataset)])
    assert capsys.readouterr().out.splitlines()[-1] == "3 usable, 1 not (by their headers; --deep reads all audio)"
