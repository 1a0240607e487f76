"""Where this machine keeps Chromium, Firefox, Redis, PostgreSQL, nginx and R. Standard library only: ./dev uses it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

R_PACKAGES = ("lme4", "sandwich")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_APPS = (
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
)


def find_chromium() -> Path | None:
    """The browser's executable, or None."""
    named = (shutil.which(name) for name in CHROMIUM_NAMES)
    found = next((Path(path) for path in named if path), None)
    return found or next((path for path in CHROMIUM_APPS if path.exists()), None)


def find_firefox() -> Path | None:
    """The second browser's executable (Debian's is the ESR), or None."""
    path = shutil.which("firefox-esr") or shutil.which("firefox")
    return Path(path) if path else None


def find_pulseaudio() -> Path | None:
    """The sound server that gives the second browser a silent output, or None."""
    path = shutil.which("pulseaudio")
    return Path(path) if path else None


def find_redis() -> Path | None:
    """The redis-server executable, or None."""
    path = shutil.which("redis-server")
    return Path(path) if path else None


def find_nginx() -> Path | None:
    """The nginx executable (Debian keeps it out of a user's PATH), or None."""
    path = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return Path(path) if path else None


def find_postgres() -> Path | None:
    """The folder that holds initdb and pg_ctl (Debian keeps it out of PATH), the newest version; or None."""
    in_path = shutil.which("initdb")
    if in_path:
        return Path(in_path).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = max(versions, key=lambda path: float(path.parts[-3]), default=None)
    return newest.parent if newest else None


def find_r() -> Path | None:
    """Rscript, if the packages that exported scripts use are there too; or None."""
    path = shutil.which("Rscript")
    if path is None:
        return None
    asked = " && ".join(f'nzchar(system.file(package = "{name}"))' for name in R_PACKAGES)
    done = subprocess.run([path, "-e", f"quit(status = !({asked}))"], capture_output=True, check=False)
    return Path(path) if done.returncode == 0 else None
