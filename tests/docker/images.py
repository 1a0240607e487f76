"""What docker/Dockerfile copies into each image, laid out in a folder as the image would have it."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.servers.mixtrial import ROOT

DOCKERFILE = ROOT / "docker" / "Dockerfile"


def copied_paths(stage: str) -> list[tuple[list[str], str]]:
    """[(sources, target)] of every COPY of one stage from the repository."""
    copies = []
    current = ""
    for line in DOCKERFILE.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if words[:1] == ["FROM"]:
            current = words[-1]
        elif words[:1] == ["COPY"] and current == stage and not words[1].startswith("--from"):
            copies.append((words[1:-1], words[-1]))
    return copies


def lay_out(stage: str, folder: Path) -> Path:
    """Copy what the stage copies into `folder`; a source that does not exist is an error."""
    for sources, target in copied_paths(stage):
        for source in sources:
            place = folder / target / Path(source).name if target.endswith("/") else folder / target
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, place)
    return folder
