"""`manage.py study ...`: a study's life at the command line."""

from __future__ import annotations

import getpass
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from studyweb.export.services import request_export
from studyweb.jobs.models import Job
from studyweb.studies.command_files import read_text_file, study_by_slug
from studyweb.studies.lint import errors_of, lint_study_file
from studyweb.studies.problems import StudyFileError
from studyweb.studies.selectors import preparation_of
from studyweb.studies.services import (
    StudyRefusedError,
    close_study,
    create_study,
    open_study,
    retry_preparation,
    unblind_study,
)
from studyweb.studies.study_file import read_study_file

LOOK_AGAIN_S = 0.5


class Command(BaseCommand):
    help = "Check, create, open, close, unblind and export studies."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, parser_class=ArgumentParser)
        lint = actions.add_parser("lint", help="check a study file; nothing is stored")
        lint.add_argument("file", type=Path)
        create = actions.add_parser("create", help="store a study and queue the work of its preparation")
        create.add_argument("file", type=Path)
        create.add_argument("--owner", default="", help="user name (default: the first superuser)")
        create.add_argument("--simulated", action="store_true", help="mark it SIMULATED: filled by bots")
        for name, what in SIMPLE_ACTIONS.items():
            actions.add_parser(name, help=what).add_argument("slug")
        unblind = actions.add_parser("unblind", help="show the systems of a closed study; logged")
        unblind.add_argument("slug")
        unblind.add_argument("--reason", required=True)
        for name, what in WAITING_ACTIONS.items():
            waiting = actions.add_parser(name, help=what)
            waiting.add_argument("slug")
            waiting.add_argument("--wait", type=float, default=0.0, metavar="SECONDS", help="until it is done")

    def handle(self, *_args: Any, action: str, **options: Any) -> None:
        try:
            getattr(self, f"do_{action}")(**options)
        except (StudyFileError, StudyRefusedError) as refusal:
            raise CommandError(_as_lines(refusal)) from refusal

    def do_lint(self, file: Path, **_options: Any) -> None:
        """Print every problem; a failure when one of them is an error."""
        problems = lint_study_file(read_study_file(read_text_file(file)), base_folder=file.resolve().parent)
        for problem in problems:
            self.stdout.write(f"{file}: {problem}")
        errors = len(errors_of(problems))
        if errors:
            raise CommandError(f"{errors} error(s), {len(problems) - errors} warning(s)")
        self.stdout.write(f"{file}: no errors, {len(problems)} warning(s)")

    def do_create(self, file: Path, owner: str, simulated: bool, **_options: Any) -> None:
        """Store the study and say what happens next."""
        study = create_study(
            read_text_file(file),
            owner=_owner(owner),
            simulated=simulated,
            base_folder=file.resolve().parent,
            progress=self._show,
        )
        self.stdout.write(f"created {study.slug}: {study.items.count()} items of {study.tracks.count()} tracks")
        self.do_status(study.slug, wait=0.0)

    def do_status(self, slug: str, wait: float, **_options: Any) -> None:
        """Print the state and how far the preparation is; with --wait, until it is complete or has failed."""
        study = study_by_slug(slug)
        preparation = preparation_of(study)
        until = time.monotonic() + wait
        while not preparation.is_complete and not preparation.failed and time.monotonic() < until:
            time.sleep(LOOK_AGAIN_S)
            preparation = preparation_of(study)
        self.stdout.write(
            f"{slug}: {study.state}, advice {preparation.advices_ready}/{preparation.advices_total}, "
            f"audio {preparation.stimuli_ready}/{preparation.stimuli_total}"
        )
        for job in preparation.failed:
            self.stdout.write(f"  failed: {job.kind} {job.key}: {job.error}")
        if wait and not preparation.is_complete:
            raise CommandError("the preparation is not complete")

    def do_open(self, slug: str, **_options: Any) -> None:
        """Freeze the study and let participants in."""
        study = open_study(study_by_slug(slug), actor=_actor())
        self.stdout.write(f"{slug} is open, frozen as {study.frozen_sha256}\nparticipants: /join/{study.public_id}/")

    def do_close(self, slug: str, **_options: Any) -> None:
        """Let no more answers in."""
        close_study(study_by_slug(slug), actor=_actor())
        self.stdout.write(f"{slug} is closed; its results stay masked until it is unblinded")

    def do_unblind(self, slug: str, reason: str, **_options: Any) -> None:
        """Show which system is which."""
        unblind_study(study_by_slug(slug), actor=_actor(), reason=reason)
        self.stdout.write(f"{slug} is unblinded")

    def do_retry(self, slug: str, **_options: Any) -> None:
        """Give failed jobs another chance."""
        count = retry_preparation(study_by_slug(slug), actor=_actor())
        self.stdout.write(f"{count} job(s) of {slug} queued again")

    def do_export(self, slug: str, wait: float, **_options: Any) -> None:
        """Queue an export and print its file when it is written."""
        job = request_export(study_by_slug(slug), actor=_actor())
        until = time.monotonic() + wait
        while job.state not in (Job.State.DONE, Job.State.FAILED) and time.monotonic() < until:
            time.sleep(LOOK_AGAIN_S)
            job.refresh_from_db()
        if job.state == Job.State.FAILED:
            raise CommandError(f"the export failed: {job.error}")
        self.stdout.write(f"export {job.pk}: {job.state} {job.result or ''}".rstrip())
        if wait and job.state != Job.State.DONE:
            raise CommandError(f"not done after {wait:g} s; is a worker running?")

    def _show(self, share: float, message: str) -> None:
        self.stderr.write(f"{100 * share:3.0f} % {message}")


SIMPLE_ACTIONS = {
    "open": "freeze a study and let participants in",
    "close": "let no more answers in",
    "retry": "queue the failed jobs of its preparation again",
}
WAITING_ACTIONS = {
    "status": "print how far a study is",
    "export": "queue an archive of a study's data",
}


def _owner(name: str) -> User:
    found = User.objects.filter(username=name) if name else User.objects.filter(is_superuser=True).order_by("pk")
    owner = found.first()
    if owner is None:
        raise CommandError(
            f"there is no user {name!r}" if name else "there is no superuser yet: manage.py createsuperuser"
        )
    return owner


def _actor() -> str:
    """Whoever has a shell on the server: named, so that the log does not mistake it for a page's user."""
    return f"shell:{getpass.getuser()}"


def _as_lines(refusal: StudyFileError | StudyRefusedError) -> str:
    return "\n".join(refusal.reasons) if isinstance(refusal, StudyRefusedError) else str(refusal)
