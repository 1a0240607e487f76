"""A whole session in Chromium against the live site: what is answered is what is stored, and reloads lose nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from studyweb.studies.models import Study
from studyweb.trials.models import Answer, Event, Participant, Trial
from tests.browser.conftest import Complaints
from tests.browser.walking import (
    answer_all,
    arrive_at_trial,
    check_sound,
    finish_trial,
    go_on,
    guess,
    hear_all,
    join,
    read_and_go_on,
    tell_background,
    wait_for_audio,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_session_from_the_link_to_the_thanks(page: Page, site: str, study: Study, complaints: Complaints) -> None:
    join(page, site, study)
    tell_background(page)
    check_sound(page)
    for number in range(3):
        wait_for_audio(page)
        here = page.url
        read_and_go_on(page)
        if number == 1:
            hear_all(page)
        finish_trial(page, choice="no_preference" if number == 2 else "b_slightly", anyway=number != 1)
        if number == 2:
            guess(page)
        page.wait_for_url(lambda url, here=here: url != here)
    page.wait_for_url("**/t/closing/")
    page.get_by_role("button", name="Finish").click()
    page.wait_for_url("**/t/thanks/")
    participant = Participant.objects.get()
    assert participant.state == Participant.State.COMPLETED
    expect(page.get_by_text(f"All your {participant.answers.count()} answers are stored.")).to_be_visible()
    trials = list(Trial.objects.filter(participant=participant).order_by("position"))
    assert all(trial.completed_at for trial in trials)
    heard = trials[1].answers.get(step="final_choice")
    assert heard.value == "b_slightly"
    assert heard.context["gate_met"] is True
    assert all(seconds >= 1 for seconds in heard.context["heard_s"].values())
    assert trials[0].answers.get(step="final_choice").context["gate_met"] is False
    assert trials[1].answers.get(step="first_choice").context["gate_met"] is None
    assert trials[2].answers.get(step="no_preference_reason").value == "different_but_equal"
    assert {"play", "switch", "step"} <= set(Event.objects.values_list("kind", flat=True))
    assert complaints.lines == []


def test_gains_come_only_after_the_reading(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    assert '"conditions": null' in page.content()
    expect(page.get_by_role("radio", name=re.compile("With A"))).to_have_count(0)
    read_and_go_on(page)
    expect(page.get_by_role("radio", name=re.compile("With A"))).to_be_visible()


def test_a_reload_while_reading_keeps_the_answers_given_so_far(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    page.locator('[data-question="first_choice"] input[value="a_slightly"]').check(force=True)
    page.wait_for_timeout(300)
    page.reload()
    expect(page.locator('[data-question="first_choice"] input[value="a_slightly"]')).to_be_checked()
    assert Answer.objects.count() == 0


def test_a_reload_while_hearing_lands_there_with_what_was_written(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    read_and_go_on(page)
    page.get_by_label("Anything you want to add?").fill("the snare is fine & 100 % ok")
    page.locator('[data-question="final_choice"] input[value="b_clearly"]').check(force=True)
    page.wait_for_timeout(300)
    page.reload()
    expect(page.locator("body")).to_have_attribute("data-step", "hear")
    expect(page.get_by_label("Anything you want to add?")).to_have_value("the snare is fine & 100 % ok")
    expect(page.locator('[data-question="final_choice"] input[value="b_clearly"]')).to_be_checked()


def test_next_says_what_is_missing_and_keeps_the_comment(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    read_and_go_on(page)
    page.get_by_label("Anything you want to add?").fill("too early")
    expect(page.locator("#next")).to_have_attribute("aria-disabled", "true")
    go_on(page)
    expect(page.locator("#onward-reason")).to_contain_text("which advice served this mix better?")
    expect(page.get_by_label("Anything you want to add?")).to_have_value("too early")
    focused = page.evaluate("document.activeElement.name")
    assert focused == "final_choice"
    assert not Answer.objects.filter(step="comment").exists()


def test_a_double_click_and_a_held_key_make_one_step(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    answer_all(page)
    page.locator("#next").dblclick()
    expect(page.locator("body")).to_have_attribute("data-step", "hear")
    answer_all(page)
    page.locator("#next").focus()
    for _ in range(12):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.wait_for_url(re.compile(r"/t/trial/"))
    wait_for_audio(page)
    expect(page.locator("body")).to_have_attribute("data-step", "read", timeout=15_000)
    assert set(Answer.objects.values_list("revision", flat=True)) == {1}
    assert Trial.objects.filter(completed_at__isnull=False).count() == 1


def test_the_next_trial_opens_empty(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    first = page.url
    read_and_go_on(page)
    finish_trial(page)
    page.wait_for_url(lambda url: url != first)
    wait_for_audio(page)
    expect(page.locator("#questions input:checked")).to_have_count(0)


def test_an_advice_is_shown_letter_by_letter(page: Page, site: str, study: Study, complaints: Complaints) -> None:
    text = "Cut <200 Hz, <img src=x onerror=alert(1)> & lift 3 kHz"
    for item in study.items.all():
        item.advices.update(text=text)
    arrive_at_trial(page, site, study)
    expect(page.locator(".advice-text").first).to_have_text(text)
    expect(page.locator(".advice-text img")).to_have_count(0)
    assert complaints.lines == []
