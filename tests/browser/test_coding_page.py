"""The coding page in Chromium: by keyboard alone, accessible in both themes and on a phone, within the policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from studyweb.coding.models import Coding, CodingList
from studyweb.studies.models import Study
from tests.browser.conftest import Complaints
from tests.browser.test_pages import assert_good
from tests.browser.test_researcher_pages import log_in, themed_page
from tests.studyweb.answering import small_study, unblinded

__all__ = ["themed_page"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_texts_are_coded_and_corrected_by_keyboard(page: Page, site: str, complaints: Complaints) -> None:
    study = small_study(items=1, extra_items=0)
    log_in(page, site, study)
    page.goto(f"{site}/research/{study.slug}/coding/")
    page.get_by_role("button", name="Begin").press("Enter")
    expect(page.get_by_label("Drums")).to_be_focused()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Text 2 of")).to_be_visible()
    assert Coding.objects.get().changes == {"drums": -1.5}
    page.get_by_role("link", name="Previous text").press("Enter")
    page.get_by_label("Not actionable, because").fill("gives no direction")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Text 2 of")).to_be_visible()
    assert [each.not_actionable for each in Coding.objects.order_by("revision")] == ["", "gives no direction"]
    assert complaints.lines == []


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_are_accessible_and_fit(themed_page: Page, site: str, width: int) -> None:
    study = small_study(items=2, extra_items=0)
    themed_page.set_viewport_size({"width": width, "height": 800})
    log_in(themed_page, site, study)
    themed_page.goto(f"{site}/research/{study.slug}/coding/")
    assert_good(themed_page)
    themed_page.get_by_role("button", name="Begin").click()
    expect(themed_page.get_by_label("Drums")).to_be_visible()
    assert_good(themed_page)
    assert themed_page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    _code_the_rest(study)
    unblinded(study)
    themed_page.goto(f"{site}/research/{study.slug}/coding/")
    expect(themed_page.get_by_role("region", name="Error by system")).to_be_visible()
    assert_good(themed_page)


def _code_the_rest(study: Study) -> None:
    coding_list = CodingList.objects.get(study=study)
    Coding.objects.bulk_create(
        Coding(coding_list=coding_list, text_sha256=text, revision=1, changes={}) for text in coding_list.texts
    )
