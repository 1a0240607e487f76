"""A plain folder of stems under any names, mapped by a `stems.yaml` beside them.

    stems:                      # stem: file name patterns, one or several
      drums: [kick*, snare*]
      bass: bass.wav
      other: ["*gtr*", "keys*"]
      vocals: vox*
    licence: CC BY 4.0          # and artist, genre, attribution, split, may_serve, may_publish, ignore: all optional

Each subfolder with audio is a song; without any, the folder itself is one. Stems of other names than the usual four
are kept as they are, in the file's order. A mixture is never a stem, neither by its name nor by its content.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from datagen.sources.audio_file import SUFFIXES, open_audio
from datagen.sources.file_source import Findings, Layout
from datagen.sources.plain_settings import SETTINGS_FILE, PlainSettings, read_settings, stem_of_file
from datagen.sources.scan import check_links, holds_file, readable_name, visible_children
from datagen.sources.split_by_artist import split_of_artist
from datagen.sources.summed_stems import Part, SummedStems, check_summed_stems
from datagen.sources.track import Audio, SourceError, Track

MIXTURE_NAMES = ("mix", "mixture", "mixdown", "master", "full mix", "stereo mix")
SAME_AS_SUM_DB = -40.0
"""A file this close to the sum of all others is their mixture."""
COMPARED_S = 10


def looks_like(root: Path) -> bool:
    """Whether a path is a folder with a stems.yaml."""
    return root.is_dir() and holds_file(root / SETTINGS_FILE)


def scan(root: Path) -> Findings:
    """The songs of a root. Raises SourceError with every mistake of its stems.yaml."""
    check_links([root / SETTINGS_FILE], root)
    settings = read_settings(root / SETTINGS_FILE)
    findings = Findings()
    for folder in _song_folders(root):
        findings.attempt(readable_name(folder.name), partial(_song, folder, root, settings))
    return findings


LAYOUT = Layout(
    name="plain_folder",
    looked_for=f"a {SETTINGS_FILE} that says which files are which stem (any folder)",
    looks_like=looks_like,
    scan=scan,
)


def _song_folders(root: Path) -> list[Path]:
    songs = [folder for folder in visible_children(root) if folder.is_dir() and _may_be_song(folder)]
    return songs or [root]


def _may_be_song(folder: Path) -> bool:
    try:
        return bool(_audio_files(folder))
    except SourceError:
        return True  # it cannot be read, which is to be reported


def _audio_files(folder: Path) -> list[Path]:
    return [path for path in visible_children(folder) if path.suffix.lower() in SUFFIXES and path.is_file()]


def _song(folder: Path, root: Path, settings: PlainSettings) -> tuple[Track, SummedStems]:
    files = _audio_files(folder)
    check_links(files, root)
    parts, mixture, unused, problems = _sorted_files(files, settings)
    stems = check_summed_stems(parts, settings.stems, pad=False, mixture=mixture, problems=problems)
    if hidden := _file_equal_to_the_rest(stems):
        raise SourceError(f"{hidden}: it is the sum of the other files; a mixture is never a stem, ignore it")
    return _track(folder, root, settings, stems, unused), stems


def _sorted_files(
    files: list[Path], settings: PlainSettings
) -> tuple[dict[str, list[Part]], Path | None, list[str], list[str]]:
    """Parts of each stem, the mixture, files that belong nowhere, and what is wrong with the mapping."""
    parts: dict[str, list[Part]] = {}
    problems: list[str] = []
    mixture, unused = None, []
    for path in files:
        stems = stem_of_file(readable_name(path.name), settings)
        is_mixture = readable_name(path.stem).lower().replace("_", " ") in MIXTURE_NAMES
        if is_mixture and stems:
            problems.append(f"{path.name}: a mixture is never a stem, but stems.yaml makes it {stems[0]}")
        elif len(stems) > 1:
            problems.append(f"{path.name}: belongs to {' and '.join(stems)}")
        elif stems:
            parts.setdefault(stems[0], []).append(Part(path))
        elif is_mixture:
            mixture = path
        else:
            unused.append(path.name)
    return parts, mixture, unused, problems


def _file_equal_to_the_rest(stems: SummedStems) -> str:
    """The name of a file that is the sum of all others, at any level, in the middle of the song; or an empty string."""
    files = [file for each in stems.stems for file, _ in each]
    if len(files) < 3:
        return ""
    length = min(COMPARED_S * stems.sample_rate, stems.length_samples)
    window = {"start_samples": (stems.length_samples - length) // 2, "length_samples": length}
    whole = stems.read(**window).sum(axis=0)
    for file in files:
        audio = open_audio(file.path).read(**window)
        if _is_sum(audio, whole - audio):
            return file.path.name
    return ""


def _is_sum(audio: Audio, others: Audio) -> bool:
    """Whether some gain makes the sum of all other files this file: what it leaves is 40 dB lower."""
    energy, others_energy = float(np.vdot(audio, audio)), float(np.vdot(others, others))
    alike = float(np.vdot(audio, others))
    if energy == 0 or others_energy == 0 or alike <= 0:
        return False
    return energy - alike**2 / others_energy < energy * 10 ** (SAME_AS_SUM_DB / 10)


def _track(folder: Path, root: Path, settings: PlainSettings, stems: SummedStems, unused: list[str]) -> Track:
    name = readable_name(folder.name)
    artist, _, title = name.partition(" - ")
    artist = settings.artist or (artist if title else "")
    notes = [f"not used: {', '.join(unused)}"] if unused else []
    return Track(
        key=name,
        title=title or name,
        artist=artist,
        genre=settings.genre,
        licence=settings.licence,
        attribution=settings.attribution or f"{name} ({settings.licence})",
        may_serve=settings.may_serve,
        may_publish=settings.may_publish,
        stems=settings.stems,
        sample_rate=stems.sample_rate,
        length_samples=stems.length_samples,
        split=settings.split or split_of_artist(artist or name),
        source_files=(*(file.path for each in stems.stems for file, _ in each), root / SETTINGS_FILE),
        warnings=(*stems.warnings, *notes),
    )
