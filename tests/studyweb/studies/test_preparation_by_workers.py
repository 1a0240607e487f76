"""From a study file to an open study with real workers: the local runner on SQLite, Celery on PostgreSQL and Redis."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.mixtrial import LiveMixtrial
from tests.studyweb.studies.example import WITHOUT_PEOPLE, on_tracks_at

MODELS = """\
  - key: differential
    kind: model
    adapter: stems_ref
    trained_on: stems_ref
    shown: stems_ref
    reference_kind: same_passage
  - {key: baseline, kind: model, adapter: mix, trained_on: mix, shown: mix, reference_kind: none}
"""
WITH_MODELS = (
    WITHOUT_PEOPLE.replace("excerpts:\n", f"{MODELS}excerpts:\n", 1)
    .replace("[oracle, nothing], count", "[differential, baseline], count")
    .replace("primary: {pair: [oracle, nothing]}", "primary: {pair: [differential, baseline]}")
)

pytestmark = pytest.mark.slow


def open_with_workers(live: LiveMixtrial, tracks: Path, *workers: tuple[str, ...]) -> str:
    """Create the study, let the workers prepare it, open it; what the commands printed."""
    path = live.data / "study.yaml"
    path.write_text(on_tracks_at(tracks, WITH_MODELS), encoding="utf-8")
    live.manage(
        "shell", "-v", "0", "-c", "from django.contrib.auth.models import User; User.objects.create_superuser('r')"
    )
    live.manage("study", "create", str(path))
    for arguments in workers:
        live.start(*arguments)
    printed = live.manage("study", "status", "example", "--wait", "240", timeout_s=300)
    return printed + live.manage("study", "open", "example")


def assert_prepared_and_open(printed: str) -> None:
    assert "advice 21/21, audio 5/5" in printed
    assert "example is open" in printed


def test_the_local_runner_prepares_a_study(live_mixtrial: Callable[..., LiveMixtrial], tracks: Path) -> None:
    live = live_mixtrial(serve=False)
    assert_prepared_and_open(open_with_workers(live, tracks, ("-m", "inference.worker", "--local")))


@pytest.mark.postgres
@pytest.mark.redis
def test_celery_workers_prepare_a_study(
    live_mixtrial: Callable[..., LiveMixtrial], postgres_url: str, redis_url: str, tracks: Path
) -> None:
    live = live_mixtrial(database_url=postgres_url, redis_url=redis_url, serve=False)
    celery = ("-m", "celery", "-A", "inference.worker", "worker", "-P", "prefork", "-c", "1", "-l", "INFO")
    gpu, cpu = (*celery, "-Q", "gpu", "-n", "gpu@test"), (*celery, "-Q", "cpu", "-n", "cpu@test")
    assert_prepared_and_open(open_with_workers(live, tracks, gpu, cpu))
