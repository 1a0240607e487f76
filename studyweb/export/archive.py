"""The export archive: every table as CSV with its code book, the study file, a README and checksums, in one zip."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.requests import Progress
from studyweb.export.codebook import codebook_json, codebook_markdown
from studyweb.export.columns import columns_of, tables_of
from studyweb.export.csv_text import csv_lines

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""Zip entries carry no clock, so that the same data give the same bytes."""


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
    rows: Callable[[str], Iterator[Mapping[str, Any]]]


@dataclass(frozen=True)
class ExportResult:
    """What was written: the archive's hash and the number of data rows by table."""

    path: str
    sha256: str
    row_counts: dict[str, int]


def write_archive(request: ExportRequest, progress: Progress) -> ExportResult:
    """Write the archive to a temporary name and put it in place when it is complete; memory use does not grow."""
    request.path.parent.mkdir(parents=True, exist_ok=True)
    partial = request.path.with_suffix(".partial")
    checksums: dict[str, str] = {}
    counts: dict[str, int] = {}
    tables = tables_of(masked=request.masked)
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
        for index, table in enumerate(tables):
            progress(index / len(tables), f"writing {table}.csv")
            counts[table], checksums[f"{table}.csv"] = _write_table(archive, table, request)
        for name, text in _documents(request, counts).items():
            checksums[name] = _write_text(archive, name, text)
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(checksums.items()))
        _write_text(archive, "SHA256SUMS", lines)
    partial.replace(request.path)
    return ExportResult(str(request.path), _sha256_of(request.path), counts)


def _write_table(archive: zipfile.ZipFile, table: str, request: ExportRequest) -> tuple[int, str]:
    digest = hashlib.sha256()
    count = -1  # the header is a line too
    with archive.open(_entry(f"{table}.csv"), "w", force_zip64=True) as file:
        buffer = io.BufferedWriter(file, 1 << 16)
        for line in csv_lines(columns_of(table, masked=request.masked), request.rows(table)):
            data = line.encode()
            digest.update(data)
            buffer.write(data)
            count += 1
        buffer.flush()
    return count, digest.hexdigest()


def _write_text(archive: zipfile.ZipFile, name: str, text: str) -> str:
    archive.writestr(_entry(name), text.encode())
    return hashlib.sha256(text.encode()).hexdigest()


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, FIXED_TIME)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _documents(request: ExportRequest, counts: Mapping[str, int]) -> dict[str, str]:
    return {
        "README.md": _readme(request, counts),
        "codebook.md": codebook_markdown(title=request.title, masked=request.masked),
        "codebook.json": json.dumps(codebook_json(masked=request.masked), indent=1, ensure_ascii=False) + "\n",
        "study.yaml": request.file_text,
    }


def _readme(request: ExportRequest, counts: Mapping[str, int]) -> str:
    warning = "**SIMULATED DATA: every answer was given by a bot.**\n\n" if request.is_simulated else ""
    masked = "Arms are masked: nothing here names a system. Unblind the study, then export again.\n\n"
    rows = "".join(f"- `{table}.csv`: {count} rows\n" for table, count in counts.items())
    return (
        f"# Export of “{request.title}”\n\n{warning}{masked if request.masked else ''}{rows}\n"
        "UTF-8, comma separated, times in UTC. Empty means missing. `codebook.md` says what every column means; "
        "`answers.csv` holds the current revision of every stored answer, `revisions.csv` what was corrected. "
        "Text cells that a spreadsheet would run as a formula start with an apostrophe.\n\n"
        f"Study file: `study.yaml`, SHA-256 {request.file_sha256}; "
        f"frozen study: {request.frozen_sha256 or 'not opened'}.\n"
        "`SHA256SUMS` checks every file (`sha256sum -c SHA256SUMS`).\n"
    )


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
