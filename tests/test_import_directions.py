"""What a process loads, asked in a fresh interpreter: the web never holds a model, a worker's parent neither."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.servers.mixtrial import ROOT, process_environment

MODELS = {"torch", "transformers", "peft", "accelerate"}


def modules_after(statement: str, data: Path) -> set[str]:
    """Top-level modules that are loaded after running a statement in a new Python."""
    program = f"{statement}\nimport json, sys; print(json.dumps(sorted({{n.split('.')[0] for n in sys.modules}})))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=process_environment(data=data),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("statement", "never"),
    [
        ("import studyweb.wsgi; from django.urls import get_resolver; get_resolver().url_patterns", MODELS | {"av"}),
        ("import inference.worker", MODELS | {"av"}),
        ("import studyweb.celery; studyweb.celery.app.loader.import_default_modules()", MODELS | {"av"}),
        (
            "import importlib, pkgutil, datagen\n"
            "for m in pkgutil.walk_packages(datagen.__path__, 'datagen.'):\n"
            "    importlib.import_module(m.name)",
            MODELS | {"django"},
        ),
        (
            "import importlib, pkgutil, training\n"
            "for m in pkgutil.walk_packages(training.__path__, 'training.'):\n"
            "    m.name.endswith('__main__') or importlib.import_module(m.name)\n"
            "import inference.engine",
            {"django", "celery"},
        ),
    ],
    ids=["web", "worker's parent", "beat", "datagen", "training and engine"],
)
def test_a_process_does_not_load_what_is_not_its_own(statement: str, never: set[str], tmp_path: Path) -> None:
    assert modules_after(statement, tmp_path) & never == set()
