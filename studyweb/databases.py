"""The database: SQLite made durable and safe for several processes, or PostgreSQL by URL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

NETWORK_FILE_SYSTEMS = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "fuse.sshfs",
    "afs",
    "ceph",
    "glusterfs",
    "fuse.glusterfs",
    "lustre",
}


def database_from_environment(env: environ.Env, data_dir: Path) -> dict[str, Any]:
    """Django's settings for the default database.

    SQLite (https://www.sqlite.org/wal.html): WAL lets readers go on while one writes; IMMEDIATE makes a writer wait
    for the lock instead of failing when it upgrades; synchronous=FULL makes an acknowledged answer survive a power cut.
    """
    if env.str("DATABASE_URL", default=""):
        settings: dict[str, Any] = env.db("DATABASE_URL")
        settings.setdefault("CONN_MAX_AGE", 60)
        settings.setdefault("CONN_HEALTH_CHECKS", True)
        return settings
    data_dir.mkdir(parents=True, exist_ok=True)
    refuse_network_file_system(data_dir)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": data_dir / "mixtrial.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
        "TEST": {"NAME": os.environ.get("MIXTRIAL_TEST_SQLITE", str(data_dir / "test.sqlite3"))},
    }


def refuse_network_file_system(folder: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """Raise ImproperlyConfigured when `folder` lies on a network file system, where SQLite's locks do not hold."""
    if not mounts.exists():
        return
    kinds = {
        Path(line.split()[1]): line.split()[2] for line in mounts.read_text().splitlines() if len(line.split()) > 2
    }
    for parent in (folder, *folder.parents):
        if parent in kinds:
            if kinds[parent] in NETWORK_FILE_SYSTEMS:
                raise ImproperlyConfigured(
                    f"{folder} is on a network file system ({kinds[parent]}), where SQLite can lose answers. "
                    "Choose a local folder (--data DIR or MIXTRIAL_DATA), or use PostgreSQL (DATABASE_URL)."
                )
            return
