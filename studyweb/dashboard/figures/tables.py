"""How wide a table's columns are on paper, and how high its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studyweb.dashboard.figures.place import width_of, wrapped

TABLE_PT, LINE_IN, PAD_IN, GAP_IN = 8.0, 8.0 * 1.3 / 72, 0.09, 0.12
LEAST_IN, LONG_WORD_IN = 0.35, 1.2
"""No column is narrower than the least, nor than its longest word, unless that is longer than this."""
NUMBER = re.compile(r"[+\-−]?[\d.,]+( ?%| points| dB)?( to [+\-−]?[\d.,]+( ?%)?)?|–|")


@dataclass(frozen=True)
class Column:
    """One column's place; numbers stand at its right edge."""

    left_in: float
    width_in: float
    is_number: bool

    def lines(self, cell: str) -> list[str]:
        """The cell's text in lines that fit."""
        return wrapped(cell, self.width_in, points=TABLE_PT, weight="bold")


def is_number_column(cells: Sequence[str]) -> bool:
    """Whether every cell of a column is a number, a span or empty, and some cell is not."""
    return any(cells) and all(NUMBER.fullmatch(cell) for cell in cells)


def columns_of(header: Sequence[str], rows: Sequence[Sequence[str]], width_in: float) -> list[Column]:
    """Columns as wide as their longest cell where that fits, else the wide ones share what is left."""
    cells = list(zip(header, *rows, strict=True))
    wanted = [max(max(_width(cell) for cell in column), LEAST_IN) for column in cells]
    room = width_in - GAP_IN * (len(wanted) - 1)
    least = [min(max(_longest_word(cell) for cell in column), LONG_WORD_IN) for column in cells]
    widths = _fitted(wanted, least, room)
    columns, left_in = [], 0.0
    for column, width in zip(cells, widths, strict=True):
        columns.append(Column(left_in, width, is_number_column(column[1:])))
        left_in += width + GAP_IN
    return columns


def row_height_in(columns: Sequence[Column], row: Sequence[str]) -> float:
    """The height of a row: of its highest cell."""
    most = max(len(column.lines(cell)) for column, cell in zip(columns, row, strict=True))
    return LINE_IN * most + PAD_IN


def _width(cell: str) -> float:
    return width_of(cell, points=TABLE_PT, weight="bold") + 0.02


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
