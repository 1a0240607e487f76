"""What a run was made with: versions of the libraries that decide the numbers, and the commit of the source code."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from pathlib import Path

PACKAGES: tuple[str, ...] = (
    "torch",
    "transformers",
    "peft",
    "accelerate",
    "tokenizers",
    "safetensors",
    "numpy",
    "scipy",
)


def run_versions() -> dict[str, str]:
    """{package: installed version}."""
    return {package: version(package) for package in PACKAGES}


def source_commit() -> str:
    """The commit of the source code, marked where its files differ from it; `unknown` outside a repository."""
    head = _git("rev-parse", "HEAD")
    if not head:
        return "unknown"
    return f"{head} with changes" if _git("status", "--porcelain", "--", ".", "../datagen") else head


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=Path(__file__).parent, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
