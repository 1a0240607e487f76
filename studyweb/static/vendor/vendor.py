"""Fetches the front end's npm files again: `python studyweb/static/vendor/vendor.py` (needs npm and the network).

`vendor.json` says which files of which version; `vendor.lock.json` keeps each package's integrity and licence and each
file's hash. A package whose integrity differs from the lock is refused. The files are in git, so that neither an
installation nor a running server ever needs npm. `--check` compares the files with the lock, without the network.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WANTED = HERE / "vendor.json"
LOCK = HERE / "vendor.lock.json"
SOURCE_MAP = re.compile(rb"(/\*[#@]\s*sourceMappingURL=[^*]*\*/|//[#@]\s*sourceMappingURL=.*)\s*$")


class VendorError(ValueError):
    """A package or file is not what the lock says."""


def main() -> int:
    """Fetch, or with --check only compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare the files with the lock and stop")
    parser.add_argument("--upgrade", action="store_true", help="accept integrities that are not in the lock")
    options = parser.parse_args()
    try:
        if options.check:
            check_files(read_json(LOCK))
        else:
            LOCK.write_text(json.dumps(fetch_all(upgrade=options.upgrade), indent=2) + "\n", encoding="utf-8")
    except (VendorError, subprocess.CalledProcessError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def fetch_all(*, upgrade: bool) -> dict[str, Any]:
    """Every wanted package, unpacked; returns the new lock."""
    locked = read_json(LOCK)
    with tempfile.TemporaryDirectory() as folder:
        return {
            name: fetch_package(name, entry, Path(folder), None if upgrade else locked.get(name))
            for name, entry in read_json(WANTED).items()
        }


def fetch_package(name: str, entry: dict[str, Any], folder: Path, locked: dict[str, Any] | None) -> dict[str, Any]:
    """One package: packed by npm, checked against the lock, its listed files copied; returns its lock entry."""
    packed = subprocess.run(
        ["npm", "pack", "--json", f"{name}@{entry['version']}"], cwd=folder, check=True, capture_output=True
    )
    archive = folder / Path(json.loads(packed.stdout)[0]["filename"]).name
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if locked is not None and locked["version"] == entry["version"] and locked["integrity"] != integrity:
        raise VendorError(f"{name}@{entry['version']}: integrity {integrity}, the lock says {locked['integrity']}")
    with tarfile.open(archive) as tar:
        licence = json.loads(member_bytes(tar, "package.json"))["license"]
        files = {target: copy_file(tar, source, target) for source, target in entry["files"].items()}
    return {"version": entry["version"], "integrity": integrity, "license": licence, "files": files}


def copy_file(tar: tarfile.TarFile, source: str, target: str) -> str:
    """Copies one file without its pointer to a source map; returns its sha256."""
    content = SOURCE_MAP.sub(b"", member_bytes(tar, source)).rstrip() + b"\n"
    path = HERE / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def member_bytes(tar: tarfile.TarFile, path: str) -> bytes:
    """A file of the package; raises VendorError when the package does not hold it."""
    try:
        member = tar.extractfile(f"package/{path}")
    except KeyError:
        member = None
    if member is None:
        raise VendorError(f"the package holds no {path}")
    return member.read()


def check_files(lock: dict[str, Any]) -> None:
    """Raises VendorError naming every file that is missing or differs from the lock."""
    wrong = [
        target
        for entry in lock.values()
        for target, sha256 in entry["files"].items()
        if not (HERE / target).is_file() or hashlib.sha256((HERE / target).read_bytes()).hexdigest() != sha256
    ]
    if wrong:
        raise VendorError(f"not as locked: {', '.join(wrong)}; run {Path(__file__).name} again")


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; empty when there is no file yet."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return content


if __name__ == "__main__":
    sys.exit(main())
