"""build and verify on the real song: from a settings file to a file of recipes whose labels the oracle gives back."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from datagen.__main__ import main
from datagen.build_settings import check_build_settings
from datagen.gate import pass_gate
from datagen.recipe_table import read_info, read_recipes
from tests.datagen.making_stems import RATE, four_stems, write_song_wavs

ROOT = Path(__file__).parents[2]
ONE = {"seed": 1, "count": 1, "excerpt_length_s": 4}

SETTINGS = """
seed: 4
count: 60
excerpt_length_s: 4
hop_s: 0.5
sources: [{{path: "{path}"}}]
recipes:
  reference_kinds: {{same_passage: 1, none: 1}}
"""


@pytest.fixture
def built(tmp_path, falcon):
    (tmp_path / "s.yaml").write_text(SETTINGS.format(path=falcon))
    assert main(["build", str(tmp_path / "s.yaml"), str(tmp_path / "r.parquet")]) == 0
    return tmp_path / "r.parquet"


def test_oracle_gives_every_label_of_the_real_song_back(built, capsys):
    assert main(["verify", str(built)]) == 0
    assert "wrong labels: 0" in capsys.readouterr().out


def test_file_keeps_licence_hash_and_settings_of_its_tracks(built):
    info = read_info(built)
    (about,) = info.tracks.values()

    assert len(about["source_sha256"]) == 64
    assert about["licence"]
    assert about["may_publish"] is False
    assert info.config["excerpt_length_s"] == 4.0


def test_recipes_point_into_the_song(built, falcon):
    for recipe in read_recipes(built):
        assert recipe.excerpt.track.key == "The Easton Ellises - Falcon 69"
        assert recipe.excerpt.length_samples == 4 * recipe.excerpt.sample_rate


def test_mistakes_of_a_settings_file_are_one_message(tmp_path, capsys):
    (tmp_path / "s.yaml").write_text("count: 0\nsources: []\n")
    assert main(["build", str(tmp_path / "s.yaml"), str(tmp_path / "r.parquet")]) == 2
    assert "seed is None" in capsys.readouterr().err
    assert not (tmp_path / "r.parquet").exists()


def test_path_without_the_split_is_named(falcon):
    settings = check_build_settings(
        {"seed": 1, "count": 1, "sources": [{"path": str(falcon), "split": "train"}], "excerpt_length_s": 4}
    )
    with pytest.raises(ValueError, match="no track of split 'train'"):
        pass_gate(settings)


def test_another_process_writes_the_same_bytes(built, tmp_path):
    """Another hash seed, an empty cache: nothing of this process goes into the file."""
    other = tmp_path / "other.parquet"
    environment = {**os.environ, "PYTHONHASHSEED": "17", "MIXTRIAL_CACHE": str(tmp_path / "other cache")}
    command = [sys.executable, "-m", "datagen", "build", str(tmp_path / "s.yaml"), str(other)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=120)
    assert other.read_bytes() == built.read_bytes()


def test_a_build_that_is_killed_leaves_no_file(built, tmp_path):
    before = built.read_bytes()
    command = [sys.executable, "-m", "datagen", "build", str(tmp_path / "s.yaml"), str(built), "--count", "50000000"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size for path in tmp_path.glob(".r.parquet.*")):
        assert time.monotonic() < deadline
        assert process.poll() is None
    process.kill()
    process.wait()
    assert built.read_bytes() == before
    assert [path.name for path in tmp_path.glob("*.parquet")] == ["r.parquet"]


def test_what_a_killed_build_left_is_cleared_by_the_next(built, tmp_path):
    (tmp_path / ".r.parquet.4194305.part").write_bytes(b"half")
    assert main(["build", str(tmp_path / "s.yaml"), str(built)]) == 0
    assert list(tmp_path.glob(".*.part")) == []


def test_windows_in_which_no_change_is_unique_are_left_out_so_that_the_clean_share_holds(tmp_path):
    stems = four_stems(seconds=20.0)
    stems["vocals"][:, 8 * RATE :] = 0
    stems["other"][:, 8 * RATE :] = 0
    write_song_wavs(tmp_path / "Some Band - Song", stems)
    two_stems = {name: audio * (name in ("drums", "bass")) for name, audio in four_stems(seconds=8.0).items()}
    write_song_wavs(tmp_path / "Some Band - Duo", two_stems)
    gate = pass_gate(check_build_settings({**ONE, "sources": [{"path": str(tmp_path)}]}))
    assert {len(candidate.audible) for candidate in gate.pool.candidates} == {4}
    assert gate.left_out == (
        "Some Band - Duo: fewer than three stems are audible in any window, so no change has only one explanation",
        "Some Band - Song: 9 of 17 windows with fewer than three audible stems",
    )
