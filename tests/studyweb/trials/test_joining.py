"""Joining: consent, links, recruiters, previews, and doors that stay shut with a word on what to do."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from studyweb.studies.models import Study
from studyweb.trials.models import Participant
from studyweb.trials.session import personal_secret
from tests.factories import make_study, make_user, take_part

pytestmark = pytest.mark.django_db
AGREED = {"consent.take_part": "yes", "token": "form-1"}


def join_url(study: Study, query: str = "") -> str:
    return f"/join/{study.public_id}/{query}"


def test_looking_at_the_information_makes_no_participant(client: Client) -> None:
    study = make_study(audio=False)
    for _ in range(3):
        page = client.get(join_url(study))
        assert page.status_code == 200
    assert not Participant.objects.exists()
    assert "sessionid" not in page.cookies


def test_agreeing_makes_one_participant_with_a_whole_session(client: Client) -> None:
    study = make_study(audio=False)
    assert client.post(join_url(study), AGREED).headers["Location"] == "/t/"
    participant = Participant.objects.get(study=study)
    assert participant.consents == {"take_part": True, "publish_answers": False}
    assert participant.trials.count() == 9
    assert client.get("/t/").headers["Location"] == "/t/background/"


def test_without_the_needed_consent_the_page_comes_back_with_what_was_ticked(client: Client) -> None:
    study = make_study(audio=False)
    page = client.post(join_url(study), {"consent.publish_answers": "yes", "token": "form-1"})
    assert page.status_code == 422
    assert page.context["missing"] == ["take_part"]
    assert page.context["ticked"] == ["publish_answers"]
    assert page.context["token"] == "form-1"
    assert not Participant.objects.exists()


def test_sending_the_form_twice_makes_one_participant() -> None:
    study = make_study(audio=False)
    for client in (Client(), Client()):
        client.post(join_url(study), AGREED)
    assert Participant.objects.filter(study=study).count() == 1


def test_the_same_browser_goes_on_where_it_was(client: Client) -> None:
    study = make_study(audio=False)
    client.post(join_url(study), AGREED)
    page = client.get(join_url(study))
    assert (page.context["reason"], page.context["next_url"]) == ("begun_here", "/t/")
    assert client.post(join_url(study), {**AGREED, "token": "form-2"}).headers["Location"] == "/t/"
    assert Participant.objects.count() == 1


def test_somebody_else_at_the_same_computer_gives_a_consent_of_their_own(client: Client) -> None:
    study = make_study(audio=False)
    client.post(join_url(study), AGREED)
    assert client.post(join_url(study), {"somebody_else": "yes"}).headers["Location"] == join_url(study)
    assert client.get(join_url(study)).context["ticked"] == []
    client.post(join_url(study), {**AGREED, "token": "form-2"})
    assert Participant.objects.count() == 2


@pytest.mark.parametrize("state", ["draft", "closed"])
def test_a_study_that_is_not_open_says_so(client: Client, state: str) -> None:
    study = make_study(audio=False, state=state)
    page = client.get(join_url(study))
    assert page.status_code == 200
    assert page.context["reason"] == state
    assert client.post(join_url(study), AGREED).status_code == 409
    assert not Participant.objects.exists()


def test_a_full_study_says_so_and_what_to_do(client: Client) -> None:
    study = make_study(audio=False, recruitment={"target_participants": 1, "completion_url": ""})
    Client().post(join_url(study), AGREED)
    page = client.post(join_url(study), {**AGREED, "token": "form-2"})
    assert page.status_code == 409
    assert "two hours" in page.content.decode()
    assert client.get(join_url(study)).context["reason"] == "full"


def test_a_full_study_still_lets_in_who_has_begun(client: Client) -> None:
    study = make_study(audio=False, recruitment={"target_participants": 1, "completion_url": ""})
    Client().post(join_url(study, PROLIFIC), AGREED)
    assert client.get(join_url(study, PROLIFIC)).context["recruiter"]["PROLIFIC_PID"] == "p-1"
    client.post(join_url(study, PROLIFIC), {**AGREED, "token": "form-2"})
    assert client.get("/t/").headers["Location"] == "/t/background/"


def test_a_study_whose_places_were_all_filled_to_the_end_promises_none(client: Client) -> None:
    study = make_study(audio=False, recruitment={"target_participants": 1, "completion_url": ""})
    Client().post(join_url(study), AGREED)
    Participant.objects.update(state=Participant.State.COMPLETED)
    page = client.get(join_url(study))
    assert page.context["reason"] == "complete"
    assert "two hours" not in page.content.decode()


def test_a_study_without_enough_items_starts_no_session(client: Client) -> None:
    study = make_study(audio=False, items=3)
    page = client.post(join_url(study), AGREED)
    assert page.status_code == 409
    assert page.context["reason"] == "unprepared"
    assert not Participant.objects.exists()


@pytest.mark.parametrize("path", ["/join/nosuchstudy/", "/p/nosuchsecret/"])
def test_an_unknown_link_leads_to_a_page_that_says_what_to_do(client: Client, path: str) -> None:
    page = client.get(path)
    assert page.status_code == 404
    assert page.context["reason"] == "link_unknown"


def test_the_personal_link_asks_before_it_does_anything(client: Client) -> None:
    participant = take_part(make_study(audio=False, items=6), trials=1)
    link = reverse("trials:personal_link", args=[personal_secret(participant)])
    assert client.get(link).status_code == 200
    assert client.get("/t/").status_code == 403
    client.post(link)
    assert client.get("/t/").headers["Location"].startswith("/t/trial/")


def test_the_personal_links_secret_is_not_in_the_database() -> None:
    participant = take_part(make_study(audio=False), trials=0)
    secret = personal_secret(participant)
    assert secret not in str(Participant.objects.filter(pk=participant.pk).values())
    assert participant.link_sha256 != secret


PROLIFIC = "?PROLIFIC_PID=p-1&STUDY_ID=s&SESSION_ID=v-1&other=x"


def test_recruiters_parameters_are_kept_and_nothing_else_is(client: Client) -> None:
    study = make_study(audio=False)
    assert client.get(join_url(study, PROLIFIC)).context["recruiter"]["PROLIFIC_PID"] == "p-1"
    client.post(join_url(study, PROLIFIC), AGREED)
    stored = Participant.objects.get().recruiter
    assert stored == {"PROLIFIC_PID": "p-1", "STUDY_ID": "s", "SESSION_ID": "v-1"}


def test_the_same_visit_from_a_recruiter_comes_back_to_its_session() -> None:
    study = make_study(audio=False)
    Client().post(join_url(study, PROLIFIC), AGREED)
    again = Client()
    again.post(join_url(study, PROLIFIC), {**AGREED, "token": "form-2"})
    assert Participant.objects.count() == 1
    assert again.get("/t/").status_code == 302


def test_the_same_visit_in_the_same_browser_goes_straight_on(client: Client) -> None:
    study = make_study(audio=False)
    client.post(join_url(study, PROLIFIC), AGREED)
    assert client.get(join_url(study, PROLIFIC)).headers["Location"] == "/t/"


def test_another_person_of_the_recruiter_in_the_same_browser_begins_their_own_session(client: Client) -> None:
    study = make_study(audio=False)
    client.post(join_url(study, PROLIFIC), AGREED)
    other = PROLIFIC.replace("p-1", "p-2").replace("v-1", "v-2")
    assert client.get(join_url(study, other)).context["recruiter"]["PROLIFIC_PID"] == "p-2"
    client.post(join_url(study, other), {**AGREED, "token": "form-2"})
    people = Participant.objects.values_list("recruiter__PROLIFIC_PID", flat=True)
    assert sorted(people) == ["p-1", "p-2"]
    assert Participant.objects.get(pk=client.session["participant"]).recruiter["PROLIFIC_PID"] == "p-2"


def test_the_same_person_in_another_visit_is_told_that_they_have_taken_part(client: Client) -> None:
    study = make_study(audio=False)
    Client().post(join_url(study, PROLIFIC), AGREED)
    page = client.post(join_url(study, PROLIFIC.replace("v-1", "v-2")), {**AGREED, "token": "form-2"})
    assert page.status_code == 409
    assert page.context["reason"] == "already"


def test_the_owner_previews_a_draft_and_is_flagged(client: Client) -> None:
    study = make_study(audio=False, state="draft")
    client.force_login(study.owner)
    assert client.get(join_url(study, "?preview=1")).context["is_preview"]
    client.post(join_url(study, "?preview=1"), AGREED)
    assert Participant.objects.get().is_test


def test_a_preview_with_a_recruiters_link_never_opens_a_real_persons_session(client: Client) -> None:
    study = make_study(audio=False)
    Client().post(join_url(study, PROLIFIC), AGREED)
    client.force_login(study.owner)
    client.post(join_url(study, f"{PROLIFIC}&preview=1"), {**AGREED, "token": "form-2"})
    assert sorted(Participant.objects.values_list("is_test", flat=True)) == [False, True]
    assert Participant.objects.get(pk=client.session["participant"]).is_test


def test_a_preview_is_for_the_owner_alone(client: Client) -> None:
    study = make_study(audio=False)
    assert "/login/" in client.get(join_url(study, "?preview=1")).headers["Location"]
    client.force_login(make_user())
    assert client.get(join_url(study, "?preview=1")).status_code == 404
    assert client.post(join_url(study, "?preview=1"), AGREED).status_code == 404
    assert not Participant.objects.exists()


def test_after_a_preview_the_owner_can_still_take_part_for_real(client: Client) -> None:
    study = make_study(audio=False)
    client.force_login(study.owner)
    client.post(join_url(study, "?preview=1"), AGREED)
    client.post(join_url(study), {**AGREED, "token": "form-2"})
    assert list(Participant.objects.order_by("consented_at").values_list("is_test", flat=True)) == [True, False]


def test_who_withdrew_is_told_so_and_makes_no_second_participant(client: Client) -> None:
    study = make_study(audio=False)
    client.post(join_url(study), AGREED)
    client.post("/t/data/withdraw/", {"choice": "erase", "confirm": "yes"})
    for answer in (client.get(join_url(study)), client.post(join_url(study), {**AGREED, "token": "form-2"})):
        assert answer.status_code == 409
        assert "You have withdrawn from this study here" in answer.content.decode()
    assert Participant.objects.filter(study=study).count() == 1


def test_somebody_else_at_the_same_computer_may_begin_after_a_withdrawal(client: Client) -> None:
    study = make_study(audio=False)
    client.post(join_url(study), AGREED)
    client.post("/t/data/withdraw/", {"choice": "erase", "confirm": "yes"})
    asked = client.post(join_url(study, "?PROLIFIC_PID=p2"), {"somebody_else": "yes"})
    assert asked.headers["Location"] == join_url(study, "?PROLIFIC_PID=p2")
    assert client.get(join_url(study)).status_code == 200
    assert client.post(join_url(study), {**AGREED, "token": "form-2"}).headers["Location"] == "/t/"
    assert Participant.objects.filter(study=study, withdrawn_at=None).count() == 1


BACKGROUND = {"years": "under_3", "role": "producer", "listening": "monitors"}
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"


def on_a_phone(**recruitment: bool) -> Client:
    """Somebody who has agreed on a phone."""
    study = make_study(audio=False, recruitment={"target_participants": 4, "completion_url": "", **recruitment})
    client = Client(headers={"user-agent": PHONE})
    client.post(join_url(study), AGREED)
    return client


def test_a_phone_hands_over_the_link_after_consent_and_stores_no_sound_check() -> None:
    client = on_a_phone()
    assert client.get("/t/").headers["Location"] == "/t/phone/"
    client.post("/t/background/", BACKGROUND)
    client.post("/t/setup/", {"left_right": "0/4"})
    person = Participant.objects.get()
    assert (person.background, person.setup) == ({}, {})
    assert client.get(f"/t/trial/{person.trials.get(position=1).public_id}/").headers["Location"] == "/t/"
    computer = Client()
    computer.post(reverse("trials:personal_link", args=[personal_secret(person)]))
    assert computer.get("/t/").headers["Location"] == "/t/background/"


def test_where_the_study_allows_phones_the_whole_session_is_there() -> None:
    client = on_a_phone(phones=True)
    client.post("/t/background/", BACKGROUND)
    client.post("/t/setup/", {})
    assert client.get("/t/").headers["Location"].startswith("/t/trial/")
