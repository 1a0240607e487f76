"""A sound server with an output that nobody hears: Firefox has no clock of its own where there is no sound card."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

START_S = 20.0
STOP_S = 10.0
POLL_S = 0.05
LONGEST_SOCKET_PATH = 100


@dataclass
class SoundServer:
    """PulseAudio with one silent output, which can hang, get lost, and be started again."""

    program: Path
    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def socket(self) -> Path:
        return self.folder / "sound"

    @property
    def environment(self) -> dict[str, str]:
        """By which programs play to it."""
        return {"PULSE_SERVER": f"unix:{self.socket}"}

    def start(self) -> None:
        assert len(str(self.socket)) <= LONGEST_SOCKET_PATH, "the system cuts longer socket names"
        environment = {**os.environ, "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)}
        modules = ("module-null-sink", f"module-native-protocol-unix socket={self.socket} auth-anonymous=1")
        options = ("-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no")
        command = [str(self.program), *options, *(part for module in modules for part in ("-L", module))]
        log = self.folder / "pulseaudio.log"
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL
            )
        until = time.monotonic() + START_S
        while not self.socket.exists():
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError(f"the sound server does not start:\n{log.read_text(errors='replace')}")
            time.sleep(POLL_S)

    def hang(self) -> None:
        """The output takes nothing any more and says nothing, as a wireless one out of reach."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def lose(self) -> None:
        """The output goes, as when its cable is pulled."""
        self._end(kill=True)
        self.socket.unlink(missing_ok=True)

    def stop(self) -> None:
        self._end(kill=False)

    def _end(self, *, kill: bool) -> None:
        if self.process is None:
            return
        (self.process.kill if kill else self.process.terminate)()
        self.process.wait(STOP_S)
        self.process = None


@contextmanager
def silent_output(program: Path, folder: Path) -> Iterator[SoundServer]:
    """A silent output while the block runs; `folder` has a short path."""
    server = SoundServer(program, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
