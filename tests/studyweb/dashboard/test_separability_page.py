"""What the texts give away, as researchers read it: everything in a draft, one number a pair while masked."""

from __future__ import annotations

import pytest

from studyweb.studies.models import Advice
from studyweb.studies.text_separability import pair_texts
from tests.factories import make_study
from tests.studyweb.answering import body, researcher, small_study

pytestmark = pytest.mark.django_db


def marked(study: object) -> None:
    """Give the differential system's texts a word of their own."""
    for advice in Advice.objects.filter(system__key="differential", item__study=study):
        Advice.objects.filter(pk=advice.pk).update(text=f"Frankly: {advice.text}")


def test_a_draft_shows_the_number_what_tells_and_who() -> None:
    study = small_study(state="draft", items=6)
    marked(study)
    text = body(researcher(study), f"/research/{study.slug}/items/")
    assert "<strong>1.00</strong>" in text
    assert "texts with “frankly”" in text
    assert "Differential, same passage – Baseline, mix alone" in text


def test_while_masked_only_the_number_is_left() -> None:
    study = small_study(items=6)
    marked(study)
    text = body(researcher(study), f"/research/{study.slug}/items/")
    assert "<strong>1.00</strong>" in text
    assert "frankly" not in text.lower()
    assert "Differential" not in text


def test_one_track_is_said_not_to_be_measured() -> None:
    study = make_study(items=4, tracks=1, audio=False, state="draft", design={"meetings_per_track": 4})
    assert pair_texts(study)[0].found is None
    assert "Not measured: fewer than two tracks" in body(researcher(study), f"/research/{study.slug}/items/")


def test_unreadable_advice_is_a_measure_of_its_own() -> None:
    study = small_study(state="draft", items=6)
    Advice.objects.filter(system__key="baseline", item__study=study).update(changes=None)
    found = pair_texts(study)[0].found
    assert found is not None
    told = {each.measure: each for each in found.told_by}
    assert (told["unreadable"].first_mean, told["unreadable"].second_mean, told["unreadable"].area) == (0.0, 1.0, 0.0)
