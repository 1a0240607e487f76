"""The whole report of a study: its header, and every section in order, the same for the page, the PDF and the text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studyweb.dashboard.results import MaskedError, knowledge_of, pair_data_of
from studyweb.dashboard.sections.agreement import agreement_sections
from studyweb.dashboard.sections.asking import asking_sections
from studyweb.dashboard.sections.blinding import blinding_sections
from studyweb.dashboard.sections.choices import choice_sections
from studyweb.dashboard.sections.criteria import criteria_sections
from studyweb.dashboard.sections.equivalence import equivalence_sections
from studyweb.dashboard.sections.flow import flow_section
from studyweb.dashboard.sections.hearing import hearing_sections
from studyweb.dashboard.sections.imbalance import imbalance_sections
from studyweb.dashboard.sections.looks import looks_section
from studyweb.dashboard.sections.models import decided_model, model_sections
from studyweb.dashboard.sections.paragraphs import method_paragraph, results_paragraph
from studyweb.dashboard.sections.plan import deviations_of, facts_of, systems_table
from studyweb.dashboard.sections.primary import primary_sections
from studyweb.dashboard.sections.ranking import ranking_section
from studyweb.dashboard.sections.section import PairData, Section
from studyweb.dashboard.sections.sensitivity import sensitivity_section
from studyweb.dashboard.sections.style import style_sections
from studyweb.dashboard.sections.tracks import track_section
from studyweb.studies.models import Study

OF_A_PAIR: tuple[Callable[[PairData], list[Section]], ...] = (
    equivalence_sections,
    criteria_sections,
    agreement_sections,
    imbalance_sections,
    hearing_sections,
    asking_sections,
    style_sections,
    blinding_sections,
)
"""After what was chosen: what was said about each advice, how far people agree, and what explains the preference."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Part:
    """One chapter: the study as a whole, or one pair of systems."""

    key: str
    title: str
    knowledge: str
    """What each system of a pair was trained on, shown and given; empty for the study's chapter."""
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Report:
    """Everything a report says, as plain data."""

    slug: str
    title: str
    is_simulated: bool
    headline: str
    knowledge: str
    facts: tuple[tuple[str, str], ...]
    """(name, value): claim, estimand, hashes, dates."""
    systems: tuple[tuple[str, ...], ...]
    """A header row, then what every system was trained on, shown and given as reference."""
    deviations: tuple[str, ...]
    """Where the study went another way than its file."""
    parts: tuple[Part, ...]
    method: str
    results: str


def report_of(study: Study, progress: Progress) -> Report:
    """All that can be said about an unblinded study. Raises MaskedError until then."""
    if study.is_masked:
        raise MaskedError("results are masked until the study is unblinded")
    pairs = pair_data_of(study)
    parts = []
    for number, data in enumerate(pairs):
        progress(number / (len(pairs) + 1), f"calculating {data.first.label} / {data.second.label}")
        parts.append(_pair_part(data, number))
    progress(len(pairs) / (len(pairs) + 1), "calculating the whole study")
    whole = Part("study", "The study as a whole", "", tuple(_study_sections(study, pairs)))
    headline = parts[0].sections[0].sentence
    return Report(
        slug=study.slug,
        title=study.title,
        is_simulated=study.is_simulated,
        headline=headline,
        knowledge=parts[0].knowledge,
        facts=facts_of(study),
        systems=systems_table(study),
        deviations=deviations_of(study, pairs),
        parts=(parts[0], whole, *parts[1:]),
        method=method_paragraph(study),
        results=results_paragraph(study, parts[0].sections, whole.sections),
    )


def _pair_part(data: PairData, number: int) -> Part:
    return Part(
        key=f"pair-{number + 1}",
        title=f"{data.first.label} over {data.second.label}" + ("" if number else " (primary)"),
        knowledge=f"{knowledge_of(data.first)} {knowledge_of(data.second)}",
        sections=tuple(_pair_sections(data)),
    )


def _pair_sections(data: PairData) -> Iterator[Section]:
    model = decided_model(data)
    yield from primary_sections(data)
    yield from model_sections(data, model)
    yield from choice_sections(data)
    yield sensitivity_section(data)
    yield track_section(data, model)
    for sections in OF_A_PAIR:
        yield from sections(data)


def _study_sections(study: Study, pairs: tuple[PairData, ...]) -> Iterator[Section]:
    yield flow_section(study, pairs)
    for section in (ranking_section(pairs), looks_section(study)):
        if section is not None:
            yield section
