"""The REST API: tokens, tables, results, exports; only for the owner, and documented without an error."""

from __future__ import annotations

import base64
import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import Client

from studyweb.studies.models import Study
from studyweb.trials.models import Answer
from tests.factories import make_user
from tests.studyweb.answering import exported, researcher, small_study, somebody, unblinded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def study() -> Study:
    """Two people who answered everything, unblinded."""
    made = small_study()
    for _ in range(2):
        somebody(made)
    return unblinded(made)


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def token_of(user: str) -> dict[str, str]:
    """The header of a fresh token, got with name and password as a script does."""
    response = Client().post("/api/token/", headers=basic(user, "secret"))
    assert response.status_code == 200
    return {"Authorization": f"Token {response.json()['token']}"}


def test_a_script_gets_a_token_and_streams_a_table_that_is_what_is_stored(study: Study) -> None:
    headers = token_of(study.owner.get_username())
    response = Client().get(f"/api/studies/{study.slug}/answers.csv", headers=headers)
    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["hash"] for row in rows] == list(Answer.objects.order_by("id").values_list("hash", flat=True))


def test_pandas_reads_a_streamed_table(study: Study) -> None:
    pandas = pytest.importorskip("pandas")
    response = Client().get(f"/api/studies/{study.slug}/trials.csv", headers=token_of(study.owner.get_username()))
    frame = pandas.read_csv(io.BytesIO(b"".join(response.streaming_content)))
    assert len(frame) == 10
    assert set(frame.system_a) <= {"differential", "baseline", "oracle", "nothing"}


def test_a_wrong_password_gives_no_token(study: Study) -> None:
    assert Client().post("/api/token/", headers=basic(study.owner.get_username(), "guess")).status_code == 401
    assert Client().post("/api/token/").status_code == 401


@pytest.mark.parametrize("path", ["", "x/", "x/progress/", "x/results/", "x/codebook/", "x/exports/", "x/answers.csv"])
def test_without_a_token_nothing_is_given(client: Client, path: str) -> None:
    response = client.get(f"/api/studies/{path}")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Token")


def test_a_token_of_another_researcher_finds_nothing(study: Study) -> None:
    headers = token_of(make_user().get_username())
    client = Client()
    export = exported(study)
    for name in ("", "progress/", "results/", "codebook/", "exports/", "answers.csv", f"exports/{export.pk}.zip"):
        assert client.get(f"/api/studies/{study.slug}/{name}", headers=headers).status_code == 404, name
    assert client.post(f"/api/studies/{study.slug}/exports/", headers=headers).status_code == 404
    assert client.get("/api/studies/", headers=headers).json() == []


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_nothing_can_be_changed_or_deleted_through_the_api(study: Study, method: str) -> None:
    headers = token_of(study.owner.get_username())
    for name in ("", "results/", "exports/", "answers.csv"):
        response = getattr(Client(), method)(f"/api/studies/{study.slug}/{name}", headers=headers)
        assert response.status_code == 405
    assert Answer.objects.exists()


def test_a_session_cannot_ask_for_an_export_from_a_foreign_page(study: Study) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(study.owner)
    assert client.post(f"/api/studies/{study.slug}/exports/").status_code == 403
    assert study.log.filter(action="exported").count() == 0


def test_results_hold_what_the_page_shows(study: Study) -> None:
    result = researcher(study).get(f"/api/studies/{study.slug}/results/").json()[0]
    assert (result["first"], result["second"], result["is_primary"]) == ("differential", "baseline", True)
    assert result["estimate"]["rate"] == 1.0
    assert result["estimate"]["label"] == "degenerate"
    assert result["flips"]["kept"] == result["flips"]["n_trials"] == 8
    assert result["keeps"]["first"] == {"yes": 8, "partly": 0, "no": 0}
    assert result["criteria"][0]["name"] == "describes"
    assert result["criteria"][0]["estimate"]["difference"] == 3.0
    assert "it heard the answer, a ceiling" in result["knowledge"]


def test_simulated_results_say_so() -> None:
    made = small_study(simulated=True)
    somebody(made)
    client = researcher(made)
    assert client.get(f"/api/studies/{made.slug}/progress/").json()["simulated"] is True
    result = researcher(unblinded(made)).get(f"/api/studies/{made.slug}/results/").json()[0]
    assert result["simulated"] is True
    assert result["sentence"].startswith("SIMULATED DATA. ")
    response = client.get(f"/api/studies/{made.slug}/answers.csv")
    assert "-SIMULATED-answers.csv" in response["Content-Disposition"]


def test_masked_results_are_refused_with_the_reason() -> None:
    made = small_study()
    response = researcher(made).get(f"/api/studies/{made.slug}/results/")
    assert response.status_code == 403
    assert "masked" in response.json()["detail"]


def test_an_export_is_asked_for_listed_and_downloaded(study: Study) -> None:
    client = researcher(study)
    asked = client.post(f"/api/studies/{study.slug}/exports/")
    assert asked.status_code == 202
    assert (asked.json()["state"], asked.json()["download"]) == ("queued", None)
    done = exported(study)
    listed = client.get(f"/api/studies/{study.slug}/exports/").json()
    assert [each["state"] for each in listed] == ["done", "queued"]
    assert listed[0]["rows"]["answers"] == Answer.objects.count()
    response = client.get(listed[0]["download"])
    assert response["Content-Type"] == "application/zip"
    assert b"".join(response.streaming_content).startswith(b"PK")
    assert listed[0]["id"] == str(done.pk)


def test_reading_a_table_is_logged(study: Study) -> None:
    researcher(study).get(f"/api/studies/{study.slug}/answers.csv")
    entry = study.log.latest("id")
    assert (entry.action, entry.detail) == ("table read", {"table": "answers"})


def test_an_unknown_table_is_not_found_and_the_answer_says_what_there_is(study: Study) -> None:
    response = researcher(study).get(f"/api/studies/{study.slug}/secrets.csv")
    assert response.status_code == 404
    assert study.log.filter(action="table read").count() == 0


def test_the_schema_is_made_without_an_error_or_a_warning(tmp_path: Path) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yaml"))
    text = (tmp_path / "schema.yaml").read_text()
    for path in ("/api/token/", "/api/studies/{slug}/results/", "/api/studies/{slug}/exports/{job_id}.zip"):
        assert f"{path}:" in text


def test_the_documentation_page_loads_only_from_here(client: Client) -> None:
    response = client.get("/api/docs/")
    assert response.status_code == 200
    text = response.content.decode()
    assert "https://" not in text
    assert "//cdn" not in text
    assert "<script>" not in text


def test_an_address_that_guesses_passwords_has_to_wait(study: Study) -> None:
    cache.clear()
    name = study.owner.get_username()
    answers = [Client().post("/api/token/", headers=basic(name, f"guess {number}")) for number in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert Client().post("/api/token/", headers=basic(name, "secret")).status_code == 429
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert elsewhere.post("/api/token/", headers=basic(name, "secret")).status_code == 200
    cache.clear()
