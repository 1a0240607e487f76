"""Many processes on one table: no job is taken twice, none is lost, nobody meets a lock."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers.mixtrial import LiveMixtrial
from tests.studyweb.jobs.conftest import SlowJobs

N_JOBS = 120
N_WORKERS = 4


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_every_job_is_done_exactly_once_by_one_of_many_workers(
    database: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    live = _mixtrial(database, request)
    jobs = SlowJobs(live, tmp_path / "jobs")
    jobs.queue(*(f"job{number:03d}" for number in range(N_JOBS)))
    workers = [live.start("-m", "tests.studyweb.jobs.busy_worker", f"w{number}") for number in range(N_WORKERS)]
    assert [worker.process.wait(120) for worker in workers] == [0] * N_WORKERS, workers[0].output()
    assert "locked" not in "".join(worker.output() for worker in workers)
    assert jobs.query("SELECT state, attempt, COUNT(*) FROM jobs_job GROUP BY 1, 2") == [("done", 1, N_JOBS)]
    stored = [name.split(" ")[0] for (name,) in jobs.query("SELECT name FROM auth_group")]
    assert sorted(stored) == [f"job{number:03d}" for number in range(N_JOBS)]


def _mixtrial(database: str, request: pytest.FixtureRequest) -> LiveMixtrial:
    launch: Callable[..., LiveMixtrial]
    if database == "sqlite":
        launch = request.getfixturevalue("local_mixtrial")
        return launch()
    launch = request.getfixturevalue("live_mixtrial")
    return launch(database_url=request.getfixturevalue("postgres_url"), serve=False)
