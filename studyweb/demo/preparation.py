"""The demo's studies: one open for producers, one closed and filled by bots, so that results can be looked at."""

from __future__ import annotations

import re
import time
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User

from studyweb.demo.console import Step, step
from studyweb.demo.folder import researcher_password
from studyweb.demo.processes import ProcessError, log_path
from studyweb.studies.models import Study
from studyweb.studies.rounds import create_round
from studyweb.studies.selectors import preparation_of
from studyweb.studies.services import close_study, create_study, open_study, unblind_study
from studyweb.studies.stems_study import demo_file, stems_study_file
from studyweb.trials.bots import fill_with_bots

RESEARCHER = "researcher"
BOTS = 24
BOT_SEED = 20_261_125
POLL_S = 0.25
STALLED_AFTER_S = 300.0


class PreparationError(Exception):
    """The demo's material could not be made; the text says what failed and where to look."""


def ensure_researcher() -> User:
    """The demo's researcher, who owns its studies and may use the admin."""
    researcher = User.objects.filter(username=RESEARCHER).first()
    if researcher is None:
        password = researcher_password(Path(settings.DATA_DIR))
        researcher = User.objects.create_superuser(RESEARCHER, email="", password=password)
    return researcher


def ensure_open_study(owner: User, *, stems: Path | None) -> Study:
    """The open demo study; where the last one was closed, another round of it with the same material."""
    text, slug = study_text(stems)
    rounds = Study.objects.filter(slug__regex=rf"^{slug}(-\d+)?$", is_simulated=False).order_by("created_at")
    newest = rounds.last()
    if newest is not None and newest.state == Study.State.OPEN:
        return newest
    if newest is None:
        with step("choosing excerpts") as shown:
            newest = create_study(text, owner=owner, progress=shown.show)
    elif newest.state == Study.State.CLOSED:
        newest = create_round(newest, slug=f"{slug}-{rounds.count() + 1}", owner=owner)
    _wait_until_prepared(newest)
    return open_study(newest, actor=owner.get_username())


def ensure_simulated_study(owner: User, prepared: Study, *, stems: Path | None) -> Study:
    """The closed and unblinded study that bots filled through the real pages."""
    slug = f"{study_text(stems)[1]}-simulated"
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        title = f"SIMULATED: {prepared.title}"
        study = create_round(prepared, slug=slug, owner=owner, title=title, simulated=True)
    actor = owner.get_username()
    if study.state == Study.State.DRAFT:
        study = open_study(study, actor=actor)
    if study.state == Study.State.OPEN:
        with step(f"{BOTS} bots take part in the simulated study") as shown:
            fill_with_bots(study, count=BOTS, seed=BOT_SEED, progress=shown.show)
        study = close_study(study, actor=actor)
    if study.is_masked:
        study = unblind_study(study, actor=actor, reason="simulated data for the demo")
    return study


def study_text(stems: Path | None) -> tuple[str, str]:
    """The demo's study file and its slug; with stems, a file about those.

    Raises SourceError when nothing usable is found at the path.
    """
    if stems is None:
        return demo_file("demo"), "demo"
    name = stems.name.lower().removesuffix(".stem.mp4")
    slug = "demo-" + re.sub(r"[^a-z0-9]+", "-", name).strip("-")[:30]
    return stems_study_file(stems, slug=slug), slug


def _wait_until_prepared(study: Study) -> None:
    with step("models write their advice and the audio is made") as shown:
        _wait(study, shown)


def _wait(study: Study, shown: Step) -> None:
    last_done, last_change = -1, time.monotonic()
    while True:
        now = preparation_of(study)
        if now.failed:
            raise PreparationError(f"{now.failed[0].kind} job failed: {now.failed[0].error}")
        if now.is_complete:
            return
        done = now.advices_ready + now.stimuli_ready
        if done != last_done:
            last_done, last_change = done, time.monotonic()
        if time.monotonic() - last_change > STALLED_AFTER_S:
            raise ProcessError(f"the job runner makes no progress; its log is {log_path('runner')}")
        total = now.advices_total + now.stimuli_total
        shown.show(
            done / total,
            f"{now.advices_ready}/{now.advices_total} advices, {now.stimuli_ready}/{now.stimuli_total} audio",
        )
        time.sleep(POLL_S)
