"""Keeping keys out of logs: a participant's personal link is one, wherever its address is written."""

from __future__ import annotations

import logging
import re

_PERSONAL_LINK = re.compile(r"/p/[\w-]+")


class WithoutPersonalLinks(logging.Filter):
    """Writes `/p/-` for the address of a personal link (Django logs the path of every refused request)."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the record's text; every record passes."""
        text = record.getMessage()
        if "/p/" in text:
            record.msg, record.args = _PERSONAL_LINK.sub("/p/-", text), ()
        return True
