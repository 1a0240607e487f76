"""`python -m datagen render`: files that are the triplets, scaled by one stated factor; whole or absent; resumable."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from datagen.__main__ import main
from datagen.recipe_table import read_info, read_recipes
from datagen.recipes import recipe_from_json
from datagen.render_plan import RenderError, RenderRequest, plan_render
from datagen.triplet_files import HEADROOM_PEAK, PARTIAL
from datagen.triplets import iterate_triplets
from datagen.words import REFERENCE_KINDS, STEMS
from tests.datagen.making_recipes import PUBLISHABLE, build_recipes, write_songs
from tests.datagen.making_stems import RATE

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Forty recipes over two songs that may be published."""
    return build_recipes(tmp_path / "r.parquet", write_songs(tmp_path / "songs"))


def lines_of(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "triplets.jsonl").read_text("utf-8").splitlines()]


def audio_of(out: Path, line: dict[str, Any], side: str) -> np.ndarray:
    """Stems and then the mix of a rendered set, [stems + 1, 2, samples]."""
    names = [*line[side]["stems"].values(), line[side]["mix"]]
    return np.stack([soundfile.read(out / line["folder"] / name, dtype="float64")[0].T for name in names])


def folders_of(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir() if path.is_dir())


def writes_a_set(out: Path) -> bool:
    """A triplet under way holds a file. `os.walk`, as the folder may be renamed while it is looked into."""
    return any(files for partial in out.glob(f"{PARTIAL}*") for _, _, files in os.walk(partial))


def test_files_are_the_triplet_once_the_factor_is_undone(file: Path, tmp_path: Path) -> None:
    kinds = [recipe.reference_kind for recipe in read_recipes(file)]
    places = sorted(kinds.index(kind) for kind in REFERENCE_KINDS)
    assert main(["render", str(file), str(tmp_path / "out"), "--items", *map(str, places)]) == 0
    lines = lines_of(tmp_path / "out")
    for line, triplet in zip(lines, iterate_triplets(file, places=places), strict=True):
        for side, stem_set in (("problem", triplet.problem), ("reference", triplet.reference)):
            if stem_set is None:
                assert line[side] is None
                continue
            written = audio_of(tmp_path / "out", line, side) / line["headroom_gain"]
            expected = np.concatenate([stem_set.stems, stem_set.mix[None]])
            half_a_step = 0.5 * 2**-23 / line["headroom_gain"]
            np.testing.assert_allclose(written, expected, rtol=0, atol=1.001 * half_a_step)


def test_no_file_reaches_full_scale_and_the_loudest_says_the_factor(file: Path, tmp_path: Path) -> None:
    assert main(["render", str(file), str(tmp_path / "out"), "--first", "12"]) == 0
    factors = []
    for line in lines_of(tmp_path / "out"):
        sides = [side for side in ("problem", "reference") if line[side]]
        peak = max(np.abs(audio_of(tmp_path / "out", line, side)).max() for side in sides)
        assert peak <= HEADROOM_PEAK + 2**-23
        assert peak == pytest.approx(HEADROOM_PEAK, abs=1e-6) or line["headroom_gain"] == 1.0
        factors.append(line["headroom_gain"])
    assert min(factors) < 0.9


def test_line_says_all_about_the_triplet(file: Path, tmp_path: Path) -> None:
    assert main(["render", str(file), str(tmp_path / "out"), "--items", "5", "7-8"]) == 0
    lines = lines_of(tmp_path / "out")
    recipes = list(read_recipes(file))
    assert [line["index"] for line in lines] == [5, 7, 8]
    for line, triplet in zip(lines, iterate_triplets(file, places=[5, 7, 8]), strict=True):
        assert recipe_from_json(line["recipe"]) == recipes[line["index"]]
        assert line["label_db"] == {change.stem: change.gain_db for change in triplet.label}
        assert (line["finding"], line["advice"]) == (triplet.explanation.finding, triplet.explanation.advice)
        assert (line["brief"], line["sample_rate"], line["stems"]) == (triplet.recipe.brief, RATE, list(STEMS))
        drums = triplet.measures["drums"]
        assert line["measures"]["drums"]["mix_effect_lu"] == pytest.approx(drums.mix_effect_lu, abs=1e-4)
        assert line["measures"]["drums"]["audible"] is drums.audible
        about = line["tracks"]["problem"]
        assert (about["licence"], about["attribution"]) == ("CC BY 4.0", "The Testers (CC BY 4.0)")
        assert line["may_publish"] is True


def test_files_are_24_bit_stereo_flac(file: Path, tmp_path: Path) -> None:
    assert main(["render", str(file), str(tmp_path / "out"), "--first", "1"]) == 0
    files = sorted((tmp_path / "out").glob("*/*.flac"))
    assert {(i.format, i.subtype, i.channels, i.frames) for i in map(soundfile.info, files)} == {
        ("FLAC", "PCM_24", 2, 4 * RATE)
    }


def test_stems_are_resampled_on_request(file: Path, tmp_path: Path) -> None:
    assert main(["render", str(file), str(tmp_path / "out"), "--first", "1", "--sample-rate", "16000"]) == 0
    (line,) = lines_of(tmp_path / "out")
    assert line["sample_rate"] == 16_000
    assert audio_of(tmp_path / "out", line, "problem").shape == (5, 2, 64_000)


def test_the_size_is_said_first_and_not_exceeded(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    plan = plan_render(RenderRequest(file, out, first=3))
    capsys.readouterr()
    assert main(["render", str(file), str(out), "--first", "3"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("0 triplets rendered already, 3 to go: at most 0.03 GiB into ")
    assert said[-2:] == ["3 of 3: 0000002", f"{out / 'triplets.jsonl'}: 3 triplets"]
    assert sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) <= plan.needed_bytes


def test_a_second_run_keeps_what_is_there(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["render", str(file), str(out), "--items", "1"]) == 0
    before = {path: path.stat().st_mtime_ns for path in out.glob("*/*")}
    capsys.readouterr()
    assert main(["render", str(file), str(out), "--first", "2"]) == 0
    assert capsys.readouterr().out.startswith("1 triplets rendered already, 1 to go")
    assert all(path.stat().st_mtime_ns == time_ns for path, time_ns in before.items())
    assert [line["index"] for line in lines_of(out)] == [0, 1]


def test_a_killed_render_goes_on_where_it_stopped(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "datagen", "render", str(file), str(out)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 60
    while not (list(out.glob("0*")) and writes_a_set(out)):
        assert time.monotonic() < deadline
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    whole = [name for name in folders_of(out) if not name.startswith(PARTIAL)]
    before = {path: path.stat().st_mtime_ns for name in whole for path in (out / name).iterdir()}
    assert main(["render", str(file), str(out), "--first", "15"]) == 0
    assert folders_of(out)[:15] == [f"{place:07d}" for place in range(15)]
    assert not list(out.glob(f"{PARTIAL}*"))
    assert all(path.stat().st_mtime_ns == time_ns for path, time_ns in before.items())


def test_a_disk_that_fills_up_leaves_no_half_triplet(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["render", str(file), str(out), "--items", "0"]) == 0
    limited = (
        "import resource, sys; from datagen.__main__ import main; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)); sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", limited, "render", str(file), str(out), "--first", "3"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "recipe 1 could not be written (File too large); 0 of 2 are whole and stay" in done.stderr
    assert folders_of(out) == ["0000000"]
    assert [line["index"] for line in lines_of(out)] == [0]


def test_a_disk_that_is_too_small_is_named_before_anything_is_written(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 10**9, 1000))
    assert main(["render", str(file), str(tmp_path / "out")]) == 2
    assert "are needed, 0.00 GiB are free" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_tracks_that_may_not_be_published_are_rendered_only_in_private(tmp_path: Path, falcon: Path) -> None:
    file = build_recipes(tmp_path / "r.parquet", falcon, count=4)
    with pytest.raises(RenderError, match=r"Falcon 69 \(CC BY-NC-SA 3.0\): its audio may not be published") as caught:
        plan_render(RenderRequest(file, tmp_path / "out"))
    assert len(caught.value.problems) == 1
    assert main(["render", str(file), str(tmp_path / "out"), "--private"]) == 0
    assert [line["may_publish"] for line in lines_of(tmp_path / "out")] == [False] * 4


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    settings = PUBLISHABLE.replace("may_publish: true", "may_publish: false")
    songs = write_songs(tmp_path / "songs", settings=settings)
    file = build_recipes(tmp_path / "r.parquet", songs)
    shutil.rmtree(songs / "Song 1")
    with pytest.raises(RenderError) as caught:
        plan_render(RenderRequest(file, file, items=["0-39", "40", "x", "3-", "7-5"], sample_rate=1))
    problems = "\n".join(caught.value.problems)
    for expected in (
        "r.parquet: is a file, expected a folder",
        "--sample-rate 1: expected 8000 to 192000 Hz",
        "--items 40: the file holds recipes 0 to 39",
        "--items x: expected a number",
        "--items 3-: expected a number",
        "--items 7-5: the file holds",
        "Song 0 (CC BY 4.0): its audio may not be published",
        "Song 1 (CC BY 4.0): its audio may not be published",
        "has no track 'Song 1'",
    ):
        assert expected in problems


def test_a_folder_of_other_triplets_is_refused(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["render", str(file), str(out), "--items", "0", "1"]) == 0
    (out / "0000001" / "problem.flac").unlink()
    other = build_recipes(tmp_path / "other.parquet", tmp_path / "songs", seed=8)
    with pytest.raises(RenderError) as caught:
        plan_render(RenderRequest(other, out, first=2))
    assert "0000000: holds another triplet" in str(caught.value)
    assert "0000001: not a whole triplet; delete it" in str(caught.value)


def test_advice_with_other_reasons_is_another_triplet(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["render", str(file), str(out), "--first", "1", "--reasons"]) == 0
    assert lines_of(out)[0]["reasons"] is True
    with pytest.raises(RenderError, match="holds another triplet"):
        plan_render(RenderRequest(file, out, first=1))


def test_two_renders_do_not_write_into_one_folder(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = subprocess.Popen(
        [sys.executable, "-m", "datagen", "render", str(file), str(out)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert first.stdout is not None
    first.stdout.readline()
    first.stdout.readline()
    try:
        assert main(["render", str(file), str(out)]) == 2
    finally:
        first.kill()
        first.communicate()


def test_first_takes_no_more_than_there_are(file: Path, tmp_path: Path) -> None:
    assert len(plan_render(RenderRequest(file, tmp_path / "out", first=10**6)).pending) == read_info(file).count
    with pytest.raises(RenderError, match="--first 0: expected a number of at least 1"):
        plan_render(RenderRequest(file, tmp_path / "out", first=0))
