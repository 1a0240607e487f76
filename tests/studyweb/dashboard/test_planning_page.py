"""The planning page: the study's own size, the researcher's assumptions, and refusals in words."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.factories import make_user
from tests.studyweb.answering import body, researcher, small_study

pytestmark = pytest.mark.django_db


def test_it_starts_from_the_studys_own_size() -> None:
    study = small_study(state="draft", items=6)
    shown = body(researcher(study), f"/research/{study.slug}/planning/")
    assert "With 24 people who complete and 6 tracks" in shown
    assert "6 tracks are a ceiling" in shown
    assert 'name="trials_each" value="4"' in shown


def test_assumptions_in_the_address_are_used() -> None:
    study = small_study(state="draft")
    shown = body(
        researcher(study), f"/research/{study.slug}/planning/?participants=40&completion=0.5&tracks=9&rate=0.7"
    )
    assert "With 20 people who complete and 9 tracks" in shown
    assert "If the true rate were 70.0" in shown


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("tracks=1", "greater than or equal to 2"),
        ("rate=much", "Enter a number"),
        ("rate=nan", "Enter a number"),
        ("rate=0.95&tie_rate=0.5", "the rate lies between 0.25 and 0.75"),
        ("participants=50000&trials_each=100", "at most 50,000 answers can be simulated"),
    ],
)
def test_assumptions_that_cannot_be_are_refused_in_words(query: str, said: str) -> None:
    study = small_study(state="draft")
    shown = body(researcher(study), f"/research/{study.slug}/planning/?{query}")
    assert said in shown
    assert "people who complete and" not in shown


def test_another_researcher_finds_neither_plan_nor_looks() -> None:
    study = small_study()
    other = Client()
    other.force_login(make_user())
    for name in ("planning", "look"):
        assert other.get(f"/research/{study.slug}/{name}/").status_code == 404
    assert other.post(f"/research/{study.slug}/look/").status_code == 404
