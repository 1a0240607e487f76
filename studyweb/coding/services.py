"""Drawing a coder's list of texts, and storing what they read."""

from __future__ import annotations

import random
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from datagen.words import GRID_DB, MAX_GAIN_DB
from studyweb.coding.models import Coding, CodingList
from studyweb.coding.selectors import current_coding, stems_of
from studyweb.studies.log import StudyRefusedError, log_action
from studyweb.studies.models import Advice, Study


class CodingConflictError(ValueError):
    """The text was coded again in the meantime; what is stored stays."""


@transaction.atomic
def draw_list(study: Study, *, coder: Any) -> CodingList:
    """A coder's list, drawn when they first ask for it.

    Every different text comes once: what it says does not depend on the item. Raises StudyRefusedError for a draft,
    whose texts may still change.
    """
    if study.state == Study.State.DRAFT:
        raise StudyRefusedError(["the texts of a draft may still change; open the study, then code them"])
    found = CodingList.objects.filter(study=study, coder=coder).first()
    if found is not None:
        return found
    texts = sorted(set(Advice.objects.filter(item__study=study).values_list("text_sha256", flat=True)))
    seed = secrets.token_hex(16)
    random.Random(seed).shuffle(texts)  # noqa: S311 - an order that can be replayed, not a secret
    drawn, is_new = CodingList.objects.get_or_create(study=study, coder=coder, defaults={"seed": seed, "texts": texts})
    if is_new:
        log_action(study, actor=coder.get_username(), action="coding begun", detail={"texts": len(texts)})
    return drawn


def store_coding(
    coding_list: CodingList,
    text_sha256: str,
    *,
    changes: Mapping[str, float] | None,
    not_actionable: str = "",
    after_revision: int,
) -> Coding:
    """Append what was read in a text, following the revision that the coder saw (0: none).

    `changes` holds dB by stem, zeros left out; None means not actionable, and then a reason has to be given. Raises
    ValueError for what no coding can be, CodingConflictError when another revision has been stored since.
    """
    _check(coding_list, text_sha256, changes, not_actionable)
    stored = current_coding(coding_list, text_sha256)
    if after_revision != (stored.revision if stored else 0):
        raise CodingConflictError("this text was coded again in the meantime; look at what is stored")
    moves = None if changes is None else {stem: float(gain_db) for stem, gain_db in changes.items() if gain_db}
    try:
        with transaction.atomic():
            return Coding.objects.create(
                coding_list=coding_list,
                text_sha256=text_sha256,
                revision=after_revision + 1,
                changes=moves,
                not_actionable=not_actionable,
            )
    except IntegrityError as error:
        raise CodingConflictError("this text was coded again in the meantime; look at what is stored") from error


def _check(coding_list: CodingList, text: str, changes: Mapping[str, float] | None, reason: str) -> None:
    problems = [] if text in coding_list.texts else [f"text {text[:12]} is not in this coder's list"]
    if (changes is None) != bool(reason.strip()):
        problems.append("give either gain changes or the reason why there are none")
    stems = stems_of(coding_list.study)
    for stem, gain_db in (changes or {}).items():
        if stem not in stems:
            problems.append(f"unknown stem {stem}; expected some of {', '.join(stems)}")
        if not abs(gain_db) <= MAX_GAIN_DB or gain_db % GRID_DB:
            problems.append(f"{stem}: {gain_db} dB; gains go in steps of {GRID_DB} up to {MAX_GAIN_DB:g} dB either way")
    if problems:
        raise ValueError("; ".join(problems))
