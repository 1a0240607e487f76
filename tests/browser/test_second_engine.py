"""The whole flow in Firefox: from the link to the thanks, with sound, and nothing on its console."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from studyweb.studies.models import Study
from studyweb.trials.models import Answer, Event, Participant
from tests import factories
from tests.browser.firefox import FirefoxPage, firefox_page
from tests.browser.sound_server import SoundServer, silent_output
from tests.conftest import needed
from tests.servers.find import find_firefox, find_pulseaudio

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BACKGROUND = {"years": "6_to_10", "role": "producer", "listening": "monitors"}
EVENT_S = 40.0
"""The page hands its events in from time to time."""
ANSWER_ALL = """[...document.querySelectorAll("#questions fieldset[data-question]")]
  .filter((box) => !box.hidden && !box.querySelector("input:checked"))
  .map((box) => box.querySelector("input").click()).length"""


@pytest.fixture
def output() -> Iterator[SoundServer]:
    """The output that Firefox plays to."""
    program = needed(find_pulseaudio(), "PulseAudio")
    with tempfile.TemporaryDirectory(prefix="sound-") as folder, silent_output(program, Path(folder)) as server:
        yield server


@pytest.fixture
def firefox(live_server: Any, settings: Any, tmp_path: Path, output: SoundServer) -> Iterator[FirefoxPage]:
    """A tab of Firefox; media in a folder of this test. It closes before the database goes."""
    settings.MEDIA_ROOT = tmp_path / "media"
    program = needed(find_firefox(), "Firefox")
    with firefox_page(program, tmp_path / "firefox", environment=output.environment) as page:
        yield page


@pytest.fixture
def short_study(firefox: FirefoxPage, longer_audio: None) -> Study:
    """One trial that counts, none to practise."""
    return factories.make_study(
        items=1,
        design={
            "trials": [{"pair": ["differential", "baseline"], "count": 1}],
            "repeats": 0,
            "checks": [],
            "practice": 0,
            "audition": {"mode": "read_then_heard", "solo": True, "gate_seconds": 1},
        },
    )


def arrive_at_trial(page: FirefoxPage, address: str) -> None:
    page.goto(address)
    page.click('input[name="consent.take_part"]')
    page.click("main form button")
    page.wait_for('location.pathname === "/t/background/"')
    for name, value in BACKGROUND.items():
        page.click(f'input[name="{name}"][value="{value}"]')
    page.click(".actions button")
    page.wait_for('location.pathname === "/t/setup/"')
    page.click(".actions button")
    page.wait_for('location.pathname.startsWith("/t/trial/") && document.querySelector("#play")?.disabled === false')
    page.wait_for('document.body.dataset.step === "read"')


def read(page: FirefoxPage) -> None:
    """Answers the reading step and goes on."""
    page.evaluate(ANSWER_ALL)
    page.click("#next")
    page.wait_for('document.body.dataset.step === "hear"')


def hear(page: FirefoxPage) -> None:
    """Plays, and switches by key until every version was heard."""
    page.click("#play")
    for key, version in (("2", "A"), ("3", "B"), ("1", "problem")):
        page.press(key)
        page.wait_for(f"document.querySelector('[data-heard=\"{version}\"]').textContent")


def test_a_session_from_the_link_to_the_thanks(firefox: FirefoxPage, live_server: Any, short_study: Study) -> None:
    page = firefox
    arrive_at_trial(page, f"{live_server.url}/join/{short_study.public_id}/")
    read(page)
    hear(page)
    page.evaluate(ANSWER_ALL)
    page.click("#next")
    page.wait_for('document.body.dataset.step === "guess"')
    page.evaluate(ANSWER_ALL)
    page.click("#next")
    page.wait_for('location.pathname === "/t/closing/"')
    page.click(".actions button")
    page.wait_for('location.pathname === "/t/thanks/"')
    assert Participant.objects.get().state == Participant.State.COMPLETED
    heard = Answer.objects.get(step="final_choice").context
    assert heard["gate_met"] is True
    assert min(heard["heard_s"].values()) >= 1
    assert page.complaints == []


def test_a_lost_output_is_logged_and_the_trial_goes_on(
    firefox: FirefoxPage, live_server: Any, short_study: Study, output: SoundServer
) -> None:
    page = firefox
    arrive_at_trial(page, f"{live_server.url}/join/{short_study.public_id}/")
    read(page)
    hear(page)
    output.hang()
    page.wait_for('!document.getElementById("wake").hidden')
    wait_for_event("stall", after="switch", state="running")
    output.lose()
    wait_for_event("recovered", after="stall")
    output.start()
    page.press("2")
    page.evaluate(ANSWER_ALL)
    page.click("#next")
    page.wait_for('document.body.dataset.step === "guess"')
    assert Answer.objects.get(step="final_choice").context["switches"] == len(["2", "3", "1", "2"])
    assert page.complaints == []


def wait_for_event(kind: str, *, after: str, **payload: Any) -> None:
    """Waits until the page has handed in an event of this kind that follows the last one of kind `after`."""
    until = time.monotonic() + EVENT_S
    while True:
        before = Event.objects.filter(kind=after).order_by("id").last()
        later = Event.objects.filter(kind=kind, id__gt=before.pk) if before else Event.objects.none()
        if any(payload.items() <= event.payload.items() for event in later):
            return
        assert time.monotonic() < until, "; ".join(
            f"{event.kind} {event.payload}" for event in Event.objects.order_by("id")
        )
        time.sleep(0.1)
