"""The first page of an archive: what it holds, who is in it, and how to read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studyweb.export.archive import ExportRequest

SIMULATED = "**SIMULATED DATA: every answer was given by a bot.**\n\n"
MASKED = "Arms are masked: nothing here tells which system wrote what. Unblind the study, then export again.\n\n"
FILES = """
`data/` holds the tables as CSV, `parquet/` the same rows typed. UTF-8, comma separated. Empty means missing.
`codebook.md` says what every column means (`codebook.json` and `codebook.csv` say it to programs, `datapackage.json` to
Frictionless tools, `dataset_description.json` to Psych-DS). `answers` holds the current revision of every stored
answer, choices, ratings and texts told apart by `kind`; `revisions` what was corrected; how trials were assigned is in
`trials`. `texts.jsonl`: what participants wrote, letter by letter. In CSV, cells that a spreadsheet would run as a
formula start with an apostrophe; `read_export.py` (pandas) and `read_export.R` take it away and keep every type.
"""
SCRIPTS = """
`python reproduce.py` (pandas, scipy) and `Rscript reproduce.R` (sandwich, lme4) compute the results from these files.
"""
TRAINING = """
`training/` holds rows to train with, of those who agreed to that, with no song in both `train` and `test`:
`preference` (prompt, chosen, rejected) and `kto` (prompt, completion, label) for TRL, `audio` for LLaMA-Factory
(audio files are not in here: `audios` says where to put your own rendering of the item), `arena` one row a vote.
"""


def readme(request: ExportRequest, counts: Mapping[str, int]) -> str:
    """README.md of an archive."""
    parts = [
        f"# Export of “{request.title}”\n\n",
        SIMULATED if request.is_simulated else "",
        MASKED if request.masked else "",
        _public(request) if request.profile == "public" else "",
        "".join(f"- `{table}`: {count} rows\n" for table, count in counts.items()),
        FILES,
        "" if request.masked else SCRIPTS,
        "" if request.training is None else TRAINING,
        f"\nStudy file: `study.yaml`, SHA-256 {request.file_sha256}; "
        f"frozen study: {request.frozen_sha256 or 'not opened'}.\n"
        "`SHA256SUMS` checks every file (`sha256sum -c SHA256SUMS`).\n",
    ]
    return "".join(parts)


def _public(request: ExportRequest) -> str:
    return (
        "For everybody: only people who agreed to publication are in it, under numbers of this export alone. "
        f"{request.n_left_out} who count in the study's own results did not agree, so numbers from these files can "
        "differ from those. Times are seconds since a participant agreed to take part. No combination of background "
        "answers is shared by fewer than five people: values are widened or `hidden`. Free texts are only those "
        "that the researchers released.\n\n"
    )
