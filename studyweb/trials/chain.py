"""One hash chain per participant: a lost, altered or reordered answer shows, and erasing content keeps it whole.

Every answer is committed to with a salt of its own, and the chain runs over the commitments. Erasing value, context
and salt leaves a commitment that nobody can guess the content of, and a chain that still verifies.
Salted commitments and linked time stamps: Haber & Stornetta 1991.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from typing import Any

from studyweb.trials.models import Answer, Participant


@dataclass(frozen=True)
class Break:
    """One place where a participant's chain does not hold."""

    answer_id: int | None
    what: str


def new_salt() -> str:
    """128 random bits as hex."""
    return secrets.token_hex(16)


def commitment_of(answer: Answer) -> str:
    """The salted hash over an answer's content: value and context."""
    return _sha256([answer.salt, answer.value, answer.context])


def hash_of(answer: Answer, *, trial_public_id: str) -> str:
    """The answer's link: what came before, where it belongs, and the commitment to its content."""
    place = [trial_public_id, answer.step, answer.revision, str(answer.client_uuid), answer.received_at.isoformat()]
    return _sha256([answer.previous_hash, *place, answer.commitment])


def link_answer(answer: Answer, participant: Participant, *, trial_public_id: str) -> None:
    """Fill in salt, commitment and hashes of a new answer and move the participant's chain head; saves nothing."""
    answer.salt = new_salt()
    answer.commitment = commitment_of(answer)
    answer.previous_hash = participant.chain_head
    answer.hash = hash_of(answer, trial_public_id=trial_public_id)
    participant.chain_head = answer.hash


def verify_chain(participant: Participant) -> list[Break]:
    """Every place where the stored chain does not hold; empty when all is as it was acknowledged."""
    state, head = Participant.objects.values_list("state", "chain_head").get(pk=participant.pk)
    may_be_erased = state == Participant.State.WITHDRAWN
    breaks: list[Break] = []
    previous = ""
    for answer in participant.answers.select_related("trial").order_by("id"):
        breaks.extend(Break(answer.pk, what) for what in _wrong_with(answer, previous, may_be_erased=may_be_erased))
        previous = answer.hash
    if previous != head:
        breaks.append(Break(None, "the newest answer is not the one that was acknowledged last"))
    return breaks


def _wrong_with(answer: Answer, previous: str, *, may_be_erased: bool) -> list[str]:
    wrong = []
    if answer.previous_hash != previous:
        wrong.append("does not follow the answer before it")
    if answer.hash != hash_of(answer, trial_public_id=answer.trial.public_id):
        wrong.append("place or commitment was changed")
    if not (may_be_erased and is_erased(answer)) and answer.commitment != commitment_of(answer):
        wrong.append("content was changed")
    return wrong


def is_erased(answer: Answer) -> bool:
    """Whether the content was erased on purpose: content and salt are gone together."""
    return not answer.salt and not answer.value and not answer.context


def erase_answers(participant: Participant) -> int:
    """Erase the content of all of a participant's answers; places, commitments and hashes stay. Returns how many."""
    return participant.answers.update(value="", context={}, salt="")


def _sha256(parts: list[Any]) -> str:
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
