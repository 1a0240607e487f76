"""Which build of PyTorch to install: the CPU one (0.2 GB) where no NVIDIA device needs the other (3 GB)."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from console import DevError, say
from diagnosis import explain_failure, network_is_at_fault

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements" / "worker.txt"


@dataclass(frozen=True)
class Build:
    """A choice of build."""

    pip_options: tuple[str, ...] = ()
    is_cuda: bool = False
    notice: str = ""
    """What the user should know before the download starts."""


def choose_build(python: Path, *, log: Path) -> Build:
    """The build for this machine, found with the given Python's pip."""
    index = os.environ.get("TORCH_INDEX_URL", "")
    options = ("--extra-index-url", index) if index else ()
    if platform.system() != "Linux":
        return Build(options)
    if has_nvidia_device():
        return Build(
            options,
            is_cuda=True,
            notice="  NVIDIA device found: PyTorch's CUDA build, about 3 GB to download.",
        )
    version = pinned_version()
    say("  No NVIDIA device: looking for PyTorch's CPU build …")
    if has_cpu_build(python, version, options, log=log):
        constraint = log.parent / "cpu-build.txt"
        constraint.write_text(f"torch=={version}+cpu\n", encoding="utf-8")
        return Build((*options, "--constraint", str(constraint)))
    return Build(
        options,
        is_cuda=True,
        notice="  Your package index has only PyTorch's CUDA build: about 3 GB to download, 9 GB on disk.\n"
        "  For the CPU build (0.2 GB) stop with Ctrl-C and set TORCH_INDEX_URL to PyTorch's index of\n"
        "  CPU wheels (see CONTRIBUTING.md). Going on with the large one.",
    )


def has_nvidia_device() -> bool:
    """Whether an NVIDIA driver or device node is there."""
    return Path("/proc/driver/nvidia/version").exists() or Path("/dev/nvidiactl").exists() or Path("/dev/dxg").exists()


def pinned_version() -> str:
    """The exact version of torch in requirements/worker.txt."""
    match = re.search(r"^torch==([0-9.]+)$", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    if match is None:
        raise DevError(f"{REQUIREMENTS} must pin torch exactly (torch==X.Y.Z): a range takes another build.")
    return match.group(1)


def has_cpu_build(python: Path, version: str, options: tuple[str, ...], *, log: Path) -> bool:
    """Whether the configured indexes offer the CPU build of this version for this Python.

    Asks for the list of versions, since resolving for real would download the large wheel with older pips.
    Raises DevError when no index can be reached: the installation would only fail later, and more slowly.
    """
    command = [str(python), "-m", "pip", "index", "versions", "torch", *options]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    with log.open("a", encoding="utf-8") as file:
        file.write(f"\n$ {' '.join(command)}\n{found.stdout}{found.stderr}")
    if found.returncode != 0 and network_is_at_fault(found.stderr):
        raise DevError(explain_failure(log.read_text(encoding="utf-8"), log=log))
    return f"{version}+cpu" in re.split(r"[\s,()]+", found.stdout)
