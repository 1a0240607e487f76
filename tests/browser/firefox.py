"""Firefox driven by WebDriver BiDi (W3C), as much of it as a walk through the pages needs."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

WAIT_S = 60.0
REPLY_S = 150.0
"""A starting browser on a busy machine answers its first command late."""
POLL_S = 0.1
LISTENING = re.compile(r"WebDriver BiDi listening on (ws://\S+)")
PREFERENCES = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.server": "",
    "browser.startup.homepage_override.mstone": "ignore",
}


class BidiError(RuntimeError):
    """The browser refused a command, or something waited for did not come."""


class FirefoxPage:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.ids = itertools.count(1)
        self.complaints: list[str] = []
        self.send("session.new", {"capabilities": {}})
        self.context = self.send("browsingContext.getTree", {})["contexts"][0]["context"]
        self.send("session.subscribe", {"events": ["log.entryAdded"]})

    def send(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """One command and its result; errors that the page logs meanwhile are kept."""
        number = next(self.ids)
        self.socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            said = json.loads(self.socket.recv(timeout=REPLY_S))
            if said.get("method") == "log.entryAdded" and said["params"]["level"] == "error":
                self.complaints.append(said["params"]["text"])
            if said.get("id") == number:
                break
        if said["type"] == "error":
            raise BidiError(f"{method}: {said['message']}")
        result: dict[str, Any] = said["result"]
        return result

    def goto(self, url: str) -> None:
        """Open an address and wait until it is loaded."""
        self.send("browsingContext.navigate", {"context": self.context, "url": url, "wait": "complete"})

    def evaluate(self, expression: str) -> Any:
        """The JSON value of an expression in the page."""
        found = self._evaluate(f"JSON.stringify({expression})")
        return json.loads(found["value"]) if "value" in found else None

    def _evaluate(self, expression: str) -> dict[str, Any]:
        target = {"context": self.context}
        reply = self.send("script.evaluate", {"expression": expression, "target": target, "awaitPromise": True})
        if reply["type"] == "exception":
            raise BidiError(f"{expression}: {reply['exceptionDetails']['text']}")
        result: dict[str, Any] = reply["result"]
        return result

    def wait_for(self, expression: str) -> None:
        """Until an expression is true; also while pages change."""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            with suppress(BidiError):  # the page is just being left
                if self.evaluate(f"Boolean({expression})"):
                    return
            time.sleep(POLL_S)
        raise BidiError(f"never true on {self.evaluate('location.href')}: {expression}")

    def click(self, selector: str) -> None:
        """A real click on the middle of an element, scrolled into view."""
        where = f"document.querySelector({json.dumps(selector)})"
        self.wait_for(f"{where} && !{where}.disabled")
        self._evaluate(f"{where}.scrollIntoView({{ block: 'center' }})")
        origin = {"type": "element", "element": {"sharedId": self._evaluate(where)["sharedId"]}}
        steps = [
            {"type": "pointerMove", "x": 0, "y": 0, "origin": origin},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "actions": steps}
        self.send("input.performActions", {"context": self.context, "actions": [mouse]})

    def press(self, key: str) -> None:
        """One key, pressed and let go."""
        steps = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keys", "actions": steps}
        self.send("input.performActions", {"context": self.context, "actions": [keyboard]})


@contextmanager
def firefox_page(path: Path, folder: Path, *, environment: Mapping[str, str]) -> Iterator[FirefoxPage]:
    """A tab of a fresh Firefox without a window; its profile and log lie in `folder`, `environment` is added."""
    profile, log = folder / "profile", folder / "firefox.log"
    profile.mkdir(parents=True)
    lines = [f'user_pref("{name}", {json.dumps(value)});' for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines), encoding="utf-8")
    command = [path, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
    try:
        with connect(f"{_address(process, log)}/session", max_size=None, proxy=None) as socket:
            yield FirefoxPage(socket)
    finally:
        process.terminate()
        process.wait(WAIT_S)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until and process.poll() is None:
        if found := LISTENING.search(log.read_text(encoding="utf-8", errors="replace")):
            return found.group(1)
        time.sleep(POLL_S)
    raise BidiError(f"Firefox does not listen:\n{log.read_text(encoding='utf-8', errors='replace')}")
