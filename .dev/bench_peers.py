"""The peers of the benches: Python packages in an environment of their own, and programs that only a user installs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import environment
from console import run_step, say
from diagnosis import explain_failure

REQUIREMENTS = "requirements/peers.txt"
BENCHES = frozenset({"datagen", "stats"})
"""Benches that have peers there."""
PROGRAMS = ("ffmpeg", "ffprobe")


def provide_peers(arguments: list[str]) -> None:
    """Install the peers if a bench of these arguments has some, and name missing programs.

    Nothing here stops a bench: a figure without its peer says why.
    """
    names = {argument for argument in arguments if not argument.startswith("-")}
    if "-h" in arguments or "--help" in arguments or (names and not names & BENCHES):
        return
    missing = [name for name in PROGRAMS if shutil.which(name) is None]
    if missing:
        say(f"  Missing, so decoding is not compared with stempeg and musdb: {', '.join(missing)}.")
        say("  On Debian and Ubuntu:  apt install ffmpeg")
    folder = environment.VENV / "peers"
    if not _is_installed(folder):
        _install(folder)


def _is_installed(folder: Path) -> bool:
    try:
        stamp = json.loads((folder / "installed.json").read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError):
        return False
    return stamp == {"list": environment.fingerprint(REQUIREMENTS)} and (folder / "bin" / "python").exists()


def _install(folder: Path) -> None:
    python = folder / "bin" / "python"
    make = [str(environment.PYTHON), "-m", "venv", "--clear", str(folder)]
    fill = [str(python), "-m", "pip", "install", "--progress-bar", "off", "--no-input"]
    fill += ["-r", str(environment.ROOT / REQUIREMENTS)]
    settings = environment.pip_environment()
    for title, command in (("Making .venv/peers", make), (f"Installing {REQUIREMENTS}", fill)):
        status = run_step(
            title,
            command,
            log=environment.LOG,
            summarise=environment.PipProgress().summarise,
            environment=settings,
        )
        if status != 0:
            say(explain_failure(environment.LOG.read_text(encoding="utf-8"), log=environment.LOG))
            say("  The benches run without these peers.")
            return
    stamp = json.dumps({"list": environment.fingerprint(REQUIREMENTS)})
    (folder / "installed.json").write_text(stamp, encoding="utf-8")
