"""What is wrong with a track once all its audio is read: silence, NaN, a mixture unlike its stems."""

from __future__ import annotations

from dataclasses import dataclass

from datagen.excerpt_facts import stem_facts
from datagen.sources.track import Source, SourceError, Track
from datagen.track_scan import scan_track


@dataclass(frozen=True)
class TrackCheck:
    """The verdict on one track."""

    name: str
    usable: bool
    facts: str
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def check_track(source: Source, track: Track) -> TrackCheck:
    """Read a whole track and judge it. Problems make it unusable; notes do not."""
    problems, notes = [], list(track.warnings)
    try:
        scan = scan_track(source, track)
        silent = [each.stem for each in stem_facts(scan.blocks, names=track.stems) if each.loudness_lufs is None]
        if not len(scan.blocks):
            problems.append(f"only {track.duration_s:.2f} s long: too short to measure")
        elif len(silent) == len(track.stems):
            problems.append("every stem is silent")
        elif silent:
            notes.append(f"silent all the way: {', '.join(silent)}")
        notes += filter(None, [*source.decode_notes(track.key), source.mixture_note(track.key)])
    except SourceError as error:
        problems.append(str(error))
    except (ValueError, OSError) as error:
        problems.append(f"{track.key}: {error}")
    return TrackCheck(track.key, not problems, track_line(track), tuple(problems), tuple(notes))


def track_line(track: Track) -> str:
    """Length, rate, split and licence of a track in one line."""
    minutes, seconds = divmod(int(track.duration_s), 60)
    served = "may be served" if track.may_serve else "may not be served"
    return f"{minutes}:{seconds:02d}, {track.sample_rate} Hz, {track.split}, {track.licence}, {served}"
