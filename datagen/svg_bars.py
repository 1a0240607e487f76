"""A bar chart as inline SVG: no script, no style sheet of its own, readable by screen readers."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

WIDTH, HEIGHT = 520, 180
LEFT, RIGHT, TOP, BOTTOM = 8, 8, 16, 34
MOST_LABELS = 13
"""With more bars only every n-th is labelled."""


def bar_chart(title: str, values: Mapping[str, float], *, unit: str) -> str:
    """An SVG with one bar a value, heights from zero; every bar says its label, value and unit when pointed at."""
    if not values:
        return f"<p>{escape(title)}: nothing to show.</p>"
    most = max(values.values()) or 1.0
    slot = (WIDTH - LEFT - RIGHT) / len(values)
    every = -(-len(values) // MOST_LABELS)
    bars = [
        _bar(place, label, value, most=most, slot=slot, unit=unit, labelled=place % every == 0)
        for place, (label, value) in enumerate(values.items())
    ]
    base = HEIGHT - BOTTOM
    axis = f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}" stroke="currentColor"/>'
    said = "; ".join(f"{label} {_number(value)}" for label, value in values.items())
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(f"{title}, {unit}: {said}")}">{"".join(bars)}{axis}</svg></figure>'
    )


def _bar(place: int, label: str, value: float, *, most: float, slot: float, unit: str, labelled: bool) -> str:
    height = (HEIGHT - TOP - BOTTOM) * value / most
    x, width = LEFT + place * slot, max(slot * 0.8, 1.0)
    middle, base = x + width / 2, HEIGHT - BOTTOM
    hint = f"<title>{escape(label)}: {_number(value)} {escape(unit)}</title>"
    bar = f'<rect x="{x:.1f}" y="{base - height:.1f}" width="{width:.1f}" height="{height:.1f}">{hint}</rect>'
    name = f'<text x="{middle:.1f}" y="{base + 16}" text-anchor="middle">{escape(label)}</text>' if labelled else ""
    few = slot > 48
    top = (
        f'<text x="{middle:.1f}" y="{base - height - 4:.1f}" text-anchor="middle">{_number(value)}</text>'
        if few
        else ""
    )
    return bar + name + top


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"
