"""Files of recipes in the hands of others: plain columns, row groups, and Hugging Face `datasets`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow.parquet as pq
import pytest

from datagen.recipe_rows import recipes_at
from datagen.recipe_table import ROWS_AT_ONCE, RecipeTableError, read_info, read_recipes, recipe_of_row
from tests.datagen.making_recipes import write_many

PHYSICAL_TYPES = {"INT32", "INT64", "FLOAT", "BYTE_ARRAY"}
COUNT = ROWS_AT_ONCE + 50


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A little more than one row group."""
    return write_many(tmp_path_factory.mktemp("recipes") / "r.parquet", count=COUNT)


@pytest.fixture
def datasets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Hugging Face's library, without a network and with a cache of its own."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    return pytest.importorskip("datasets", reason="Hugging Face datasets is not installed (pip install datasets)")


def test_columns_are_flat_and_of_plain_types(file: Path) -> None:
    schema = pq.ParquetFile(file).schema
    columns = [schema.column(place) for place in range(len(schema))]
    assert {column.physical_type for column in columns} == PHYSICAL_TYPES
    assert {column.logical_type.type for column in columns} == {"NONE", "INT", "STRING"}
    assert {column.max_repetition_level for column in columns} == {0}


def test_one_column_of_one_row_group_can_be_read_alone(file: Path) -> None:
    opened = pq.ParquetFile(file)
    assert opened.metadata.num_row_groups == 2
    table = opened.read_row_group(1, columns=["index"])
    assert table.column_names == ["index"]
    assert table["index"].to_pylist() == list(range(ROWS_AT_ONCE, COUNT))


def test_rows_become_recipes_wherever_they_were_read(file: Path) -> None:
    info = read_info(file)
    rows = pq.ParquetFile(file).read_row_group(1).to_pylist()
    assert [recipe_of_row(row, info) for row in rows] == list(read_recipes(file, start=ROWS_AT_ONCE))


def test_recipes_are_found_by_place_in_any_order(file: Path) -> None:
    places = [ROWS_AT_ONCE + 49, 0, ROWS_AT_ONCE, ROWS_AT_ONCE - 1]
    one_by_one = [next(read_recipes(file, start=place, count=1)) for place in places]
    assert list(recipes_at(file, places)) == one_by_one


@pytest.mark.parametrize("place", [-1, COUNT])
def test_a_place_outside_the_file_is_named(file: Path, place: int) -> None:
    with pytest.raises(RecipeTableError, match=f"it holds recipes 0 to {COUNT - 1}, there is no {place}"):
        list(recipes_at(file, [place]))


@pytest.mark.parametrize("streaming", [True, False])
def test_hugging_face_datasets_loads_the_file(tmp_path: Path, datasets: ModuleType, streaming: bool) -> None:
    few = write_many(tmp_path / "few.parquet", count=500)
    loaded: Iterable[dict[str, Any]] = datasets.load_dataset(
        "parquet", data_files=str(few), split="train", streaming=streaming, cache_dir=str(tmp_path / "hf")
    )
    info = read_info(few)
    assert [recipe_of_row(row, info) for row in loaded] == list(read_recipes(few))
