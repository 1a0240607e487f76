"""What is wrong with a study file: every problem with its line, all at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""Where a value is: keys of mappings and positions in lists, from the top."""


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, or (a warning) that is allowed but probably not meant."""

    line: int
    path: str
    message: str
    is_warning: bool = False

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"line {self.line}: {'warning: ' if self.is_warning else ''}{where}{self.message}"


class StudyFileError(ValueError):
    """A study file that cannot be used; `problems` lists all that is wrong, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def dotted(path: KeyPath) -> str:
    """A path as people write it: design.trials[2].pair."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text
