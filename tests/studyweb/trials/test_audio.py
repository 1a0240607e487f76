"""Stems: to whom they are sent, ranges, caching, and what their headers do not say."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import soundfile
from django.conf import LazySettings, settings
from django.test import Client

from studyweb.studies.models import StemAudio
from studyweb.trials.models import Participant
from studyweb.trials.session import personal_secret
from tests.factories import make_study, take_part

pytestmark = pytest.mark.django_db


@pytest.fixture
def participant(db: None) -> Participant:
    return take_part(make_study(items=6), trials=1)


@pytest.fixture
def browser(participant: Participant) -> Client:
    client = Client()
    client.post(f"/p/{personal_secret(participant)}/")
    return client


def stem_at(participant: Participant, position: int) -> StemAudio:
    return participant.trials.get(position=position).item.stems.first()


def body(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_a_stem_is_the_flac_file_that_was_written(browser: Client, participant: Participant) -> None:
    stem = stem_at(participant, 2)
    response = browser.get(f"/t/audio/{stem.public_id}")
    content = body(response)
    assert response.headers["Content-Type"] == "audio/flac"
    assert content == (Path(settings.MEDIA_ROOT) / stem.path).read_bytes()
    assert soundfile.info(io.BytesIO(content)).frames == stem.item.frames


@pytest.mark.parametrize("position", [1, 2, 3])
def test_trials_that_are_over_running_or_next_may_be_heard(
    browser: Client, participant: Participant, position: int
) -> None:
    assert browser.get(f"/t/audio/{stem_at(participant, position).public_id}").status_code == 200


def test_later_trials_other_people_and_strangers_get_nothing(browser: Client, participant: Participant) -> None:
    later = participant.trials.exclude(item__in=participant.trials.filter(position__lte=3).values("item"))
    foreign = take_part(make_study(items=6), trials=0)
    for stem in (later[0].item.stems.first(), stem_at(foreign, 1)):
        assert browser.get(f"/t/audio/{stem.public_id}").status_code == 404
    assert Client().get(f"/t/audio/{stem_at(participant, 1).public_id}").status_code == 404
    assert browser.get("/t/audio/nothere").status_code == 404


def test_a_range_is_sent_as_206_and_one_outside_as_416(browser: Client, participant: Participant) -> None:
    url = f"/t/audio/{stem_at(participant, 2).public_id}"
    whole = body(browser.get(url))
    part = browser.get(url, headers={"Range": "bytes=10-19"})
    assert part.status_code == 206
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
    assert part.headers["Content-Length"] == "10"
    assert body(part) == whole[10:20]
    outside = browser.get(url, headers={"Range": f"bytes={len(whole)}-"})
    assert outside.status_code == 416
    assert outside.headers["Content-Range"] == f"bytes */{len(whole)}"


def test_a_known_tag_is_answered_with_304_and_an_old_one_voids_the_range(
    browser: Client, participant: Participant
) -> None:
    url = f"/t/audio/{stem_at(participant, 2).public_id}"
    tag = browser.get(url).headers["ETag"]
    assert browser.get(url, headers={"If-None-Match": tag}).status_code == 304
    assert browser.get(url, headers={"Range": "bytes=0-3", "If-Range": tag}).status_code == 206
    assert browser.get(url, headers={"Range": "bytes=0-3", "If-Range": '"other"'}).status_code == 200


def test_headers_say_neither_name_nor_date(browser: Client, participant: Participant) -> None:
    response = browser.get(f"/t/audio/{stem_at(participant, 2).public_id}")
    assert response.headers["Cache-Control"] == "private, max-age=86400"
    assert {"Last-Modified", "Content-Disposition"}.isdisjoint(response.headers)


def test_behind_nginx_only_the_place_is_handed_over(
    browser: Client, participant: Participant, settings: LazySettings
) -> None:
    settings.ACCEL = True
    stem = stem_at(participant, 2)
    response = browser.get(f"/t/audio/{stem.public_id}")
    assert response.headers["X-Accel-Redirect"] == f"/accel/{stem.path}"
    assert response.content == b""


def test_a_lost_file_is_not_found(browser: Client, participant: Participant) -> None:
    stem = stem_at(participant, 2)
    (Path(settings.MEDIA_ROOT) / stem.path).unlink()
    assert browser.get(f"/t/audio/{stem.public_id}").status_code == 404
