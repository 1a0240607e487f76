"""A live site with the default study: four stems of 20 s at 44.1 kHz, made by the generator and stored as FLAC.

As a module it makes the study in the folder of MIXTRIAL_DATA and prints its public id.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from datagen.requests import StemFile
from datagen.stem_flac import write_stems
from datagen.stimuli import waveform_columns
from datagen.words import STEMS
from tests.servers.mixtrial import LiveMixtrial, process_environment

SAMPLE_RATE = 44_100
LENGTH_S = 20.0
START_S = 20
ITEMS = 6
PEAK = 0.5
SONG = "stimuli/song"
SHORT = {
    "trials": [{"pair": ["differential", "baseline"], "count": 1}],
    "repeats": 0,
    "checks": [],
    "ask_first_choice_share": 1,
    "ask_scales_share": 1,
    "ask_improvement_share": 1,
}
"""One trial to practise and one that counts, everything asked."""


@contextmanager
def live_study(length: str = "default") -> Iterator[tuple[str, str]]:
    """(The site's address, the study's public id) while the block runs; `length` is default or short (one trial)."""
    with tempfile.TemporaryDirectory(prefix="mixtrial-bench-") as folder:
        site = LiveMixtrial(Path(folder), process_environment(data=Path(folder)))
        try:
            site.manage("migrate", "--no-input")
            making = site.start("-m", "tests.bench.trial_site", length)
            making.process.wait(timeout=120)
            site.serve()
            yield site.url, making.output().split()[-1]
        finally:
            site.stop()


def make_default_study(length: str = "default") -> str:
    """Make an open study whose items all hold the same song; its public id."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studyweb.settings")
    django.setup()
    from studyweb.studies.models import Item, StemAudio
    from tests import factories

    frames = round(LENGTH_S * SAMPLE_RATE)
    study = factories.make_study(items=ITEMS, audio=False, design=SHORT if length == "short" else {})
    files, waveform = _write_song()
    Item.objects.update(frames=frames, length_samples=frames, sample_rate=SAMPLE_RATE, waveform=waveform)
    for file in files:
        StemAudio.objects.filter(stem=file.stem).update(path=f"{SONG}/{file.file_name}", size_bytes=file.bytes)
    return str(study.public_id)


def _write_song() -> tuple[tuple[StemFile, ...], list[int]]:
    """One song's stems below the media folder, and the columns of its waveform."""
    from django.conf import settings

    from datagen.generator import plan_song, render, song_keys

    audio = render(
        plan_song(song_keys("test", 3)[2], spread=1.0),
        start_samples=START_S * SAMPLE_RATE,
        length_samples=round(LENGTH_S * SAMPLE_RATE),
        sample_rate=SAMPLE_RATE,
    )
    audio *= PEAK / np.abs(audio.sum(axis=0)).max()
    folder = Path(settings.MEDIA_ROOT) / SONG
    files = write_stems(audio, SAMPLE_RATE, names=STEMS, folder=folder, written=lambda _: None)
    return files, list(waveform_columns(audio.sum(axis=0)))


if __name__ == "__main__":
    print(make_default_study(sys.argv[1]))
