"""No combination of background answers in a public export is shared by fewer than five people."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from studyweb.export.bands import FIELDS, HIDDEN, SMALLEST_GROUP, WIDER_YEARS, banded

YEARS = (*WIDER_YEARS, None)
backgrounds = st.lists(
    st.fixed_dictionaries(
        {
            "years_mixing": st.sampled_from(YEARS),
            "role": st.sampled_from(("producer", "engineer", "student", None)),
            "listening": st.sampled_from(("monitors", "headphones", None)),
            "device": st.text(max_size=5),
        }
    ),
    max_size=60,
)


def people(count: int, years: str | None, role: str | None, listening: str = "monitors") -> list[dict[str, str | None]]:
    """`count` people with the same background."""
    return [{"years_mixing": years, "role": role, "listening": listening} for _ in range(count)]


@given(backgrounds)
def test_every_combination_is_shared_by_five_or_everything_is_hidden(found):
    shown = Counter(tuple(each[name] for name in FIELDS) for each in banded(found))
    hidden = (HIDDEN,) * len(FIELDS)
    assert all(count >= SMALLEST_GROUP for each, count in shown.items() if each != hidden)
    assert shown[hidden] == 0 or shown[hidden] >= min(SMALLEST_GROUP, len(found))


@given(backgrounds)
def test_what_is_shown_is_what_was_said_or_wider(found):
    for background, shown in zip(found, banded(found), strict=True):
        assert set(shown) == set(FIELDS)
        said = background["years_mixing"]
        assert shown["years_mixing"] in (said, WIDER_YEARS.get(said), HIDDEN)
        assert all(shown[name] in (background[name], HIDDEN) for name in ("role", "listening"))


def test_large_groups_keep_their_detail_and_a_rare_background_does_not() -> None:
    shown = banded([*people(6, "3_to_5", "producer"), *people(5, "over_20", "engineer"), *people(1, "over_20", "poet")])
    assert shown[:6] == people(6, "3_to_5", "producer")
    assert all("poet" not in each.values() for each in shown)
    alone = [each for each in shown if each == shown[-1]]
    assert len(alone) >= SMALLEST_GROUP


def test_years_are_widened_before_a_role_is_hidden() -> None:
    shown = banded([*people(3, "under_3", "producer"), *people(2, "3_to_5", "producer")])
    assert shown == people(5, "up_to_5", "producer")


def test_fewer_people_than_a_group_show_nothing() -> None:
    assert banded(people(4, "3_to_5", "producer")) == [dict.fromkeys(FIELDS, HIDDEN)] * 4
