"""The brief: one line, three facts, no levels."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from datagen.briefs import write_brief
from datagen.words import STEMS

LEVEL_WORDS = {
    "loud",
    "quiet",
    "louder",
    "quieter",
    "db",
    "lu",
    "lufs",
    "level",
    "up",
    "down",
    "too",
    "low",
    "high",
    "balance",
}


@given(
    st.sampled_from(["rock", "hip_hop"]),
    st.sampled_from(["chorus", "verse"]),
    st.sampled_from(["", *STEMS]),
    st.integers(0),
)
def test_brief_is_one_line_without_levels(genre, section, lead, seed):
    brief = write_brief(genre, section, lead, seed)
    words = set(re.findall(r"[a-z]+", brief.lower()))

    assert "\n" not in brief
    assert brief.endswith(".")
    assert not words & LEVEL_WORDS
    assert section in brief.lower()
    assert genre.replace("_", " ") in brief.lower()


def test_lead_is_named_as_people_say_it():
    assert all("the other instruments" in write_brief("rock", "verse", "other", seed).lower() for seed in range(4))


def test_unknown_genre_and_section_leave_a_readable_line():
    assert write_brief("", "", "", 0) == "Multitrack, passage."


def test_line_breaks_in_names_stay_out():
    assert "\n" not in write_brief("rock\nand roll", "verse\n2", "vocals", 1)
