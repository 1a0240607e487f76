"""Songs that benches make themselves: a long `.stem.mp4`, and its stems as WAV files."""

from __future__ import annotations

from pathlib import Path

import av
import soundfile

from tests.datagen.making_stems import AAC_FRAME, RATE, four_stems, write_song_mp4

PATTERN_S = 8.0
STEMS = ("drums", "bass", "other", "vocals")


def write_long_stem_mp4(path: Path, *, seconds: float) -> float:
    """A stem file of about this length in seconds: one encoded pattern, its packets repeated; gives its length."""
    pattern = path.with_name("pattern.stem.mp4")
    write_song_mp4(pattern, four_stems(seconds=PATTERN_S))
    rounds = round(seconds / PATTERN_S)
    with av.open(str(pattern)) as source, av.open(str(path), "w", format="mp4") as out:
        targets = {stream.index: out.add_stream_from_template(stream) for stream in source.streams.audio}
        packets = [(packet.stream.index, bytes(packet)) for packet in source.demux() if packet.size]
        per_stream = len(packets) // len(targets)
        for turn in range(rounds):
            _mux_round(out, targets, packets, first=turn * per_stream)
    pattern.unlink()
    return rounds * per_stream * AAC_FRAME / RATE


def write_long_wavs(folder: Path, *, seconds: float) -> None:
    """MUSDB18-HQ's files of one song, 16 bit."""
    folder.mkdir(parents=True)
    for name, pattern in four_stems(seconds=PATTERN_S).items():
        with soundfile.SoundFile(folder / f"{name}.wav", "w", RATE, 2, "PCM_16") as file:
            for _ in range(round(seconds / PATTERN_S)):
                file.write(pattern.T)


def _mux_round(
    out: av.container.OutputContainer,
    targets: dict[int, av.AudioStream],
    packets: list[tuple[int, bytes]],
    *,
    first: int,
) -> None:
    positions = dict.fromkeys(targets, first)
    for index, content in packets:
        packet = av.Packet(content)
        packet.stream, packet.time_base = targets[index], targets[index].time_base
        packet.dts = packet.pts = positions[index] * AAC_FRAME
        packet.duration = AAC_FRAME
        positions[index] += 1
        out.mux(packet)
