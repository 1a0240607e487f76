"""MedleyDB's layout, with and without its mixing coefficients."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from datagen.sources import SourceError, recognise
from tests.datagen.making_layouts import write_medleydb
from tests.datagen.making_stems import Audio, noise, tone

TRACK = "SomeBand_SomeTitle"


def stems() -> list[tuple[str, Audio]]:
    return [
        ("drum set", noise(1, seconds=1.0)),
        ("electric bass", tone(80, seconds=1.0)),
        ("male singer", tone(400, seconds=1.0)),
        ("vocalists", tone(500, seconds=1.0)),
        ("vibraphone", tone(900, seconds=1.0)),
    ]


def test_fitted_coefficients_scale_the_stems_so_that_they_sum_to_the_mix(tmp_path: Path) -> None:
    write_medleydb(tmp_path, TRACK, stems(), gains={1: 0.5, 2: 0.7, 3: 0.6, 4: 0.25, 5: 1.5})
    source = recognise(tmp_path)
    (track,) = source.tracks()
    audio = source.read(TRACK, start_samples=0, length_samples=1000)
    np.testing.assert_allclose(audio[0], 0.5 * noise(1, seconds=1.0)[:, :1000], atol=2**-14)
    vocals = 0.6 * tone(400, seconds=1.0) + 0.25 * tone(500, seconds=1.0)
    np.testing.assert_allclose(audio[3], vocals[:, :1000], atol=2**-14)
    assert track.balanced
    assert not source.mixture_note(TRACK).startswith("warning")


def test_without_coefficients_a_track_is_no_reference_and_says_so(tmp_path: Path) -> None:
    write_medleydb(tmp_path, TRACK, stems())
    (track,) = recognise(tmp_path).tracks()
    assert not track.balanced
    assert any("no reference" in warning for warning in track.warnings)


def test_other_coefficients_make_another_track(tmp_path: Path) -> None:
    write_medleydb(tmp_path, TRACK, stems())
    before = recognise(tmp_path).tracks()[0].source_sha256
    write_medleydb(tmp_path, TRACK, stems(), gains=dict.fromkeys(range(1, 6), 0.5))
    assert recognise(tmp_path).tracks()[0].source_sha256 != before


def test_a_stem_of_several_instruments_goes_where_all_of_them_go(tmp_path: Path) -> None:
    write_medleydb(
        tmp_path, TRACK, [(["kick drum", "toms"], noise(1, seconds=1.0)), (["piano", "toms"], noise(2, seconds=1.0))]
    )
    audio = recognise(tmp_path).read(TRACK, start_samples=0, length_samples=100)
    np.testing.assert_allclose(audio[0], noise(1, seconds=1.0)[:, :100], atol=2**-15)
    np.testing.assert_allclose(audio[2], noise(2, seconds=1.0)[:, :100], atol=2**-15)


def test_a_missing_stem_file_leaves_the_track_out(tmp_path: Path) -> None:
    write_medleydb(tmp_path, TRACK, stems())
    (tmp_path / "Audio" / TRACK / f"{TRACK}_STEMS" / f"{TRACK}_STEM_03.wav").unlink()
    (found,) = recognise(tmp_path).unusable()
    assert "STEM_03.wav" in found.reason


def test_coefficients_of_another_kind_are_named(tmp_path: Path) -> None:
    write_medleydb(tmp_path, TRACK, stems())
    (tmp_path / "mixing_coefficients.yaml").write_text(f"{TRACK}: {{audio: {{1: 4.0}}}}\n")
    with pytest.raises(SourceError, match="MedleyDB's first version"):
        recognise(tmp_path).tracks()


def test_all_problems_of_a_track_are_named_at_once(tmp_path: Path) -> None:
    write_medleydb(tmp_path, TRACK, stems(), gains=dict.fromkeys(range(1, 6), 0.5))
    (tmp_path / "mixing_coefficients.yaml").write_text(f"{TRACK}: {{1: 0.5, 2: 0.5, 4: 0.5}}\n")
    (tmp_path / "Audio" / TRACK / f"{TRACK}_STEMS" / f"{TRACK}_STEM_02.wav").write_bytes(b"not audio")
    (found,) = recognise(tmp_path).unusable()
    for part in ("no gain for stem 3", "no gain for stem 5", "STEM_02.wav: not a WAV file"):
        assert part in found.reason


@pytest.mark.parametrize("gain", [".nan", ".inf", "true", "loud"])
def test_a_coefficient_that_is_no_number_is_named(tmp_path: Path, gain: str) -> None:
    write_medleydb(tmp_path, TRACK, stems())
    (tmp_path / "mixing_coefficients.yaml").write_text(f"{TRACK}: {{1: {gain}, 2: 1, 3: 1, 4: 1, 5: 1}}\n")
    with pytest.raises(SourceError, match=f"{TRACK} has no gain a stem"):
        recognise(tmp_path).tracks()


def test_a_song_of_musdb18_keeps_its_split(tmp_path: Path) -> None:
    write_medleydb(tmp_path, TRACK, stems())
    path = tmp_path / "Audio" / TRACK / f"{TRACK}_METADATA.yaml"
    path.write_text(path.read_text().replace("Some Band", "Meaxic").replace("Some Title", "Take A Step"))
    (track,) = recognise(tmp_path).tracks()
    assert track.split == "validation"
    assert any("also in MUSDB18" in warning for warning in track.warnings)


def test_its_songs_may_be_served_and_not_published(tmp_path: Path) -> None:
    write_medleydb(tmp_path, TRACK, stems())
    (track,) = recognise(tmp_path).tracks()
    assert (track.licence, track.may_serve, track.may_publish) == ("CC BY-NC-SA 4.0", True, False)
