"""The servers and the browser that tests run for real: found, or installed from Debian's packages."""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path

from console import DevError, run_step, say
from environment import LOG, ROOT

PACKAGES = {
    "chromium": ("chromium", "fonts-dejavu-core"),
    "firefox": ("firefox-esr",),
    "pulseaudio": ("pulseaudio",),
    "redis-server": ("redis-server",),
    "postgres": ("postgresql",),
    "nginx": ("nginx-light",),
    "node": ("nodejs",),
    "R with lme4 and sandwich": ("r-base-core", "r-cran-lme4", "r-cran-sandwich"),
}
"""{program: Debian packages it comes from}."""

ATTEMPTS = 3


def provide_programs(*, install: bool, required: bool) -> None:
    """Name what is missing and install it if asked; DevError when it is required and still missing."""
    missing = missing_programs()
    if not missing:
        return
    line = f"apt install {' '.join(packages_for(missing))}"
    if install:
        _install_packages(packages_for(missing))
        missing = missing_programs()
    if missing and required:
        raise DevError(f"Missing for the tests: {', '.join(missing)}.\nOn Debian and Ubuntu:  {line}")
    if missing:
        say(f"  Missing, so tests that need them are skipped: {', '.join(missing)}.")
        say(f"  On Debian and Ubuntu:  {line}  (./dev test --yes does it)")


def missing_programs() -> list[str]:
    """Names of the programs that are not on this machine."""
    sys.path.insert(0, str(ROOT))
    from tests.servers import find

    found = {
        "chromium": find.find_chromium(),
        "firefox": find.find_firefox(),
        "pulseaudio": find.find_pulseaudio(),
        "redis-server": find.find_redis(),
        "postgres": find.find_postgres(),
        "nginx": find.find_nginx(),
        "node": shutil.which("node"),
        "R with lme4 and sandwich": find.find_r(),
    }
    return [name for name, path in found.items() if path is None]


def packages_for(missing: list[str]) -> list[str]:
    """Debian packages that bring the missing programs."""
    return [package for name in missing for package in PACKAGES[name]]


def _install_packages(packages: list[str]) -> None:
    if shutil.which("apt-get") is None:
        say("  There is no apt-get here: install them with your system's own tool.")
        return
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = [*prefix, "apt-get", "install", "-y", "--no-install-recommends", *packages]
    for attempt in range(1, ATTEMPTS + 1):
        _apt("Reading the package lists", [*prefix, "apt-get", "update"], environment, LOG)
        if _apt(f"Installing {' '.join(packages)}", install, environment, LOG) == 0:
            return
        say(f"  Attempt {attempt} of {ATTEMPTS} failed; see {LOG}")
        time.sleep(2 * attempt)


def _apt(title: str, command: list[str], environment: dict[str, str], log: Path) -> int:
    return run_step(title, command, log=log, summarise=lambda line: line.strip()[:60] or None, environment=environment)
