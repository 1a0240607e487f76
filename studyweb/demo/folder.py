"""The demo's data folder: recognised by its database, emptied only when it is one."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path

OWN_NAMES = ("media", "logs", "mixtrial.sqlite3", "mixtrial.sqlite3-wal", "mixtrial.sqlite3-shm", "researcher_password")


class NotADataFolderError(ValueError):
    """A folder that holds other things than MixTrial's data was to be emptied."""


def reset_folder(folder: Path) -> None:
    """Delete what MixTrial keeps in a data folder; foreign files stay.

    Raises NotADataFolderError when the folder is not empty and holds no MixTrial database.
    """
    # The secret key is made when settings are read: a folder that holds it alone is a new one.
    if not folder.exists() or {path.name for path in folder.iterdir()} <= {"secret_key"}:
        return
    if not (folder / "mixtrial.sqlite3").exists():
        raise NotADataFolderError(f"{folder} holds no MixTrial data; nothing was deleted. Name another with --data")
    for name in OWN_NAMES:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def researcher_password(folder: Path) -> str:
    """The demo researcher's password, made once for each data folder and readable by its owner alone."""
    path = folder / "researcher_password"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9) + "\n", "utf-8")
    return path.read_text("utf-8").strip()
