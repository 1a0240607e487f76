"""Run beside the server on its database: makes the study, or prints every stored answer and what is wrong with chains.

`python -m tests.bench.durability.ledger study TRIALS | rows STUDY`
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

ITEMS = 4
PRACTICE_AND_CHECKS = 2


def make_study(trials: int) -> str:
    """An open study with room for everybody; its public id. Items have no audio: nothing here plays it."""
    from tests import factories

    design = {
        "trials": [{"pair": ["differential", "baseline"], "count": trials}],
        "repeats": 0,
        "checks": [],
        "ask_first_choice_share": 1,
    }
    recruitment = {"target_participants": 1_000_000, "completion_url": ""}
    study = factories.make_study(items=ITEMS, audio=False, design=design, recruitment=recruitment)
    return str(study.public_id)


def stored_rows(study: str) -> dict[str, Any]:
    """{"rows": [[client uuid, trial, step, revision, value]], "breaks": [...]} of one study."""
    from studyweb.trials.chain import verify_chain
    from studyweb.trials.models import Answer, Participant

    fields = ("client_uuid", "trial__public_id", "step", "revision", "value")
    answers = Answer.objects.filter(participant__study__public_id=study).order_by("pk")
    people = Participant.objects.filter(study__public_id=study)
    breaks = [f"{each.public_id}: {found.what}" for each in people for found in verify_chain(each)]
    return {"rows": [[str(uuid), *rest] for uuid, *rest in answers.values_list(*fields)], "breaks": breaks}


def main(what: str, which: str) -> None:
    """Do one of the two on the database of the environment."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "studyweb.settings")
    django.setup()
    print(json.dumps(make_study(int(which)) if what == "study" else stored_rows(which)))


if __name__ == "__main__":
    main(*sys.argv[1:])
