"""The page's pure modules under Node: gains, loop arithmetic, heard time, outbox, answers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

MODULES = Path(__file__).parent / "modules"


@pytest.fixture(scope="session")
def node() -> str:
    """Node's executable; its absence skips, or fails in CI."""
    found = shutil.which("node")
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("node is not installed (./dev test --yes installs it)", pytrace=False)
    if found is None:
        pytest.skip("node is not installed (./dev test --yes installs it)")
    return found


@pytest.mark.parametrize("path", sorted(MODULES.glob("*.test.mjs")), ids=lambda path: path.name.split(".")[0])
def test_module_tests_pass_under_node(node: str, path: Path) -> None:
    done = subprocess.run([node, "--test", str(path)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
