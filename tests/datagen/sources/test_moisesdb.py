"""MoisesDB's layout, with sources of different length."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from datagen.sources import Source, open_source, recognise
from tests.datagen.making_layouts import write_moisesdb
from tests.datagen.making_stems import RATE, Audio, noise, tone

KEY = "0f1e2d3c-song"


def sources() -> dict[str, list[Audio]]:
    return {
        "drums": [noise(1, seconds=2.0), noise(2, seconds=2.0)],
        "bass": [tone(80, seconds=2.0)],
        "guitar": [tone(300, seconds=2.0)],
        "piano": [tone(440, seconds=1.4)],
    }


@pytest.fixture
def source(tmp_path: Path) -> Source:
    write_moisesdb(tmp_path, KEY, sources())
    return recognise(tmp_path)


def test_sources_are_summed_to_four_stems(source: Source) -> None:
    assert source.name == "moisesdb"
    stems = source.read(KEY, start_samples=0, length_samples=1000)
    parts = sources()
    other = parts["guitar"][0][:, :1000] + parts["piano"][0][:, :1000]
    np.testing.assert_allclose(stems[0], (parts["drums"][0] + parts["drums"][1])[:, :1000], atol=2**-14)
    np.testing.assert_allclose(stems[1], parts["bass"][0][:, :1000], atol=2**-14)
    np.testing.assert_allclose(stems[2], other, atol=2**-14)
    assert not stems[3].any()


def test_a_source_that_ends_early_is_followed_by_silence_without_a_shift(source: Source) -> None:
    (track,) = source.tracks()
    assert track.length_samples == 2 * RATE
    window = source.read(KEY, start_samples=RATE, length_samples=RATE)
    end = round(0.4 * RATE)
    guitar, piano = tone(300, seconds=2.0)[:, RATE:], tone(440, seconds=1.4)[:, RATE:]
    np.testing.assert_allclose(window[2, :, :end], guitar[:, :end] + piano, atol=2**-14)
    np.testing.assert_allclose(window[2, :, end:], guitar[:, end:], atol=2**-14)
    assert any("followed by silence" in warning for warning in track.warnings)


def test_a_stem_without_sources_is_silent_and_named(source: Source) -> None:
    assert any("no file belongs to vocals" in warning for warning in source.tracks()[0].warnings)


def test_its_own_eleven_stems_can_be_read(tmp_path: Path) -> None:
    write_moisesdb(tmp_path, KEY, sources())
    own = open_source("moisesdb_own", tmp_path)
    (track,) = own.tracks()
    assert len(track.stems) == 11
    assert own.read(KEY, start_samples=0, length_samples=100).shape == (11, 2, 100)
    assert np.abs(own.read(KEY, start_samples=0, length_samples=100)[track.stems.index("wind")]).max() == 0


def test_a_layout_that_fits_as_well_is_taken_where_it_is_named(tmp_path: Path) -> None:
    write_moisesdb(tmp_path, KEY, sources())
    assert recognise(tmp_path).name == "moisesdb"
    assert len(recognise(tmp_path, layout="moisesdb_own").tracks()[0].stems) == 11


def test_a_click_track_is_in_no_stem(tmp_path: Path) -> None:
    write_moisesdb(tmp_path, KEY, {**sources()})
    write_moisesdb(tmp_path, "click", {"other": [noise(7, seconds=1.0)]}, track_type="click track")
    reasons = {found.name: found.reason for found in recognise(tmp_path).unusable()}
    assert reasons == {"click": "no audio file belongs to any stem"}


def test_all_songs_of_an_artist_are_on_one_side(tmp_path: Path) -> None:
    for number in range(6):
        artist = "Björk" if number % 2 else "BJO\u0308RK "
        write_moisesdb(tmp_path, f"song{number}", {"bass": [tone(80, seconds=0.1)]}, artist=artist)
    assert len({track.split for track in recognise(tmp_path).tracks()}) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "data.json is no JSON"),
        ("[]", "no list of stems"),
        (json.dumps({"stems": [{"stemName": "kazoo", "tracks": []}]}), "unknown stem 'kazoo'"),
        (
            json.dumps({"stems": [{"stemName": "bass", "tracks": [{"id": "../../x", "extension": "wav"}]}]}),
            "x.wav|leads out",
        ),
        (json.dumps({"stems": [{"stemName": "bass", "tracks": ["x"]}]}), "malformed"),
    ],
)
def test_a_wrong_description_leaves_that_song_out_with_the_reason(tmp_path: Path, content: str, reason: str) -> None:
    write_moisesdb(tmp_path, KEY, sources())
    (tmp_path / "moisesdb_v0.1" / KEY / "data.json").write_text(content, encoding="utf-8")
    (found,) = recognise(tmp_path).unusable()
    assert any(part in found.reason for part in reason.split("|"))


def test_all_problems_of_a_song_are_named_at_once(tmp_path: Path) -> None:
    write_moisesdb(tmp_path, KEY, sources())
    folder = tmp_path / "moisesdb_v0.1" / KEY
    data = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    data["stems"].append({"stemName": "kazoo", "tracks": []})
    (folder / "data.json").write_text(json.dumps(data), encoding="utf-8")
    (folder / "bass" / "bass-0.wav").write_bytes(b"not audio")
    (folder / "piano" / "piano-0.wav").unlink()
    (found,) = recognise(tmp_path).unusable()
    for part in ("unknown stem 'kazoo'", "bass-0.wav: not a WAV file", "piano-0.wav: cannot be read (No such file"):
        assert part in found.reason


def test_a_description_that_links_out_of_the_root_is_not_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    write_moisesdb(root, KEY, sources())
    description = root / "moisesdb_v0.1" / KEY / "data.json"
    description.rename(tmp_path / "outside.json")
    description.symlink_to(tmp_path / "outside.json")
    (found,) = recognise(root).unusable()
    assert "data.json: a link that leads out of the folder" in found.reason
