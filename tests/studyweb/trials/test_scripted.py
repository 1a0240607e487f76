"""A whole session through the real pages."""

from __future__ import annotations

import pytest

from studyweb.trials.chain import verify_chain
from studyweb.trials.models import Answer, Participant, Trial
from studyweb.trials.scripted import DjangoTransport, ScriptedParticipant
from tests.factories import make_study

pytestmark = pytest.mark.django_db


def test_a_scripted_participant_completes_every_trial_and_each_answer_has_its_receipt() -> None:
    study = make_study()
    session = ScriptedParticipant(DjangoTransport()).complete(study.public_id)
    participant = Participant.objects.get(study=study)
    assert participant.state == Participant.State.COMPLETED
    assert session.trials == Trial.objects.filter(participant=participant).count() == 6 + 1 + 1 + 1
    assert session.acknowledged == Answer.objects.filter(participant=participant).count() > 30
    assert session.audio_bytes > 9 * 4 * 1000
    assert verify_chain(participant) == []
