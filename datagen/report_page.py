"""The pieces that pages about recipes are made of: the page itself, lists of facts, tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files

from datagen.explanations.phrasing import spoken_stem


class Markup(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()


def page(title: str, parts: Iterable[str], *, script: str = "") -> str:
    """An HTML page around some parts, complete in itself."""
    body = "\n".join(parts)
    style = files("datagen").joinpath("report.css").read_text(encoding="utf-8")
    code = f"<script>\n{script}</script>\n" if script else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>\n{style}</style></head>\n'
        f"<body><main>\n{body}\n</main>\n{code}</body></html>\n"
    )


def facts_list(facts: Mapping[str, str]) -> str:
    """Named facts below one another; values are escaped unless they are Markup."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{as_html(value)}</dd>" for name, value in facts.items())
    return f'<dl class="facts">{rows}</dl>'


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, label: str, numbers: Sequence[int] = (), cards: bool = False
) -> str:
    """A table in a box that scrolls sideways by itself; columns in `numbers` are set flush right.

    With `cards` a narrow screen shows every row as a card that names each cell.
    """
    look = [' class="number"' if column in numbers else "" for column in range(len(head))]
    heads = "".join(f'<th scope="col"{style}>{escape(name)}</th>' for name, style in zip(head, look, strict=True))
    lines = []
    for row in rows:
        cells = zip(head, look, row, strict=True)
        lines.append(
            "".join(f'<td{style} data-name="{escape(name)}">{as_html(cell)}</td>' for name, style, cell in cells)
        )
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    kind = ' class="cards"' if cards else ""
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{escape(label)}"><table{kind}><thead><tr>{heads}'
        f"</tr></thead><tbody>{body}</tbody></table></div>"
    )


def as_html(text: str) -> str:
    """Text escaped, Markup as it is."""
    return text if isinstance(text, Markup) else escape(text)


def gains_text(gains_db: Mapping[str, float]) -> str:
    """Gains as people write them, "nothing" when there are none."""
    return ", ".join(f"{stem_name(stem)} {db_text(gain_db)}" for stem, gain_db in gains_db.items()) or "nothing"


def db_text(level_db: float) -> str:
    """A level or a gain with its sign and unit."""
    return f"{level_db:+g} dB".replace("-", "−") if level_db else "0 dB"


def stem_name(stem: str) -> str:
    """A stem as people say it, without its article."""
    return spoken_stem(stem).removeprefix("the ")


def share_text(part: float, whole: float) -> str:
    """A share in per cent."""
    return f"{100 * part / whole:.1f} %" if whole else "–"
