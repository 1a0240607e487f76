"""Decodes one `.stem.mp4` in a process of its own: `python -m datagen.stem_mp4_decoder REQUEST_JSON`.

Started by datagen.stem_mp4, never imported by it: the codec library reads hostile bytes, so it runs with limits on
memory, CPU time, file size and open files, and answers with one JSON line. One demux pass feeds every stem's stream;
a cover-art stream is never opened.
"""

from __future__ import annotations

import json
import math
import resource
import sys
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

from datagen.decode_fingerprint import SUMS, sketch_block

BLOCK_FRAMES = 32_768
MAX_PENDING_BLOCKS = 4
MAX_LEAD_SECONDS = 30
"""How far one stream's packets may run ahead of another's; muxers interleave by about a second."""


class DecodeError(ValueError):
    """The audio of the file cannot be decoded as its index promises."""


class StreamBuffer:
    """Decoded samples of one stream that are not written yet."""

    def __init__(self, *, total_frames: int, capacity: int) -> None:
        self.samples: NDArray[np.float32] = np.zeros((2, capacity), np.float32)
        self.waiting = 0
        self.received = 0
        self.total_frames = total_frames

    def add(self, frame: av.AudioFrame) -> None:
        """Take a decoded frame at its time stamp: gaps become silence, samples before 0 or past the end are dropped."""
        start = self.received if frame.pts is None else frame.pts
        if start > self.received:
            self._silence(start - self.received)
        skipped = self.received - min(start, self.received)
        count = min(frame.samples - skipped, self.total_frames - self.received)
        if count > 0:
            self._room_for(count)
            for channel, plane in zip(self.samples, _two_planes(frame), strict=True):
                samples = np.frombuffer(plane, np.float32, count=skipped + count)
                channel[self.waiting : self.waiting + count] = samples[skipped:]
            self._advance(count)

    def fill_up(self) -> None:
        """Silence up to the promised length, for a last packet that the encoder cut short."""
        self._silence(self.total_frames - self.received)

    def take(self, frames: int) -> NDArray[np.float32]:
        """The oldest frames as a copy [2, frames]."""
        taken = self.samples[:, :frames].copy()
        self.samples[:, : self.waiting - frames] = self.samples[:, frames : self.waiting]
        self.waiting -= frames
        return taken

    def _silence(self, frames: int) -> None:
        count = min(frames, self.total_frames - self.received)
        self._room_for(count)
        self.samples[:, self.waiting : self.waiting + count] = 0
        self._advance(count)

    def _room_for(self, frames: int) -> None:
        if self.waiting + frames > self.samples.shape[1]:
            raise DecodeError(f"its streams are more than {MAX_LEAD_SECONDS} s out of step")

    def _advance(self, frames: int) -> None:
        self.waiting += frames
        self.received += frames


class BlockWriter:
    """Interleaves and writes blocks on a thread of its own, so that decoding goes on meanwhile."""

    def __init__(self, out: BinaryIO, pool: ThreadPoolExecutor) -> None:
        self.out = out
        self.pool = pool
        self.pending: deque[Future[None]] = deque()
        self.blocks = 0
        self.sketch = np.zeros(SUMS)

    def write(self, stems: list[NDArray[np.float32]]) -> None:
        """Append a block; every array is [2, frames]."""
        self.pending.append(self.pool.submit(self._write, stems))
        while len(self.pending) > MAX_PENDING_BLOCKS:
            self.pending.popleft().result()

    def finish(self) -> None:
        """Wait for all blocks; raises what went wrong with one."""
        while self.pending:
            self.pending.popleft().result()

    def _write(self, stems: list[NDArray[np.float32]]) -> None:
        block = np.empty((stems[0].shape[1], len(stems), 2), np.float32)
        for position, stem in enumerate(stems):
            if not math.isfinite(_energy(stem)):
                raise DecodeError("it decodes to values that are no numbers")
            block[:, position] = stem.T
        self.out.write(block.data)
        self.sketch += sketch_block(block, self.blocks)
        self.blocks += 1


class MixtureComparison:
    """Measures how far the mixture is from the sum of the decoded stems, block by block."""

    def __init__(self, pcm: NDArray[np.float32]) -> None:
        self.pcm = pcm
        self.position = 0
        self.mixture_energy = 0.0
        self.residual_energy = 0.0

    def write(self, mixture: list[NDArray[np.float32]]) -> None:
        """Compare a block [2, frames] with the stems [frames, stems, 2] at the same place."""
        (block,) = mixture
        stems = self.pcm[self.position : self.position + block.shape[1]]
        self.position += block.shape[1]
        self.mixture_energy += _energy(block)
        self.residual_energy += _energy(block.T - stems.sum(axis=1))

    def finish(self) -> None:
        """Nothing is pending."""


def _two_planes(frame: av.AudioFrame) -> tuple[av.audio.plane.AudioPlane, ...]:
    """The frame's channels; a mono stream is played on both."""
    planes = frame.planes
    return planes if len(planes) == 2 else (planes[0], planes[0])


def _energy(audio: NDArray[np.float32]) -> float:
    flat = audio.ravel()
    return float(flat @ flat)


def decode(request: dict[str, Any]) -> dict[str, Any]:
    """Decode the stems of `path` to `out`; the answer says how many frames each stream gave."""
    with ThreadPoolExecutor(1) as pool, open(request["out"], "xb") as out:  # noqa: PTH123 a raw file is written
        writer = BlockWriter(out, pool)
        received = _run(request, writer)
    return {
        "received": received,
        "sketch": writer.sketch.tolist(),
        "decoder": f"PyAV {av.__version__}, libavcodec {'.'.join(map(str, av.library_versions['libavcodec']))}",
    }


def compare_mixture(request: dict[str, Any]) -> dict[str, Any]:
    """Decode the mixture of `path` and compare it with the stems decoded to `out`: energies of mixture and residual."""
    shape = (request["frames"], request["stems"], 2)
    comparison = MixtureComparison(np.memmap(request["out"], np.float32, mode="r", shape=shape))
    _run(request, comparison)
    return {"mixture_energy": comparison.mixture_energy, "residual_energy": comparison.residual_energy}


def _run(request: dict[str, Any], sink: BlockWriter | MixtureComparison) -> list[int]:
    total_frames, rate, order = request["frames"], request["sample_rate"], request["streams"]
    capacity = BLOCK_FRAMES + MAX_LEAD_SECONDS * rate
    buffers = [StreamBuffer(total_frames=total_frames, capacity=capacity) for _ in order]
    with av.open(request["path"]) as container:
        try:
            _decode_streams(container, buffers, sink, order=order, rate=rate)
        except DecodeError as error:
            raise DecodeError(f"decoded {_shortest(buffers):,} of {total_frames:,} frames: {error}") from error
    received = [buffer.received for buffer in buffers]
    _finish(buffers, sink, tolerance=request["tolerance"])
    return received


def _decode_streams(
    container: av.container.InputContainer,
    buffers: list[StreamBuffer],
    sink: BlockWriter | MixtureComparison,
    *,
    order: list[int],
    rate: int,
) -> None:
    """One demux pass over all streams, written in blocks as soon as every stream has one."""
    streams = [container.streams.audio[index] for index in order]
    buffer_of = {stream.index: buffer for stream, buffer in zip(streams, buffers, strict=True)}
    for packet in container.demux(*streams):
        buffer = buffer_of[packet.stream.index]
        for frame in _frames(packet, rate):
            buffer.add(frame)
        if buffer.waiting >= BLOCK_FRAMES and min(each.waiting for each in buffers) >= BLOCK_FRAMES:
            sink.write([each.take(BLOCK_FRAMES) for each in buffers])


def _frames(packet: av.Packet, rate: int) -> list[av.AudioFrame]:
    try:
        frames: list[av.AudioFrame] = packet.decode()
    except av.FFmpegError as error:
        at_s = float(packet.pts * packet.time_base) if packet.pts is not None else 0.0
        raise DecodeError(
            f"a damaged packet at {at_s:.2f} s, stream {packet.stream.index} ({error.strerror})"
        ) from error
    for frame in frames:
        if frame.sample_rate != rate or frame.format.name != "fltp":
            found = f"{frame.sample_rate} Hz {frame.format.name}"
            raise DecodeError(f"stream {packet.stream.index} decodes to {found}, its index says {rate} Hz")
    return frames


def _shortest(buffers: list[StreamBuffer]) -> int:
    return min(buffer.received for buffer in buffers)


def _finish(buffers: list[StreamBuffer], sink: BlockWriter | MixtureComparison, *, tolerance: int) -> None:
    received, total = _shortest(buffers), buffers[0].total_frames
    if received < total - tolerance:
        raise DecodeError(f"decoded {received:,} of {total:,} frames: the file is truncated or damaged")
    for buffer in buffers:
        buffer.fill_up()
    while rest := min(buffers[0].waiting, BLOCK_FRAMES):
        sink.write([buffer.take(rest) for buffer in buffers])
    sink.finish()


TASKS = {"decode": decode, "compare_mixture": compare_mixture}


def limit_this_process(*, memory_bytes: int, cpu_seconds: int, file_bytes: int) -> None:
    """Cap what decoding may use: memory beyond what is loaded already, CPU time, the size of the file written.

    Lower limits that hold already are kept.
    """
    loaded = _address_space_bytes()
    if loaded:
        _cap(resource.RLIMIT_AS, loaded + memory_bytes)
    _cap(resource.RLIMIT_CPU, cpu_seconds, grace=5)
    _cap(resource.RLIMIT_FSIZE, file_bytes)
    _cap(resource.RLIMIT_NOFILE, 64)
    _cap(resource.RLIMIT_CORE, 0)


def _cap(kind: int, most: int, *, grace: int = 0) -> None:
    _, hard = resource.getrlimit(kind)
    allowed = most + grace if hard == resource.RLIM_INFINITY else min(most + grace, hard)
    resource.setrlimit(kind, (min(most, allowed), allowed))


def _address_space_bytes() -> int:
    """Bytes of address space in use; 0 where the system does not say (macOS enforces no such limit)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def main(arguments: list[str]) -> int:
    """Run one request; the answer, or `error` and its kind, is one JSON line on standard output."""
    request = json.loads(arguments[0])
    av.logging.set_level(None)
    limit_this_process(**request["limits"])
    try:
        answer = TASKS[request["task"]](request)
    except (DecodeError, av.FFmpegError, MemoryError, OSError) as error:
        answer = {"error": str(error) or type(error).__name__, "kind": type(error).__name__}
        answer["errno"] = getattr(error, "errno", None)
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
