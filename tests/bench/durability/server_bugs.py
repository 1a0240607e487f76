"""Bugs of a server, seeded for the bench alone: each must show as lost, doubled or stuck answers."""

from __future__ import annotations

import itertools
import json
import os
import uuid
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

View = Callable[[HttpRequest], HttpResponse]
FAILS_EVERY = 7
"""Every so many posts the commit after the acknowledgement fails."""


def answers_before_the_commit(view: View) -> View:
    """Sends receipts first; the commit that follows fails now and then."""
    count = itertools.count(1)

    def handle(request: HttpRequest) -> HttpResponse:
        with transaction.atomic():
            response = view(request)
            if response.status_code == 200 and next(count) % FAILS_EVERY == 0:
                transaction.set_rollback(True)
        return response

    return handle


def forgets_what_it_knows(view: View) -> View:
    """Takes every post as new: a retry is stored once more, as the next revision."""

    def handle(request: HttpRequest) -> HttpResponse:
        posted = json.loads(request.body)
        given = {}
        for answer in posted["answers"]:
            given[fresh := str(uuid.uuid4())] = answer["client_uuid"]
            answer |= {"client_uuid": fresh, "revision": _next_revision(request, answer["step"])}
        request._body = json.dumps(posted).encode()  # type: ignore[attr-defined]
        response = view(request)
        text = response.content.decode()
        for fresh, first in given.items():
            text = text.replace(fresh, first)
        response.content = text.encode()
        return response

    return handle


def refuses_a_second_time(view: View) -> View:
    """Answers a known id with an error instead of the first receipt."""
    from studyweb.trials.models import Answer

    def handle(request: HttpRequest) -> HttpResponse:
        ids = [answer["client_uuid"] for answer in json.loads(request.body)["answers"]]
        if Answer.objects.filter(client_uuid__in=ids).exists():
            return HttpResponse("IntegrityError", status=500)
        return view(request)

    return handle


def _next_revision(request: HttpRequest, step: str) -> int:
    from studyweb.trials.models import Answer

    return Answer.objects.filter(trial__public_id=request.path.split("/")[-3], step=step).count() + 1


BUGS: dict[str, Callable[[View], View]] = {
    "answers_before_the_commit": answers_before_the_commit,
    "forgets_what_it_knows": forgets_what_it_knows,
    "refuses_a_second_time": refuses_a_second_time,
}

SHOWS_AS = {"answers_before_the_commit": "lost", "forgets_what_it_knows": "doubled", "refuses_a_second_time": "stuck"}
"""What each must show as."""


def middleware(get_response: Any) -> View:
    """Django's middleware: the bug that the environment names, for posts of answers only."""
    buggy = BUGS[os.environ["DURABILITY_BUG"]](get_response)

    def handle(request: HttpRequest) -> HttpResponse:
        is_post = request.method == "POST" and request.path.endswith("/answers/")
        return buggy(request) if is_post else get_response(request)

    return handle
