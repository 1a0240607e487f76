"""What ./dev lint and ./dev test run, in order; every check runs even when one fails."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from console import say
from environment import ROOT

PACKAGES = ("datagen", "training", "inference", "studyweb")

WORKERS = "2"
"""Test processes; the suite's time is planned for two cores."""


def check_commands() -> dict[str, list[str]]:
    """{name: arguments of the environment's Python} of every check."""
    dev_files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / ".dev").glob("*.py"))
    return {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "mypy": ["-m", "mypy", "manage.py", *PACKAGES],
        "mypy .dev": ["-m", "mypy", *dev_files],
        "import contracts": [
            "-c",
            "import sys; from importlinter.cli import lint_imports_command as lint; lint()",
        ],
        "django check": ["manage.py", "check"],
        "migrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
    }


def run_checks(python: Path) -> list[str]:
    """Run all checks, printing what each found; the names of those that failed."""
    failed = []
    for name, arguments in check_commands().items():
        started = time.monotonic()
        found = subprocess.run(
            [str(python), *arguments],
            cwd=ROOT,
            text=True,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        say(f"  {name}  {time.monotonic() - started:.1f} s{'' if found.returncode == 0 else '  FAILED'}")
        if found.returncode != 0:
            say(found.stdout)
            failed.append(name)
    return failed


def run_tests(python: Path, arguments: list[str]) -> int:
    """Run pytest, with the whole suite on two processes when no arguments are given; its exit status."""
    command = [str(python), "-m", "pytest", *(arguments or ["-n", WORKERS, "--dist", "worksteal"])]
    single_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    sys.stderr.flush()
    return subprocess.run(command, cwd=ROOT, check=False, env={**single_thread, **os.environ}).returncode
