"""Trials in Django's admin: nobody else's, nothing to change, no arm while masked."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from studyweb.studies.models import Study
from studyweb.trials.models import Participant
from tests.factories import make_study, take_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def participant(db: None) -> Participant:
    return take_part(make_study(audio=False, items=6), trials=1)


def staff_client(user: Any) -> Client:
    user.is_staff = True
    user.save()
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="trials"))
    client = Client()
    client.force_login(user)
    return client


def fields_shown(page: Any) -> set[str]:
    return {name for fieldset in page.context["adminform"] for line in fieldset for name in line.fields}


def test_a_masked_trial_hides_its_arms_and_an_unblinded_one_shows_them(participant: Participant) -> None:
    client = staff_client(participant.study.owner)
    url = f"/admin/trials/trial/{participant.trials.get(position=1).pk}/change/"
    telling = {"advice_a", "advice_b", "draw", "check_kind"}
    assert not telling & fields_shown(client.get(url))
    Study.objects.update(unblinded_at=timezone.now())
    assert telling <= fields_shown(client.get(url))


def test_a_completion_code_finds_its_person_and_no_other(participant: Participant) -> None:
    other = take_part(participant.study, trials=0)
    client = staff_client(participant.study.owner)
    page = client.get("/admin/trials/participant/", {"q": participant.completion_code}).content.decode()
    assert participant.public_id in page
    assert other.public_id not in page


def test_a_participants_draw_and_an_answers_context_are_hidden_while_masked(participant: Participant) -> None:
    client = staff_client(participant.study.owner)
    shown = fields_shown(client.get(f"/admin/trials/participant/{participant.pk}/change/"))
    assert {"draw", "link_sha256", "recruiter"}.isdisjoint(shown)
    answer = participant.answers.first()
    assert {"context", "salt"}.isdisjoint(fields_shown(client.get(f"/admin/trials/answer/{answer.pk}/change/")))


@pytest.mark.parametrize(
    "query",
    [
        "trial/?draw__first_in_a__icontains=true",
        "trial/?draw__icontains=first_in_a",
        "trial/?advice_a__gt=1",
        "trial/?check_kind=oracle_against_nothing",
        "participant/?draw__seed__startswith=a",
        "participant/?link_sha256__startswith=a",
        "answer/?context__icontains=gains",
        "answer/?trial__draw__icontains=first_in_a",
    ],
)
def test_no_address_of_a_list_can_ask_what_a_hidden_field_holds(participant: Participant, query: str) -> None:
    assert staff_client(participant.study.owner).get(f"/admin/trials/{query}").status_code == 400


@pytest.mark.parametrize("model", ["participant", "trial", "answer", "event"])
def test_lists_open_for_the_owner(participant: Participant, model: str) -> None:
    assert staff_client(participant.study.owner).get(f"/admin/trials/{model}/").status_code == 200


def test_another_researchers_rows_do_not_exist(participant: Participant) -> None:
    stranger = staff_client(make_study(audio=False, items=1, extra_items=0).owner)
    assert participant.public_id not in stranger.get("/admin/trials/participant/").content.decode()
    assert stranger.get(f"/admin/trials/participant/{participant.pk}/change/").status_code == 302


def test_nothing_can_be_changed_or_deleted_by_hand(participant: Participant) -> None:
    client = staff_client(participant.study.owner)
    answer = participant.answers.first()
    assert client.post(f"/admin/trials/answer/{answer.pk}/change/", {"value": "b_clearly"}).status_code == 403
    assert client.post(f"/admin/trials/answer/{answer.pk}/delete/", {"post": "yes"}).status_code == 403
    assert participant.answers.filter(pk=answer.pk, value=answer.value).exists()
