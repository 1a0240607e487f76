"""Scales, chords and voice leading. Pitches are MIDI note numbers (60 = middle C, 69 = 440 Hz)."""

from __future__ import annotations

MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)


def scale_pitch(tonic: int, degree: int, *, minor: bool) -> int:
    """The pitch of a scale degree (0 = tonic, 7 = the octave above it) over the tonic's pitch class."""
    octave, step = divmod(degree, 7)
    return tonic + 12 * octave + (MINOR if minor else MAJOR)[step]


def chord_classes(tonic: int, degree: int, *, minor: bool, seventh: bool) -> tuple[int, ...]:
    """Pitch classes of the chord on a degree, root first. The dominant of a minor key gets its leading note."""
    steps = (0, 2, 4, 6) if seventh else (0, 2, 4)
    pitches = [scale_pitch(tonic, degree + step, minor=minor) for step in steps]
    if minor and degree % 7 == 4:
        pitches[1] += 1
    return tuple(pitch % 12 for pitch in pitches)


def nearest_pitch(pitch_class: int, target: float) -> int:
    """The pitch of a class that lies nearest to a target pitch."""
    return pitch_class + 12 * round((target - pitch_class) / 12)


def lead_voicing(classes: tuple[int, ...], previous: tuple[int, ...], *, centre: int) -> tuple[int, ...]:
    """The inversion of a close chord that moves least from the previous voicing, drawn gently to its centre."""
    best: tuple[int, ...] = ()
    best_cost = float("inf")
    for turn in range(len(classes)):
        turned = classes[turn:] + classes[:turn]
        for target in (centre - 7, centre - 2):
            voicing = _stacked(turned, nearest_pitch(turned[0], target))
            cost = 0.3 * abs(sum(voicing) / len(voicing) - centre)
            if len(previous) == len(voicing):
                cost += sum(abs(new - old) for new, old in zip(voicing, previous, strict=True))
            if cost < best_cost:
                best, best_cost = voicing, cost
    return best


def _stacked(classes: tuple[int, ...], lowest: int) -> tuple[int, ...]:
    pitches = [lowest]
    for pitch_class in classes[1:]:
        pitches.append(pitches[-1] + (pitch_class - pitches[-1]) % 12)
    return tuple(pitches)


def snapped_to_scale(pitch: float, tonic: int, *, minor: bool) -> int:
    """The pitch of the scale nearest to a pitch."""
    candidates = [nearest_pitch((tonic + step) % 12, pitch) for step in (MINOR if minor else MAJOR)]
    return min(candidates, key=lambda candidate: abs(candidate - pitch))
