"""docker/compose.yaml as plain processes: its own commands, environments and health checks, on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.servers.mixtrial import ROOT, process_environment
from tests.servers.process import Running, start, wait_until

COMPOSE_FILE = ROOT / "docker" / "compose.yaml"
ENTRYPOINT = ROOT / "docker" / "entrypoint.sh"


def read_compose(path: Path = COMPOSE_FILE) -> dict[str, Any]:
    """The file with its anchors resolved."""
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


def local_program(name: str) -> str:
    """Where a program of the images is on this machine: the environment's own, or a system's."""
    own = Path(sys.executable).parent / name
    found = str(own) if own.exists() else shutil.which(name)
    assert found, f"{name} of docker/compose.yaml is not on this machine"
    return found


@dataclass
class ComposeStack:
    """Services of the compose file that run as processes, with what differs from containers replaced."""

    folder: Path
    replaced: Mapping[str, str]
    """Environment variables that name other hosts or paths here."""
    services: dict[str, Any] = field(default_factory=lambda: read_compose()["services"])
    processes: dict[str, Running] = field(default_factory=dict)

    def environment(self, service: str) -> dict[str, str]:
        """What the service's container would have, with this machine's addresses."""
        wanted = {name: str(value) for name, value in self.services[service].get("environment", {}).items()}
        here = {name: value for name, value in self.replaced.items() if value}
        alive = {"MIXTRIAL_HEARTBEAT_FILE": str(self.folder / f"{service}.alive")}
        base = process_environment(data=self.folder / "data", extra={**wanted, **here, **alive})
        return {name: value for name, value in base.items() if (name, value) != ("DATABASE_URL", "")}

    def command(self, service: str) -> list[str]:
        """The entry point and the service's command, exactly as written but for the program's place."""
        program, *arguments = self.services[service]["command"]
        return [str(ENTRYPOINT), local_program(program), *arguments]

    def run_once(self, service: str) -> None:
        """Run a one-shot service to its end; a failure is an error with what it printed."""
        done = subprocess.run(
            self.command(service),
            cwd=ROOT,
            env=self.environment(service),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{service}:\n{done.stdout}{done.stderr}"

    def start(self, service: str) -> Running:
        """Start a service and leave it running."""
        log = self.folder / f"{service}.log"
        running = start(self.command(service), log=log, environment=self.environment(service), cwd=ROOT)
        self.processes[service] = running
        return running

    def wait_until_healthy(self, service: str, extra: Mapping[str, str] | None = None) -> None:
        """Ask the service's own health check until it says yes."""
        wait_until(
            lambda: self.is_healthy(service, extra),
            what=f"{service} is healthy",
            running=self.processes[service],
            timeout_s=60,
        )

    def is_healthy(self, service: str, extra: Mapping[str, str] | None = None) -> bool:
        """Run the service's health check once."""
        kind, *check = self.services[service]["healthcheck"]["test"]
        command = ["/bin/sh", "-c", check[0].replace("$$", "$")] if kind == "CMD-SHELL" else check
        asked = subprocess.run(
            [local_program(command[0]), *command[1:]],
            cwd=ROOT,
            env={**os.environ, **self.environment(service), **(extra or {})},
            capture_output=True,
            check=False,
            timeout=20,
        )
        return asked.returncode == 0

    def stop(self) -> dict[str, int]:
        """Stop all services as `docker stop` does; {service: exit status}."""
        return {service: running.stop() for service, running in reversed(self.processes.items())}
