"""Training rows as files: JSON Lines of every kind, and Parquet of those that trainers load by columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from studyweb.export.entries import Entries

TrainingRows = Mapping[str, Mapping[str, Callable[[], Iterator[dict[str, Any]]]]]
"""{kind: {split: its rows when asked for}}."""
AS_PARQUET = ("preference", "kto")
BATCH = 2_000


def write_training_files(entries: Entries, training: TrainingRows, folder: Path) -> None:
    """training/KIND/SPLIT.jsonl (and .parquet) for every kind and split that has rows."""
    for kind, splits in training.items():
        for split, rows in splits.items():
            lines, parquet = folder / "rows.jsonl", folder / "rows.parquet"
            written = _write(rows(), lines, parquet if kind in AS_PARQUET else None)
            if written:
                entries.write_file(f"training/{kind}/{split}.jsonl", lines, compress=True)
            if written and kind in AS_PARQUET:
                entries.write_file(f"training/{kind}/{split}.parquet", parquet)


def _write(rows: Iterator[dict[str, Any]], lines: Path, parquet: Path | None) -> int:
    """Write rows to both files, a batch at a time; how many there were."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    written, writer = 0, None
    with lines.open("w", encoding="utf-8") as file:
        while some := list(islice(rows, BATCH)):
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in some)
            written += len(some)
            if parquet is not None:
                table = pyarrow.Table.from_pylist(some, schema=writer.schema if writer else None)
                writer = writer or ParquetWriter(parquet, table.schema, compression="zstd")
                writer.write_table(table)
    if writer is not None:
        writer.close()
    return written
