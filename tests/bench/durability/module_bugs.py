"""Bugs of the page's saving, seeded in copies of the modules: each must show as lost, doubled or stuck answers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.durability.sessions import MODULES


@dataclass(frozen=True)
class ModuleBug:
    """One change of a module's text, and how it must show."""

    file: str
    proper: str
    buggy: str
    shows_as: str


MODULE_BUGS = {
    "drops on reload what was not sent": ModuleBug(
        "saving/outbox.js", "[...stored.filter((entry) => !known.has(entry.id)), ...this.entries]", "[]", "stuck"
    ),
    "takes any reply for a receipt": ModuleBug(
        "saving/outbox.js", 'return isAcknowledged(reply, entry) ? "stored" : "retry"', 'return "stored"', "lost"
    ),
    "says saved once it is kept here": ModuleBug(
        "saving/outbox.js",
        "this.flush();\n    return outcome;",
        'this.flush();\n    return { kind: "stored", reply: { current_step: "done" } };',
        "early",
    ),
    "retries a conflict without end": ModuleBug("saving/outbox.js", 'return "conflict"', 'return "retry"', "stuck"),
    "gives up after three tries": ModuleBug(
        "saving/outbox.js",
        "failures += 1;",
        "if (++failures > 3) { await this.store.delete('outbox', entry.id); this.entries.shift(); }",
        "stuck",
    ),
    "waits for another person's answers": ModuleBug(
        "saving/outbox.js", "&& entry.trial !== this.trial", "&& false", "stuck"
    ),
    "takes a stranger's trial for one already answered": ModuleBug(
        "saving/outbox.js", 'return "elsewhere"', 'return "conflict"', "stuck"
    ),
    "sends under a new id each time": ModuleBug(
        "saving/send.js",
        "body: JSON.stringify(body),",
        "body: JSON.stringify({ ...body, answers: body.answers?.map((each) => "
        "({ ...each, client_uuid: crypto.randomUUID() })) }),",
        "doubled",
    ),
}


@contextmanager
def modules_with(bug: ModuleBug) -> Iterator[Path]:
    """A copy of the page's modules with the bug in it. Raises ValueError when the text to change is not there once."""
    with TemporaryDirectory(prefix="mixtrial-modules-") as folder:
        copy = Path(shutil.copytree(MODULES, Path(folder) / "js"))
        path = copy / bug.file
        text = path.read_text(encoding="utf-8")
        if text.count(bug.proper) != 1:
            raise ValueError(f"{bug.file} does not hold {bug.proper!r} once; the seeded bug has to follow the module")
        path.write_text(text.replace(bug.proper, bug.buggy), encoding="utf-8")
        yield copy
