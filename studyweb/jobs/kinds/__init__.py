"""What the web knows about each kind of job: its queue, how to make its request, how to store its result.

One module a kind, in this folder or registered by name. None of them imports the code that does the work.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, cast

from studyweb.jobs.models import Job

KIND_MODULES: dict[str, str] = {
    "advice": "studyweb.jobs.kinds.advice",
    "export": "studyweb.jobs.kinds.export",
    "report": "studyweb.jobs.kinds.report",
    "stimulus": "studyweb.jobs.kinds.stimulus",
}
"""{kind: module}; read lazily, because a kind's module imports the models it stores into."""


class UnknownKindError(ValueError):
    """There is no such kind of job."""


class Kind(Protocol):
    """What a kind's module offers."""

    QUEUE: str
    """`gpu` or `cpu`."""

    def load(self, job: Job) -> Any:
        """The plain request of the work, from the job's payload and the database; ValueError when it makes no sense."""

    def store(self, job: Job, result: Any) -> dict[str, Any] | None:
        """Write the result, inside the transaction that marks the job done; a short summary for `Job.result`."""


def find_kind(kind: str) -> Kind:
    """The module of a kind. Raises UnknownKindError naming the kinds there are."""
    if kind not in KIND_MODULES:
        raise UnknownKindError(f"unknown kind of job {kind!r}; there are {', '.join(sorted(KIND_MODULES))}")
    return cast(Kind, import_module(KIND_MODULES[kind]))
