"""A scripted participant: a whole session through the real pages, as a browser would, answering by a rule.

It sees what a person's browser sees and nothing else. Used by `manage.py demo --check`, by the bots of simulated
studies, and by tests.
"""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from datagen.words import MAX_GAIN_DB
from studyweb.trials.own_fix import write_faders
from studyweb.trials.page_reading import Field, Form, read_forms, read_trial_data
from studyweb.trials.questions import is_shown
from studyweb.trials.transports import DjangoTransport, Exchange, HttpTransport, Transport, post_form, post_json

__all__ = ["DjangoTransport", "HttpTransport", "Question", "ScriptedError", "ScriptedParticipant", "Session"]

MAX_STEPS = 2_000
MAX_REDIRECTS = 10


class ScriptedError(RuntimeError):
    """A page did not do what it should; the message says which and what came back."""


@dataclass(frozen=True)
class Question:
    """One question as the page shows it, with what else is on the page."""

    name: str
    kind: str
    options: tuple[str, ...]
    required: bool
    page: Mapping[str, Any]
    """The trial page's data."""
    answers: Mapping[str, str]
    """This trial's answers so far."""


Rule = Callable[[Question], str | None]
"""What a participant answers to a question; None leaves an optional one open."""


def seeded_rule(seed: int) -> Rule:
    """A rule that answers at random, the same way for the same seed, and leaves comments open."""
    rng = random.Random(seed)  # noqa: S311 - replayed from its seed, not a secret

    def answer(question: Question) -> str | None:
        if question.kind == "faders":
            stems = [stem["name"] for stem in question.page["audio"]["stems"]]
            return write_faders({stem: rng.uniform(-MAX_GAIN_DB, MAX_GAIN_DB) for stem in stems})
        return rng.choice(question.options) if question.options else None

    return answer


@dataclass
class Session:
    """What a session led to."""

    trials: int = 0
    """Trials completed, practice among them."""
    acknowledged: int = 0
    """Answers for which the server sent a receipt."""
    audio_bytes: int = 0
    exchanges: list[Exchange] = field(default_factory=list, repr=False)
    """Every request and reply, in order; audio without its bytes."""


@dataclass
class ScriptedParticipant:
    """Plays sessions over a transport."""

    transport: Transport
    rule: Rule = field(default_factory=lambda: seeded_rule(0))
    load_audio: bool = True
    join_query: str = ""
    """Appended to the join link, for recruiters' parameters and previews."""
    stop_after: int | None = None
    """Close the browser after so many trials."""
    session: Session = field(default_factory=Session)

    def complete(self, study_public_id: str) -> Session:
        """Join, answer everything, and end on the thanks page. Raises ScriptedError where a page does not go on."""
        self.join(study_public_id)
        return self.go_on()

    def join(self, study_public_id: str) -> None:
        """Read the information, tick every consent, and agree."""
        self.submit_page(f"/join/{study_public_id}/{self.join_query}")

    def come_back(self, secret: str) -> None:
        """Open the personal link and press its button."""
        self.submit_page(f"/p/{secret}/")

    def open_trial(self) -> dict[str, Any]:
        """The data of the trial the participant is at."""
        return read_trial_data(self._get("/t/").text)

    def submit_page(self, path: str) -> None:
        """Open a page and send its form as it comes, choices made where the page needs them."""
        self._submit(self._get(path), path)

    def go_on(self) -> Session:
        """From wherever the server says the participant is to the thanks page, or to `stop_after`."""
        for _ in range(MAX_STEPS):
            if self.stop_after is not None and self.session.trials >= self.stop_after:
                return self.session
            page = self._get("/t/")
            if page.path.startswith("/t/thanks/"):
                return self.session
            if page.path.startswith("/t/trial/"):
                self._play_trial(read_trial_data(page.text))
            else:
                self._submit(page, page.path)
        raise ScriptedError(f"no end after {MAX_STEPS} pages; the last was {self.session.exchanges[-1].path}")

    def _play_trial(self, page: Mapping[str, Any]) -> None:
        if self.load_audio:
            self._load_audio(page)
        answers = {name: each["value"] for name, each in page["answers"].items()}
        step, conditions = page["current_step"], page["conditions"]
        while step != "done":
            reply = self._answer_step(page, step, answers, conditions)
            if reply["current_step"] == step:
                raise ScriptedError(f"step {step} of trial {page['trial']} does not end")
            step, conditions = reply["current_step"], reply["conditions"]
        self.session.trials += 1

    def _load_audio(self, page: Mapping[str, Any]) -> None:
        for stem in page["audio"]["stems"]:
            reply = self._record(self.transport.get(stem["url"]), keep_body=False)
            _require(reply, HTTPStatus.OK)
            self.session.audio_bytes += len(reply.body)

    def _answer_step(
        self, page: Mapping[str, Any], name: str, answers: dict[str, str], conditions: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """Answer one step's questions and post them; the server's reply. `answers` is brought up to date."""
        questions = next(step["questions"] for step in page["steps"] if step["name"] == name)
        fresh = {}
        for each in questions:
            if each["name"] in answers or not is_shown(each, answers):
                continue
            value = self.rule(_question(each, page, answers))
            if value is not None:
                answers[each["name"]] = fresh[each["name"]] = value
        sent = [_answer(step, value) for step, value in fresh.items()]
        body = {"answers": sent, "context": _context(name, conditions)}
        reply = _require(self._record(post_json(self.transport, page["urls"]["answers"], body)), HTTPStatus.OK).json()
        receipts = {receipt["client_uuid"] for receipt in reply["receipts"]}
        if receipts != {answer["client_uuid"] for answer in sent}:
            raise ScriptedError(f"not every answer of step {name} has a receipt")
        self.session.acknowledged += len(receipts)
        return dict(reply)

    def _submit(self, page: Exchange, path: str) -> None:
        """Fill in the page's form and send it. Raises ScriptedError unless it leads on."""
        forms = [form for form in read_forms(page.text) if form.method == "post"]
        if not forms:
            raise ScriptedError(f"{path} ({page.status}) has no form to go on with: {_excerpt(page)}")
        reply = self._record(post_form(self.transport, forms[0].action or path, _filled(forms[0])))
        if reply.status != HTTPStatus.FOUND:
            raise ScriptedError(f"the form of {path} was answered with {reply.status}: {_excerpt(reply)}")

    def _get(self, path: str) -> Exchange:
        for _ in range(MAX_REDIRECTS):
            reply = self._record(self.transport.get(path))
            if reply.status != HTTPStatus.FOUND:
                return _require(reply, HTTPStatus.OK)
            path = reply.location
        raise ScriptedError(f"redirects without end at {path}")

    def _record(self, reply: Exchange, *, keep_body: bool = True) -> Exchange:
        kept = reply if keep_body else replace(reply, body=b"")
        self.session.exchanges.append(kept)
        return reply


def _question(question: Mapping[str, Any], page: Mapping[str, Any], answers: Mapping[str, str]) -> Question:
    options = tuple(option["value"] for option in question["options"])
    return Question(question["name"], question["kind"], options, question["required"], page, dict(answers))


def _answer(step: str, value: str) -> dict[str, Any]:
    return {"client_uuid": str(uuid.uuid4()), "step": step, "revision": 1, "value": value}


def _context(step: str, conditions: Mapping[str, Any] | None) -> dict[str, Any]:
    heard = ["problem", "A", "B"] if conditions else ["problem"]
    return {"step": step, "scripted": True, "heard_s": dict.fromkeys(heard, 5.0), "switches": 3, "gate_met": True}


def _filled(form: Form) -> dict[str, str | list[str]]:
    """A form's fields as an agreeable person sends them: every box ticked, the first choice of every list."""
    return {name: sent for name, each in form.fields.items() if (sent := _sent(each))}


def _sent(each: Field) -> str | list[str]:
    match each.kind:
        case "checkbox":
            return each.values
        case "radio" | "select":
            return next((value for value in each.given or each.values if value), "")
        case "number" | "range":
            return each.given[0] if each.given and each.given[0] else "1"
        case _:
            return each.given[0] if each.given else ""


def _require(reply: Exchange, status: int) -> Exchange:
    if reply.status != status:
        raise ScriptedError(f"{reply.method} {reply.path}: {reply.status} instead of {status}: {_excerpt(reply)}")
    return reply


def _excerpt(reply: Exchange) -> str:
    """What a reply says: a page's title, or how another text begins."""
    title = re.search(r"<title>(.*?)</title>", reply.text, re.DOTALL)
    return " ".join((title[1] if title else reply.text).split())[:300]
