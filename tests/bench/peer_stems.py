"""How stempeg and musdb read a stem file: runs in an environment of its own, started by peer_process.py.

Takes one JSON request a line (`reader`; for a window also `start_s`, `seconds` and `gains` of its mixes) and answers
with one JSON line: the CPU seconds that it took, the samples read and the level of each mix.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import musdb
import numpy as np
import stempeg

STEMS = ("drums", "bass", "other", "vocals")
Read = Callable[[float | None, float | None], Sequence[np.ndarray]]
"""The four stems, each [samples, 2], of a window from a second on, so many seconds long; None for the whole file."""


def readers(root: Path) -> dict[str, Read]:
    """{name: reader} of the only song below root/test. Neither has to read the mixture."""
    track = musdb.DB(root=str(root), subsets="test").tracks[0]

    def with_stempeg(start_s: float | None, seconds: float | None) -> Sequence[np.ndarray]:
        streams = list(range(1, 1 + len(STEMS)))
        return stempeg.read_stems(track.path, start=start_s, duration=seconds, stem_id=streams, dtype=np.float32)[0]

    def with_musdb(start_s: float | None, seconds: float | None) -> Sequence[np.ndarray]:
        track.chunk_start, track.chunk_duration = start_s or 0, seconds
        return [track.sources[name].audio for name in STEMS]

    return {"stempeg": with_stempeg, "musdb": with_musdb}


def answer(request: dict[str, Any], read: Read) -> dict[str, Any]:
    """Read, mix where gains [mixes, stems] are given, and say what it took."""
    before = _cpu_seconds()
    stems = read(request.get("start_s"), request.get("seconds"))
    gains = np.array(request.get("gains", []), np.float32)
    mixes = gains @ np.asarray(stems, np.float32).reshape(len(stems), -1) if len(gains) else gains
    took_s = _cpu_seconds() - before
    return {"cpu_s": took_s, "samples": len(stems[0]), "rms": [float(np.sqrt(np.mean(mix**2))) for mix in mixes]}


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main(arguments: list[str]) -> int:
    """Answer requests until standard input ends."""
    found = readers(Path(arguments[0]))
    print(json.dumps({name: version(name) for name in found}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(answer(request, found[request["reader"]])), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
