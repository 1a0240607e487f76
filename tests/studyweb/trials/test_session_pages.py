"""The way through a session: the server alone decides where a participant is, whatever the browser does."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from studyweb.studies.models import Study
from studyweb.trials.models import Answer, Participant, Trial
from studyweb.trials.page_reading import read_trial_data
from studyweb.trials.session import page_of, personal_secret
from tests.factories import answer_trial, hear_answers, make_study, post, read_answers, take_part

pytestmark = pytest.mark.django_db
FIVE_OF_SIX = {"target_participants": 4, "completion_url": "", "headphone_matches": 5}
BACKGROUND = {"years": "6_to_10", "role": "producer", "listening": "headphones", "hearing": "", "device": "=HD 600"}
SHORT = {"trials": [{"pair": ["differential", "baseline"], "count": 2}], "repeats": 0, "checks": [], "practice": 0}


def client_of(participant: Participant, **options: Any) -> Client:
    """A browser that has opened the participant's personal link."""
    client = Client(**options)
    client.post(f"/p/{personal_secret(participant)}/")
    return client


@pytest.fixture
def study(db: None) -> Study:
    return make_study(audio=False, items=6, design=SHORT)


def current_data(client: Client) -> dict[str, Any]:
    return read_trial_data(client.get("/t/", follow=True).content.decode())


def post_answers(client: Client, trial_id: str, answers: list[dict[str, Any]], step: str = "") -> Any:
    body = {"answers": answers, "context": {"step": step}}
    return client.post(f"/t/trial/{trial_id}/answers/", body, content_type="application/json")


def test_the_pages_come_in_order(client: Client, study: Study) -> None:
    client.post(f"/join/{study.public_id}/", {"consent.take_part": "yes"})
    assert client.get("/t/setup/").headers["Location"] == "/t/"
    assert client.post("/t/background/", BACKGROUND).headers["Location"] == "/t/"
    assert client.get("/t/").headers["Location"] == "/t/setup/"
    client.post("/t/setup/", {"left_right": "4/4", "volume_db": "-12", "unknown": "x"})
    assert client.get("/t/").headers["Location"].startswith("/t/trial/")
    stored = Participant.objects.get()
    assert stored.background == {
        "years_mixing": "6_to_10",
        "role": "producer",
        "listening": "headphones",
        "device": "=HD 600",
    }
    assert stored.setup == {"left_right": "4/4", "volume_db": "-12"}


def at_the_sound_check(client: Client, study: Study, listening: str) -> None:
    client.post(f"/join/{study.public_id}/", {"consent.take_part": "yes"})
    client.post("/t/background/", {**BACKGROUND, "listening": listening})


def test_headphone_scores_keep_somebody_out_only_where_the_study_says_so(client: Client) -> None:
    at_the_sound_check(client, make_study(audio=False), "headphones")
    assert client.post("/t/setup/", {"antiphase": "0/6", "huggins": "1/6"}).status_code == 302
    assert Participant.objects.get().setup["huggins"] == "1/6"


def test_too_few_matches_on_headphones_are_stored_and_the_page_says_what_to_do(client: Client) -> None:
    study = make_study(audio=False, recruitment=FIVE_OF_SIX)
    at_the_sound_check(client, study, "headphones")
    page = client.post("/t/setup/", {"left_right": "4/4", "antiphase": "2/6", "huggins": "4/6"})
    assert page.status_code == 422
    assert "your better one had 4" in page.content.decode()
    person = Participant.objects.get()
    assert (person.setup["huggins"], page_of(person)) == ("4/6", "setup")
    assert client.post("/t/setup/", {"antiphase": "5/6"}).status_code == 302
    person.refresh_from_db()
    assert (person.setup, page_of(person)) == ({"left_right": "4/4", "antiphase": "5/6", "huggins": "4/6"}, "trial")


def test_who_then_listens_on_monitors_goes_on(client: Client) -> None:
    study = make_study(audio=False, recruitment=FIVE_OF_SIX)
    at_the_sound_check(client, study, "headphones")
    client.post("/t/setup/", {})
    assert page_of(Participant.objects.get()) == "setup"
    client.post("/t/background/", {**BACKGROUND, "listening": "monitors"})
    assert client.post("/t/setup/", {}).status_code == 302
    assert page_of(Participant.objects.get()) == "trial"


def test_a_background_with_gaps_comes_back_with_every_gap_named(client: Client, study: Study) -> None:
    client.post(f"/join/{study.public_id}/", {"consent.take_part": "yes"})
    page = client.post("/t/background/", {"years": "6_to_10", "listening": "a shell", "hearing": "loud"})
    assert page.status_code == 422
    assert set(page.context["errors"]) == {"role", "listening", "hearing"}
    assert page_of(Participant.objects.get()) == "background"


def test_a_reload_lands_on_the_step_that_is_not_over(study: Study) -> None:
    client = client_of(take_part(study, trials=0))
    data = current_data(client)
    assert data["current_step"] == "read"
    trial = Trial.objects.get(public_id=data["trial"])
    post_answers(client, data["trial"], read_answers(trial), step="read")
    again = current_data(client)
    assert (again["trial"], again["current_step"]) == (data["trial"], "hear")
    assert set(again["answers"]) == {answer["step"] for answer in read_answers(trial)}


def test_another_device_goes_on_with_the_same_order_and_sides(study: Study) -> None:
    participant = take_part(study, trials=1)
    here, there = current_data(client_of(participant)), current_data(client_of(participant))
    assert here["number"] == 2
    for data in (here, there):
        del data["renew_token"]
    assert here == there


def test_a_trial_that_is_over_or_not_yet_there_leads_to_where_the_participant_is(study: Study) -> None:
    participant = take_part(study, trials=1)
    client = client_of(participant)
    over, _current = participant.trials.order_by("position")
    assert client.get(f"/t/trial/{over.public_id}/").headers["Location"] == "/t/"


def test_a_later_trial_takes_no_answers(study: Study) -> None:
    participant = take_part(study, trials=0)
    _current, later = participant.trials.order_by("position")
    reply = post_answers(client_of(participant), later.public_id, read_answers(later))
    assert reply.status_code == 404
    assert not Answer.objects.exists()


def test_thanks_and_the_code_come_only_once_everything_is_counted(study: Study) -> None:
    participant = take_part(study, trials=1)
    client = client_of(participant)
    for path in ("/t/thanks/", "/t/closing/"):
        assert client.get(path).headers["Location"] == "/t/"
    client.post("/t/closing/", {"comment": "early"})
    assert page_of(Participant.objects.get(pk=participant.pk)) == "trial"
    answer_trial(participant.trials.order_by("position")[1])
    assert client.get("/t/").headers["Location"] == "/t/closing/"
    assert participant.completion_code not in client.get("/t/closing/").content.decode()
    client.post("/t/closing/", {"comment": "All <b>fine</b>"})
    thanks = client.get("/t/", follow=True)
    assert participant.completion_code in thanks.content.decode()
    assert thanks.context["stored"] == Answer.objects.filter(participant=participant).count()
    assert len(thanks.context["credits"]) == 2


def test_going_back_after_the_thanks_page_changes_nothing(study: Study) -> None:
    participant = take_part(study)
    client = client_of(participant)
    client.post("/t/closing/", {})
    trial = participant.trials.order_by("position").last()
    late = post_answers(client, trial.public_id, [post("final_choice", "b_clearly", revision=2)])
    assert late.status_code == 409
    assert late.json()["stored"]["final_choice"] == {"value": "a_clearly", "revision": 1}
    client.post("/t/closing/", {"comment": "late"})
    assert Participant.objects.get(pk=participant.pk).closing == {}


def test_a_double_click_takes_one_step_and_stores_each_answer_once(study: Study) -> None:
    participant = take_part(study, trials=0)
    client, trial = client_of(participant), participant.trials.order_by("position")[0]
    answers = read_answers(trial)
    first, second = (post_answers(client, trial.public_id, answers, step="read") for _ in range(2))
    assert first.json() == second.json()
    assert first.json()["current_step"] == "hear"
    other_window = post_answers(client, trial.public_id, read_answers(trial) or hear_answers(trial), step="read")
    assert other_window.status_code == (409 if answers else 200)
    assert Answer.objects.filter(trial=trial, step__in=[each["step"] for each in answers]).count() == len(answers)


def test_a_study_that_closes_meanwhile_says_so_and_lets_the_last_page_be_finished(study: Study) -> None:
    under_way, finished = take_part(study, trials=1), take_part(study)
    Study.objects.filter(pk=study.pk).update(state=Study.State.CLOSED)
    client = client_of(under_way)
    trial = under_way.trials.order_by("position")[1]
    assert client.get(f"/t/trial/{trial.public_id}/").headers["Location"] == "/t/"
    assert client.get("/t/").context["reason"] == "closed"
    assert client.get("/t/data/").status_code == 200
    last = client_of(finished)
    last.post("/t/closing/", {})
    assert last.get("/t/").headers["Location"] == "/t/thanks/"


def test_a_page_without_a_session_says_how_to_come_back(client: Client) -> None:
    for path in ("/t/", "/t/background/", "/t/thanks/", "/t/data/"):
        page = client.get(path)
        assert page.status_code == 403
        assert page.context["reason"] == "no_session"


def test_answers_after_the_session_is_gone_are_renewed_and_stored_once(study: Study) -> None:
    participant = take_part(study, trials=0)
    client = client_of(participant, enforce_csrf_checks=True)
    assert client.get("/t/").status_code == 403
    client = Client(enforce_csrf_checks=True)
    link = f"/p/{personal_secret(participant)}/"
    client.get(link)
    client.post(link, {"csrfmiddlewaretoken": client.cookies["csrftoken"].value})
    data = current_data(client)
    trial = Trial.objects.get(public_id=data["trial"])
    answers = {"answers": read_answers(trial), "context": {"step": "read"}}
    client.cookies.clear()
    gone = client.post(data["urls"]["answers"], answers, content_type="application/json")
    assert gone.status_code == 403
    assert set(gone.json()) == {"error", "login", "renew"}
    renewed = client.post(data["urls"]["renew"], headers={"X-MixTrial-Renew": data["renew_token"]})
    token = {"X-CSRFToken": renewed.json()["csrf"]}
    for _ in range(2):
        stored = client.post(data["urls"]["answers"], answers, content_type="application/json", headers=token)
        assert stored.status_code == 200
    assert Answer.objects.filter(trial=trial).count() == len(answers["answers"])


def test_without_its_token_no_page_gets_access_back(client: Client, study: Study) -> None:
    take_part(study, trials=0)
    for headers in ({}, {"X-MixTrial-Renew": "guessed"}):
        assert client.post("/t/renew/", headers=headers).status_code == 403


def test_a_phone_is_offered_to_go_on_at_a_computer(study: Study) -> None:
    participant = take_part(study, trials=0)
    phone = client_of(participant, headers={"User-Agent": "Mozilla/5.0 (Linux; Android 15) Mobile Safari"})
    assert phone.get("/t/").headers["Location"] == "/t/phone/"
    assert phone.get("/t/phone/").context["personal_link"].endswith(f"/p/{personal_secret(participant)}/")
    computer = client_of(participant)
    assert computer.get("/t/").headers["Location"].startswith("/t/trial/")


def test_pages_of_a_participant_are_kept_by_no_cache(study: Study) -> None:
    client = client_of(take_part(study, trials=0))
    for path in ("/t/", "/t/data/", current_data(client)["urls"]["conditions"]):
        assert "no-store" in client.get(path).headers["Cache-Control"]


def test_pages_speak_the_studys_language(client: Client) -> None:
    study = make_study(audio=False, language="de")
    page = client.get(f"/join/{study.public_id}/", headers={"Accept-Language": "fr"})
    assert page.headers["Content-Language"] == "de"
