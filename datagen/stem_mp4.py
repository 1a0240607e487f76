"""Reads MUSDB18's `.stem.mp4`: five AAC streams, decoded once in a limited process and then memory-mapped.

Stream order: mixture, drums, bass, other, vocals. Length rule: the shortest stream's length as the index claims it;
streams that differ by more than one AAC frame are a warning. The decoder is PyAV (requirements/stems.txt).
"""

from __future__ import annotations

import errno
import importlib.util
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datagen.decode_fingerprint import Fingerprint, compare_with_first_decode
from datagen.decoded_store import (
    PCM_FILE,
    About,
    DecodedTrack,
    keep_decoded,
    new_folder,
    open_decoded,
    pcm_path,
    store_folder,
)
from datagen.fingerprint import sha256_of_file
from datagen.mp4_boxes import AudioClaim, Mp4Claims, Mp4Error, read_claims
from datagen.words import STEMS

MIXTURE_STREAM = 0
AAC_FRAME = 1024
"""Samples of one AAC packet."""
MIN_PACKET_BYTES = 4
"""No AAC packet is smaller, index entry included: more packets than this allows cannot be in the file."""
CHUNK_BYTES = 2**20
"""No chunk of packets is longer: muxers interleave by about a second."""
MAX_SECONDS = 2 * 3600
SAMPLE_RATES = range(8_000, 192_001)
DECODER_MEMORY_BYTES = 768 * 2**20


class StemMp4Error(ValueError):
    """The file cannot be used as a stem file; the message says which, why and what to do."""


class DecoderMissingError(StemMp4Error):
    """The optional decoder is not installed."""


class DiskFullError(StemMp4Error):
    """There is no room for the decoded track."""


@dataclass(frozen=True)
class StemMp4Facts:
    """What the index of a stem file promises."""

    frames: int
    """Common length of all streams."""
    sample_rate: int
    warnings: tuple[str, ...]


def stem_mp4_facts(path: Path) -> StemMp4Facts:
    """Length, rate and warnings of a stem file from its index alone; no decoder is needed.

    Raises StemMp4Error when the file cannot be a stem file: wrong streams, lies about its length, truncation.
    """
    try:
        claims = read_claims(path)
    except Mp4Error as error:
        raise StemMp4Error(_named(path, str(error))) from error
    problem = _claims_problem(claims)
    if problem:
        raise StemMp4Error(_named(path, problem))
    frames = [stream.frames for stream in claims.streams[: len(STEMS) + 1]]
    return StemMp4Facts(min(frames), claims.streams[0].sample_rate, _length_warnings(frames))


def truncated_bytes(path: Path) -> int:
    """How far the last audio chunk that the index lists lies past the end of the file; 0 for a whole file."""
    claims = read_claims(path)
    return max(max(stream.last_byte for stream in claims.streams) - claims.file_bytes, 0)


def open_stem_mp4(path: Path) -> DecodedTrack:
    """The decoded stems of a stem file, memory-mapped; decodes it when this host has not done so yet.

    Raises StemMp4Error (truncated, damaged, lying or wrong files), DecoderMissingError, DiskFullError.
    """
    sha256 = sha256_of_file(path)
    decoded = open_decoded(sha256)
    if decoded is None:
        _decode(path, sha256)
        decoded = open_decoded(sha256)
    if decoded is None:
        raise StemMp4Error(
            _named(path, f"its decoded form vanished from {store_folder()}; is the cache being cleared?")
        )
    return decoded


def mixture_residual_db(path: Path) -> float | None:
    """How far the file's own mixture is from the sum of its stems, in dB re the mixture; None for a silent mixture.

    The mixture is decoded for this alone; it is never a stem. Raises StemMp4Error.
    """
    decoded = open_stem_mp4(path)
    pcm = pcm_path(decoded.about.source_sha256)
    answer = _run_decoder(path, pcm, stem_mp4_facts(path), task="compare_mixture", streams=[MIXTURE_STREAM])
    whole = answer["mixture_energy"]
    return 10 * math.log10(max(answer["residual_energy"] / whole, 1e-15)) if whole > 0 else None


def decoded_bytes(path: Path) -> int:
    """Bytes that the decoded stems of a file take. Raises StemMp4Error."""
    return _pcm_bytes(stem_mp4_facts(path))


def _decode(path: Path, sha256: str) -> None:
    facts = stem_mp4_facts(path)
    if importlib.util.find_spec("av") is None:
        raise DecoderMissingError(
            _named(path, "reading .stem.mp4 needs PyAV; install it with: pip install -r requirements/stems.txt")
        )
    _check_room(path, _pcm_bytes(facts))
    try:
        with new_folder() as folder:
            streams = list(range(MIXTURE_STREAM + 1, MIXTURE_STREAM + 1 + len(STEMS)))
            answer = _run_decoder(path, folder / PCM_FILE, facts, task="decode", streams=streams)
            keep_decoded(folder, _about(path, sha256, facts, answer))
    except OSError as error:
        raise _storage_error(path, error) from error


def _storage_error(path: Path, error: OSError) -> StemMp4Error:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(_named(path, f"the disk of {store_folder()} filled up while decoding; nothing was kept"))
    return StemMp4Error(_named(path, f"{store_folder()} cannot be written ({error.strerror or error})"))


def _run_decoder(path: Path, pcm: Path, facts: StemMp4Facts, *, task: str, streams: list[int]) -> dict[str, Any]:
    """One task of datagen.stem_mp4_decoder in its own process, within limits that follow from the file's length."""
    seconds = facts.frames / facts.sample_rate
    request = {
        "task": task,
        "path": str(path.resolve()),
        "out": str(pcm),
        "frames": facts.frames,
        "stems": len(STEMS),
        "sample_rate": facts.sample_rate,
        "streams": streams,
        "tolerance": AAC_FRAME,
        "limits": {
            "memory_bytes": DECODER_MEMORY_BYTES + _pcm_bytes(facts),
            "cpu_seconds": 30 + int(seconds),
            "file_bytes": _pcm_bytes(facts) + 4096,
        },
    }
    command = [sys.executable, "-m", "datagen.stem_mp4_decoder", json.dumps(request)]
    limit_s = 60 + 2 * seconds
    try:
        done = subprocess.run(
            command,
            cwd=Path(__file__).parents[1],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise StemMp4Error(_named(path, f"decoding took longer than {limit_s:.0f} s and was stopped")) from error
    return _answer(path, done)


def _pcm_bytes(facts: StemMp4Facts) -> int:
    return 4 * 2 * len(STEMS) * facts.frames


def _answer(path: Path, done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        tail = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"exit status {done.returncode}"
        raise StemMp4Error(_named(path, f"the decoder stopped ({how}) {' '.join(tail)}".strip())) from None
    if "error" not in answer:
        return answer
    if answer.get("errno") in (errno.ENOSPC, errno.EDQUOT):
        raise _storage_error(path, OSError(answer["errno"], answer["error"]))
    raise StemMp4Error(_named(path, answer["error"]))


def _about(path: Path, sha256: str, facts: StemMp4Facts, answer: dict[str, Any]) -> About:
    short = [facts.frames - frames for frames in answer["received"]]
    padded = (f"the last {max(short)} frames are silence: a stream ended early",) if max(short) > 0 else ()
    fingerprint = Fingerprint(answer["decoder"], np.array(answer["sketch"]))
    other = compare_with_first_decode(sha256, fingerprint)
    return About(
        source_sha256=sha256,
        source_name=path.name,
        frames=facts.frames,
        sample_rate=facts.sample_rate,
        stems=STEMS,
        warnings=(*facts.warnings, *padded, *((other,) if other else ())),
        decoder=answer["decoder"],
    )


def _check_room(path: Path, size: int) -> None:
    free = shutil.disk_usage(store_folder()).free
    if free < size + 64 * 2**20:
        raise DiskFullError(
            _named(
                path,
                f"decoded it needs {size / 2**20:,.0f} MiB, {store_folder()} has {free / 2**20:,.0f} MiB free; "
                "make room or set MIXTRIAL_CACHE to another disk",
            )
        )


def _claims_problem(claims: Mp4Claims) -> str:
    expected = ("mixture", *STEMS)
    if len(claims.streams) < len(expected):
        return f"{len(claims.streams)} audio streams, expected {len(expected)} ({', '.join(expected)})"
    checks: tuple[Callable[[AudioClaim], str], ...] = (_codec_problem, lambda s: _length_problem(s, claims.file_bytes))
    for name, stream in zip(expected, claims.streams, strict=False):
        for check in checks:
            if problem := check(stream):
                return f"stream {name}: {problem}"
    if problem := _overlap_problem(claims):
        return problem
    if len(rates := {stream.sample_rate for stream in claims.streams[: len(expected)]}) > 1:
        return f"its streams have different sample rates: {', '.join(map(str, sorted(rates)))} Hz"
    return ""


def _overlap_problem(claims: Mp4Claims) -> str:
    """More audio than the file has room for: packets on top of each other. A truncated file ends before its chunks."""
    streams = claims.streams[: len(STEMS) + 1]
    listed = sum(stream.packet_bytes for stream in streams)
    room = max(claims.file_bytes, *(stream.last_byte for stream in streams)) + CHUNK_BYTES
    return f"its index lists {listed:,} bytes of audio, the file has {claims.file_bytes:,}" if listed > room else ""


def _codec_problem(stream: AudioClaim) -> str:
    if stream.codec != "mp4a":
        return f"codec {stream.codec!r}, expected AAC ('mp4a')"
    if stream.channels not in (1, 2):
        return f"{stream.channels} channels, expected 2"
    if stream.sample_rate not in SAMPLE_RATES:
        return f"a sample rate of {stream.sample_rate} Hz"
    return ""


def _length_problem(stream: AudioClaim, file_bytes: int) -> str:
    if stream.frames < AAC_FRAME:
        return f"only {stream.frames} frames"
    if stream.frames > MAX_SECONDS * stream.sample_rate:
        return f"claims {stream.frames / stream.sample_rate / 3600:,.1f} hours, more than any song"
    if stream.packets * MIN_PACKET_BYTES > file_bytes:
        return f"claims {stream.packets:,} packets, which cannot be in a file of {file_bytes:,} bytes"
    if stream.frames > 2 * AAC_FRAME * (stream.packets + 1):
        return f"claims {stream.frames:,} frames in {stream.packets:,} packets"
    return ""


def _length_warnings(frames: list[int]) -> tuple[str, ...]:
    if max(frames) - min(frames) <= AAC_FRAME:
        return ()
    lengths = ", ".join(f"{name} {length:,}" for name, length in zip(("mixture", *STEMS), frames, strict=True))
    return (f"streams of different length, the shortest decides: {lengths} frames",)


def _named(path: Path, problem: str) -> str:
    return problem if problem.startswith(path.name) else f"{path.name}: {problem}"
