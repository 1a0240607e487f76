"""Looking at a running study: only where its file declares it, logged, and everything else stays masked."""

from __future__ import annotations

from typing import Any

import pytest

from studyweb.dashboard.peeks import earlier_looks, final_look, look_at, participant_means, why_not_to_look
from studyweb.stats.sequential import PeekRefusedError
from studyweb.studies.models import Study
from studyweb.trials.your_data import withdraw_and_erase
from tests.studyweb.answering import body, researcher, small_study, somebody, unblinded, with_answers

pytestmark = pytest.mark.django_db


def watched(method: str = "confidence_sequence", **options: Any) -> Study:
    """A study that may be looked at."""
    primary = {"pair": ["differential", "baseline"], "estimand": "new_participants"}
    analysis = {"primary": primary, "ties": "half", "level": 0.95, "sequential": method}
    return small_study(analysis=analysis, **options)


def people(study: Study, number: int) -> None:
    """So many who prefer the first system whenever they are not tied."""
    for place in range(number):
        somebody(study, with_answers(final_choice="no_preference") if place % 3 == 0 else with_answers())


def test_participants_count_once_each_in_the_order_in_which_they_completed() -> None:
    study = watched()
    somebody(study, with_answers(final_choice="no_preference"))
    somebody(study)
    withdraw_and_erase(somebody(study))
    somebody(study, is_test=True)
    somebody(study, trials=3)
    assert participant_means(study) == [0.5, 1.0]


def test_a_look_is_logged_and_leaves_the_study_masked() -> None:
    study = watched()
    people(study, 10)
    look = look_at(study, actor="somebody")
    study.refresh_from_db()
    assert (look.n_participants, look.mean) == (10, pytest.approx((4 * 0.5 + 6) / 10))
    assert study.is_masked
    entry = study.log.get(action="looked")
    assert (entry.actor, entry.detail) == ("somebody", {"method": "confidence_sequence", "participants": 10})
    assert earlier_looks(study) == [10]


def test_a_study_that_declares_no_method_refuses_and_logs_nothing() -> None:
    study = small_study()
    with pytest.raises(PeekRefusedError, match="declares no sequential method"):
        look_at(study, actor="somebody")
    assert not study.log.filter(action="looked").exists()


def test_before_ten_participants_a_look_is_refused() -> None:
    study = watched()
    people(study, 2)
    assert why_not_to_look(study) == "2 participants have completed; the first look is possible after 10"


def test_a_draft_cannot_be_looked_at() -> None:
    assert why_not_to_look(watched(state="draft")) == "the study has not been opened"


def test_with_planned_looks_the_log_says_what_was_spent() -> None:
    study = watched("pocock")
    people(study, 10)
    alone = look_at(study, actor="somebody")
    again = look_at(study, actor="somebody else")
    people(study, 2)
    later = look_at(study, actor="somebody")
    assert alone.z_bound == again.z_bound
    assert earlier_looks(study) == [10, 10, 12]
    fresh = watched("pocock")
    people(fresh, 12)
    first_at_twelve = look_at(fresh, actor="somebody")
    assert later.z_bound is not None
    assert first_at_twelve.z_bound is not None
    assert later.z_bound > first_at_twelve.z_bound


def test_the_results_page_gets_the_look_at_everybody_once_unblinded() -> None:
    study = watched("e_process")
    people(study, 10)
    assert final_look(study) is None
    ended = unblinded(study)
    final = final_look(ended)
    assert final is not None
    assert final.n_participants == 10
    assert not ended.log.filter(action="looked").exists()
    assert final_look(unblinded(small_study())) is None


def test_the_page_shows_nothing_before_it_is_asked_and_then_only_the_primary_comparison() -> None:
    study = watched()
    people(study, 10)
    client = researcher(study)
    path = f"/research/{study.slug}/look/"
    before = body(client, path)
    assert "Look now" in before
    assert "was preferred over" not in before
    shown = client.post(path).content.decode()
    assert "After 10 of 24 planned participants" in shown
    assert "not of other tracks" in shown
    assert "Looks so far" in shown
    assert "Masked" in body(client, f"/research/{study.slug}/results/")
    assert "looked" in body(client, f"/research/{study.slug}/")


def test_the_page_of_a_study_without_looks_says_why_and_offers_none() -> None:
    study = small_study()
    client = researcher(study)
    shown = body(client, f"/research/{study.slug}/look/")
    assert "declares no sequential method" in shown
    assert "Look now" not in shown
    assert "declares no sequential method" in client.post(f"/research/{study.slug}/look/").content.decode()
    assert "Looking early" not in body(client, f"/research/{study.slug}/")
