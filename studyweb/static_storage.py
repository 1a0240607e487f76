"""Static files with content hashes in their names, module imports included."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

OWN_SCRIPTS = "js/"
"""Folder of our ES modules below a static root."""


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrites `import` paths inside our ES modules too, so that a new release never mixes with a cached old one.

    Scripts of other packages are left alone: what looks like an import there may stand in a comment, about a file
    that the package does not ship.
    """

    support_js_module_import_aggregation = True

    def url_converter(
        self, name: str, hashed_files: dict[str, str], template: str | None = None
    ) -> Callable[[re.Match[str]], str]:
        """The rewriter of one file's references, by Django's protocol."""
        if name.endswith((".js", ".mjs")) and not name.startswith(OWN_SCRIPTS):
            return lambda match: match.group(0)
        converter: Callable[[re.Match[str]], Any] = super().url_converter(name, hashed_files, template)
        return converter
