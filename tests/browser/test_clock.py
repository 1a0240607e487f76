"""A computer whose clock is years off: the trial goes on, and the server's own time is what counts."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from studyweb.studies.models import Study
from studyweb.trials.models import Answer, Trial
from tests.browser.walking import arrive_at_trial, finish_trial, read_and_go_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHIFTED = """(() => {
  const Real = Date;
  const shiftMs = Real.parse("YEAR-06-01T12:00:00Z") - Real.now();
  window.Date = class extends Real {
    constructor(...given) {
      super(...(given.length ? given : [Real.now() + shiftMs]));
    }
    static now() {
      return Real.now() + shiftMs;
    }
  };
})();"""


@pytest.mark.parametrize("year", [2001, 2041])
def test_a_clock_years_off_loses_no_answer(page: Page, site: str, study: Study, year: int) -> None:
    page.add_init_script(SHIFTED.replace("YEAR", str(year)))
    arrive_at_trial(page, site, study)
    assert page.evaluate("new Date().getFullYear()") == year
    read_and_go_on(page)
    finish_trial(page)
    expect(page.locator("body")).to_have_attribute("data-step", "read")
    done = Trial.objects.get(completed_at__isnull=False)
    answers = Answer.objects.filter(trial=done)
    assert {"first_choice", "final_choice"} <= set(answers.values_list("step", flat=True))
    assert {answer.received_at.year for answer in answers} == {timezone.now().year}
