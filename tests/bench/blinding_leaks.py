"""Five leaks to be planted in the running product: mistakes that somebody could make, each tied to who stands where."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

from studyweb.opaque import ALPHABET
from studyweb.trials import assignment, json_views, views
from studyweb.trials.models import Trial

SLOWER_S = 0.012
"""What a look-up in a slower store would add."""

Json = dict[str, Any]


def _first_in_a(trial: Trial) -> bool:
    return bool(trial.draw["first_in_a"])


@contextmanager
def header() -> Iterator[None]:
    """A cache in front of one system's advice reports its hits with the page."""
    sent = views.render

    def with_header(request: Any, template: str, context: Mapping[str, Any], **options: Any) -> Any:
        response = sent(request, template, context, **options)
        if "trial_data" in context:
            trial = Trial.objects.get(public_id=context["trial_data"]["trial"])
            response["X-Cache"] = "HIT" if _first_in_a(trial) else "MISS"
        return response

    with patch.object(views, "render", with_header):
        yield


@contextmanager
def padding() -> Iterator[None]:
    """One system's texts were stored with the blank that its model ends on."""
    data = views.trial_data

    def padded(trial: Trial) -> Json:
        page = data(trial)
        slot = "A" if _first_in_a(trial) else "B"
        return {**page, "texts": {**page["texts"], slot: f"{page['texts'][slot]} "}}

    with patch.object(views, "trial_data", padded):
        yield


@contextmanager
def order() -> Iterator[None]:
    """The conditions are listed system by system, not slot by slot."""
    known = json_views.conditions_of

    def by_system(trial: Trial) -> Json | None:
        found = known(trial)
        if found is None:
            return None
        slots = ("A", "B") if _first_in_a(trial) else ("B", "A")
        return {"problem": found["problem"], **{slot: found[slot] for slot in slots}}

    with patch.object(json_views, "conditions_of", by_system):
        yield


@contextmanager
def timing() -> Iterator[None]:
    """Slot A's advice comes from a slower store where it is one system's."""
    data = views.trial_data

    def delayed(trial: Trial) -> Json:
        if _first_in_a(trial):
            time.sleep(SLOWER_S)
        return data(trial)

    with patch.object(views, "trial_data", delayed):
        yield


@contextmanager
def sorting_id() -> Iterator[None]:
    """Ids are given out system by system, from an alphabet that sorts."""
    made = assignment._trial
    half = len(ALPHABET[8:]) // 2

    def with_sorting_id(*args: Any, **options: Any) -> Trial:
        trial = made(*args, **options)
        letters = ALPHABET[8:][:half] if _first_in_a(trial) else ALPHABET[8:][half:]
        trial.public_id = letters[ord(trial.public_id[1]) % half] + trial.public_id[1:]
        return trial

    with patch.object(assignment, "_trial", with_sorting_id):
        yield


LEAKS: Mapping[str, Callable[[], AbstractContextManager[None]]] = {
    "a header": header,
    "padding": padding,
    "order": order,
    "timing": timing,
    "an id that sorts": sorting_id,
}
