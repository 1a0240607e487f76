"""After a withdrawal the browser keeps nothing of this participant, and everything of another one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from studyweb.studies.models import Study
from tests.browser.walking import arrive_at_trial

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

OPEN = """async (use) => {
  const database = await new Promise((done) => {
    const request = indexedDB.open("mixtrial", 1);
    request.onsuccess = () => done(request.result);
  });
  const read = (table) => new Promise((done) => {
    const request = database.transaction(table).objectStore(table).getAll();
    request.onsuccess = () => done(request.result);
  });
  const write = (table, key, value) => new Promise((done) => {
    const transaction = database.transaction(table, "readwrite");
    transaction.objectStore(table).put(value, key);
    transaction.oncomplete = () => done();
  });
"""
KEEP_A_STRANGERS = (
    OPEN
    + """
  await write("outbox", "theirs", { id: "theirs", trial: "another", url: "/", created_ms: 0, body: { answers: [] } });
  await write("drafts", "another", { final_choice: "a_clearly" });
  database.close();
}"""
)
KEPT = (
    OPEN
    + """
  const found = { outbox: (await read("outbox")).map((entry) => entry.trial), drafts: await read("drafts") };
  database.close();
  return found;
}"""
)


def test_erasing_clears_the_own_answers_from_the_browser_and_no_others(page: Page, site: str, study: Study) -> None:
    arrive_at_trial(page, site, study)
    page.route("**/answers/", lambda route: route.abort())
    page.locator("#questions input[type=radio]").first.check(force=True)
    for box in page.locator("#questions fieldset[data-question]").all():
        box.locator("input[type=radio]").first.check(force=True)
    page.locator("#next").click()
    expect(page.locator("#save-status")).to_contain_text("Waiting")
    page.evaluate(KEEP_A_STRANGERS)
    before = page.evaluate(KEPT)
    assert len(before["outbox"]) == 2
    assert len(before["drafts"]) == 2
    page.goto(f"{site}/t/data/")
    page.get_by_label("Erase it.").check(force=True)
    page.get_by_label("Yes, I am sure.").check(force=True)
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", name="Your answers are erased")).to_be_visible()
    page.wait_for_function("() => localStorage.getItem('mixtrial.volume_db') === null")
    assert page.evaluate(KEPT) == {"outbox": ["another"], "drafts": [{"final_choice": "a_clearly"}]}
