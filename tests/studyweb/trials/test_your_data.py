"""A participant's rights: seeing, taking along, stopping, withdrawing; and what is counted afterwards."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client

from studyweb.studies.models import Study, StudyLog
from studyweb.trials.answers import store_answers
from studyweb.trials.context import SERVER_KEYS, server_context
from studyweb.trials.events import store_events
from studyweb.trials.models import Answer, Event, Participant
from studyweb.trials.selectors import counted_participants, current_answers, progress_of, superseded_answers
from studyweb.trials.session import page_of, personal_secret
from tests.factories import make_study, post, read_answers, submission, take_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(db: None) -> Study:
    return make_study(audio=False, items=6)


def browser_of(participant: Participant) -> Client:
    client = Client()
    client.post(f"/p/{personal_secret(participant)}/")
    return client


def withdraw(client: Client, choice: str, confirm: str = "yes") -> None:
    client.post("/t/data/withdraw/", {"choice": choice, "confirm": confirm})


def test_the_download_holds_every_answer_with_its_receipt(study: Study) -> None:
    participant = take_part(study, trials=2)
    client = browser_of(participant)
    client.get("/t/", follow=True)
    taken = json.loads(client.get("/t/data/download/").content)
    assert taken["consents"] == {"take_part": True, "publish_answers": True}
    assert taken["chain_head"] == participant.chain_head
    assert "no-store" in client.get("/t/data/").headers["Cache-Control"]
    assert client.get("/t/data/").context["stored"] == participant.answers.count()


def test_the_download_holds_what_the_browser_noted_and_no_gains(study: Study) -> None:
    participant = take_part(study, trials=0)
    trial = participant.trials.get(position=1)
    browser = browser_of(participant)
    browser.get(f"/t/trial/{trial.public_id}/")
    store_answers(trial, submission(*read_answers(trial)[:1], heard_s={"problem": 2.5}, ms_on_step=900))
    taken = json.loads(browser.get("/t/data/download/").content)
    (answer,) = taken["trials"][0]["answers"]
    assert answer["noted_by_your_browser"] == {"heard_s": {"problem": 2.5}, "ms_on_step": 900}
    assert "gains_db" not in json.dumps(taken)


def test_the_download_gives_no_text_that_the_trial_keeps_back(study: Study) -> None:
    heard_only = make_study(
        audio=False, design={"audition": {"mode": "heard_only", "solo": True, "gate_seconds": 0}, "steps": ["hear"]}
    )
    for made, shows in ((study, True), (heard_only, False)):
        participant = take_part(made, trials=0)
        trial = participant.trials.get(position=1)
        browser = browser_of(participant)
        browser.get(f"/t/trial/{trial.public_id}/")
        text = json.dumps(json.loads(browser.get("/t/data/download/").content), ensure_ascii=False)
        assert (trial.advice_a.text in text) == shows


def test_every_key_that_the_server_adds_is_known_as_such(study: Study) -> None:
    added = set(server_context(take_part(study, trials=1).trials.get(position=1)))
    assert added | {"own_fix_distance_db"} == SERVER_KEYS, "the last one stands beside an own fix only"


def test_withdrawing_erases_the_content_and_every_count_falls(study: Study) -> None:
    kept, gone = take_part(study, trials=2), take_part(study, trials=6)
    Event.objects.create(participant=gone, client_uuid=gone.pk, kind="play", client_ms=1)
    answers_of_kept = kept.answers.count()
    withdraw(browser_of(gone), "erase")
    assert list(counted_participants(study)) == [kept]
    assert current_answers(study).count() == progress_of(study).answers == answers_of_kept
    gone.refresh_from_db()
    assert (gone.background, gone.setup, gone.closing, gone.recruiter) == ({}, {}, {}, {})
    assert set(Answer.objects.filter(participant=gone).values_list("value", flat=True)) == {""}
    assert not gone.events.exists()


def test_withdrawing_leaves_a_line_without_content_in_the_studys_log(study: Study) -> None:
    gone = take_part(study, trials=1)
    withdraw(browser_of(gone), "erase")
    line = StudyLog.objects.get(study=study, action="withdrawn")
    assert line.detail == {"participant": gone.public_id, "answers_erased": gone.answers.count(), "is_test": False}


def test_events_that_were_under_way_during_a_withdrawal_are_not_stored(study: Study) -> None:
    under_way = take_part(study, trials=1)
    withdraw(browser_of(under_way), "erase")
    event = {"client_uuid": str(uuid.uuid4()), "kind": "play", "client_ms": 1, "payload": {}}
    assert under_way.state == Participant.State.CONSENTED, "read before the withdrawal"
    assert store_events(under_way, {"events": [event]}) == 0
    assert not Event.objects.filter(participant=under_way).exists()


def test_withdrawing_twice_changes_nothing_more(study: Study) -> None:
    client = browser_of(take_part(study, trials=1))
    for _ in range(2):
        withdraw(client, "erase")
    assert StudyLog.objects.filter(action="withdrawn").count() == 1


def test_after_withdrawing_nothing_more_is_stored(study: Study) -> None:
    participant = take_part(study, trials=1)
    client = browser_of(participant)
    withdraw(client, "erase")
    trial = participant.trials.get(position=2)
    body = {"answers": [post("first_choice", "a_clearly")]}
    reply = client.post(f"/t/trial/{trial.public_id}/answers/", body, content_type="application/json")
    assert reply.status_code == 410
    assert client.get("/t/").headers["Location"] == "/t/withdrawn/"
    client.post("/t/background/", {"years": "under_3", "role": "other", "listening": "laptop"})
    participant.refresh_from_db()
    assert participant.background == {}
    assert {client.get(f"/t/{page}/").headers["Location"] for page in ("background", "setup")} == {"/t/"}


@pytest.mark.parametrize(("choice", "confirm"), [("erase", ""), ("", "yes"), ("all", "yes")])
def test_withdrawing_needs_a_choice_and_its_confirmation(study: Study, choice: str, confirm: str) -> None:
    participant = take_part(study, trials=1)
    withdraw(browser_of(participant), choice, confirm)
    participant.refresh_from_db()
    assert participant.state == Participant.State.CONSENTED


def test_stopping_keeps_the_answers_counted_and_the_personal_link_takes_it_up_again(study: Study) -> None:
    participant = take_part(study, trials=2)
    client = browser_of(participant)
    withdraw(client, "keep")
    assert client.get("/t/").context["reason"] == "left"
    assert list(counted_participants(study)) == [participant]
    client.post(f"/p/{personal_secret(participant)}/")
    participant.refresh_from_db()
    assert page_of(participant) == "trial"


def test_test_people_never_count(study: Study) -> None:
    take_part(study, trials=3, is_test=True)
    assert not counted_participants(study).exists()
    assert not current_answers(study).exists()
    assert progress_of(study).trials_completed == 0


def test_only_the_newest_revision_is_current(study: Study) -> None:
    participant = take_part(study, trials=1)
    trial = participant.trials.get(position=1)
    store_answers(trial, submission(post("final_choice", "b_clearly", revision=2)))
    store_answers(trial, submission(post("final_choice", "b_slightly", revision=3)))
    current = current_answers(study).get(trial=trial, step="final_choice")
    assert (current.value, current.revision) == ("b_slightly", 3)
    superseded = superseded_answers(study).order_by("revision").values_list("value", flat=True)
    assert list(superseded) == ["a_clearly", "b_clearly"]


def test_the_studys_progress_counts_without_practice(study: Study) -> None:
    take_part(study, trials=3)
    now = progress_of(study)
    assert (now.joined, now.completed, now.trials_completed) == (1, 0, 2)
