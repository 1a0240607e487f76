"""The entries of an archive, streamed, with the hash of each."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path

from studyweb.export.behind import Behind

FIXED_TIME = (1980, 1, 1, 0, 0, 0)
"""Zip entries carry no clock, so that the same data give the same bytes."""
LEVEL = 1
"""Of deflate: a third of the time of the usual level for a tenth more bytes."""
PIECE = 1 << 20


class Entries:
    """A zip that is being written; remembers the hash of every entry."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.checksums: dict[str, str] = {}

    def write(self, name: str, pieces: Iterable[bytes], *, compress: bool = True) -> None:
        """Stream pieces into one entry; a piece is packed while the next one is made."""
        digest = hashlib.sha256()
        info = zipfile.ZipInfo(name, FIXED_TIME)
        info.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        info._compresslevel = LEVEL  # type: ignore[attr-defined]  # no public name before Python 3.13
        info.external_attr = 0o644 << 16

        def put(piece: bytes) -> None:
            digest.update(piece)
            file.write(piece)

        with self._archive.open(info, "w", force_zip64=True) as file, Behind() as behind:
            for piece in pieces:
                behind.do(put, piece)
        self.checksums[name] = digest.hexdigest()

    def write_text(self, name: str, text: str) -> None:
        """One entry from a text."""
        self.write(name, [text.encode()])

    def write_file(self, name: str, path: Path, *, compress: bool = False) -> None:
        """One entry from a file, most often one that is compressed already."""
        with path.open("rb") as file:
            self.write(name, iter(lambda: file.read(PIECE), b""), compress=compress)

    def write_checksums(self) -> None:
        """The last entry: what `sha256sum -c` checks."""
        lines = [f"{digest}  {name}\n" for name, digest in sorted(self.checksums.items())]
        self.write_text("SHA256SUMS", "".join(lines))
