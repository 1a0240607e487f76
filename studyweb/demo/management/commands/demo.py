"""`manage.py demo`: prepares the demo, serves it, and with --check proves that it works."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from datagen.sources import SourceError
from studyweb.demo.check import check_demo
from studyweb.demo.console import say, step
from studyweb.demo.folder import NotADataFolderError, researcher_password, reset_folder
from studyweb.demo.preparation import (
    RESEARCHER,
    PreparationError,
    ensure_open_study,
    ensure_researcher,
    ensure_simulated_study,
)
from studyweb.demo.processes import ProcessError, free_port, job_runner, log_path, refuse_port_in_use, web_server
from studyweb.studies.models import Study
from studyweb.studies.problems import StudyFileError

DEFAULT_PORT = 8000


class Command(BaseCommand):
    help = "Prepare a study with real models on this machine and serve it on 127.0.0.1."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=0, help=f"port on 127.0.0.1 (default: {DEFAULT_PORT})")
        parser.add_argument("--stems", type=Path, help="MUSDB18 .stem.mp4 or MUSDB18-HQ: a file or a folder")
        parser.add_argument("--reset", action="store_true", help="delete the data folder's demo and start over")
        parser.add_argument("--check", action="store_true", help="play a whole session by script, print JSON, stop")

    def handle(self, *_args: Any, port: int, stems: Path | None, reset: bool, check: bool, **_options: Any) -> None:
        if settings.IS_SERVER:
            raise CommandError("the demo runs on SQLite without a broker: unset DATABASE_URL and REDIS_URL")
        signal.signal(signal.SIGTERM, _stop)
        port = port or (free_port() if check else DEFAULT_PORT)
        try:
            refuse_port_in_use(port)
            if reset:
                reset_folder(Path(settings.DATA_DIR))
            self._run(port=port, stems=stems and stems.resolve(), check=check)
        except (PreparationError, ProcessError, NotADataFolderError, StudyFileError, SourceError) as trouble:
            raise CommandError(str(trouble)) from trouble
        except KeyboardInterrupt:
            say("\nStopped. Everything is kept; ./dev demo goes on from here.")

    def _run(self, *, port: int, stems: Path | None, check: bool) -> None:
        # Static files come from the source tree here, but WhiteNoise warns where their collected folder is missing.
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
        with step("preparing the database"):
            call_command("migrate", verbosity=0, interactive=False)
            owner = ensure_researcher()
        with job_runner() as runner, web_server(port) as server:
            study = ensure_open_study(owner, stems=stems)
            simulated = ensure_simulated_study(owner, study, stems=stems)
            if check:
                report = check_demo(study, owner=owner, port=port)
                self.stdout.write(json.dumps(report))
                if not report["ok"]:
                    raise CommandError(f"the check failed: {'; '.join(report['problems'])}")
                return
            _announce(study, simulated, port=port)
            _serve_until_stopped({"job runner": runner, "web server": server})


def _announce(study: Study, simulated: Study, *, port: int) -> None:
    home = f"http://127.0.0.1:{port}"
    password = researcher_password(Path(settings.DATA_DIR))
    say(f"""
  MixTrial is running. Everything stays on this machine, in {settings.DATA_DIR}

  Take part        {home}/join/{study.public_id}/
  Research         {home}/research/       user {RESEARCHER}, password {password}
  Results (bots)   {home}/research/{simulated.slug}/results/

  Ctrl-C stops it; the next start keeps the data.
""")


def _serve_until_stopped(children: dict[str, subprocess.Popen[bytes]]) -> None:
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                log = log_path("web" if name == "web server" else "runner")
                raise ProcessError(f"the {name} stopped with status {child.returncode}; its log is {log}")
        time.sleep(0.5)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
