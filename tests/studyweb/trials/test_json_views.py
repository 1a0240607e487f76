"""The addresses that the trial page's script talks to: codes, bodies, and whose trial it is."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from studyweb.studies.models import Study
from studyweb.trials.models import Answer, Event, Participant, Trial
from studyweb.trials.session import personal_secret
from studyweb.trials.trial_data import renew_token
from tests.factories import make_study, post, read_answers, take_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def participant(db: None) -> Participant:
    return take_part(make_study(audio=False, items=6, design={"practice": 0, "ask_first_choice_share": 1.0}), trials=0)


@pytest.fixture
def browser(participant: Participant) -> Client:
    return browser_of(participant)


@pytest.fixture
def trial(participant: Participant) -> Trial:
    return participant.trials.get(position=1)


def browser_of(participant: Participant) -> Client:
    client = Client()
    client.post(f"/p/{personal_secret(participant)}/")
    return client


def send(client: Client, path: str, body: Any) -> Any:
    return client.post(path, body, content_type="application/json")


def answers_url(trial: Trial) -> str:
    return f"/t/trial/{trial.public_id}/answers/"


def test_stored_answers_come_back_with_receipts_and_gains(browser: Client, trial: Trial) -> None:
    answers = read_answers(trial)
    reply = send(browser, answers_url(trial), {"answers": answers, "context": {"step": "read"}}).json()
    assert [receipt["client_uuid"] for receipt in reply["receipts"]] == [each["client_uuid"] for each in answers]
    assert {receipt["hash"] for receipt in reply["receipts"]} == set(Answer.objects.values_list("hash", flat=True))
    assert reply["current_step"] == "hear"
    assert set(reply["conditions"]) == {"problem", "A", "B"}
    assert reply["stored"] == len(answers)


def test_a_conflict_tells_what_is_stored(browser: Client, trial: Trial) -> None:
    send(browser, answers_url(trial), {"answers": [post("first_choice", "a_clearly")]})
    reply = send(browser, answers_url(trial), {"answers": [post("first_choice", "b_clearly")]})
    assert reply.status_code == 409
    assert reply.json()["stored"]["first_choice"] == {"value": "a_clearly", "revision": 1}
    assert reply.json()["steps"] == ["first_choice"]


@pytest.mark.parametrize("body", ["{", "[]", '{"answers": 3}', '{"answers": [{}]}', "\xff", '{"answers": [NaN]}'])
def test_what_cannot_be_read_is_refused_with_reasons(browser: Client, trial: Trial, body: str) -> None:
    reply = browser.post(answers_url(trial), body.encode("latin-1"), content_type="application/json")
    assert reply.status_code == 400
    assert reply.json()["problems"]
    assert not Answer.objects.exists()


def test_a_closed_study_answers_410(browser: Client, trial: Trial) -> None:
    Study.objects.update(state=Study.State.CLOSED)
    assert send(browser, answers_url(trial), {"answers": [post("first_choice", "a_clearly")]}).status_code == 410


def test_conditions_are_forbidden_until_the_reading_step_is_stored(browser: Client, trial: Trial) -> None:
    url = f"/t/trial/{trial.public_id}/conditions/"
    assert browser.get(url).status_code == 403
    send(browser, answers_url(trial), {"answers": read_answers(trial), "context": {"step": "read"}})
    assert set(browser.get(url).json()) == {"problem", "A", "B"}


def test_another_persons_trial_is_not_there(trial: Trial) -> None:
    stranger = browser_of(take_part(trial.participant.study, trials=0))
    assert send(stranger, answers_url(trial), {"answers": [post("first_choice", "a_clearly")]}).status_code == 404
    assert stranger.get(f"/t/trial/{trial.public_id}/").status_code == 404
    assert stranger.get(f"/t/trial/{trial.public_id}/conditions/").status_code == 404
    event = {"client_uuid": str(uuid.uuid4()), "trial": trial.public_id, "kind": "play", "client_ms": 1}
    assert send(stranger, "/t/events/", {"events": [event]}).status_code == 400
    assert not Answer.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize("path", ["/t/events/", "/t/heartbeat/"])
def test_without_a_session_scripts_get_403_with_the_way_back(path: str) -> None:
    reply = send(Client(), path, {})
    assert reply.status_code == 403
    assert reply.json()["login"] == "/t/"


def test_a_missing_csrf_token_is_told_as_json(participant: Participant, trial: Trial) -> None:
    client = Client(enforce_csrf_checks=True)
    reply = send(client, answers_url(trial), {"answers": []})
    assert reply.status_code == 403
    assert reply.json()["renew"] == "/t/renew/"


def test_events_are_stored_once_however_often_they_are_sent(browser: Client, trial: Trial) -> None:
    events = [
        {
            "client_uuid": str(uuid.uuid4()),
            "trial": trial.public_id,
            "kind": "switch",
            "client_ms": 12.6,
            "payload": {"to": "A"},
        },
        {"client_uuid": str(uuid.uuid4()), "trial": None, "kind": "page_open", "client_ms": 0},
    ]
    events = [{**event, "client_uuid": str(uuid.uuid4())} for event in events]
    for _ in range(2):
        assert send(browser, "/t/events/", {"events": events}).json() == {"stored": 2}
    assert list(Event.objects.values_list("kind", "client_ms", "payload")) == [
        ("switch", 13, {"to": "A"}),
        ("page_open", 0, {}),
    ]


def test_every_wrong_event_is_named_and_none_stored(browser: Client) -> None:
    good = {"client_uuid": str(uuid.uuid4()), "trial": None, "kind": "play", "client_ms": 1}
    bad = [{**good, "kind": "Play!"}, {**good, "client_ms": -1}, {**good, "client_uuid": 3}, {**good, "trial": "x"}, 7]
    bad.append({**good, "client_ms": 10**400})
    reply = send(browser, "/t/events/", {"events": [good, *bad]})
    assert reply.status_code == 400
    assert len(reply.json()["problems"]) == 6
    assert not Event.objects.exists()


def test_a_heartbeat_keeps_the_place(browser: Client, participant: Participant) -> None:
    Participant.objects.filter(pk=participant.pk).update(last_seen_at=None)
    assert send(browser, "/t/heartbeat/", {}).status_code == 200
    assert Participant.objects.get(pk=participant.pk).last_seen_at is not None


def test_a_page_does_not_take_over_somebody_elses_session(browser: Client, participant: Participant) -> None:
    another = take_part(participant.study, trials=0)
    reply = browser.post("/t/renew/", headers={"X-MixTrial-Renew": renew_token(another)})
    assert reply.status_code == 403
    assert browser.session["participant"] == str(participant.pk)
