"""Peers that live in an environment of their own: found, started once, and asked over pipes while they are timed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.bench.timing import ElsewhereRun

ROOT = Path(__file__).resolve().parents[2]
PEERS_VARIABLE = "BENCH_PEERS_PYTHON"
"""Names a Python with requirements/peers.txt; without it, ./dev bench's own environment is taken."""
ANSWER_S = 300.0


class PeerError(RuntimeError):
    """A peer broke while it was asked."""


class Peers:
    """A running peer_stems.py or peer_votes.py."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.versions: dict[str, str] = self._answer()

    def ask(self, reader: str, **request: Any) -> ElsewhereRun:
        """Let one peer read, and wait for it; the CPU time is its own. Raises PeerError."""
        return ElsewhereRun(self.look(reader, **request)["cpu_s"])

    def look(self, reader: str, **request: Any) -> dict[str, Any]:
        """What ask times, with everything that the peer answers. Raises PeerError."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"reader": reader, **request}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise PeerError("the peer stopped; its own words are above")
        answer: dict[str, Any] = json.loads(line)
        return answer


def what_peers_lack() -> str:
    """Why stempeg and musdb cannot be run here and what to do; empty when they can."""
    missing = [name for name in ("ffmpeg", "ffprobe") if shutil.which(name) is None]
    if missing:
        return f"stempeg and musdb need {' and '.join(missing)} in PATH (Debian, Ubuntu: apt install ffmpeg)"
    if not _peer_python().is_file():
        return "stempeg and musdb are not installed; ./dev bench datagen does it"
    return ""


def what_vote_peers_lack() -> str:
    """Why evalica and statsmodels cannot be run here and what to do; empty when they can."""
    return "" if _peer_python().is_file() else "evalica and statsmodels are not installed; ./dev bench stats does it"


@contextmanager
def running_peers(root: Path) -> Iterator[Peers | None]:
    """The peers for the song below root/test, or None where something is missing. Raises PeerError."""
    with _running("peer_stems.py", root, lack=what_peers_lack()) as peers:
        yield peers


@contextmanager
def running_vote_peers(votes: Path) -> Iterator[Peers | None]:
    """The peers for the votes in an .npz file, or None where they are not installed. Raises PeerError."""
    with _running("peer_votes.py", votes, lack=what_vote_peers_lack()) as peers:
        yield peers


@contextmanager
def _running(script: str, argument: Path, *, lack: str) -> Iterator[Peers | None]:
    if lack:
        yield None
        return
    command = [str(_peer_python()), str(Path(__file__).with_name(script)), str(argument)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Peers(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(timeout=ANSWER_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _peer_python() -> Path:
    return Path(os.environ.get(PEERS_VARIABLE) or ROOT / ".venv" / "peers" / "bin" / "python")
