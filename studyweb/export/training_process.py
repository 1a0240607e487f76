"""Training rows made in a process of their own while the tables are written: of many answers they take half as long.

The process is started afresh, because a fork would share the database connection, and by hand, because workers are
daemons, which `multiprocessing` allows no children. It needs nothing but what it is given and ends with its parent.

python -m studyweb.export.training_process FOLDER
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from studyweb.export.collection import no_collection
from studyweb.export.training_files import TrainingRows, make_training_files

SOURCE, MESSAGES = "training.pickle", "training.log"


class TrainingProcessError(RuntimeError):
    """The process that makes training rows ended before it had made them."""


@contextmanager
def training_in_parallel(rows: TrainingRows, folder: Path) -> Iterator[Callable[[], None]]:
    """Make the training files in `folder` meanwhile; gives what waits for them and raises TrainingProcessError."""
    (folder / SOURCE).write_bytes(pickle.dumps(rows))
    command = [sys.executable, "-m", "studyweb.export.training_process", str(folder)]
    with (
        (folder / MESSAGES).open("wb") as messages,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=messages, stderr=messages, env=_environment()) as made,
    ):

        def wait() -> None:
            if made.wait():
                said = (folder / MESSAGES).read_text(errors="replace").strip()
                raise TrainingProcessError(f"training rows were not made, exit status {made.returncode}: {said[-500:]}")

        try:
            yield wait
        finally:
            made.kill()


def _environment() -> dict[str, str]:
    """Ours, and the places that modules come from."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


def main(folder: Path) -> None:
    """The process's work."""
    import django

    threading.Thread(target=_end_with_parent, daemon=True).start()
    django.setup()
    rows = pickle.loads((folder / SOURCE).read_bytes())  # noqa: S301  # from its parent, in a folder of their own
    with no_collection():
        make_training_files(rows(), folder)


def _end_with_parent() -> None:
    """Standard input is a pipe into which nobody writes: it ends when the parent is gone."""
    os.read(0, 1)
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
