"""A participant's way through the study: joining, coming back, where they are, completion."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from studyweb.studies.models import Study
from studyweb.trials.assignment import assign_session, reserve_place
from studyweb.trials.locks import lock_participant, lock_study
from studyweb.trials.models import Participant
from studyweb.trials.side_counts import strata_of

RECRUITER_PARAMETERS = ("PROLIFIC_PID", "STUDY_ID", "SESSION_ID")
MAX_PARAMETER_LENGTH = 100
SEEN_EVERY = timedelta(seconds=15)
LEFT = "left"
"""The mark of somebody who stopped and kept their answers."""


class StudyNotOpenError(ValueError):
    """The study takes no participants: it has not opened yet, or it is closed."""


class ConsentMissingError(ValueError):
    """A consent without which nobody can take part was not given; `missing` holds the keys."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"not agreed to: {', '.join(missing)}")
        self.missing = missing


class AlreadyTakenPartError(ValueError):
    """The recruiter sent somebody who has taken part before, in another visit."""


@dataclass(frozen=True)
class Joined:
    """A participant, and the secret of their personal link."""

    participant: Participant
    secret: str


def join_study(
    study: Study, *, token: str, consents: Mapping[str, bool], recruiter: Mapping[str, str], is_test: bool = False
) -> Joined:
    """Make a participant with their whole session drawn, or find the one that the same form made before.

    `token` is the form's own random text: sending the form twice makes one participant. Raises ConsentMissingError,
    StudyNotOpenError, StudyFullError, AlreadyTakenPartError, DrawError; then nothing is stored.
    """
    missing = [each["key"] for each in study.plan["consents"] if each["required"] and not consents.get(each["key"])]
    if missing:
        raise ConsentMissingError(missing)
    participant_id = _id_from_token(study, token)
    with transaction.atomic():
        study = lock_study(study.pk)
        known = Participant.objects.filter(pk=participant_id).first()
        if known is None and not is_test:  # a preview with a recruiter's link must not open a real person's session
            known = _known_to_recruiter(study, recruiter)
        if known is not None:
            return Joined(known, personal_secret(known))
        require_open(study, is_test=is_test)
        participant = _new_participant(study, participant_id, consents, recruiter, is_test=is_test)
        if study.plan["design"].get("strata"):
            reserve_place(participant)
        else:
            assign_session(participant)
    return Joined(participant, personal_secret(participant))


def require_open(study: Study, *, is_test: bool = False) -> None:
    """Raise StudyNotOpenError unless participants may join or go on; previews always may."""
    if study.state != Study.State.OPEN and not is_test:
        raise StudyNotOpenError(f"the study is {study.state}")


def _new_participant(
    study: Study,
    participant_id: uuid.UUID,
    consents: Mapping[str, bool],
    recruiter: Mapping[str, str],
    *,
    is_test: bool,
) -> Participant:
    participant = Participant(
        id=participant_id,
        study=study,
        is_test=is_test,
        consents={each["key"]: bool(consents.get(each["key"])) for each in study.plan["consents"]},
        consent_sha256=consent_sha256(study),
        recruiter=dict(recruiter),
        last_seen_at=timezone.now(),
    )
    participant.link_sha256 = secret_sha256(personal_secret(participant))
    participant.save(force_insert=True)
    return participant


def is_known_to_recruiter(study: Study, person: str | None) -> bool:
    """Whether somebody whom the recruiter calls so has begun this study."""
    return bool(person) and _sent_before(study, person).exists()


def _sent_before(study: Study, person: str | None) -> QuerySet[Participant]:
    return Participant.objects.filter(study=study, is_test=False, recruiter__PROLIFIC_PID=person)


def _known_to_recruiter(study: Study, recruiter: Mapping[str, str]) -> Participant | None:
    """The participant of the same visit from the recruiter. Raises AlreadyTakenPartError for another visit."""
    person, visit = recruiter.get("PROLIFIC_PID"), recruiter.get("SESSION_ID")
    if not person:
        return None
    known = _sent_before(study, person).first()
    if known is not None and (not visit or known.recruiter.get("SESSION_ID") != visit):
        raise AlreadyTakenPartError("this person has taken part before")
    return known


def recruiter_parameters(given: Mapping[str, str]) -> dict[str, str]:
    """The recruiter's parameters of a link, printable and of limited length; others are dropped."""
    found = {name: given.get(name, "") for name in RECRUITER_PARAMETERS}
    return {name: "".join(filter(str.isprintable, text))[:MAX_PARAMETER_LENGTH] for name, text in found.items() if text}


def _id_from_token(study: Study, token: str) -> uuid.UUID:
    digest = salted_hmac("mixtrial.join", f"{study.pk} {token}", algorithm="sha256").digest()
    return uuid.UUID(bytes=digest[:16], version=4)


def personal_secret(participant: Participant) -> str:
    """The secret of a participant's personal link, made from the server's key: the database holds its hash alone."""
    return salted_hmac("mixtrial.link", str(participant.pk), algorithm="sha256").hexdigest()[:40]


def secret_sha256(secret: str) -> str:
    """What is stored of a personal link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def participant_of_secret(secret: str) -> Participant | None:
    """Whose personal link this is, or None."""
    return Participant.objects.select_related("study").filter(link_sha256=secret_sha256(secret)).first()


def consent_sha256(study: Study) -> str:
    """Hash of the information and the consent texts as shown."""
    texts = [study.plan["texts"]["information"], *(f"{each['key']}: {each['text']}" for each in study.plan["consents"])]
    return hashlib.sha256("\n\n".join(texts).encode()).hexdigest()


def mark_seen(participant: Participant) -> None:
    """Note a sign of life, at most every SEEN_EVERY; it keeps the session's places reserved."""
    now = timezone.now()
    if participant.last_seen_at is None or now - participant.last_seen_at >= SEEN_EVERY:
        Participant.objects.filter(pk=participant.pk).update(last_seen_at=now)
        participant.last_seen_at = now


@dataclass(frozen=True)
class Here:
    """The trial a participant is at."""

    public_id: str
    position: int


def current_trial(participant: Participant) -> Here | None:
    """The first trial that is not completed, or None."""
    waiting = participant.trials.filter(completed_at__isnull=True).order_by("position")
    found = waiting.values_list("public_id", "position").first()
    return Here(*found) if found else None


def page_of(participant: Participant) -> str:
    """Where the participant is; the server alone decides.

    withdrawn, thanks, left, background, setup, trial or closing; closed when the study took its last answer before.
    """
    if participant.state == Participant.State.WITHDRAWN:
        return "withdrawn"
    if participant.state == Participant.State.COMPLETED:
        return "thanks"
    if LEFT in participant.pages_done:
        return LEFT
    page = _next_page(participant)
    is_over = participant.study.state == Study.State.CLOSED and not participant.is_test
    return "closed" if is_over and page != "closing" else page


def _next_page(participant: Participant) -> str:
    for page in ("background", "setup"):
        if page not in participant.pages_done:
            return page
    return "trial" if current_trial(participant) else "closing"


def store_page(participant: Participant, page: str, values: Mapping[str, Any], *, is_done: bool = True) -> Participant:
    """Store what a page of questions said (`background`, `setup` or `closing`), and whether it was done by that.

    Sending it again replaces it while the session is going on; afterwards it is left as it is. Raises DrawError when
    the session waited for the background and cannot be drawn any more; then nothing is stored.
    """
    with transaction.atomic():
        participant = lock_participant(participant.pk)
        if participant.state == Participant.State.CONSENTED:
            setattr(participant, page, dict(values))
            if is_done:
                participant.pages_done = {**participant.pages_done, page: timezone.now().isoformat()}
            participant.save(update_fields=[page, "pages_done"])
            if page == "background":  # in a study with strata the session waits for it
                assign_session(participant, strata=strata_of(participant))
    return participant


def complete_session(participant: Participant) -> Participant:
    """Mark the session as completed once the server has counted that nothing is missing; else change nothing."""
    with transaction.atomic():
        participant = lock_participant(participant.pk)
        is_done = "closing" in participant.pages_done and current_trial(participant) is None
        if is_done and participant.state == Participant.State.CONSENTED:
            participant.state = Participant.State.COMPLETED
            participant.completed_at = participant.last_seen_at = timezone.now()
            participant.save(update_fields=["state", "completed_at", "last_seen_at"])
    return participant


def go_on_after_leaving(participant: Participant) -> Participant:
    """Somebody who stopped and kept their answers takes the session up again."""
    with transaction.atomic():
        participant = lock_participant(participant.pk)
        participant.pages_done = {key: at for key, at in participant.pages_done.items() if key != LEFT}
        participant.save(update_fields=["pages_done"])
    return participant
