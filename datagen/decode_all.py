"""Decoding many stem files into the store: in parallel, resumable, with the size known before it starts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from datagen.decoded_store import open_decoded, store_folder
from datagen.fingerprint import sha256_of_file
from datagen.stem_mp4 import DiskFullError, StemMp4Error, decoded_bytes, open_stem_mp4


@dataclass(frozen=True)
class DecodePlan:
    """What is left to decode."""

    pending: tuple[Path, ...]
    done: int
    """Files that are in the store already."""
    needed_bytes: int
    free_bytes: int
    problems: tuple[str, ...]
    """Files that cannot be decoded, by their index."""


def plan_decoding(paths: Iterable[Path]) -> DecodePlan:
    """Which of these stem files are not in the store yet, and how much room they need."""
    pending, problems = [], []
    done = needed = 0
    for path in paths:
        try:
            if open_decoded(sha256_of_file(path)) is not None:
                done += 1
                continue
            needed += decoded_bytes(path)
            pending.append(path)
        except (StemMp4Error, OSError) as error:
            problems.append(str(error))
    return DecodePlan(tuple(pending), done, needed, shutil.disk_usage(store_folder()).free, tuple(problems))


def decode_all(paths: Sequence[Path], *, jobs: int, finished: Callable[[Path], None]) -> tuple[str, ...]:
    """Decode stem files, `jobs` at a time, each in a process of its own; gives one line for each that failed.

    Whatever was finished stays when this is interrupted, so the next run goes on from there. A full disk stops it.
    """
    failures: list[str] = []
    with ThreadPoolExecutor(jobs) as pool:
        waiting = {pool.submit(open_stem_mp4, path): path for path in paths}
        for future in as_completed(waiting):
            try:
                future.result()
                finished(waiting[future])
            except DiskFullError as error:
                pool.shutdown(wait=True, cancel_futures=True)
                failures.append(str(error))
                break
            except (StemMp4Error, OSError) as error:
                failures.append(str(error))
    return tuple(failures)
