"""Reading coders' lists: where a coder stands, and the codings that count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from studyweb.coding.models import Coding, CodingList
from studyweb.studies.models import Advice, StemAudio, Study


@dataclass(frozen=True)
class CodedText:
    """One text of a coder's list as the page shows it: nothing in it tells who wrote it."""

    place: int
    """From 1."""
    of: int
    text: str
    text_sha256: str
    coding: Coding | None


def stems_of(study: Study) -> list[str]:
    """The stems that a move can be about, in the order of the sources."""
    stems = StemAudio.objects.filter(item__study=study).order_by("position", "stem").values_list("stem", flat=True)
    return list(dict.fromkeys(stems))


def current_coding(coding_list: CodingList, text_sha256: str) -> Coding | None:
    """The newest revision of a text's coding; None where it was not coded."""
    return coding_list.codings.filter(text_sha256=text_sha256).order_by("-revision").first()


def text_at(coding_list: CodingList, place: int) -> CodedText | None:
    """The text at a place of the list, from 1; None where there is none."""
    if not 1 <= place <= len(coding_list.texts):
        return None
    sha256 = coding_list.texts[place - 1]
    advice = Advice.objects.filter(item__study=coding_list.study_id, text_sha256=sha256).order_by("id")[0]
    return CodedText(place, len(coding_list.texts), advice.text, sha256, current_coding(coding_list, sha256))


def coded_texts(coding_list: CodingList) -> dict[str, Coding]:
    """{hash of a text: its current coding}."""
    return newest(coding_list.codings.all())


def newest(codings: Iterable[Coding]) -> dict[str, Coding]:
    """Of one coder's codings the last revision of each text."""
    return {coding.text_sha256: coding for coding in sorted(codings, key=lambda coding: coding.revision)}


def next_place(coding_list: CodingList, *, after: int = 0) -> int | None:
    """The next place without a coding, after this one first and then from the start; None when all are coded."""
    coded = set(coding_list.codings.values_list("text_sha256", flat=True))
    open_places = [place for place, text in enumerate(coding_list.texts, start=1) if text not in coded]
    later = [place for place in open_places if place > after]
    return next(iter([*later, *open_places]), None)


def lists_of(study: Study) -> list[CodingList]:
    """Every coder's list with its codings, in the order in which they began."""
    return list(study.coding_lists.select_related("coder").prefetch_related("codings"))
