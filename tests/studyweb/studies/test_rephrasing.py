"""Identical gains in two phrasings: written beside the system they repeat, drawn as a check, never failed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.explanations import read, write
from datagen.recipes import recipe_from_json
from datagen.requests import AdviceResult
from datagen.words import REGISTERS, STEMS, changes_from_mapping
from studyweb.studies.advices import request_advice, store_advice
from studyweb.studies.lint import lint_study_file
from studyweb.studies.models import Item, Study, System
from studyweb.studies.rephrasing import rephrased_advice
from studyweb.studies.services import create_study
from studyweb.studies.study_file import read_study_file
from studyweb.trials.exclusions import exclusions_of
from studyweb.trials.models import Trial
from tests.factories import SYSTEMS, make_study, make_user
from tests.studyweb.answering import slot_of, somebody
from tests.studyweb.studies.example import WITHOUT_PEOPLE, changed
from tests.studyweb.studies.test_sabotage import RECIPE

AGAIN = "  - {key: again, kind: rephrased, of: oracle}\n"
SYSTEM = changed("  - {key: nothing", f"{AGAIN}  - {{key: nothing", text=WITHOUT_PEOPLE)
CHECK = "- {kind: against_sabotaged, pair: [oracle, sabotaged], count: 1}"
FILE = changed(CHECK, f"{CHECK}\n    - {{kind: identical_gains, pair: [oracle, again]}}", text=SYSTEM)
FILE = changed(
    "    - {track: study-00005",
    "    - {track: study-00006, start_s: 1, length_s: 4, disturbance_db: {vocals: -5}, role: check}\n"
    "    - {track: study-00005",
    text=FILE,
)


def said(gains_db: dict[str, float], *, register: Any = "terse", seed: int = 0) -> AdviceResult:
    changes = changes_from_mapping(gains_db, STEMS)
    text = write(changes, register=register, seed=seed, reference=False)
    return AdviceResult(text.advice, text.finding, gains_db, "", {})


gains = st.dictionaries(st.sampled_from(STEMS), st.integers(1, 24).map(lambda step: step / 2), max_size=2)


@settings(deadline=None)  # the first text loads the word lists
@given(gains, st.sampled_from(REGISTERS), st.integers(0, 2**31))
def test_the_same_gains_are_said_in_other_words(gains_db: dict[str, float], register: Any, seed: int) -> None:
    first = said(gains_db, register=register, seed=seed)
    again = rephrased_advice(first, RECIPE, register=register)
    assert again.text != first.text
    assert again.changes_db == first.changes_db == gains_db
    assert read(again.text).changes == changes_from_mapping(gains_db, STEMS)


def test_advice_without_gains_cannot_be_said_again() -> None:
    unreadable = AdviceResult("More love.", "", None, "no gain changes found", {})
    with pytest.raises(ValueError, match="cannot be said again"):
        rephrased_advice(unreadable, RECIPE, register="terse")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("of: oracle", "", "is missing; a rephrased system says again"),
        ("of: oracle", "of: nowhere", "must name a system of kind oracle, constant, sabotaged; nowhere is not in the"),
        ("of: oracle", "of: nothing", "again says again what nothing says; pair it with that"),
        ("[oracle, again]", "[oracle, nothing]", "identical_gains needs a system of kind rephrased, nothing is const"),
        ("key: nothing, kind: constant", "key: nothing, kind: constant, of: oracle", "only systems of kind rephrased"),
        ("- {pair: [oracle, nothing]", "- {pair: [oracle, again]", "again is rephrased; it belongs in design.checks"),
        ("analysis:", "exclusions: [{rule: failed_checks, at_least: 2}]\nanalysis:", "has 1 that can be failed"),
    ],
)
def test_what_does_not_fit_is_said(old: str, new: str, message: str) -> None:
    problems = lint_study_file(read_study_file(changed(old, new, text=FILE)))
    assert any(message in problem.message for problem in problems), problems


def test_the_file_is_in_order() -> None:
    assert [each for each in lint_study_file(read_study_file(FILE)) if not each.is_warning] == []


@pytest.mark.django_db
def test_it_is_written_on_check_items_once_the_system_it_repeats_has_spoken() -> None:
    study = create_study(FILE, owner=make_user())
    oracle, again = (System.objects.get(study=study, key=key) for key in ("oracle", "again"))
    for item in study.items.all():
        store_advice(item, oracle, said({"bass": -3.0}))
    written = list(again.advices.select_related("item"))
    assert [each.item.role for each in written] == [Item.Role.CHECK] * 2
    for advice in written:
        first = advice.item.advices.get(system=oracle)
        assert advice.changes == first.changes == {"bass": -3.0}
        assert advice.text != first.text
        assert rephrased_advice(said({"bass": -3.0}), recipe_from_json(advice.item.recipe), register="terse").text == (
            advice.text
        )


@pytest.mark.django_db
def test_a_corrected_text_is_said_again_anew() -> None:
    study = create_study(FILE, owner=make_user())
    request_advice(study)
    oracle = System.objects.get(study=study, key="oracle")
    item = study.items.filter(role=Item.Role.CHECK).first()
    store_advice(item, oracle, said({"bass": -3.0}))
    store_advice(item, oracle, said({"bass": -6.0}))
    assert item.advices.get(system__key="again").changes == {"bass": -6.0}


def identical_study() -> Study:
    repeated = {"key": "again", "kind": "rephrased", "of": "oracle", "label": "Again"}
    return make_study(
        systems=[*SYSTEMS, repeated],
        audio=False,
        items=6,
        design={"checks": [{"kind": "identical_gains", "pair": ["oracle", "again"], "count": 1}], "repeats": 0},
        exclusions=[{"rule": "failed_checks", "at_least": 1}],
    )


@pytest.mark.django_db
def test_it_is_drawn_as_a_check_and_whatever_is_preferred_fails_nobody() -> None:
    study = identical_study()

    def prefers_the_rephrased(trial: Trial, question: Any) -> str | None:
        if question["name"] == "final_choice" and trial.role == Trial.Role.CHECK:
            return "a_clearly" if trial.advice_a.system.key == "again" else "b_clearly"
        fixed = {"heard_more": "cant_tell", "no_preference_reason": "no_difference"}
        if question["name"] in fixed:
            return fixed[question["name"]]
        better = slot_of(trial, ("differential", "oracle", "again", "baseline", "nothing"))
        return {"choice": f"{better.lower()}_clearly", "rating": "4", "keep": "no"}.get(question["kind"])

    person = somebody(study, prefers_the_rephrased)
    checks = person.trials.filter(role=Trial.Role.CHECK)
    assert [trial.check_kind for trial in checks] == ["identical_gains"]
    assert {checks[0].advice_a.system.key, checks[0].advice_b.system.key} == {"oracle", "again"}
    assert exclusions_of(study) == ()
