"""Health addresses."""

import pytest
from django.db import DatabaseError, connection


def test_a_living_process_answers_without_a_database(client):
    assert client.get("/livez").json() == {"status": "ok"}


@pytest.mark.django_db
def test_ready_when_the_database_answers(client):
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_not_ready_names_what_does_not_answer(client, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise DatabaseError("gone")

    monkeypatch.setattr(connection, "cursor", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["problems"] == {"database": "DatabaseError"}


@pytest.mark.django_db
def test_an_unreachable_broker_is_named(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert client.get("/readyz").json()["problems"] == {"redis": "ConnectionError"}
