"""The report about a file of recipes: one HTML page with pictures, complete in itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from html import escape
from pprint import pformat

from datagen.recipe_counts import RecipeCounts, magnitude_bars
from datagen.recipe_table import TableInfo
from datagen.recipe_texts import explanation_of
from datagen.recipes import Recipe
from datagen.svg_bars import bar_chart

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1.5rem; }
figure { margin: 0; } figcaption { font-weight: 600; } svg { width: 100%; height: auto; }
svg rect { fill: #3b6fb6; } svg text { font-size: 11px; fill: currentColor; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .25rem .75rem .25rem 0; vertical-align: top; }
audio { width: 100%; } .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
"""


def report_page(name: str, info: TableInfo, counts: RecipeCounts, examples: Iterable[Recipe]) -> str:
    """The whole page as text; `examples` are shown with the texts written from them."""
    parts = [
        f"<h1>{escape(name)}</h1>",
        f"<p>{info.count:,} recipes from {len(info.tracks):,} tracks, seed {info.seed}. No audio is stored.</p>",
        f'<section class="charts">{"".join(_charts(counts))}</section>',
        "<h2>Examples</h2>",
        _examples(examples),
        "<h2>Tracks and licences</h2>",
        _tracks(info.tracks),
        "<h2>Settings</h2>",
        f"<pre>{escape(pformat(info.config, width=110, compact=True))}</pre>",
    ]
    return page(name, parts)


def page(title: str, parts: Iterable[str]) -> str:
    """An HTML page around some parts."""
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n'
        f"<body>\n{body}\n</body></html>\n"
    )


def _charts(counts: RecipeCounts) -> list[str]:
    numbers = {f"{n} changed": float(counts.n_changed[n]) for n in sorted(counts.n_changed)}
    differences = {f"{d:+d}" if d else "0": float(counts.level_difference[d]) for d in sorted(counts.level_difference)}
    return [
        bar_chart("Disturbance of changed stems, dB", magnitude_bars(counts), unit="stems"),
        bar_chart("Stems changed in a recipe", numbers, unit="recipes"),
        bar_chart("Which stem was changed", _bars(counts.changed_stems), unit="recipes"),
        bar_chart("Which stems can be heard", _bars(counts.audible), unit="recipes"),
        bar_chart("Problem level minus reference level, dB", differences, unit="recipes"),
        bar_chart("Reference kind", _common(counts.texts["reference_kind"]), unit="recipes"),
        bar_chart("Genre", _common(counts.texts["genre"]), unit="recipes"),
        bar_chart("Section", _common(counts.texts["section"]), unit="recipes"),
        bar_chart("What should lead", _common(counts.texts["lead"]), unit="recipes"),
    ]


def _bars(counter: Counter[str]) -> dict[str, float]:
    return {name: float(n) for name, n in counter.items()}


def _common(counter: Counter[str]) -> dict[str, float]:
    return {name or "not known": float(n) for name, n in counter.most_common(12)}


def _examples(recipes: Iterable[Recipe]) -> str:
    rows = []
    for recipe in recipes:
        text = explanation_of(recipe)
        cells = (recipe.brief, gains_text(recipe.disturbance_db), recipe.reference_kind, text.finding, text.advice)
        rows.append("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{name}</th>" for name in ("Brief", "Disturbance", "Reference", "Finding", "Advice"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def gains_text(gains_db: Mapping[str, float]) -> str:
    """Gains as people write them, "nothing" when there are none."""
    return ", ".join(f"{stem} {gain_db:+g} dB" for stem, gain_db in gains_db.items()) or "nothing"


def _tracks(tracks: Mapping[str, Mapping[str, object]]) -> str:
    rows = []
    for about in tracks.values():
        serve = "yes" if about.get("may_serve") else "no"
        cells = (about.get("key", ""), about.get("licence", ""), about.get("attribution", ""), serve)
        rows.append("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells) + "</tr>")
    head = "".join(f"<th>{name}</th>" for name in ("Track", "Licence", "Credit", "May be served"))
    return (
        f"<details><summary>{len(tracks)} tracks</summary><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></details>"
    )
