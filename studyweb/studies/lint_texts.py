"""Do consents and texts hold together."""

from __future__ import annotations

from collections.abc import Iterator

from studyweb.studies.problems import Problem
from studyweb.studies.study_file import StudyFile


def text_problems(file: StudyFile) -> Iterator[Problem]:
    """Problems of the consents; the contact and the time a session takes are shown by the page itself."""
    consents = file.plan["consents"]
    keys = [consent["key"] for consent in consents]
    for index, key in enumerate(keys):
        if keys.index(key) != index:
            yield file.problem(("consents", index, "key"), "is used twice")
    if not any(consent["required"] for consent in consents):
        yield file.problem(("consents",), "none is required; taking part needs one")
