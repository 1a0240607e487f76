"""Requests straight into Django, timed without what a busy machine adds: the time a runnable thread had to wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from studyweb.trials.transports import DjangoTransport, Exchange

SCHEDULER = Path("/proc/thread-self/schedstat")
"""Linux: nanoseconds on a processor, nanoseconds waiting for one, time slices."""


def waited_s() -> float:
    """Seconds this thread has waited for a processor so far; 0 where the system does not say."""
    try:
        return int(SCHEDULER.read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0


class SteadyTransport(DjangoTransport):
    """A DjangoTransport whose seconds leave out waiting for a processor, so that small differences stay visible."""

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Exchange:
        """A GET."""
        before = waited_s()
        return _without(super().get(path, headers), before)

    def post(self, path: str, body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Exchange:
        """A POST with a raw body."""
        before = waited_s()
        return _without(super().post(path, body, content_type, headers), before)


def _without(exchange: Exchange, waited_before_s: float) -> Exchange:
    return replace(exchange, seconds=max(0.0, exchange.seconds - (waited_s() - waited_before_s)))
