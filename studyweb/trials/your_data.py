"""What a participant may do with their data: see it, take it along, stop and keep it, withdraw and erase it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from studyweb.export.outdated import discard_outdated
from studyweb.studies.models import StudyLog
from studyweb.trials.chain import erase_answers
from studyweb.trials.context import SERVER_KEYS
from studyweb.trials.locks import lock_participant
from studyweb.trials.models import Answer, Participant, Trial
from studyweb.trials.questions import find_question
from studyweb.trials.session import LEFT
from studyweb.trials.trial_data import texts_of


def answers_to_see(participant: Participant) -> list[dict[str, Any]]:
    """Every stored answer, oldest first, in the words of the page, in the study's language."""
    answers = participant.answers.select_related("trial").order_by("id")
    return [
        {
            "trial": answer.trial.position,
            "question": _prompt(answer),
            "value": _said(answer),
            "revision": answer.revision,
            "received_at": answer.received_at,
        }
        for answer in answers
    ]


def _prompt(answer: Answer) -> str:
    found = find_question(answer.trial.steps, answer.step)
    prompt = _(found[1]["prompt"]) if found else answer.step
    return f"{answer.slot}: {prompt}" if answer.slot else prompt


def _said(answer: Answer) -> str:
    """The chosen option as it was shown, or the text as it was written."""
    found = find_question(answer.trial.steps, answer.step)
    labels = {option["value"]: option["label"] for option in found[1]["options"]} if found else {}
    return _(labels[answer.value]) if answer.value in labels else answer.value


def data_to_take(participant: Participant) -> dict[str, Any]:
    """Everything stored about a participant as plain data, without what would tell a system from another."""
    return {
        "study": participant.study.title,
        "participant": participant.public_id,
        "state": participant.state,
        "consented_at": _iso(participant.consented_at),
        "completed_at": _iso(participant.completed_at),
        "consents": participant.consents,
        "consent_sha256": participant.consent_sha256,
        "background": participant.background,
        "setup": participant.setup,
        "closing": participant.closing,
        "recruiter": participant.recruiter,
        "trials": [_trial_data(trial) for trial in _seen_trials(participant)],
        "events": [
            {"kind": event.kind, "client_ms": event.client_ms, "payload": event.payload, "at": _iso(event.received_at)}
            for event in participant.events.all()
        ],
        "chain_head": participant.chain_head,
    }


def _seen_trials(participant: Participant) -> list[Trial]:
    seen = participant.trials.filter(started_at__isnull=False)
    return list(seen.select_related("advice_a", "advice_b").prefetch_related("answers").order_by("position"))


def _trial_data(trial: Trial) -> dict[str, Any]:
    return {
        "number": trial.position,
        "brief": trial.item.brief,
        **(texts_of(trial) or {}),
        "started_at": _iso(trial.started_at),
        "completed_at": _iso(trial.completed_at),
        "answers": [
            {
                "question": answer.step,
                "asked": _prompt(answer),
                "value": answer.value,
                "revision": answer.revision,
                "received_at": _iso(answer.received_at),
                "receipt": answer.hash,
                "noted_by_your_browser": {
                    key: value for key, value in answer.context.items() if key not in SERVER_KEYS
                },
            }
            for answer in sorted(trial.answers.all(), key=lambda each: each.pk)
        ],
    }


def _iso(moment: Any) -> str | None:
    return moment.isoformat() if moment else None


def leave_and_keep(participant: Participant) -> Participant:
    """Stop here; what was answered stays and counts. Going on later is possible by the personal link."""
    with transaction.atomic():
        participant = lock_participant(participant.pk)
        if participant.state == Participant.State.CONSENTED:
            participant.pages_done = {**participant.pages_done, LEFT: timezone.now().isoformat()}
            participant.save(update_fields=["pages_done"])
    return participant


def withdraw_and_erase(participant: Participant) -> Participant:
    """Withdraw: content of answers, events, background and recruiter's ids are erased and never counted again.

    What stays: that somebody agreed and withdrew, and the hash chain without content. Doing it twice changes nothing.
    """
    with transaction.atomic():
        participant = lock_participant(participant.pk)
        if participant.state == Participant.State.WITHDRAWN:
            return participant
        erased = erase_answers(participant)
        participant.events.all().delete()
        participant.background = participant.setup = participant.closing = {}
        participant.recruiter = {}
        participant.draw = {key: value for key, value in participant.draw.items() if key != "strata"}
        participant.state = Participant.State.WITHDRAWN
        participant.withdrawn_at = timezone.now()
        participant.save()
        detail = {"participant": participant.public_id, "answers_erased": erased, "is_test": participant.is_test}
        StudyLog.objects.create(study=participant.study, actor="participant", action="withdrawn", detail=detail)
        transaction.on_commit(lambda: discard_outdated(participant.study_id))
    return participant
