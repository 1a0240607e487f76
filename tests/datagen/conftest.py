"""Every test of datagen has a cache folder of its own, so that no decoded audio comes from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.datagen.making_stems import falcon_path


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("MIXTRIAL_CACHE", str(folder))
    return folder


@pytest.fixture
def falcon() -> Path:
    """A real MUSDB18 song: six seconds of "The Easton Ellises - Falcon 69" (CC BY-NC-SA 3.0)."""
    return falcon_path()
