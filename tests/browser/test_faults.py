"""What goes wrong between the page and the server: the answer stays, the page says so, and nothing is stored twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, Route, expect

from studyweb.studies.models import Study
from studyweb.trials.models import Answer, Event
from studyweb.trials.session import personal_secret
from tests.browser.walking import (
    answer_all,
    arrive_at_trial,
    go_on,
    join,
    read_and_go_on,
    tell_background,
    wait_for_audio,
)
from tests.factories import make_study, take_part

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STALL_MS = 2_500


def cut(*, after_the_server: bool, times: int) -> Callable[[Route], None]:
    """A route handler that loses the request, or the reply, the first `times`."""
    left = [times]

    def handle(route: Route) -> None:
        if left[0] == 0:
            route.continue_()
            return
        left[0] -= 1
        if after_the_server:
            route.fetch()
        route.abort()

    return handle


@pytest.mark.parametrize("after_the_server", [False, True])
def test_a_cut_network_loses_and_doubles_nothing(page: Page, site: str, study: Study, after_the_server: bool) -> None:
    arrive_at_trial(page, site, study)
    page.route("**/answers/", cut(after_the_server=after_the_server, times=2))
    answer_all(page)
    go_on(page)
    expect(page.locator("#save-status")).to_contain_text("Waiting")
    expect(page.locator("#notices")).to_contain_text("kept on this computer")
    expect(page.locator("body")).to_have_attribute("data-step", "hear", timeout=15_000)
    expect(page.locator("#save-status")).to_contain_text("Saved")
    assert Answer.objects.count() == 5
    assert set(Answer.objects.values_list("revision", flat=True)) == {1}


def test_offline_answers_wait_and_survive_a_reload(
    page: Page, site: str, study: Study, context: BrowserContext
) -> None:
    arrive_at_trial(page, site, study)
    answer_all(page)
    page.route("**/answers/", lambda route: route.abort())
    go_on(page)
    expect(page.locator("#save-status")).to_contain_text("Waiting")
    assert Answer.objects.count() == 0
    page.unroute("**/answers/")
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-step", "hear", timeout=15_000)
    assert Answer.objects.count() == 5


def test_an_expired_session_and_token_are_renewed_and_the_answer_is_saved_once(
    page: Page, site: str, study: Study, context: BrowserContext
) -> None:
    arrive_at_trial(page, site, study)
    answer_all(page)
    Session.objects.all().delete()
    context.clear_cookies()
    go_on(page)
    expect(page.locator("body")).to_have_attribute("data-step", "hear", timeout=15_000)
    assert Answer.objects.count() == 5


def test_a_session_that_cannot_be_renewed_keeps_the_answers_and_links_onward(
    page: Page, site: str, study: Study, context: BrowserContext
) -> None:
    arrive_at_trial(page, site, study)
    link = page_link(study)
    answer_all(page)
    page.route("**/t/renew/", lambda route: route.fulfill(status=403, json={"error": "too old"}))
    Session.objects.all().delete()
    go_on(page)
    expect(page.locator("#notices")).to_contain_text("Your session has ended")
    expect(page.get_by_role("link", name="Continue my session")).to_be_visible()
    other = context.new_page()
    other.goto(f"{site}{link}")
    other.get_by_role("button", name="Continue here").click()
    page.unroute("**/t/renew/")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("body")).to_have_attribute("data-step", "hear", timeout=15_000)
    assert Answer.objects.count() == 5
    other.close()


def test_somebody_else_in_the_same_browser_costs_the_first_person_nothing(
    page: Page, site: str, study: Study, context: BrowserContext
) -> None:
    arrive_at_trial(page, site, study)
    link = page_link(study)
    answer_all(page)
    other = context.new_page()
    other.goto(f"{site}{reverse('trials:personal_link', args=[personal_secret(take_part(study, trials=0))])}")
    other.get_by_role("button", name="Continue here").click()
    go_on(page)
    expect(page.locator("#notices")).to_contain_text("Somebody else's session is open in this browser")
    assert Answer.objects.count() == 0
    other.goto(f"{site}{link}")
    other.get_by_role("button", name="Continue here").click()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("body")).to_have_attribute("data-step", "hear", timeout=15_000)
    assert Answer.objects.count() == 5
    other.close()


def page_link(study: Study) -> str:
    return reverse("trials:personal_link", args=[personal_secret(study.participants.get())])


def test_a_second_tab_shows_what_the_first_one_stored(
    page: Page, site: str, study: Study, context: BrowserContext
) -> None:
    arrive_at_trial(page, site, study)
    second = context.new_page()
    second.goto(page.url)
    wait_for_audio(second)
    read_and_go_on(page)
    second.locator('[data-question="first_choice"] input[value="b_clearly"]').check(force=True)
    answer_all(second)
    go_on(second)
    expect(second.locator("#notices")).to_contain_text("answered already")
    expect(second.locator("body")).to_have_attribute("data-step", "hear")
    assert Answer.objects.get(step="first_choice").value == "a_clearly"
    second.close()


def test_a_browser_that_keeps_nothing_warns(page: Page, site: str, study: Study) -> None:
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined });")
    arrive_at_trial(page, site, study)
    expect(page.locator("#notices")).to_contain_text("does not let this page keep anything")
    read_and_go_on(page)


def test_audio_that_does_not_come_can_be_tried_again(page: Page, site: str, study: Study) -> None:
    page.route("**/t/audio/*", lambda route: route.fulfill(status=404))
    join(page, site, study)
    tell_background(page)
    page.get_by_role("button", name="To the practice passage").click()
    expect(page.locator("#load-text")).to_contain_text("did not arrive")
    page.unroute("**/t/audio/*")
    page.get_by_role("button", name="Try again").click()
    wait_for_audio(page)


def test_audio_of_another_length_is_not_played(page: Page, site: str, study: Study) -> None:
    study.items.update(frames=12_345)
    join(page, site, study)
    tell_background(page)
    page.get_by_role("button", name="To the practice passage").click()
    expect(page.locator("#load-text")).to_contain_text("could not read the audio")
    expect(page.locator("#load-text")).to_contain_text("frames of 12345")


def test_audio_that_cannot_be_decoded_points_to_another_browser(page: Page, site: str, study: Study) -> None:
    page.route("**/t/audio/*", lambda route: route.fulfill(status=200, body=b"no audio at all"))
    join(page, site, study)
    tell_background(page)
    page.get_by_role("button", name="To the practice passage").click()
    expect(page.locator("#load-text")).to_contain_text("in another browser by your personal link")
    expect(page.get_by_role("button", name="Play")).to_be_disabled()


EXPOSE_CONTEXTS = """
window.contexts = [];
window.AudioContext = class extends AudioContext {
  constructor(...settings) {
    super(...settings);
    window.contexts.push(this);
  }
};
"""
FREEZE = """() => {
  const now = window.contexts[0].currentTime;
  Object.defineProperty(window.contexts[0], "currentTime", { get: () => now });
}"""


def play_for_a_moment(page: Page) -> None:
    page.get_by_role("button", name="Play").click()
    expect(page.locator("#time")).not_to_contain_text("0:00.0 /")


def heard_when_read(page: Page) -> float:
    """Ends the reading step; the seconds of the problem that were stored with it."""
    page.get_by_role("button", name="Pause").click()
    read_and_go_on(page)
    return float(Answer.objects.get(step="first_choice").context["heard_s"]["problem"])


def test_a_suspended_sound_is_noticed_woken_and_not_counted(page: Page, site: str, study: Study) -> None:
    page.add_init_script(EXPOSE_CONTEXTS)
    arrive_at_trial(page, site, study)
    play_for_a_moment(page)
    page.evaluate("() => window.contexts[0].suspend()")
    expect(page.locator("#wake")).to_be_visible(timeout=STALL_MS)
    page.locator("#wake").click()
    expect(page.locator("#wake")).to_be_hidden(timeout=STALL_MS)
    heard_s = heard_when_read(page)
    assert 0 < heard_s <= page.evaluate("() => window.contexts[0].currentTime")


def test_a_clock_that_says_running_and_stands_still_is_replaced(page: Page, site: str, study: Study) -> None:
    page.add_init_script(EXPOSE_CONTEXTS)
    arrive_at_trial(page, site, study)
    play_for_a_moment(page)
    page.evaluate(FREEZE)
    expect(page.locator("#wake")).to_be_visible(timeout=STALL_MS)
    page.locator("#wake").click()
    expect(page.locator("#wake")).to_be_hidden(timeout=STALL_MS)
    assert page.evaluate("() => window.contexts.length") == 2
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    before = page.locator("#time").text_content() or ""
    expect(page.locator("#time")).not_to_have_text(before)
    with page.expect_response("**/t/events/"):
        page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    assert {"stall", "resume"} <= set(Event.objects.values_list("kind", flat=True))


def test_a_change_of_devices_and_a_hidden_tab_are_noted_and_playing_goes_on(
    page: Page, site: str, study: Study
) -> None:
    arrive_at_trial(page, site, study)
    play_for_a_moment(page)
    page.evaluate("() => navigator.mediaDevices.dispatchEvent(new Event('devicechange'))")
    with page.expect_response("**/t/events/"):
        page.evaluate("() => document.dispatchEvent(new Event('visibilitychange'))")
    noted = dict(Event.objects.filter(kind__in=("device_change", "visibility")).values_list("kind", "payload"))
    assert noted["device_change"]["state"] == "running"
    assert noted["visibility"] == {"hidden": False}
    before = page.locator("#time").text_content() or ""
    expect(page.locator("#time")).not_to_have_text(before)


def test_the_hearing_step_is_text_only_where_an_advice_cannot_be_read(page: Page, site: str) -> None:
    study = make_study(
        items=2, design={"trials": [{"pair": ["differential", "baseline"], "count": 2}], "checks": [], "repeats": 0}
    )
    for item in study.items.all():
        item.advices.filter(system__key="baseline").update(changes=None)
    arrive_at_trial(page, site, study)
    answer_all(page)
    go_on(page)
    expect(page.locator("body")).to_have_attribute("data-step", "hear", timeout=15_000)
    expect(page.locator("#notices")).to_contain_text("judged by their text alone")
    expect(page.locator("#versions")).to_be_hidden()
    answer_all(page)
    here = page.url
    go_on(page)
    page.wait_for_url(lambda url: url != here)
    assert Answer.objects.get(step="final_choice").context["gate_met"] is None
