"""Rows in chunks, as blocks of columns whose values repeat together.

The answers of a trial share its participant, track and systems, and those of one post share what the page noted. A
block holds such values once and says for every row which of them it has, so that a million rows are written without
being made one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

Row = Mapping[str, Any]
CHUNK = 2_000


@dataclass(frozen=True)
class Block:
    """Some columns of a chunk; `index` [n] says which of `rows` every row has, None: each its own."""

    names: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    index: Sequence[int] | None = None

    def __len__(self) -> int:
        return len(self.rows) if self.index is None else len(self.index)


@dataclass(frozen=True)
class Chunk:
    """Some rows of a table: blocks of equal length whose columns, one after the other, are the table's."""

    blocks: tuple[Block, ...]

    def __len__(self) -> int:
        return len(self.blocks[0])

    def numbers_with(self, name: str, value: Any) -> list[int]:
        """The numbers of the rows that have this value in a column."""
        block, place = self._where(name)
        has_it = [row[place] == value for row in block.rows]
        index = range(len(block.rows)) if block.index is None else block.index
        return [number for number, row in enumerate(index) if has_it[row]] if any(has_it) else []

    def values(self, name: str, numbers: Iterable[int]) -> list[Any]:
        """A column's values in the rows of these numbers."""
        block, place = self._where(name)
        return [block.rows[number if block.index is None else block.index[number]][place] for number in numbers]

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows one by one."""
        for number in range(len(self)):
            row: dict[str, Any] = {}
            for block in self.blocks:
                values = block.rows[number if block.index is None else block.index[number]]
                row.update(zip(block.names, values, strict=True))
            yield row

    def _where(self, name: str) -> tuple[Block, int]:
        block = next(block for block in self.blocks if name in block.names)
        return block, block.names.index(name)


def shared_block(names: tuple[str, ...], keys: Iterable[Hashable], make: Callable[[Any], Sequence[Any]]) -> Block:
    """A block from the key of every row: the rows that `make` gives for the different keys, each made once."""
    of_rows = list(keys)
    places = {key: place for place, key in enumerate(dict.fromkeys(of_rows))}
    return Block(names, [make(key) for key in places], [places[key] for key in of_rows])


def chunks_of(rows: Iterable[Row], *, size: int = CHUNK) -> Iterator[Chunk]:
    """Rows as chunks of one block each."""
    ahead = iter(rows)
    while some := list(islice(ahead, size)):
        names = tuple(some[0])
        yield Chunk((Block(names, [tuple(row[name] for name in names) for row in some]),))
