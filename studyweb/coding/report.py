"""The reader's error, from what people coded: by system once a study is unblinded, before that only counts."""

from __future__ import annotations

from dataclasses import dataclass

from studyweb.coding.models import Coding, CodingList
from studyweb.coding.selectors import lists_of, newest
from studyweb.stats.reading_error import CodedAdvice, ReadingError, reading_error
from studyweb.studies.models import Advice, Study, System


@dataclass(frozen=True)
class CoderProgress:
    """How far a coder has come."""

    coder: str
    coded: int
    of: int
    not_actionable: int
    corrected: int


@dataclass(frozen=True)
class SystemError:
    """The reader's error on one system's advice."""

    system: System
    error: ReadingError


def coder_progress(study: Study) -> list[CoderProgress]:
    """Every coder's counts; they tell no arm."""
    return [_progress(each) for each in lists_of(study)]


def _progress(coding_list: CodingList) -> CoderProgress:
    codings = list(coding_list.codings.all())
    current = newest(codings).values()
    return CoderProgress(
        coder=coding_list.coder.get_username(),
        coded=len(current),
        of=len(coding_list.texts),
        not_actionable=sum(each.changes is None for each in current),
        corrected=len(codings) - len(current),
    )


def system_errors(study: Study) -> list[SystemError]:
    """The reader's error on each system of an unblinded study whose advice somebody has coded; none while masked.

    An advice counts once for everybody who coded its text; intervals are by track, so that this adds no certainty.
    """
    if study.is_masked:
        return []
    coded = coded_advices(study)
    level = float(study.plan["analysis"]["level"])
    found = []
    for system in study.systems.all():
        rows = [_row(advice, coding) for advice, coding, _ in coded if advice.system_id == system.pk]
        if rows:
            found.append(SystemError(system, reading_error(rows, level=level)))
    return found


def coded_advices(study: Study) -> list[tuple[Advice, Coding, int]]:
    """(Advice, what a coder read in its text, the coder's number from 1), current revisions, by advice."""
    codings = [newest(each.codings.all()) for each in lists_of(study)]
    advices = Advice.objects.filter(item__study=study).select_related("item", "system")
    return [
        (advice, by_text[advice.text_sha256], number)
        for advice in advices.order_by("item__position", "system__position")
        for number, by_text in enumerate(codings, start=1)
        if advice.text_sha256 in by_text
    ]


def _row(advice: Advice, coding: Coding) -> CodedAdvice:
    return CodedAdvice(advice.item.track_id, advice.changes, coding.changes)
