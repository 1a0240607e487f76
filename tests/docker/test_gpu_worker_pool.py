"""A worker of the gpu queue starts only as one process that can be stopped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.mixtrial import ROOT, process_environment


@pytest.mark.parametrize("options", [["-c", "1", "-P", "threads"], ["-c", "2"]])
def test_another_pool_on_the_gpu_queue_is_refused(options: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "celery", "-A", "inference.worker", "worker", "-Q", "gpu", *options]
    environment = process_environment(data=tmp_path, redis_url="redis://127.0.0.1:9/0")
    refused = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert refused.returncode == 1
    assert "A worker of the gpu queue runs with `-P prefork -c 1`" in refused.stderr
