"""The accompanists: chords, strums, arpeggios, riffs and held notes over the song's harmony."""

from __future__ import annotations

import numpy as np

from datagen.generator.harmony import lead_voicing, nearest_pitch
from datagen.generator.keys import stream
from datagen.generator.parts.hits import HITS, Hits
from datagen.generator.parts.hook import write_hook
from datagen.generator.parts.note import Bar, Note, bars_of, chord_of, humanised, step_s, struck
from datagen.generator.plan import Layer, Section, SongPlan
from datagen.generator.voices.lookup import Sound

CENTRES = {
    "pad": 60,
    "strings": 64,
    "organ": 62,
    "bell": 74,
    "arp": 67,
    "pluck": 66,
    "brass": 62,
    "acoustic": 57,
    "clean": 59,
}
WIDE = ("pad", "strings")
"""Sounds doubled left and right, slightly detuned."""
HEAVY = ("distorted", "crunch")
_ORDERS = ((0, 1, 2, 3), (0, 2, 1, 3), (0, 1, 2, 1), (3, 2, 1, 0), (0, 2, 3, 2))


def write_accompaniment(plan: SongPlan) -> list[Note]:
    """Every layer of the `other` stem."""
    notes: list[Note] = []
    for index, layer in enumerate(plan.layers):
        choice = int(stream(plan.key, "style", index).integers(64))
        previous: tuple[int, ...] = ()
        for number, section in enumerate(plan.sections):
            rng = stream(plan.key, "other", index, number)
            if not section.playing[2] or not _enters(section, index, rng):
                continue
            for bar in bars_of(plan, section):
                voicing = lead_voicing(chord_of(plan, bar.degree), previous, centre=CENTRES.get(layer.timbre.kind, 60))
                previous = voicing
                notes += _bar(plan, bar, layer, voicing, choice, rng)
        if plan.sections[-1].playing[2] and index == 0:
            notes += _ending(plan, layer, previous)
    return notes + write_hook(plan)


def _ending(plan: SongPlan, layer: Layer, previous: tuple[int, ...]) -> list[Note]:
    rng = stream(plan.key, "other", "ending")
    classes = chord_of(plan, 0)
    pitches = lead_voicing(classes, previous, centre=CENTRES.get(layer.timbre.kind, 60))
    if layer.timbre.kind in HEAVY:
        pitches = (nearest_pitch(classes[0], 45),)
    level = 0.85 * 10 ** (layer.gain_db / 20) / len(pitches) ** 0.5
    start_s = plan.sections[-1].end_s
    return [
        _note(layer, humanised(rng, start_s + 0.012 * place, 0.004), 1.2, midi, level, rng)
        for place, midi in enumerate(pitches)
    ]


def _enters(section: Section, index: int, rng: np.random.Generator) -> bool:
    """The first layer always plays; colours mostly wait for fuller sections."""
    return index == 0 or section.energy >= 0.75 or rng.random() < 0.45


def _bar(
    plan: SongPlan, bar: Bar, layer: Layer, voicing: tuple[int, ...], choice: int, rng: np.random.Generator
) -> list[Note]:
    if layer.timbre.kind in HEAVY:
        return _riff(plan, bar, layer, choice, rng)
    if layer.style == "held":
        return _held(plan, bar, layer, voicing, rng)
    if layer.style in ("arpeggio", "pick"):
        return _arpeggio(plan, bar, layer, voicing, choice, rng)
    options = HITS[layer.style]
    hits = options[(choice + (bar.section.name == "chorus")) % len(options)]
    strummed = layer.style == "strum"
    notes = []
    for position, (step, length, velocity) in enumerate(hits):
        start_s = humanised(rng, step_s(plan, bar, step), 0.005)
        pitches = voicing[::-1] if strummed and position % 2 else voicing
        level = _level(bar, layer, struck(rng, velocity)) / len(voicing) ** 0.5
        for string, midi in enumerate(pitches):
            onset_s = start_s + (0.011 * string if strummed else float(rng.uniform(0.0, 0.006)))
            notes.append(_note(layer, onset_s, length * plan.bar_s / 16, midi, level, rng))
        if strummed:
            notes.append(_note(layer, start_s, length * plan.bar_s / 16, voicing[0] - 12, 0.6 * level, rng))
    return notes


def _level(bar: Bar, layer: Layer, velocity: float) -> float:
    return velocity * (0.62 + 0.38 * bar.section.energy) * float(10 ** (layer.gain_db / 20))


def _note(layer: Layer, onset_s: float, duration_s: float, midi: int, level: float, rng: np.random.Generator) -> Note:
    sound = Sound("other", layer.timbre, midi)
    return Note(onset_s, duration_s, sound, level, layer.pan, float(rng.uniform(-2.0, 2.0)), float(rng.random()))


def _held(plan: SongPlan, bar: Bar, layer: Layer, voicing: tuple[int, ...], rng: np.random.Generator) -> list[Note]:
    notes = []
    level = _level(bar, layer, 1.0) / len(voicing) ** 0.5
    for midi in voicing:
        onset_s = humanised(rng, bar.start_s, 0.008)
        if layer.timbre.kind not in WIDE:
            notes.append(_note(layer, onset_s, plan.bar_s * 0.97, midi, level, rng))
            continue
        for side in (-1.0, 1.0):
            note = _note(layer, onset_s, plan.bar_s * 0.97, midi, 0.72 * level, rng)
            notes.append(note._replace(pan=0.7 * side, detune_cents=side * float(rng.uniform(3.0, 7.0))))
    return notes


def _arpeggio(
    plan: SongPlan, bar: Bar, layer: Layer, voicing: tuple[int, ...], choice: int, rng: np.random.Generator
) -> list[Note]:
    order = _ORDERS[choice % len(_ORDERS)]
    pitches = (*voicing, voicing[0] + 12)[:4]
    stride = 1 if layer.timbre.kind == "arp" and bar.section.energy > 0.7 else 2
    notes = []
    for position, step in enumerate(range(0, 16, stride)):
        if layer.style == "pick" and position and rng.random() < 0.12:
            continue
        midi = pitches[order[position % 4] % len(pitches)]
        onset_s = humanised(rng, step_s(plan, bar, step), 0.004)
        accent = 1.0 if step % 4 == 0 else 0.8
        length = (3.0 if layer.style == "pick" else 1.6) * stride
        notes.append(
            _note(layer, onset_s, length * plan.bar_s / 16, midi, _level(bar, layer, struck(rng, accent)), rng)
        )
    if layer.style == "pick":
        bass = nearest_pitch(chord_of(plan, bar.degree)[0], 45)
        notes.append(
            _note(layer, humanised(rng, bar.start_s, 0.004), plan.bar_s * 0.45, bass, _level(bar, layer, 1.0), rng)
        )
    return notes


def _riff(plan: SongPlan, bar: Bar, layer: Layer, choice: int, rng: np.random.Generator) -> list[Note]:
    """Power chords, played twice and panned apart."""
    root = nearest_pitch(chord_of(plan, bar.degree)[0], 45)
    options: tuple[Hits, ...] = (((0, 15.5, 1.0),),) if layer.style == "held" else HITS[layer.style]
    calm = bar.section.energy < 0.6 and layer.style == "power"
    hits = options[0 if calm else choice % len(options)]
    notes = []
    for step, length, velocity in hits:
        for side in (-1.0, 1.0):
            onset_s = humanised(rng, step_s(plan, bar, step), 0.006)
            note = _note(
                layer, onset_s, length * plan.bar_s / 16, root, 0.72 * _level(bar, layer, struck(rng, velocity)), rng
            )
            notes.append(note._replace(pan=0.75 * side, detune_cents=side * 3.0))
    return notes
