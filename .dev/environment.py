"""The virtual environment of a checkout: made once, filled from requirements, and repaired when half done."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytorch
from console import DevError, run_step, say
from diagnosis import explain_failure

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
LOG = VENV / "install.log"

DISK_GB = {"requirements.txt": 2.5, "requirements/dev.txt": 0.8, "requirements/stems.txt": 0.2}
"""Room each list takes on disk with PyTorch's CPU build, GB; measured sizes with a margin."""

CUDA_DISK_GB = 9.0
"""What the CUDA build of PyTorch adds, GB."""


def prepare(*requirements: str) -> Path:
    """A Python that has the named requirement files installed; its path.

    Takes no time when nothing changed since the last installation, and finishes one that was interrupted.
    Raises DevError with what to do when it cannot be done.
    """
    with _one_at_a_time():
        _make_venv_if_needed()
        missing = [name for name in requirements if not _is_installed(name)]
        if missing:
            _install(missing)
    return PYTHON


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold a lock on this folder, so that two ./dev commands never install into one environment at once."""
    folder = os.open(ROOT / ".dev", os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  Waiting for another ./dev command that is installing …")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _make_venv_if_needed() -> None:
    if _venv_is_usable():
        return
    missing = [module for module in ("venv", "ensurepip") if importlib.util.find_spec(module) is None]
    if missing:
        raise DevError(missing_venv_message(missing))
    if VENV.exists():
        say("  The environment in .venv is unfinished or was made for another place; it is made again.")
        shutil.rmtree(VENV)
    command = [sys.executable, "-m", "venv", str(VENV)]
    if run_step("Making .venv", command, log=LOG, summarise=lambda _: None) != 0:
        raise DevError(f"The virtual environment could not be made: {_last_line(LOG)}\nAll of it: {LOG}")
    _write_stamp({"place": str(VENV), "lists": {}})


def _venv_is_usable() -> bool:
    """Whether .venv was finished, here, by a Python that still works."""
    stamp = _read_stamp()
    if stamp.get("place") != str(VENV) or not PYTHON.exists():
        return False
    probe = [
        str(PYTHON),
        "-c",
        "import importlib.util as u, sys; sys.exit(sys.version_info < (3, 11) or u.find_spec('pip') is None)",
    ]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def missing_venv_message(missing: list[str]) -> str:
    """What to do when Python came without venv or ensurepip, as Debian's does."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    package = (
        "python3-venv" if Path(sys.executable).resolve() == Path("/usr/bin/python3").resolve() else f"{version}-venv"
    )
    return (
        f"{sys.executable} has no module {' and '.join(missing)}, which is needed to make .venv.\n"
        f"On Debian and Ubuntu:  apt install {package}"
    )


def requirement_lists(name: str) -> dict[str, str]:
    """{requirement file: its text} of one file and of every file it includes with -r."""
    path = (ROOT / name).resolve()
    text = path.read_text(encoding="utf-8")
    lists = {str(path.relative_to(ROOT)): text}
    for line in text.splitlines():
        if line.startswith("-r "):
            included = (path.parent / line[3:].strip()).resolve().relative_to(ROOT)
            lists.update(requirement_lists(str(included)))
    return lists


def fingerprint(name: str) -> str:
    """A hash of everything a requirement file asks for, included files too."""
    return hashlib.sha256(json.dumps(requirement_lists(name), sort_keys=True).encode()).hexdigest()


def _is_installed(name: str) -> bool:
    return bool(_read_stamp().get("lists", {}).get(name) == fingerprint(name))


def _install(names: list[str]) -> None:
    build = pytorch.choose_build(PYTHON, log=LOG) if _brings_torch(names) else pytorch.Build()
    _check_disk(names, cuda=build.is_cuda)
    if build.notice:
        say(build.notice)
    before = _read_stamp()
    _write_stamp({"place": str(VENV), "lists": {}})
    command = [str(PYTHON), "-m", "pip", "install", "--progress-bar", "off", "--no-input", *build.pip_options]
    command += [part for name in names for part in ("-r", str(ROOT / name))]
    progress = PipProgress()
    title = f"Installing {' and '.join(names)}"
    status = run_step(title, command, log=LOG, summarise=progress.summarise, environment=pip_environment())
    if status != 0:
        raise DevError(explain_failure(LOG.read_text(encoding="utf-8"), log=LOG))
    done = {part: fingerprint(part) for name in names for part in requirement_lists(name)}
    _write_stamp({"place": str(VENV), "lists": {**before.get("lists", {}), **done}})


def _brings_torch(names: list[str]) -> bool:
    return any("requirements/worker.txt" in requirement_lists(name) for name in names)


def pip_environment() -> dict[str, str]:
    """This environment without the settings that would turn pip away from .venv."""
    kept = {key: value for key, value in os.environ.items() if key not in {"PIP_USER", "PIP_TARGET", "PIP_PREFIX"}}
    return {**kept, "PYTHONUNBUFFERED": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _check_disk(names: list[str], *, cuda: bool) -> None:
    wanted = {part for name in names for part in requirement_lists(name) if not _is_installed(part)}
    need_gb = sum(size for part, size in DISK_GB.items() if part in wanted) + (CUDA_DISK_GB if cuda else 0.0)
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    if free_gb < need_gb:
        raise DevError(
            f"The disk of {ROOT} has {free_gb:.1f} GB free; the installation needs about {need_gb:.1f} GB.\n"
            "Make room there, or clone the repository to a larger disk."
        )


class PipProgress:
    """Turns pip's output into a few words: how many packages, and what is being done now."""

    def __init__(self) -> None:
        self.collected = 0

    def summarise(self, line: str) -> str | None:
        """The words to show after this line, or None to keep the former ones."""
        words = line.split()
        if line.startswith("Collecting "):
            self.collected += 1
            return f"{self.collected} packages, {words[1]}"
        if words[:1] in (["Downloading"], ["Using"]) and len(words) > 1:
            return f"{self.collected} packages, {' '.join(words[1:])}"
        if line.startswith("Installing collected packages"):
            return f"unpacking {line.count(',') + 1} packages"
        return None


def _read_stamp() -> dict[str, Any]:
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(stamp: dict[str, Any]) -> None:
    """Replace the stamp in one step: a torn write would look like a finished installation."""
    unfinished = STAMP.with_suffix(".new")
    unfinished.write_text(json.dumps(stamp, indent=1), encoding="utf-8")
    unfinished.replace(STAMP)


def _last_line(log: Path) -> str:
    return log.read_text(encoding="utf-8").rstrip().rpartition("\n")[2]
