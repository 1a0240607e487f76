"""One small song in the layout of each set of stems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile
import yaml

from tests.datagen.making_stems import RATE, Audio


def write_audio(path: Path, audio: Audio, *, subtype: str = "PCM_16") -> None:
    """A WAV or FLAC file, by its ending, with its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, audio.T, RATE, subtype=subtype)


def write_dsd100(root: Path, name: str, stems: Mapping[str, Audio], *, split: str = "Dev") -> None:
    """Sources and mixture of one song of DSD100."""
    for stem, audio in stems.items():
        write_audio(root / "Sources" / split / name / f"{stem}.wav", audio)
    write_audio(root / "Mixtures" / split / name / "mixture.wav", np.sum(list(stems.values()), axis=0), subtype="FLOAT")


def write_moisesdb(
    root: Path, key: str, sources: Mapping[str, list[Audio]], *, artist: str = "Artist", track_type: str = "kick drum"
) -> None:
    """One song of MoisesDB: {stem: its sources}."""
    folder = root / "moisesdb_v0.1" / key
    stems = []
    for stem, audios in sources.items():
        tracks = []
        for number, audio in enumerate(audios):
            write_audio(folder / stem / f"{stem}-{number}.wav", audio)
            tracks.append({"id": f"{stem}-{number}", "trackType": track_type, "extension": "wav", "has_bleed": False})
        stems.append({"stemName": stem, "tracks": tracks})
    data = {"song": "Title", "artist": artist, "genre": "rock", "stems": stems}
    (folder / "data.json").write_text(json.dumps(data), encoding="utf-8")


def write_medleydb(
    root: Path, track: str, stems: list[tuple[str, Audio]], *, gains: Mapping[int, float] | None = None
) -> None:
    """One track of MedleyDB: (instrument, audio) of every stem, and the mix at these gains."""
    folder = root / "Audio" / track
    listed = {}
    for number, (instrument, audio) in enumerate(stems, start=1):
        name = f"{track}_STEM_{number:02d}.wav"
        write_audio(folder / f"{track}_STEMS" / name, audio)
        listed[f"S{number:02d}"] = {"component": "", "filename": name, "instrument": instrument}
    levels = gains or dict.fromkeys(range(1, len(stems) + 1), 1.0)
    mix = np.sum([levels[number] * audio for number, (_, audio) in enumerate(stems, start=1)], axis=0)
    write_audio(folder / f"{track}_MIX.wav", mix, subtype="FLOAT")
    metadata = {
        "artist": "Some Band",
        "title": "Some Title",
        "genre": "Rock",
        "has_bleed": "no",
        "stem_dir": f"{track}_STEMS",
        "stems": listed,
    }
    (folder / f"{track}_METADATA.yaml").write_text(yaml.safe_dump(metadata), encoding="utf-8")
    if gains:
        (root / "mixing_coefficients.yaml").write_text(yaml.safe_dump({track: dict(gains)}), encoding="utf-8")


def write_slakh(folder: Path, sources: list[tuple[str, bool, Audio]]) -> None:
    """One track of Slakh2100: (instrument class, is drum, audio) of every source; files are mono."""
    stems = {}
    for number, (kind, is_drum, audio) in enumerate(sources):
        write_audio(folder / "stems" / f"S{number:02d}.flac", audio[:1])
        stems[f"S{number:02d}"] = {"inst_class": kind, "is_drum": is_drum, "audio_rendered": True}
    stems["S99"] = {"inst_class": "Pipe", "is_drum": False, "audio_rendered": False}
    write_audio(folder / "mix.flac", np.sum([audio for _, _, audio in sources], axis=0)[:1])
    (folder / "metadata.yaml").write_text(yaml.safe_dump({"stems": stems, "UUID": "x"}), encoding="utf-8")
