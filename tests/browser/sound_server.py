"""A sound server with an output that nobody hears: Firefox has no clock of its own where there is no sound card."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START_S = 20.0
STOP_S = 10.0
POLL_S = 0.05
LONGEST_SOCKET_PATH = 100


@contextmanager
def silent_output(path: Path, folder: Path) -> Iterator[dict[str, str]]:
    """The environment by which programs play to a silent output, while the block runs; `folder` has a short path."""
    socket, log = folder / "sound", folder / "pulseaudio.log"
    assert len(str(socket)) <= LONGEST_SOCKET_PATH, "the system cuts longer socket names"
    environment = {**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    modules = ("module-null-sink", f"module-native-protocol-unix socket={socket} auth-anonymous=1")
    options = ("-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no")
    command = [str(path), *options, *(part for module in modules for part in ("-L", module))]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL)
    try:
        until = time.monotonic() + START_S
        while not socket.exists():
            if time.monotonic() > until or process.poll() is not None:
                raise RuntimeError(f"the sound server does not start:\n{log.read_text(errors='replace')}")
            time.sleep(POLL_S)
        yield {"PULSE_SERVER": f"unix:{socket}"}
    finally:
        process.terminate()
        process.wait(STOP_S)
