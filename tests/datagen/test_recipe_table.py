"""Files of recipes: the same bytes for the same seed, readable as recipes and as a plain table, complete or absent."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datagen.candidates import Candidate, CandidatePool
from datagen.recipe_arrow import track_name
from datagen.recipe_settings import check_settings
from datagen.recipe_table import RecipeTableError, TableInfo, read_info, read_recipes, write_recipes
from datagen.recipes import draw_recipe
from datagen.requests import ExcerptRef, TrackRef
from datagen.words import REFERENCE_KINDS, STEMS

RATE = 44_100
SETTINGS = check_settings({"reference_kinds": dict.fromkeys(REFERENCE_KINDS, 1)})
REFS = [TrackRef("musdb18", f"Artist - Song {number}", "/data") for number in range(3)]
POOL = CandidatePool(
    tuple(
        Candidate(ExcerptRef(ref, start_s * RATE, 20 * RATE, RATE), STEMS, "rock", "chorus", "vocals")
        for ref in REFS
        for start_s in (0, 30, 60)
    )
)


def info(count=500):
    tracks = {track_name(ref): {"source": ref.source, "root": ref.root, "key": ref.key} for ref in REFS}
    return TableInfo(seed=5, count=count, stems=STEMS, config={"seed": 5}, tracks=tracks)


def write(path, count=500):
    write_recipes(path, info(count), pool=POOL, settings=SETTINGS)
    return path


def test_file_holds_the_recipes_of_its_seed(tmp_path):
    recipes = list(read_recipes(write(tmp_path / "r.parquet")))

    assert recipes == [draw_recipe(5, index, pool=POOL, settings=SETTINGS) for index in range(500)]


def test_part_of_a_file_can_be_read(tmp_path):
    path = write(tmp_path / "r.parquet")
    assert list(read_recipes(path, start=490, count=20)) == list(read_recipes(path))[490:]


def test_same_arguments_give_the_same_bytes(tmp_path):
    one, two = (write(tmp_path / name).read_bytes() for name in ("one.parquet", "two.parquet"))
    assert one == two


def test_footer_says_what_the_file_is(tmp_path):
    assert read_info(write(tmp_path / "r.parquet")) == info()


def test_table_is_plain_for_other_readers(tmp_path):
    table = pq.read_table(write(tmp_path / "r.parquet"))

    assert table.num_rows == 500
    assert table["index"].to_pylist() == list(range(500))
    assert set(table["reference_kind"].to_pylist()) == set(REFERENCE_KINDS)
    without = [row for row in table.to_pylist() if row["reference_kind"] == "none"]
    assert all(row["reference_track"] is None and row["reference_start_samples"] is None for row in without)


def test_file_of_a_million_recipes_would_be_small(tmp_path):
    assert write(tmp_path / "r.parquet", count=20_000).stat().st_size < 20_000 * 100


def test_nothing_is_left_when_drawing_fails(tmp_path):
    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_recipes(tmp_path / "r.parquet", info(), pool=POOL, settings=SETTINGS, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_failed_writing_keeps_the_file_that_was_there(tmp_path):
    before = write(tmp_path / "r.parquet").read_bytes()
    with pytest.raises(OSError, match="full"):
        write_recipes(tmp_path / "r.parquet", info(), pool=POOL, settings=SETTINGS, progress=full_disk)
    assert (tmp_path / "r.parquet").read_bytes() == before


def full_disk(_):
    raise OSError("disk full")


def test_truncated_file_is_named(tmp_path):
    path = write(tmp_path / "r.parquet")
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(RecipeTableError, match=r"r\.parquet: not a complete file of recipes"):
        read_info(path)


def test_parquet_of_somebody_else_is_named(tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    with pytest.raises(RecipeTableError, match="not a complete file of recipes"):
        list(read_recipes(tmp_path / "other.parquet"))


def test_newer_schema_is_refused(tmp_path):
    newer = TableInfo(**{**vars(info()), "schema_version": 99})
    write_recipes(tmp_path / "r.parquet", newer, pool=POOL, settings=SETTINGS)
    with pytest.raises(RecipeTableError, match="schema version 99"):
        read_info(tmp_path / "r.parquet")
