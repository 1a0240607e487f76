"""The secret key: from the environment, from a file it names, or made once in the data folder."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured


def secret_key_from_environment(env: environ.Env, data_dir: Path) -> str:
    """The key; a server (DATABASE_URL set) must be given one, the embedded default makes its own."""
    key = env.str("MIXTRIAL_SECRET_KEY", default="")
    key_file = env.str("MIXTRIAL_SECRET_KEY_FILE", default="")
    if key_file:
        key = Path(key_file).read_text("utf-8").strip()
    if key:
        return str(key)
    if env.str("DATABASE_URL", default=""):
        raise ImproperlyConfigured(
            "set MIXTRIAL_SECRET_KEY or MIXTRIAL_SECRET_KEY_FILE: a server needs a secret of its own"
        )
    return _own_key(data_dir / "secret_key")


def _own_key(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL: web server and job runner start together; exactly one of them writes the key.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("utf-8").strip() or _own_key(path)
    with os.fdopen(handle, "w") as file:
        key = secrets.token_urlsafe(50)
        file.write(key)
    return key
