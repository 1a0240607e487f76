"""Every reason in an advice holds in the excerpt it was written for, measured again by other means.

Loudness by pyloudnorm on the rendered audio (with the same filter coefficients), energy in a band by Welch's method,
section and lead from the song's own plan.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyloudnorm
import pytest
from scipy import signal

from datagen.corrections import canonical_correction
from datagen.excerpt_facts import ExcerptFacts, explanation_facts, measured_facts
from datagen.explanations import write
from datagen.sources import open_source
from datagen.sources.procedural import track_of_song
from datagen.words import REGISTERS, SPOKEN_STEMS, STEMS, Register
from tests.datagen.making_stems import RATE, Audio

SONGS = ("train-00003", "study-00002")
STEM = "|".join(re.escape(spoken) for spoken in SPOKEN_STEMS.values())
STEM_OF = {spoken: stem for stem, spoken in SPOKEN_STEMS.items()}
REST = r"(?:the rest|all the other stems|everything else)"
RATIO = re.compile(
    rf"({STEM}) (?:sits?|is|are) (?:only )?(\d+) LU (under|below|quieter|over|above|louder)", re.IGNORECASE
)
LEVEL = re.compile(rf"({STEM}) (?:is|are) as loud as {REST}", re.IGNORECASE)
COVERS = re.compile(rf"({STEM}) (?:is|are) (?:covering|masking|hiding) ({STEM})", re.IGNORECASE)
LEADS = re.compile(rf"({STEM}) (?:should lead|(?:is|are) what)", re.IGNORECASE)
BAND = re.compile(r"([\d.]+) (k?)Hz (?:to|and) ([\d.]+) (k?)Hz")
SECTION = re.compile(r"in this ([a-z ]+?)(?:[.,]| because|$)")


@dataclass(frozen=True)
class Problem:
    """A passage of a song in which one stem was changed."""

    song: str
    stem: str
    gain_db: float


@dataclass(frozen=True)
class Told:
    """An advice, and the problem it was written for."""

    advice: str
    problem: Problem
    section: str
    lead: str


PROBLEMS = [Problem(song, stem, gain_db) for song in SONGS for stem in STEMS for gain_db in (-6.0, 8.0)]


@cache
def balanced(song: str) -> tuple[Audio, str, str]:
    """Five balanced seconds from the middle of a generated song, with their section and lead."""
    track = track_of_song(song)
    start = track.length_samples // 2
    passage = track.passage_at(start + 2 * RATE)
    assert passage is not None
    return (
        open_source("procedural").read(song, start_samples=start, length_samples=5 * RATE),
        passage.section,
        passage.lead,
    )


@cache
def audio_of(problem: Problem) -> Audio:
    """The stems of a problem."""
    stems = balanced(problem.song)[0].copy()
    stems[STEMS.index(problem.stem)] *= np.float32(10 ** (problem.gain_db / 20))
    return stems


@cache
def told(register: Register) -> tuple[Told, ...]:
    """Advice for every problem, in many words."""
    found = []
    for problem in PROBLEMS:
        facts = facts_of(problem)
        _, section, lead = balanced(problem.song)
        reasons = explanation_facts(facts, section=section, lead=lead)
        changes = canonical_correction({problem.stem: problem.gain_db}, facts.audible)
        for seed in range(0, 4000, 97):
            advice = write(changes, facts=reasons, register=register, seed=seed).advice
            found.append(Told(advice, problem, section, lead))
    return tuple(found)


@cache
def facts_of(problem: Problem) -> ExcerptFacts:
    """What the product measures."""
    return measured_facts(audio_of(problem), RATE)


@cache
def ratio_lu(problem: Problem, stem: str) -> float:
    """Loudness of a stem minus that of all others together, by pyloudnorm."""
    meter = pyloudnorm.Meter(RATE, filter_class="DeMan")
    audio = audio_of(problem).astype(np.float64)
    own = audio[STEMS.index(stem)]
    return float(meter.integrated_loudness(own.T) - meter.integrated_loudness((audio.sum(axis=0) - own).T))


@cache
def band_db(problem: Problem, stem: str, low_hz: float, high_hz: float) -> float:
    """Energy of a stem between two frequencies in dB, by Welch's method."""
    audio = audio_of(problem)[STEMS.index(stem)].astype(np.float64)
    frequencies, power = signal.welch(audio, RATE, nperseg=16_384, axis=-1)
    inside = (frequencies >= low_hz) & (frequencies < high_hz)
    return float(10 * np.log10(power.sum(axis=0)[inside].sum() + 1e-30))


def bands_of(advice: str) -> list[tuple[float, float]]:
    """The bands that an advice names, in Hz."""
    return [
        (float(low) * (1000 if low_k else 1), float(high) * (1000 if high_k else 1))
        for low, low_k, high, high_k in BAND.findall(advice)
    ]


@pytest.mark.parametrize("register", REGISTERS)
def test_every_loudness_that_is_stated_is_measured_there(register: Register) -> None:
    stated = {(each.problem, *found) for each in told(register) for found in RATIO.findall(each.advice)}
    assert len(stated) > 5
    for problem, spoken, lu, word in stated:
        sign = -1 if word.lower() in ("under", "below", "quieter") else 1
        assert ratio_lu(problem, STEM_OF[spoken.lower()]) == pytest.approx(sign * int(lu), abs=0.55)


@pytest.mark.parametrize("register", REGISTERS)
def test_every_masking_that_is_stated_is_measured_there(register: Register) -> None:
    stated = {
        (each.problem, *COVERS.findall(each.advice)[0], *bands_of(each.advice))
        for each in told(register)
        if COVERS.search(each.advice)
    }
    assert len(stated) > 5
    for problem, masker, masked, (low_hz, high_hz) in stated:
        louder_db = band_db(problem, STEM_OF[masker.lower()], low_hz, high_hz)
        quieter_db = band_db(problem, STEM_OF[masked.lower()], low_hz, high_hz)
        assert louder_db - quieter_db > 5.5


@pytest.mark.parametrize("register", REGISTERS)
def test_every_lead_section_and_equal_level_that_is_stated_is_there(register: Register) -> None:
    for each in told(register):
        assert all(STEM_OF[spoken.lower()] == each.lead for spoken in LEADS.findall(each.advice))
        assert all(section == each.section.replace("_", " ") for section in SECTION.findall(each.advice))
        for spoken in LEVEL.findall(each.advice):
            assert abs(ratio_lu(each.problem, STEM_OF[spoken.lower()])) < 0.55


@pytest.mark.parametrize("register", REGISTERS)
def test_no_reason_is_stated_that_the_tests_above_do_not_see(register: Register) -> None:
    for each in told(register):
        assert each.advice.count(" LU ") == len(RATIO.findall(each.advice))
        assert len(BAND.findall(each.advice)) == len(COVERS.findall(each.advice))
