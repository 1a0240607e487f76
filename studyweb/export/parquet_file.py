"""A table as a Parquet file: the same names, types and rows as its CSV, texts without the guard of spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from studyweb.export.behind import Behind
from studyweb.export.chunks import Block, Chunk
from studyweb.export.columns import Column, ColumnType
from studyweb.export.csv_text import TEXTS, as_json

ROW_GROUP = 50_000


class ParquetFile:
    """A file that takes chunks; pyarrow comes with the worker's requirements, the web process never needs it."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        import pyarrow
        from pyarrow import parquet

        self._pa, self._columns = pyarrow, columns
        self._schema = pyarrow.schema([(column.name, _arrow_type(pyarrow, column.type)) for column in columns])
        self._writer = parquet.ParquetWriter(path, self._schema, compression="zstd", store_schema=False)
        self._waiting: list[Any] = []
        self._rows = 0
        self._behind = Behind()

    def add(self, chunk: Chunk) -> None:
        """The next rows; they are written a row group at a time."""
        arrays = {name: array for block in chunk.blocks for name, array in self._arrays(block)}
        batch = self._pa.RecordBatch.from_arrays([arrays[column.name] for column in self._columns], schema=self._schema)
        self._waiting.append(batch)
        self._rows += len(chunk)
        if self._rows >= ROW_GROUP:
            self._flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """Write what is left and the footer."""
        with self._writer, self._behind:
            if error[0] is None:
                self._flush()

    def _flush(self) -> None:
        if self._waiting:
            table = self._pa.Table.from_batches(self._waiting, schema=self._schema)
            self._behind.do(self._writer.write_table, table, ROW_GROUP)
        self._waiting, self._rows = [], 0

    def _arrays(self, block: Block) -> list[tuple[str, Any]]:
        """(Name, array) of the block's columns that are exported."""
        pa = self._pa
        index = None if block.index is None else pa.array(block.index, type=pa.int32())
        values = dict(zip(block.names, zip(*block.rows, strict=True), strict=True))
        arrays = []
        for column in self._columns:
            if column.key in values:
                array = self._array(values[column.key], column)
                arrays.append((column.name, array if index is None else array.take(index)))
        return arrays

    def _array(self, values: Sequence[Any], column: Column) -> Any:
        kind = self._schema.field(column.name).type
        if column.type in ("text", "code") and not TEXTS.issuperset(map(type, values)):
            return self._pa.array([_text(value) for value in values], type=kind)
        if column.type == "datetime" and any(type(value) is str for value in values):
            return self._pa.array(values, type=self._pa.string()).cast(kind)
        return self._pa.array(values, type=kind)


def _text(value: Any) -> Any:
    return as_json(value) if isinstance(value, Mapping | list) else value


def _arrow_type(pa: Any, kind: ColumnType) -> Any:
    types: dict[ColumnType, Any] = {
        "text": pa.string(),
        "code": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "datetime": pa.timestamp("us", tz="UTC"),
    }
    return types[kind]
