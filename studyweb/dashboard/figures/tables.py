"""How wide a table's columns are on paper, and how high its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studyweb.dashboard.figures.place import width_of, wrapped

SIZES_PT, PAD_IN, GAP_IN = (8.0, 7.0, 6.2), 0.09, 0.12
"""Letters are as large as lets every word stand whole."""
LINE_SPACING = 1.3
LEAST_IN, LONG_WORD_IN = 0.35, 1.2
"""No column is narrower than the least, nor than its longest word, unless that is longer than this."""
NUMBER = re.compile(r"[+\-−]?[\d.,]+( ?%| points| dB)?( to [+\-−]?[\d.,]+( ?%)?)?|–|")


@dataclass(frozen=True)
class Column:
    """One column's place; numbers stand at its right edge."""

    left_in: float
    width_in: float
    is_number: bool
    points: float = SIZES_PT[0]

    def lines(self, cell: str) -> list[str]:
        """The cell's text in lines that fit."""
        return wrapped(cell, self.width_in, points=self.points, weight="bold")


def is_number_column(cells: Sequence[str]) -> bool:
    """Whether every cell of a column is a number, a span or empty, and some cell is not."""
    return any(cells) and all(NUMBER.fullmatch(cell) for cell in cells)


def columns_of(header: Sequence[str], rows: Sequence[Sequence[str]], width_in: float) -> list[Column]:
    """Columns as wide as their longest cell where that fits, else the wide ones share what is left."""
    cells = list(zip(header, *rows, strict=True))
    numeric = [is_number_column(column[1:]) for column in cells]
    room = width_in - GAP_IN * (len(cells) - 1)
    least = [_least_in(column, is_number=number) for column, number in zip(cells, numeric, strict=True)]
    if sum(least) * SIZES_PT[-1] / SIZES_PT[0] > room:  # even the smallest letters are too large: spans may break
        least = [_least_in(column, is_number=False) for column in cells]
    points = next((size for size in SIZES_PT if sum(least) * size / SIZES_PT[0] <= room), SIZES_PT[-1])
    scale = points / SIZES_PT[0]
    wanted = [scale * max(max(_width(cell) for cell in column), LEAST_IN) for column in cells]
    widths = _fitted(wanted, [scale * each for each in least], room)
    columns, left_in = [], 0.0
    for number, width in zip(numeric, widths, strict=True):
        columns.append(Column(left_in, width, number, points))
        left_in += width + GAP_IN
    return columns


def row_height_in(columns: Sequence[Column], row: Sequence[str]) -> float:
    """The height of a row: of its highest cell."""
    most = max(len(column.lines(cell)) for column, cell in zip(columns, row, strict=True))
    return columns[0].points * LINE_SPACING / 72 * most + PAD_IN


def _width(cell: str) -> float:
    return width_of(cell, points=SIZES_PT[0], weight="bold") + 0.02


def _least_in(column: Sequence[str], *, is_number: bool) -> float:
    """The longest word; numbers and their spans are not broken."""
    header, *cells = column
    inside = max(map(_width, cells)) if is_number else max((_longest_word(cell) for cell in cells), default=LEAST_IN)
    return min(max(inside, _longest_word(header), LEAST_IN), LONG_WORD_IN)


def _longest_word(cell: str) -> float:
    return max((_width(word) for word in cell.split()), default=LEAST_IN)


def _fitted(wanted: Sequence[float], least: Sequence[float], room: float) -> list[float]:
    """Every column's longest word, then what is left in proportion to what each still wants."""
    if sum(wanted) <= room:
        return list(wanted)
    if sum(least) >= room:
        return [width * room / sum(least) for width in least]
    share = (room - sum(least)) / (sum(wanted) - sum(least))
    return [low + share * (high - low) for low, high in zip(least, wanted, strict=True)]
