"""No personal link in a log."""

from __future__ import annotations

import logging

import pytest
from django.conf import settings
from django.test import Client

from studyweb.quiet_logs import WithoutPersonalLinks
from studyweb.trials.session import personal_secret
from tests.factories import make_study, take_part

pytestmark = pytest.mark.django_db


def test_a_refused_personal_link_is_logged_without_its_secret(caplog: pytest.LogCaptureFixture) -> None:
    secret = personal_secret(take_part(make_study(audio=False, items=6), trials=0))
    caplog.handler.addFilter(WithoutPersonalLinks())
    assert Client(enforce_csrf_checks=True).post(f"/p/{secret}/").status_code == 403
    assert "/p/-/" in caplog.text
    assert secret not in caplog.text


def test_other_lines_stay_as_they_are() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "job %s: %d", ("advice", 3), None)
    assert WithoutPersonalLinks().filter(record)
    assert record.getMessage() == "job advice: 3"


def test_every_handler_has_the_filter() -> None:
    assert all("without_personal_links" in each["filters"] for each in settings.LOGGING["handlers"].values())
