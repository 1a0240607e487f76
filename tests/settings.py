"""The product's own settings for tests, on a data folder that goes away. pytest-django loads it before any fixture."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path


def _data_folder() -> Path:
    """A folder for this test process; xdist's processes share the first one's root, which that one removes."""
    root = os.environ.get("MIXTRIAL_TEST_ROOT", "")
    if not root:
        root = tempfile.mkdtemp(prefix="mixtrial-tests-")
        os.environ["MIXTRIAL_TEST_ROOT"] = root
        atexit.register(shutil.rmtree, root, ignore_errors=True)
    folder = Path(root) / os.environ.get("PYTEST_XDIST_WORKER", "main")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


for _name in [name for name in os.environ if name.startswith("MIXTRIAL_") and name != "MIXTRIAL_TEST_ROOT"]:
    del os.environ[_name]
os.environ.update({"DATABASE_URL": "", "REDIS_URL": "", "MIXTRIAL_DATA": str(_data_folder())})

from studyweb.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""Made for speed: logging in is no subject of most tests. Servers that tests start use the product's own."""
