"""The export archive: every table as CSV and Parquet with its code book, readers, scripts and checksums, in one zip."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from datagen.requests import Progress
from studyweb.export.chunks import Chunk
from studyweb.export.codebook import codebook_csv, codebook_json, codebook_markdown
from studyweb.export.collection import no_collection
from studyweb.export.columns import Profile, columns_of, tables_of
from studyweb.export.csv_text import csv_header, csv_text
from studyweb.export.datapackage import data_package, dataset_description, table_path
from studyweb.export.entries import Entries
from studyweb.export.parquet_file import ParquetFile
from studyweb.export.readme import readme
from studyweb.export.training_files import JSON, TrainingRows, make_training_files, move_training_files
from studyweb.export.training_process import training_in_parallel

READERS = Path(__file__).with_name("readers")
TEXT_FIELDS = ("participant_id", "trial_id", "step", "revision", "value")


@dataclass(frozen=True)
class ExportRequest:
    """One archive to write; `chunks` streams a table's rows when it is asked for."""

    path: Path
    title: str
    slug: str
    file_text: str
    file_sha256: str
    frozen_sha256: str
    profile: Profile
    masked: bool
    is_simulated: bool
    withdrawn: int
    """How many people had withdrawn before anything was read."""
    n_left_out: int
    """How many did not agree to publication; 0 for a project export."""
    chunks: Callable[[str], Iterator[Chunk]]
    training: TrainingRows | None
    """Rows to train with; None while the study is masked, because they tell which advice won."""
    in_parallel: bool = False
    """Whether training rows are made in a second process; it sees only what is committed."""


@dataclass(frozen=True)
class ExportResult:
    """What was written: the archive's hash, the number of data rows by table, and whose data can be in it."""

    path: str
    sha256: str
    row_counts: dict[str, int]
    withdrawn: int


def write_archive(request: ExportRequest, progress: Progress) -> ExportResult:
    """Write the archive to a temporary name and put it in place when it is complete; memory use does not grow.

    Tables are read from the answers towards the participants, so that in a running study every answer's trial and
    every trial's participant is in the tables that are read after it.
    """
    request.path.parent.mkdir(parents=True, exist_ok=True)
    partial = request.path.with_suffix(".partial")
    try:
        with no_collection(), TemporaryDirectory(dir=partial.parent, prefix=f"{partial.stem}.") as folder:
            counts = _write_entries(partial, Path(folder), request, progress)
        progress(1.0, "done")  # an attempt that was given up stops here
        partial.replace(request.path)
    finally:
        partial.unlink(missing_ok=True)
    return ExportResult(str(request.path), _sha256_of(request.path), counts, request.withdrawn)


def _write_entries(path: Path, folder: Path, request: ExportRequest, progress: Progress) -> dict[str, int]:
    """Write every entry, in `folder` what cannot be streamed into the zip at once; {table: number of data rows}."""
    counts: dict[str, int] = {}
    tables = tables_of(masked=request.masked)
    with zipfile.ZipFile(path, "w") as archive, _training(request, folder) as training_is_made:
        entries = Entries(archive)
        for index, table in enumerate(reversed(tables)):
            progress(index / len(tables), f"writing {table}")
            counts[table] = _write_table(entries, table, folder, request)
        counts = {table: counts[table] for table in tables}
        training_is_made()
        move_training_files(entries, folder)
        for name, text in _documents(request, counts).items():
            entries.write_text(name, text)
        entries.write_checksums()
    return counts


def _training(request: ExportRequest, folder: Path) -> AbstractContextManager[Callable[[], None]]:
    """What makes the training files, or waits for them where a second process makes them."""
    rows = request.training
    if rows is None:
        return nullcontext(lambda: None)
    if request.in_parallel:
        return training_in_parallel(rows, folder)
    return nullcontext(lambda: make_training_files(rows(), folder))


def _write_table(entries: Entries, table: str, folder: Path, request: ExportRequest) -> int:
    """One table as CSV, as Parquet and, of answers, its free texts letter by letter; the rows are read once."""
    columns = columns_of(table, masked=request.masked, profile=request.profile)
    parquet, texts = folder / "table.parquet", folder / "texts.jsonl"
    counted = []
    with ParquetFile(parquet, columns) as table_file, texts.open("w", encoding="utf-8") as text_file:

        def pieces() -> Iterator[bytes]:
            yield csv_header(columns).encode()
            for chunk in request.chunks(table):
                counted.append(len(chunk))
                table_file.add(chunk)
                text_file.writelines(_texts_in(chunk) if table == "answers" else ())
                yield csv_text(columns, chunk).encode()

        entries.write(table_path(table), pieces())
    entries.write_file(f"parquet/{table}.parquet", parquet)
    if table == "answers":
        entries.write_file("texts.jsonl", texts, compress=True)
    return sum(counted)


def _texts_in(chunk: Chunk) -> Iterator[str]:
    """What participants wrote, letter by letter, one JSON object a line."""
    numbers = chunk.numbers_with("kind", "text")
    for values in zip(*(chunk.values(name, numbers) for name in TEXT_FIELDS), strict=True):
        yield JSON.encode(dict(zip(TEXT_FIELDS, values, strict=True))) + "\n"


def _documents(request: ExportRequest, counts: Mapping[str, int]) -> dict[str, str]:
    masked, profile = request.masked, request.profile
    readers = {path.name: path.read_text(encoding="utf-8") for path in sorted(READERS.glob("*.*"))}
    package = data_package(slug=request.slug, title=request.title, masked=masked, profile=profile)
    described = dataset_description(title=request.title, masked=masked, profile=profile)
    return {
        "README.md": readme(request, counts),
        "codebook.md": codebook_markdown(title=request.title, masked=masked, profile=profile),
        "codebook.json": _json(codebook_json(masked=masked, profile=profile)),
        "codebook.csv": codebook_csv(masked=masked, profile=profile),
        "datapackage.json": _json(package),
        "dataset_description.json": _json(described),
        ".psychds-ignore": "parquet/\ntraining/\n",
        "study.yaml": request.file_text,
        **readers,
    }


def _json(data: object) -> str:
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
