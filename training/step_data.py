"""The batches of a run as a data set: one item is one part of one step, made when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch.utils.data import Dataset

from training.examples import Batch
from training.schedule import ALONE, Share

BatchMaker = Callable[[int, int, Share], Batch]
"""(step, part, share) -> batch. A step's gradient is the mean over its parts. Depends on these alone and the seed."""


@dataclass(frozen=True)
class RunData:
    """What a run is trained on."""

    make: BatchMaker
    parts: int = 1
    """Batches a step is made of, one after the other."""
    validate: tuple[Callable[[Share], Batch], ...] = ()
    """Makers of the batches that the validation loss is measured on."""


class StepData(Dataset[Batch]):
    """Item k is part k % parts of step k // parts, for one process's share."""

    def __init__(self, data: RunData, *, steps: int, share: Share = ALONE) -> None:
        self._data = data
        self._steps = steps
        self._share = share

    def __len__(self) -> int:
        """Steps times parts."""
        return self._steps * self._data.parts

    def __getitem__(self, index: int) -> Batch:
        """The batch of one part of one step."""
        step, part = divmod(index, self._data.parts)
        return self._data.make(step, part, self._share)
