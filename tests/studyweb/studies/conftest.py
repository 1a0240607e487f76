"""Studies in tests: their owner, a study in draft, and advice without a worker."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from django.contrib.auth.models import User

from datagen.words import STEMS
from studyweb.studies.creation import create_study
from studyweb.studies.models import Study
from tests.studyweb.studies.example import on_tracks_at


@pytest.fixture
def owner(transactional_db: None) -> User:
    """A researcher."""
    return User.objects.create_user("researcher", password="only for tests")


@pytest.fixture
def study(owner: User, tracks: Path) -> Study:
    """The example study, in draft, on tracks that are quick to read."""
    return create_study(on_tracks_at(tracks), owner=owner)


@pytest.fixture(scope="session")
def tracks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six tracks of six seconds in MUSDB18-HQ's layout, named like generated songs."""
    root = tmp_path_factory.mktemp("tracks")
    for number in range(1, 7):
        write_track(root / "test" / f"study-{number:05d}", seed=number)
    return root


@pytest.fixture
def hq_track(tmp_path: Path) -> Path:
    """One such track by itself, five seconds long."""
    folder = tmp_path / "Nobody - Unknown"
    write_track(folder, seed=99, seconds=5)
    return folder


def write_track(folder: Path, *, seed: int, seconds: int = 6) -> None:
    """The five wav files of a track: noise in every stem."""
    folder.mkdir(parents=True)
    generator = np.random.default_rng(seed)
    stems = {stem: generator.normal(0, 0.05, (seconds * 44_100, 2)).astype(np.float32) for stem in STEMS}
    for name, audio in {**stems, "mixture": sum(stems.values())}.items():
        soundfile.write(folder / f"{name}.wav", audio, 44_100, subtype="FLOAT")
