"""A differing decode is noticed, and its size is about right."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from datagen.decode_fingerprint import (
    SKETCHED_BLOCKS,
    Fingerprint,
    compare_with_first_decode,
    difference_db,
    sketch_block,
)
from datagen.decoded_store import store_folder
from datagen.stem_mp4 import open_stem_mp4


def block(seed: int, level: float = 0.1) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((32_768, 4, 2)) * level).astype(np.float32)


@pytest.mark.parametrize("size_db", [-90.0, -40.0, -6.0])
def test_the_size_of_a_difference_is_estimated_within_half_a_db(size_db: float) -> None:
    signal, noise = block(1), block(2, 0.1 * 10 ** (size_db / 20))
    one, other = (Fingerprint("x", sketch_block(each, 0)) for each in (signal, signal + noise))
    assert difference_db(one, other) == pytest.approx(size_db, abs=0.5)


def test_equal_decodes_differ_by_nothing() -> None:
    assert (
        difference_db(Fingerprint("x", sketch_block(block(1), 0)), Fingerprint("y", sketch_block(block(1), 0))) == -200
    )


def test_one_block_in_eight_is_sketched() -> None:
    assert [bool(sketch_block(block(1), number).any()) for number in range(SKETCHED_BLOCKS + 1)] == [
        number in (0, SKETCHED_BLOCKS) for number in range(SKETCHED_BLOCKS + 1)
    ]


def test_a_last_block_of_any_length_can_be_sketched() -> None:
    assert sketch_block(block(1)[:77], 8).shape == (1024,)


def test_another_decoders_samples_are_a_warning_with_their_size(falcon: Path, cache_folder: Path) -> None:
    first = open_stem_mp4(falcon)
    assert first.about.warnings == ()
    (note,) = (cache_folder / "fingerprints").iterdir()
    data = json.loads(note.read_text())
    data.update(decoder="another decoder", sums=[1.01 * value for value in data["sums"]])
    note.write_text(json.dumps(data))
    (stored,) = store_folder().iterdir()
    (stored / "about.json").unlink()
    (warning,) = open_stem_mp4(falcon).about.warnings
    assert "differs by -40.1 dB from the first decode, by another decoder" in warning


def test_a_damaged_note_is_replaced(cache_folder: Path) -> None:
    fingerprint = Fingerprint("x", sketch_block(block(1), 0))
    compare_with_first_decode("abc", fingerprint)
    (cache_folder / "fingerprints" / "abc.json").write_text("{")
    assert compare_with_first_decode("abc", fingerprint) == ""
