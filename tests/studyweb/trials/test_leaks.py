"""Nothing that a participant's browser receives names a system, a check or the answer; and the check can fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from studyweb.studies.models import Advice, StemAudio, Study, System
from studyweb.trials import json_views, views
from studyweb.trials.leaks import leaks_in, telling_names
from studyweb.trials.models import Trial
from studyweb.trials.scripted import DjangoTransport, ScriptedParticipant
from studyweb.trials.transports import Exchange
from tests.factories import make_study

PLANTED: tuple[dict[str, Any], ...] = (
    {
        "key": "zebra_one",
        "label": "Zebra Runner 9000",
        "kind": "model",
        "adapter": "quagga_weights",
        "trained_on": "stems_ref",
        "shown": "stems_ref",
        "reference_kind": "same_passage",
    },
    {
        "key": "okapi_two",
        "label": "Okapi Plain",
        "kind": "model",
        "adapter": "tapir",
        "trained_on": "mix",
        "shown": "mix",
    },
    {"key": "gnu_oracle", "label": "Gnú the Knowing", "kind": "oracle"},
    {"key": "wombat_still", "label": "Wombat Still", "kind": "constant"},
)
DESIGN = {
    "trials": [{"pair": ["zebra_one", "okapi_two"], "count": 4}],
    "checks": [{"kind": "oracle_against_nothing", "pair": ["gnu_oracle", "wombat_still"], "count": 1}],
}


@pytest.fixture
def study(db: None) -> Study:
    return make_study(
        systems=PLANTED, items=6, design=DESIGN, analysis={"primary": {"pair": ["zebra_one", "okapi_two"]}}
    )


def whole_session(study: Study) -> list[Exchange]:
    """Every page, file and reply of a session, with the participant's own pages at its end."""
    player = ScriptedParticipant(DjangoTransport())
    player.complete(study.public_id)
    for path in ("/t/data/", "/t/data/download/", "/t/phone/", "/t/trial/nothere/"):
        player.session.exchanges.append(player.transport.get(path))
    return player.session.exchanges


def names_found(study: Study) -> set[str]:
    return {leak.name for leak in leaks_in(whole_session(study), telling_names(study))}


def test_a_whole_session_names_no_system(study: Study) -> None:
    exchanges = whole_session(study)
    assert len(exchanges) > 40
    assert leaks_in(exchanges, telling_names(study)) == []


def test_every_planted_name_is_looked_for(study: Study) -> None:
    names = telling_names(study)
    for planted in ("zebra_one", "Zebra Runner 9000", "quagga_weights", "stems_ref", "same_passage", "oracle", "tapir"):
        assert planted in names


def test_a_name_in_an_advice_text_is_caught(study: Study) -> None:
    Advice.objects.filter(system__key="okapi_two").update(text="As the Okapi-Plain system I would turn the bass down.")
    assert "Okapi Plain" in names_found(study)


def test_a_name_in_a_public_id_is_caught(study: Study) -> None:
    stem = StemAudio.objects.filter(item__role="practice").first()
    StemAudio.objects.filter(pk=stem.pk).update(public_id="quagga-weights")
    assert "quagga_weights" in names_found(study)


def test_a_name_in_a_header_is_caught(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = json_views.send_stem

    def with_name(request: Any, stem: StemAudio) -> Any:
        response = sent(request, stem)
        response["Content-Disposition"] = 'inline; filename="ZEBRA_ONE.flac"'
        return response

    monkeypatch.setattr(json_views, "send_stem", with_name)
    assert "zebra_one" in names_found(study)


@pytest.mark.parametrize(
    ("added", "name"),
    [
        ({"role": "check"}, "check"),
        ({"kinds": System.Kind.ORACLE.value}, "oracle"),
        ({"first_in_a": True}, "first_in_a"),
        ({"why": {"pair": "zebra_one|okapi_two"}}, "zebra_one"),
        ({"written with escapes": "Gnú the Knowing"}, "Gnú the Knowing"),
    ],
)
def test_a_name_or_role_in_the_trial_data_is_caught(
    study: Study, monkeypatch: pytest.MonkeyPatch, added: Mapping[str, Any], name: str
) -> None:
    data = views.trial_data

    def with_name(trial: Trial) -> dict[str, Any]:
        return {**data(trial), **added}

    monkeypatch.setattr(views, "trial_data", with_name)
    assert name in names_found(study)


def test_checks_and_repeats_look_like_scored_trials(study: Study) -> None:
    pages = [each for each in whole_session(study) if each.path.startswith("/t/trial/") and each.method == "GET"]
    from studyweb.trials.page_reading import read_trial_data

    data = [read_trial_data(page.text) for page in pages if page.status == 200]
    assert len({frozenset(page) for page in data}) == 1
    assert [page["number"] for page in data if not page["practice"]] == list(range(1, 7))
    assert {page["of"] for page in data if not page["practice"]} == {6}
