"""Charts of counts as inline SVG: no script, colours from the page, drawn at the size of a telephone and up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

WIDTH = 360
"""Both charts; at 360 px a text of 12 units is 12 px high."""
COLUMNS_HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 208, 44, 6, 28, 40
MOST_COLUMN_LABELS = 13
"""With more columns only every n-th is labelled, counted from the middle one."""
ROW_HEIGHT, NAME_WIDTH, VALUE_WIDTH = 24, 118, 92
LONGEST_NAME = 17
"""Characters of a row's name; a longer one is cut here and whole when pointed at."""


def column_chart(title: str, values: Mapping[str, float], *, x_label: str, y_label: str) -> str:
    """An SVG with one column a value over an ordered axis, heights from zero, with a scale of round numbers.

    Every column says its label and value when pointed at. Raises ValueError for no values at all.
    """
    if not values:
        raise ValueError(f"{title}: there is nothing to draw")
    ticks = round_ticks(max(values.values()))
    slot = (WIDTH - LEFT - RIGHT) / len(values)
    every = -(-len(values) // MOST_COLUMN_LABELS)
    middle = len(values) // 2
    columns = [
        _column(place, label, value, top=ticks[-1], slot=slot, labelled=(place - middle) % every == 0)
        for place, (label, value) in enumerate(values.items())
    ]
    base = COLUMNS_HEIGHT - BOTTOM
    axes = (
        f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{base}" y2="{base}"/>'
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{COLUMNS_HEIGHT - 6}" text-anchor="middle">'
        f'{escape(x_label)}</text><text x="0" y="12">{escape(y_label)}</text>'
    )
    return _svg(title, COLUMNS_HEIGHT, f"{_grid(ticks)}{''.join(columns)}{axes}")


def bar_chart(title: str, rows: Mapping[str, Sequence[float]], *, series: Sequence[str] = (), total: float) -> str:
    """An SVG with one bar a named row, lengths from zero, made of one part for each of `series`.

    Beside every bar stands its sum and that sum's share of `total`. Raises ValueError for no rows at all.
    """
    if not rows:
        raise ValueError(f"{title}: there is nothing to draw")
    longest = max(sum(parts) for parts in rows.values()) or 1.0
    head = ROW_HEIGHT if len(series) > 1 else 0
    bars = [
        _row(head + place * ROW_HEIGHT, name, parts, series=series, longest=longest, total=total)
        for place, (name, parts) in enumerate(rows.items())
    ]
    legend = _legend(series) if head else ""
    return _svg(title, head + len(rows) * ROW_HEIGHT, legend + "".join(bars))


def round_ticks(most: float) -> list[float]:
    """Zero and up to four round numbers at equal steps, the last one at least `most`."""
    if most <= 0:
        return [0.0, 1.0]
    rough = most / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    step = max(step, 1.0)
    return [step * number for number in range(math.ceil(most / step - 1e-9) + 1)]


def number_text(value: float) -> str:
    """A count with thousands marked, or a small number with three digits."""
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def _svg(title: str, height: int, content: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}; its numbers are in the table '
        f'below">{content}</svg>'
    )


def _grid(ticks: Sequence[float]) -> str:
    base, lines = COLUMNS_HEIGHT - BOTTOM, []
    for tick in ticks:
        y = base - (base - TOP) * tick / ticks[-1]
        lines.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{LEFT - 5}" y="{y + 4:.1f}" text-anchor="end">{number_text(tick)}</text>'
        )
    return "".join(lines)


def _column(place: int, label: str, value: float, *, top: float, slot: float, labelled: bool) -> str:
    base = COLUMNS_HEIGHT - BOTTOM
    height = (base - TOP) * value / top
    width = min(max(slot * 0.8, 1.0), 48.0)
    middle = LEFT + (place + 0.5) * slot
    hint = f"<title>{escape(label)}: {number_text(value)}</title>"
    column = (
        f'<rect class="series1" x="{middle - width / 2:.1f}" y="{base - height:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}">{hint}</rect>'
    )
    if not labelled:
        return column
    return column + f'<text x="{middle:.1f}" y="{base + 15}" text-anchor="middle">{escape(label)}</text>'


def _row(y: int, name: str, parts: Sequence[float], *, series: Sequence[str], longest: float, total: float) -> str:
    scale = (WIDTH - NAME_WIDTH - VALUE_WIDTH) / longest
    shown = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
    drawn = [
        f'<text x="{NAME_WIDTH - 6}" y="{y + 16}" text-anchor="end">{escape(shown)}<title>{escape(name)}</title></text>'
    ]
    x = float(NAME_WIDTH)
    for number, part in enumerate(parts, start=1):
        said = f"{name}, {series[number - 1]}" if series else name
        drawn.append(
            f'<rect class="series{number}" x="{x:.1f}" y="{y + 3}" width="{part * scale:.1f}" '
            f'height="{ROW_HEIGHT - 6}"><title>{escape(said)}: {number_text(part)}</title></rect>'
        )
        x += part * scale
    value = sum(parts)
    share = f" ({100 * value / total:.1f} %)" if total else ""
    drawn.append(f'<text x="{x + 5:.1f}" y="{y + 16}">{number_text(value)}{share}</text>')
    return "".join(drawn)


def _legend(series: Sequence[str]) -> str:
    drawn, x = [], NAME_WIDTH
    for number, name in enumerate(series, start=1):
        drawn.append(
            f'<rect class="series{number}" x="{x}" y="3" width="12" height="12"/>'
            f'<text x="{x + 17}" y="13">{escape(name)}</text>'
        )
        x += 30 + 7 * len(name)
    return "".join(drawn)
