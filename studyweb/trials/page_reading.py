"""Reading our own pages as a scripted participant does: forms with their fields, and the trial page's data."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

TRIAL_DATA_ID = "trial-data"


@dataclass
class Field:
    """One field of a form; `values` are those that may be sent, in the page's order."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    """What the page has filled in, ticked or chosen already."""
    required: bool = False


@dataclass
class Form:
    """One form of a page."""

    method: str
    action: str
    fields: dict[str, Field] = field(default_factory=dict)


def read_forms(html: str) -> list[Form]:
    """All forms of a page."""
    reader = _PageReader()
    reader.feed(html)
    return reader.forms


def read_trial_data(html: str) -> dict[str, Any]:
    """The JSON of a trial page. Raises ValueError when the page holds none."""
    reader = _PageReader()
    reader.feed(html)
    if not reader.trial_data:
        raise ValueError("this page holds no trial data")
    data: dict[str, Any] = json.loads(reader.trial_data)
    return data


class _PageReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.trial_data = ""
        self._in_data = False
        self._select: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and given.get("id") == TRIAL_DATA_ID:
            self._in_data = True
        elif tag == "form":
            self.forms.append(Form(given.get("method", "get").lower(), given.get("action", "")))
        elif self.forms and tag == "input":
            self._input(given)
        elif self.forms and tag == "textarea" and given.get("name"):
            self._field(given, "text")
        elif self.forms and tag == "select" and given.get("name"):
            self._select = self._field(given, "select")
        elif tag == "option" and self._select is not None:
            self._select.values.append(given.get("value", ""))
            if "selected" in given:
                self._select.given.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_data = False
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.trial_data += data

    def _input(self, given: dict[str, str]) -> None:
        kind = given.get("type", "text").lower()
        if not given.get("name") or kind in {"submit", "button", "reset", "image"} or "disabled" in given:
            return
        found = self._field(given, kind)
        value = given.get("value", "on" if kind in {"checkbox", "radio"} else "")
        found.values.append(value)
        if kind not in {"checkbox", "radio"} or "checked" in given:
            found.given.append(value)

    def _field(self, given: dict[str, str], kind: str) -> Field:
        found = self.forms[-1].fields.setdefault(given["name"], Field(given["name"], kind))
        found.required = found.required or "required" in given
        return found
