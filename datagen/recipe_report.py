"""The report about a file of recipes: one HTML page with pictures, complete in itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from datagen.label_check import CHECK_RATE, CheckResult
from datagen.recipe_counts import RecipeCounts, count_recipes
from datagen.recipe_figures import KIND_MEANING, figures_html, recipe_figures
from datagen.recipe_table import TableInfo
from datagen.recipe_texts import explanation_of
from datagen.recipes import Recipe, correction_of
from datagen.report_page import Markup, facts_list, gains_text, page, table
from datagen.settings_file import settings_yaml
from datagen.words import mapping_from_changes

MOST_OPEN_TRACKS = 12
"""A longer list of tracks is folded away."""
YES_NO = {True: "yes", False: "no"}


@dataclass(frozen=True)
class ReportFacts:
    """What the report says about the file besides its recipes."""

    path: Path
    size_bytes: int
    sha256: str
    written_by: str
    """The library that wrote the file, with its version."""
    check: CheckResult | None
    """None where the labels were not checked for this report."""
    listening_page: str
    """Name of the page beside the report that plays some triplets; empty without one."""


def report_page(facts: ReportFacts, info: TableInfo, examples: Iterable[Recipe]) -> str:
    """The whole page as text; `examples` are shown with the texts written from them."""
    counts = count_recipes(facts.path)
    parts = [
        f"<h1>Recipes: {escape(facts.path.name)}</h1>",
        "<p>A recipe stands for one training triplet: an excerpt of a song, the disturbance that makes a problem of "
        "it, and a reference to compare with. It holds positions, gains and seeds, no audio.</p>",
        _publishing(facts, info),
        _listen(facts),
        "<h2>The file</h2>",
        facts_list(_about(facts, info, counts)),
        "<h2>What was drawn</h2>",
        figures_html(recipe_figures(counts, info)),
        "<h2>Examples</h2>",
        _examples(examples),
        "<h2>Sources and licences</h2>",
        _sources(info, counts.tracks),
        _tracks(info, counts.tracks),
        "<h2>Settings</h2>",
        "<p>As a settings file of <code>python -m datagen build</code>: with the same tracks and library versions it "
        "gives this file again, byte for byte.</p>",
        f"<pre><code>{escape(settings_yaml(info.config))}</code></pre>",
    ]
    return page(f"Recipes: {facts.path.name}", parts)


def private_tracks(info: TableInfo) -> list[str]:
    """Keys of the tracks whose audio may not be published."""
    return [str(about.get("key", name)) for name, about in info.tracks.items() if not about.get("may_publish")]


def _publishing(facts: ReportFacts, info: TableInfo) -> str:
    private = private_tracks(info)
    if not private:
        return "<p>The audio of every track may be published.</p>"
    page_too = (
        f" {escape(facts.listening_page)} holds such audio: keep it on this machine." if facts.listening_page else ""
    )
    return (
        f'<p class="note"><strong>The audio is private to this machine</strong> for {len(private):,} of '
        f"{_count(len(info.tracks), 'track')}, which may not be published. This report holds no audio and may be "
        f"passed on.{page_too}</p>"
    )


def _listen(facts: ReportFacts) -> str:
    if not facts.listening_page:
        return ""
    name = escape(facts.listening_page)
    return f'<p><a href="{name}">Listen to some of its triplets</a> ({name}, beside this report).</p>'


def _about(facts: ReportFacts, info: TableInfo, counts: RecipeCounts) -> dict[str, str]:
    each = sorted(counts.tracks.values())
    disturbed = info.count - counts.n_changed[0]
    return {
        "Recipes": f"{info.count:,}, {disturbed:,} with a disturbance and {counts.n_changed[0]:,} clean",
        "Tracks": f"{len(info.tracks):,}{', each' if len(info.tracks) > 1 else ''} in {_range(each)} recipes",
        "Excerpts": f"{len(counts.windows):,} different ones{_length(info)}",
        "Stems": ", ".join(info.stems),
        "Register of the texts": str(info.config.get("recipes", {}).get("register", "not recorded")),
        "Seed": str(info.seed),
        "Schema version": str(info.schema_version),
        "Size": f"{facts.size_bytes:,} bytes ({facts.size_bytes / info.count:.0f} a recipe)",
        "SHA-256": Markup(f"<code>{facts.sha256}</code>"),
        "Written by": facts.written_by,
        "Labels": _check_text(facts),
    }


def _check_text(facts: ReportFacts) -> str:
    check = facts.check
    if check is None:
        command = f"python -m datagen verify {escape(facts.path.name)}"
        return Markup(f"not checked for this report; <code>{command}</code>, or describe with <code>--check</code>")
    wrong = "none is wrong" if not check.wrong else f"{len(check.wrong):,} ARE WRONG"
    first = "".join(f"; recipe {each.index}: {each.reason}" for each in check.wrong[:3])
    return (
        f"{check.recipes:,} checked on {_count(check.excerpts, 'excerpt')} at {CHECK_RATE:,} Hz: {wrong}{first}. Each "
        "was found again by least squares in the audio, is the only explanation with as few changes, and is what the "
        "advice reads back to."
    )


def _length(info: TableInfo) -> str:
    length_s = info.config.get("excerpt_length_s")
    return "" if length_s is None else f", up to {length_s:g} s long"


def _range(numbers: list[int]) -> str:
    return f"{numbers[0]:,}" if numbers[0] == numbers[-1] else f"{numbers[0]:,} to {numbers[-1]:,}"


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _examples(recipes: Iterable[Recipe]) -> str:
    rows = [_example(recipe) for recipe in recipes]
    head = ("Brief", "Disturbance", "Reference", "Label", "Finding", "Advice")
    return (
        f"<p>The first {len(rows)} recipes of the file; every recipe is drawn on its own, so they are a random sample. "
        "The disturbance made the problem; the label undoes it, and the texts are written from the label.</p>"
        + table(head, rows, label="Examples", cards=True)
    )


def _example(recipe: Recipe) -> tuple[str, ...]:
    text = explanation_of(recipe)
    label = gains_text(mapping_from_changes(correction_of(recipe)))
    kind = recipe.reference_kind
    meaning = Markup(f'<span title="{escape(KIND_MEANING[kind])}">{escape(kind.replace("_", " "))}</span>')
    return recipe.brief, gains_text(recipe.disturbance_db), meaning, label, text.finding, text.advice


def _sources(info: TableInfo, recipes: Counter[str]) -> str:
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, about in info.tracks.items():
        where = (str(about.get("source", "")), str(about.get("root", "")) or "generated")
        groups[(*where, str(about.get("licence", "")), *_permissions(about))].append(name)
    rows = [
        (source, root, f"{len(names):,}", f"{sum(recipes[name] for name in names):,}", licence, serve, publish)
        for (source, root, licence, serve, publish), names in groups.items()
    ]
    head = ("Source", "Read from", "Tracks", "Recipes", "Licence", "May be served", "May be published")
    return table(head, rows, label="Sources", numbers=(2, 3), cards=True)


def _tracks(info: TableInfo, recipes: Counter[str]) -> str:
    rows = [
        (
            str(about.get("key", name)),
            f"{recipes[name]:,}",
            str(about.get("licence", "")),
            str(about.get("attribution", "")),
            *_permissions(about),
            Markup(f"<code>{escape(str(about.get('source_sha256', '')))}</code>"),
        )
        for name, about in info.tracks.items()
    ]
    head = ("Track", "Recipes", "Licence", "Credit", "May be served", "May be published", "SHA-256 of the source")
    is_open = " open" if len(rows) <= MOST_OPEN_TRACKS else ""
    return (
        f'<details class="whole"{is_open}><summary>{_count(len(rows), "track")}, with credits and hashes</summary>'
        f"{table(head, rows, label='Tracks', numbers=(1,), cards=True)}</details>"
    )


def _permissions(about: Mapping[str, Any]) -> tuple[str, str]:
    return YES_NO[bool(about.get("may_serve"))], YES_NO[bool(about.get("may_publish"))]
