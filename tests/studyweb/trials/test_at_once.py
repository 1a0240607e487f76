"""People who start and answer at the same moment, on a real server with a SQLite file and with PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from studyweb.trials.scripted import HttpTransport, ScriptedError, ScriptedParticipant, seeded_rule
from tests.servers.mixtrial import LiveMixtrial

PLACES = 8
MAKE_STUDY = f"""
from tests.factories import make_study
design = {{"trials": [{{"pair": ["differential", "baseline"], "count": 2}}], "repeats": 0, "checks": [], "practice": 0}}
study = make_study(items=8, audio=False, design=design,
                   recruitment={{"target_participants": {PLACES}, "completion_url": ""}})
print(study.public_id)
"""
LOOK = """
import json
from collections import Counter
from studyweb.trials.chain import verify_chain
from studyweb.trials.models import Answer, Participant, Trial
people = list(Participant.objects.all())
print(json.dumps({
    "places": sorted(person.draw["place"] for person in people),
    "completed": sum(person.state == "completed" for person in people),
    "items": sorted(Counter(Trial.objects.values_list("item_id", flat=True)).values()),
    "answers": Answer.objects.count(),
    "breaks": sum(len(verify_chain(person)) for person in people),
}))
"""
FALL_SILENT = """
from datetime import timedelta
from django.utils import timezone
from studyweb.trials.models import Participant
person = Participant.objects.filter(state="consented").first()
Participant.objects.filter(pk=person.pk).update(last_seen_at=timezone.now() - timedelta(hours=3))
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def live(request: pytest.FixtureRequest, live_mixtrial: Callable[..., LiveMixtrial]) -> LiveMixtrial:
    database_url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    return live_mixtrial(database_url=database_url)


def shell(live: LiveMixtrial, code: str) -> str:
    return live.manage("shell", "--no-imports", "--command", code).strip().splitlines()[-1] if code else ""


def participant(live: LiveMixtrial, seed: int) -> ScriptedParticipant:
    return ScriptedParticipant(HttpTransport(live.url), rule=seeded_rule(seed), load_audio=False)


def all_at_once(players: list[ScriptedParticipant], study: str, what: str) -> list[Any]:
    """Let every player do the same in a thread of their own."""
    with ThreadPoolExecutor(len(players)) as pool:
        return list(pool.map(lambda player: getattr(player, what)(study), players))


def test_eight_people_who_start_at_once_get_eight_places_and_a_ninth_waits_for_one(live: LiveMixtrial) -> None:
    study = shell(live, MAKE_STUDY)
    players = [participant(live, seed) for seed in range(PLACES)]
    all_at_once(players, study, "join")
    found = json.loads(shell(live, LOOK))
    assert found["places"] == list(range(1, PLACES + 1))
    assert found["items"] == [2] * 8
    ninth = participant(live, 9)
    with pytest.raises(ScriptedError, match="409"):
        ninth.join(study)
    live.manage("shell", "--no-imports", "--command", FALL_SILENT)
    ninth.join(study)
    assert json.loads(shell(live, LOOK))["places"] == sorted([*range(1, PLACES + 1), 1])


def test_eight_whole_sessions_at_once_lose_and_double_nothing(live: LiveMixtrial) -> None:
    study = shell(live, MAKE_STUDY)
    sessions = all_at_once([participant(live, seed) for seed in range(PLACES)], study, "complete")
    found = json.loads(shell(live, LOOK))
    assert found["completed"] == PLACES
    assert found["answers"] == sum(session.acknowledged for session in sessions)
    assert found["breaks"] == 0
    assert max(found["items"]) - min(found["items"]) <= 1
    statuses = {exchange.status for session in sessions for exchange in session.exchanges}
    assert statuses == {200, 302}
