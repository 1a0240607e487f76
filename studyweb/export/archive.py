"""The export archive: every table as CSV with its code book, readers, the study file and checksums, in one zip."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.requests import Progress
from studyweb.export.codebook import codebook_csv, codebook_json, codebook_markdown
from studyweb.export.columns import columns_of, tables_of
from studyweb.export.csv_text import csv_lines

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""Zip entries carry no clock, so that the same data give the same bytes."""
READERS = Path(__file__).with_name("readers")
TEXT_FIELDS = ("participant_id", "trial_id", "step", "revision", "value")


@dataclass(frozen=True)
class ExportRequest:
    """One archive to write; `rows` streams a table's rows when it is asked for."""

    path: Path
    title: str
    slug: str
    file_text: str
    file_sha256: str
    frozen_sha256: str
    masked: bool
    is_simulated: bool
    withdrawn: int
    """How many people had withdrawn before anything was read."""
    rows: Callable[[str], Iterator[Mapping[str, Any]]]


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
        counts = _write_entries(partial, request, progress)
        progress(1.0, "done")  # an attempt that was given up stops here
        partial.replace(request.path)
    finally:
        partial.unlink(missing_ok=True)
    return ExportResult(str(request.path), _sha256_of(request.path), counts, request.withdrawn)


def _write_entries(path: Path, request: ExportRequest, progress: Progress) -> dict[str, int]:
    """Write every entry; {table: number of data rows}."""
    checksums: dict[str, str] = {}
    counts: dict[str, int] = {}
    tables = tables_of(masked=request.masked)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for index, table in enumerate(reversed(tables)):
            progress(index / len(tables), f"writing {table}.csv")
            lines = csv_lines(columns_of(table, masked=request.masked), request.rows(table))
            written, checksums[f"{table}.csv"] = _write_lines(archive, f"{table}.csv", lines)
            counts[table] = written - 1  # the header is a line too
        counts = {table: counts[table] for table in tables}
        _, checksums["texts.jsonl"] = _write_lines(archive, "texts.jsonl", _original_texts(request.rows("answers")))
        for name, text in _documents(request, counts).items():
            _, checksums[name] = _write_lines(archive, name, [text])
        _write_lines(archive, "SHA256SUMS", (f"{digest}  {name}\n" for name, digest in sorted(checksums.items())))
    return counts


def _write_lines(archive: zipfile.ZipFile, name: str, lines: Iterable[str]) -> tuple[int, str]:
    """Stream lines into one entry; how many there were, and the entry's hash."""
    digest, count = hashlib.sha256(), 0
    info = zipfile.ZipInfo(name, FIXED_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    with archive.open(info, "w", force_zip64=True) as file:
        buffer = io.BufferedWriter(file, 1 << 16)
        for line in lines:
            data = line.encode()
            digest.update(data)
            buffer.write(data)
            count += 1
        buffer.flush()
    return count, digest.hexdigest()


def _original_texts(answers: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What participants wrote, letter by letter, one JSON object a line."""
    for row in answers:
        if row["kind"] == "text":
            yield json.dumps({name: row[name] for name in TEXT_FIELDS}, ensure_ascii=False) + "\n"


def _documents(request: ExportRequest, counts: Mapping[str, int]) -> dict[str, str]:
    readers = {path.name: path.read_text(encoding="utf-8") for path in sorted(READERS.glob("read_export.*"))}
    return {
        "README.md": _readme(request, counts),
        "codebook.md": codebook_markdown(title=request.title, masked=request.masked),
        "codebook.json": json.dumps(codebook_json(masked=request.masked), indent=1, ensure_ascii=False) + "\n",
        "codebook.csv": codebook_csv(masked=request.masked),
        "study.yaml": request.file_text,
        **readers,
    }


def _readme(request: ExportRequest, counts: Mapping[str, int]) -> str:
    warning = "**SIMULATED DATA: every answer was given by a bot.**\n\n" if request.is_simulated else ""
    masked = "Arms are masked: nothing here tells which system wrote what. Unblind the study, then export again.\n\n"
    rows = "".join(f"- `{table}.csv`: {count} rows\n" for table, count in counts.items())
    return (
        f"# Export of “{request.title}”\n\n{warning}{masked if request.masked else ''}{rows}"
        "- `texts.jsonl`: what participants wrote, letter by letter\n\n"
        "UTF-8, comma separated, times in UTC. Empty means missing. `codebook.md` says what every column means "
        "(`codebook.json` and `codebook.csv` say it to programs); `answers.csv` holds the current revision of every "
        "stored answer, `revisions.csv` what was corrected. Cells that a spreadsheet would run as a formula start with "
        "an apostrophe; `read_export.py` (pandas) and `read_export.R` take it away and keep every type.\n\n"
        f"Study file: `study.yaml`, SHA-256 {request.file_sha256}; "
        f"frozen study: {request.frozen_sha256 or 'not opened'}.\n"
        "`SHA256SUMS` checks every file (`sha256sum -c SHA256SUMS`).\n"
    )


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
