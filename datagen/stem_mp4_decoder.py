"""Decodes one `.stem.mp4` in a process of its own: `python -m datagen.stem_mp4_decoder REQUEST_JSON`.

Started by datagen.stem_mp4, never imported by it: the codec library reads hostile bytes, so it runs with limits on
memory, CPU time, file size and open files, and answers with one JSON line. One demux pass feeds every audio stream;
a cover-art stream is never opened.
"""

from __future__ import annotations

import json
import math
import resource
import sys
from typing import Any, BinaryIO

import av
import numpy as np
from numpy.typing import NDArray

BLOCK_FRAMES = 32_768
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


class Mixdown:
    """Writes stems [frame, stem, channel] and measures the mixture against their sum."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out
        self.mixture_energy = 0.0
        self.residual_energy = 0.0

    def write(self, mixture: NDArray[np.float32], stems: list[NDArray[np.float32]]) -> None:
        """Append a block; every array is [2, frames]."""
        block = np.empty((mixture.shape[1], len(stems), 2), np.float32)
        for position, stem in enumerate(stems):
            block[:, position] = stem.T
        residual = mixture - sum(stems)
        self.mixture_energy += _energy(mixture)
        self.residual_energy += _energy(residual)
        if not math.isfinite(self.mixture_energy + self.residual_energy):
            raise DecodeError("it decodes to values that are no numbers")
        self.out.write(block.data)


def _two_planes(frame: av.AudioFrame) -> tuple[av.audio.plane.AudioPlane, ...]:
    """The frame's channels; a mono stream is played on both."""
    planes = frame.planes
    return planes if len(planes) == 2 else (planes[0], planes[0])


def _energy(audio: NDArray[np.float32]) -> float:
    flat = audio.ravel()
    return float(flat @ flat)


def decode(request: dict[str, Any]) -> dict[str, Any]:
    """Decode `path` to `out`; the answer says how many frames each stream gave and how far mixture and sum differ."""
    total_frames, rate, order = request["frames"], request["sample_rate"], request["streams"]
    capacity = BLOCK_FRAMES + MAX_LEAD_SECONDS * rate
    buffers = [StreamBuffer(total_frames=total_frames, capacity=capacity) for _ in order]
    with av.open(request["path"]) as container, open(request["out"], "xb") as out:  # noqa: PTH123 raw file, no path
        mixdown = Mixdown(out)
        try:
            _decode_streams(container, buffers, mixdown, order=order, rate=rate)
        except DecodeError as error:
            raise DecodeError(f"decoded {_shortest(buffers):,} of {total_frames:,} frames: {error}") from error
        received = [buffer.received for buffer in buffers]
        _finish(buffers, mixdown, tolerance=request["tolerance"])
    return {
        "received": received,
        "mixture_energy": mixdown.mixture_energy,
        "residual_energy": mixdown.residual_energy,
        "decoder": f"PyAV {av.__version__}, libavcodec {'.'.join(map(str, av.library_versions['libavcodec']))}",
    }


def _decode_streams(
    container: av.container.InputContainer,
    buffers: list[StreamBuffer],
    mixdown: Mixdown,
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
            _write(buffers, mixdown, BLOCK_FRAMES)


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


def _write(buffers: list[StreamBuffer], mixdown: Mixdown, frames: int) -> None:
    mixture, *stems = (buffer.take(frames) for buffer in buffers)
    mixdown.write(mixture, stems)


def _finish(buffers: list[StreamBuffer], mixdown: Mixdown, *, tolerance: int) -> None:
    received, total = _shortest(buffers), buffers[0].total_frames
    if received < total - tolerance:
        raise DecodeError(f"decoded {received:,} of {total:,} frames: the file is truncated or damaged")
    for buffer in buffers:
        buffer.fill_up()
    while rest := min(buffers[0].waiting, BLOCK_FRAMES):
        _write(buffers, mixdown, rest)


def limit_this_process(*, memory_bytes: int, cpu_seconds: int, file_bytes: int) -> None:
    """Cap what decoding may use: memory beyond what is loaded already, CPU time, the size of the file written."""
    loaded = _address_space_bytes()
    if loaded:
        resource.setrlimit(resource.RLIMIT_AS, (loaded + memory_bytes, loaded + memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


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
        answer = decode(request)
    except (DecodeError, av.FFmpegError, MemoryError, OSError) as error:
        answer = {"error": str(error) or type(error).__name__, "kind": type(error).__name__}
        answer["errno"] = getattr(error, "errno", None)
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
