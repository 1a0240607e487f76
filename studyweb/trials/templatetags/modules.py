"""The modules that a script imports, so that a page can ask for all of them at once instead of one level at a time."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders

register = template.Library()

IMPORTED = re.compile(r"""^(?:import|\}) .*?["'](\.{1,2}/[^"']+)["'];$""", re.MULTILINE)


@register.filter
@lru_cache(maxsize=16)
def modules_of(script: str) -> tuple[str, ...]:
    """Static names of a module and of all that it imports, itself first. Raises ValueError for a missing file."""
    found, waiting = [script], [script]
    while waiting:
        for name in _imports_of(waiting.pop()):
            if name not in found:
                found.append(name)
                waiting.append(name)
    return tuple(found)


def _imports_of(script: str) -> list[str]:
    path = finders.find(script)
    if path is None:
        raise ValueError(f"there is no static file {script}")
    paths = IMPORTED.findall(Path(path).read_text(encoding="utf-8"))
    return [posixpath.normpath(posixpath.join(posixpath.dirname(script), each)) for each in paths]
