"""Every reason in a text is true of the facts it was computed from."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.explanations import ExplanationFacts, Masking, write
from datagen.words import REGISTERS, SPOKEN_STEMS, STEMS, changes_from_mapping

BANDS_HZ = ((60, 120), (120, 250), (250, 500), (1000, 2000), (2000, 4000))
STEM = "|".join(re.escape(spoken) for spoken in SPOKEN_STEMS.values())
SPOKEN_TO_STEM = {spoken: stem for stem, spoken in SPOKEN_STEMS.items()}

UNDER = re.compile(rf"({STEM}) (?:sits?|is|are) (?:only )?(\d+) LU (?:under|below|quieter)", re.IGNORECASE)
OVER = re.compile(rf"({STEM}) (?:sits?|is|are) (\d+) LU (?:over|above|louder)", re.IGNORECASE)
LEVEL = re.compile(rf"({STEM}) (?:is|are) as loud as", re.IGNORECASE)
LEADS = re.compile(rf"({STEM}) (?:should lead|(?:is|are) what)", re.IGNORECASE)
COVERS = re.compile(rf"({STEM}) (?:is|are) (?:covering|masking|hiding) ({STEM})", re.IGNORECASE)
FREQUENCY = re.compile(r"([\d.]+) (k?)Hz")

stem_names = st.sampled_from(STEMS)
maskings = st.builds(
    lambda pair, band: Masking(pair[0], pair[1], *band),
    st.permutations(STEMS).map(lambda order: order[:2]),
    st.sampled_from(BANDS_HZ),
)
all_facts = st.builds(
    ExplanationFacts,
    ratio_lu=st.dictionaries(stem_names, st.floats(-20.0, 10.0)),
    masking=st.lists(maskings, max_size=3).map(tuple),
    section=st.sampled_from(["", "chorus", "verse"]),
    lead=st.sampled_from(["", *STEMS]),
)
gains_db = st.integers(1, 24).flatmap(lambda steps: st.sampled_from([0.5 * steps, -0.5 * steps]))
some_changes = st.dictionaries(stem_names, gains_db, min_size=1, max_size=2).map(changes_from_mapping)


def stem_of(spoken: str) -> str:
    return SPOKEN_TO_STEM[spoken.lower()]


@settings(max_examples=500, deadline=None)
@given(some_changes, all_facts, st.sampled_from(REGISTERS), st.integers(0, 2**32 - 1))
def test_every_reason_is_true_of_the_facts(changes, facts, register, seed):
    advice = write(changes, facts=facts, register=register, seed=seed).advice

    for spoken, lu in UNDER.findall(advice):
        assert round(-facts.ratio_lu[stem_of(spoken)]) == int(lu) > 0
    for spoken, lu in OVER.findall(advice):
        assert round(facts.ratio_lu[stem_of(spoken)]) == int(lu) > 0
    for spoken in LEVEL.findall(advice):
        assert abs(facts.ratio_lu[stem_of(spoken)]) <= 0.5
    for spoken in LEADS.findall(advice):
        assert stem_of(spoken) == facts.lead
    for masker, masked in COVERS.findall(advice):
        bands = [
            (m.low_hz, m.high_hz) for m in facts.masking if (m.masker, m.masked) == (stem_of(masker), stem_of(masked))
        ]
        low_hz, high_hz = (float(n) * (1000 if k else 1) for n, k in FREQUENCY.findall(advice)[:2])
        assert (low_hz, high_hz) in bands or len(COVERS.findall(advice)) > 1
    if "in this " in advice:
        assert f"in this {facts.section}" in advice


@settings(max_examples=300, deadline=None)
@given(some_changes, all_facts, st.sampled_from(REGISTERS), st.integers(0, 2**32 - 1))
def test_a_reason_speaks_for_the_move_it_is_given_with(changes, facts, register, seed):
    advice = write(changes, facts=facts, register=register, seed=seed).advice
    gains = {change.stem: change.gain_db for change in changes}

    assert all(gains[stem_of(spoken)] < 0 for spoken, _ in OVER.findall(advice))
    for masker, masked in COVERS.findall(advice):
        assert gains.get(stem_of(masker), 0.0) < 0 or gains.get(stem_of(masked), 0.0) > 0


def test_terse_text_gives_one_reason_and_longer_ones_one_a_change():
    facts = ExplanationFacts(ratio_lu={"vocals": -9.0, "bass": 1.0})
    changes = changes_from_mapping({"bass": -2.0, "vocals": 4.5})

    assert write(changes, facts=facts, register="terse").advice.count("LU") == 1
    assert write(changes, facts=facts, register="neutral").advice.count("LU") == 2


def test_move_that_nothing_measured_speaks_for_gets_no_reason():
    facts = ExplanationFacts(ratio_lu={"vocals": 2.0}, lead="drums")
    plain = write(changes_from_mapping({"vocals": 4.5})).advice

    assert write(changes_from_mapping({"vocals": 4.5}), facts=facts).advice == plain
