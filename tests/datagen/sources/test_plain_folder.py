"""Any folder of stems with a stems.yaml."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from datagen.sources import SourceError, recognise
from tests.datagen.making_layouts import write_audio
from tests.datagen.making_stems import Audio, noise, tone

MAPPING = """
stems:
  drums: [kick*, "snare*"]
  bass: Bass.WAV
  vocals: vox*
ignore: ["*old*"]
licence: CC BY 4.0
may_serve: true
"""
FILES: dict[str, Audio] = {
    "Kick in.wav": noise(1, seconds=1.0),
    "snare.flac": noise(2, seconds=1.0),
    "bass.wav": tone(80, seconds=1.0),
    "vox lead.wav": tone(400, seconds=1.0),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "session"
    for name, audio in FILES.items():
        write_audio(folder / name, audio)
    (folder / "stems.yaml").write_text(MAPPING, encoding="utf-8")
    return folder


def test_files_are_mapped_and_summed_whatever_their_capitals(root: Path) -> None:
    source = recognise(root)
    assert source.name == "plain_folder"
    audio = source.read("session", start_samples=0, length_samples=1000)
    drums = FILES["Kick in.wav"] + FILES["snare.flac"]
    np.testing.assert_allclose(audio[0], drums[:, :1000], atol=2**-14)
    np.testing.assert_allclose(audio[1], FILES["bass.wav"][:, :1000], atol=2**-15)
    assert not audio[2].any()


def test_licence_and_permissions_come_from_the_file(root: Path) -> None:
    (track,) = recognise(root).tracks()
    assert (track.licence, track.may_serve, track.may_publish) == ("CC BY 4.0", True, False)
    assert track.attribution == "session (CC BY 4.0)"


def test_subfolders_are_songs(root: Path, tmp_path: Path) -> None:
    album = tmp_path / "album"
    album.mkdir()
    (root / "stems.yaml").rename(album / "stems.yaml")
    root.rename(album / "Some Band - Some Title")
    (track,) = recognise(album).tracks()
    assert (track.key, track.artist, track.title) == ("Some Band - Some Title", "Some Band", "Some Title")


def test_stems_of_other_names_are_kept_in_their_order(root: Path) -> None:
    (root / "stems.yaml").write_text("stems: {strings: vox*, kick: kick*, low_end: bass*}")
    (track,) = recognise(root).tracks()
    assert track.stems == ("strings", "kick", "low_end")
    assert "not used: snare.flac" in track.warnings


def test_a_mixture_is_compared_and_never_a_stem(root: Path) -> None:
    write_audio(root / "mix.wav", np.sum(list(FILES.values()), axis=0), subtype="FLOAT")
    source = recognise(root)
    assert source.mixture_note("session").startswith("mixture minus sum of stems: -")


def test_a_mixture_that_is_mapped_to_a_stem_is_refused_by_name(root: Path) -> None:
    write_audio(root / "mixdown.wav", noise(9, seconds=1.0))
    (root / "stems.yaml").write_text('stems: {drums: kick*, bass: bass*, other: "*"}')
    (found,) = recognise(root).unusable()
    assert "mixdown.wav: a mixture is never a stem" in found.reason
    assert "bass.wav: belongs to bass and other" in found.reason


@pytest.mark.parametrize("gain", [1.0, 0.7, 1.5])
def test_a_mixture_under_another_name_is_refused_by_content(root: Path, gain: float) -> None:
    """Also where it was turned down, as mixes are when they are written to a file."""
    write_audio(root / "vox final.wav", gain * np.sum(list(FILES.values()), axis=0), subtype="FLOAT")
    (found,) = recognise(root).unusable()
    assert found.reason.startswith("vox final.wav: it is the sum of the other files")


def test_a_doubled_file_beside_others_is_no_mixture(root: Path) -> None:
    write_audio(root / "vox double.wav", FILES["vox lead.wav"])
    assert recognise(root).unusable() == ()


def test_an_ignored_file_is_not_used(root: Path) -> None:
    write_audio(root / "vox old.wav", noise(9, seconds=1.0))
    (track,) = recognise(root).tracks()
    assert any("vox old.wav" in warning for warning in track.warnings)


def test_every_mistake_of_the_mapping_is_named_at_once(root: Path) -> None:
    (root / "stems.yaml").write_text("stems: {Drums: 3}\nlicense: MIT\nmay_serve: maybe\nsplit: dev\nartist: [x]\n")
    with pytest.raises(SourceError) as caught:
        recognise(root).tracks()
    for part in (
        "unknown setting 'license'",
        "stem 'Drums'",
        "stems.Drums must",
        "may_serve must",
        "'dev'",
        "artist must",
    ):
        assert part in str(caught.value)


def test_another_mapping_makes_another_track(root: Path) -> None:
    before = recognise(root).tracks()[0].source_sha256
    (root / "stems.yaml").write_text(MAPPING.replace("vox*", "bass*").replace("Bass.WAV", "vox*"))
    assert recognise(root).tracks()[0].source_sha256 != before


def test_an_unreadable_song_is_reported_beside_the_others(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions bind no administrator, so the system's refusal is played."""
    (root / "stems.yaml").rename(tmp_path / "stems.yaml")
    (tmp_path / "locked").mkdir()
    listdir = os.listdir

    def refusing(path: str | Path = ".") -> list[str]:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied")
        return listdir(path)

    monkeypatch.setattr(os, "listdir", refusing)
    source = recognise(tmp_path)
    assert [track.key for track in source.tracks()] == ["session"]
    assert "cannot be read (Permission denied)" in {f.name: f.reason for f in source.unusable()}["locked"]


def test_all_problems_of_a_song_are_named_at_once(root: Path) -> None:
    write_audio(root / "mixdown.wav", noise(9, seconds=1.0))
    (root / "vox lead.wav").write_bytes(b"not audio")
    (root / "stems.yaml").write_text('stems: {drums: kick*, bass: bass*, other: "mix*", vocals: vox*}')
    (found,) = recognise(root).unusable()
    assert "mixdown.wav: a mixture is never a stem" in found.reason
    assert "vox lead.wav: not a WAV file" in found.reason


def test_a_mapping_that_links_out_of_the_root_is_not_read_nor_quoted(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("secret: [unclosed")
    (root / "stems.yaml").unlink()
    (root / "stems.yaml").symlink_to(tmp_path / "outside")
    with pytest.raises(SourceError, match=r"stems\.yaml: a link that leads out of the folder") as caught:
        recognise(root).tracks()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("extra", "warned"), [(1024, False), (1025, True)])
def test_lengths_may_differ_by_one_aac_frame(root: Path, extra: int, *, warned: bool) -> None:
    write_audio(root / "bass.wav", np.pad(FILES["bass.wav"], ((0, 0), (0, extra))))
    (track,) = recognise(root).tracks()
    assert track.length_samples == FILES["bass.wav"].shape[1]
    assert any("different length" in warning for warning in track.warnings) == warned
