"""Several examples in one row without padding: positions start anew and attention does not cross from one to the next.

Examples of mixed length waste a third of a padded batch. A packed row holds only real tokens; audio features, taught
tokens and the loss of every example stay what they were, so packing changes what a step costs and not what it learns.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from training.examples import Batch


class RowTooLongError(ValueError):
    """Examples that do not fit into the rows they should be packed into."""


@dataclass
class PackedBatch(Batch):
    """One row of examples one after the other; ids and taught [1, tokens]."""

    position_ids: torch.Tensor = field(kw_only=True)
    """[1, tokens], counted from 0 in every example."""
    segment_lengths: torch.Tensor = field(kw_only=True)
    """[examples], tokens of each."""

    @property
    def examples(self) -> int:
        """The number of examples."""
        return len(self.segment_lengths)

    def example_of(self, rows: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:  # noqa: ARG002 - one row
        """The example that each token at [rows, columns] belongs to."""
        lengths = self.segment_lengths.to(columns.device)
        return torch.bucketize(columns, lengths.cumsum(0), right=True)

    def model_inputs(self) -> dict[str, torch.Tensor]:
        """What `forward` is called with: no mask, because nothing is padded; positions tell the examples apart.

        `segment_lengths` are for `training.packed_attention`; other attention reads the positions.
        """
        inputs = super().model_inputs()
        del inputs["attention_mask"]
        return inputs | {"position_ids": self.position_ids, "segment_lengths": self.segment_lengths}


def pack(batch: Batch, *, weight: float = 1.0) -> PackedBatch:
    """The examples of a padded batch as one row, in the same order; clips keep theirs. Padding of either side goes."""
    kept = batch.attention_mask.bool()
    lengths = kept.sum(dim=1)
    positions = torch.cat([torch.arange(int(length)) for length in lengths])
    taught = batch.taught[kept]
    assert not taught[positions == 0].any(), "an example starts with a token that it has to write"
    return PackedBatch(
        input_ids=batch.input_ids[kept][None],
        attention_mask=torch.ones((1, len(positions)), dtype=torch.long),
        input_features=batch.input_features,
        taught=taught[None],
        feature_mask=batch.feature_mask,
        feature_mask_name=batch.feature_mask_name,
        weight=weight,
        position_ids=positions[None],
        segment_lengths=lengths,
    )


def balanced_groups(lengths: Sequence[int], *, groups: int, capacity: int) -> list[list[int]]:
    """Places of a step's examples in `groups` rows of about the same length: the longest first, into the shortest row.

    A fixed number of rows suits gradient accumulation and several GPUs. Deterministic. Raises RowTooLongError when a
    row would exceed `capacity` tokens.
    """
    rows: list[tuple[int, int]] = [(0, row) for row in range(groups)]
    places: list[list[int]] = [[] for _ in range(groups)]
    for place in sorted(range(len(lengths)), key=lambda k: (-lengths[k], k)):
        used, row = heapq.heappop(rows)
        places[row].append(place)
        heapq.heappush(rows, (used + lengths[place], row))
    longest = max(used for used, _ in rows)
    if longest > capacity:
        raise RowTooLongError(
            f"{len(lengths)} examples of {sum(lengths)} tokens need a row of {longest} tokens in {groups} rows, and "
            f"{capacity} fit; use more rows or shorter excerpts"
        )
    return [sorted(row) for row in places if row]


def fewest_groups(lengths: Sequence[int], *, capacity: int) -> list[list[int]]:
    """The same with as few rows as the capacity allows. Raises RowTooLongError when one example alone is too long."""
    if max(lengths) > capacity:
        raise RowTooLongError(f"an example of {max(lengths)} tokens does not fit into a row of {capacity}")
    for groups in range(-(-sum(lengths) // capacity), len(lengths)):
        try:
            return balanced_groups(lengths, groups=groups, capacity=capacity)
        except RowTooLongError:
            continue
    return [[place] for place in range(len(lengths))]


def group_weight(group: Sequence[int], groups: Sequence[Sequence[int]]) -> float:
    """What a row's mean over its examples counts, so that the mean over rows is the mean over all examples."""
    return len(group) * len(groups) / sum(map(len, groups))


def padding_waste(lengths: Sequence[int], groups: Sequence[Sequence[int]]) -> float:
    """Share of the computed tokens that are padding when each group is padded to its longest example."""
    computed = sum(len(group) * max(lengths[place] for place in group) for group in groups)
    return 1.0 - sum(lengths[place] for group in groups for place in group) / computed
