"""What a schema cannot say: whether the parts of a study file fit together, and whether the study can be run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from studyweb.studies.lint_design import design_problems
from studyweb.studies.lint_excerpts import excerpt_problems
from studyweb.studies.lint_systems import system_problems
from studyweb.studies.lint_texts import text_problems
from studyweb.studies.problems import Problem
from studyweb.studies.study_file import StudyFile


def lint_study_file(file: StudyFile, *, base_folder: Path | None = None) -> list[Problem]:
    """Every error and warning, in the order of the file. Reads the list of tracks, but no audio."""
    found = [
        *text_problems(file),
        *system_problems(file),
        *design_problems(file),
        *excerpt_problems(file, base_folder=base_folder),
    ]
    return sorted(found)


def errors_of(problems: Iterable[Problem]) -> list[Problem]:
    """Those that stand in the way."""
    return [problem for problem in problems if not problem.is_warning]
