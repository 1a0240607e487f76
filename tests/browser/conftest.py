"""Fixtures of the browser tests: the live site in this process, a page that reports what went wrong on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from studyweb.studies.models import Study
from tests import factories

# A busy machine may take long over what a quiet one does at once; no test fails for that.
expect.set_options(timeout=30_000)


@dataclass
class Complaints:
    """What the browser's console said that it should not have said."""

    lines: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    """Parts of lines that a test provokes on purpose."""

    def hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not any(part in message.text for part in self.expected):
            self.lines.append(f"{message.type}: {message.text}")


@pytest.fixture(scope="session", autouse=True)
def _allow_blocking_calls_while_the_database_is_made() -> Iterator[None]:
    """Playwright's loop may already run when the test database is made and when it is thrown away."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture
def complaints(page: Page) -> Iterator[Complaints]:
    """Console errors, warnings and exceptions of the page; a test that asks for it fails when there are any."""
    heard = Complaints()
    page.on("console", heard.hear)
    page.on("pageerror", lambda error: heard.lines.append(f"exception: {error}"))
    yield heard
    assert heard.lines == []


@pytest.fixture
def site(page: Page, live_server: Any, settings: Any, tmp_path: Path) -> Iterator[str]:
    """The address of the whole site, with audio in a folder of this test; the page closes before the database goes."""
    settings.MEDIA_ROOT = tmp_path / "media"
    yield str(live_server.url)
    page.close()


@pytest.fixture
def longer_audio(monkeypatch: pytest.MonkeyPatch) -> None:
    """Studies of this test hold stems of six seconds, enough for a loop region."""
    monkeypatch.setattr(factories, "LENGTH_S", 6.0)


@pytest.fixture
def study(site: str, longer_audio: None) -> Study:
    """Two trials that count, one to practise, everything asked; a second of each version is enough."""
    return factories.make_study(
        items=2,
        design={
            "trials": [{"pair": ["differential", "baseline"], "count": 2}],
            "repeats": 0,
            "checks": [],
            "ask_first_choice_share": 1,
            "ask_scales_share": 1,
            "ask_improvement_share": 1,
            "audition": {"mode": "read_then_heard", "solo": True, "gate_seconds": 1},
        },
    )
