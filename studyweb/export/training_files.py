"""Training rows as files: JSON Lines of every kind, and Parquet of those that trainers load by columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, Self

from studyweb.export.entries import Entries

Rows = Iterator[tuple[str, str, dict[str, Any]]]
"""(Kind, split, row)."""
TrainingRows = Callable[[], Rows]
"""The rows, when they are asked for."""
AS_PARQUET = ("preference", "kto")
BATCH = 10_000
JSON = json.JSONEncoder(ensure_ascii=False)


def make_training_files(rows: Rows, folder: Path) -> None:
    """training/KIND/SPLIT.jsonl (and .parquet) in `folder`, for every kind and split that has rows."""
    files: dict[tuple[str, str], SplitFile] = {}
    with ExitStack() as stack:
        while some := list(islice(rows, BATCH)):
            of_file: dict[tuple[str, str], list[dict[str, Any]]] = {}
            for kind, split, row in some:
                of_file.setdefault((kind, split), []).append(row)
            for (kind, split), batch in of_file.items():
                if (kind, split) not in files:
                    file = SplitFile(folder / "training" / kind / split, as_parquet=kind in AS_PARQUET)
                    files[kind, split] = stack.enter_context(file)
                files[kind, split].add(batch)


def move_training_files(entries: Entries, folder: Path) -> None:
    """Put the files that were made in `folder` into the archive."""
    for path in sorted(folder.glob("training/*/*")):
        entries.write_file(path.relative_to(folder).as_posix(), path, compress=path.suffix == ".jsonl")
        path.unlink()


class SplitFile:
    """One split's rows as JSON Lines and, where asked for, as Parquet."""

    def __init__(self, path: Path, *, as_parquet: bool) -> None:
        self._lines, self._parquet = path.with_suffix(".jsonl"), path.with_suffix(".parquet")
        self._as_parquet = as_parquet
        self._writer: Any = None

    def __enter__(self) -> Self:
        self._lines.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._lines.open("w", encoding="utf-8")
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()
        if self._writer is not None:
            self._writer.close()

    def add(self, rows: list[dict[str, Any]]) -> None:
        """The next rows; the first ones say which columns there are."""
        self._file.writelines(JSON.encode(row) + "\n" for row in rows)
        if self._as_parquet:
            import pyarrow
            from pyarrow.parquet import ParquetWriter

            table = pyarrow.Table.from_pylist(rows, schema=self._writer.schema if self._writer else None)
            self._writer = self._writer or ParquetWriter(self._parquet, table.schema, compression="zstd")
            self._writer.write_table(table)
