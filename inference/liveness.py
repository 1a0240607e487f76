"""A worker's sign of life: a file that its parent touches every few seconds while it is connected to the broker.

Asking a worker over the broker costs seconds of CPU and fails while its one child is busy; a file costs nothing.
Loaded with `celery -A inference.worker worker -I inference.liveness`; the file is MIXTRIAL_HEARTBEAT_FILE.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from celery.signals import heartbeat_sent


@heartbeat_sent.connect  # type: ignore[untyped-decorator]
def note_alive(**_: Any) -> None:
    """Touch the file, if one is asked for."""
    name = os.environ.get("MIXTRIAL_HEARTBEAT_FILE", "")
    if name:
        Path(name).touch()
