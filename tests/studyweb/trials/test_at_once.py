"""People who start and answer at the same moment, on a real server with a SQLite file and with PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import pytest

from studyweb.trials.scripted import HttpTransport, ScriptedError, ScriptedParticipant, seeded_rule
from tests.servers.mixtrial import LiveMixtrial, process_environment

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
people = list(Participant.objects.filter(study__public_id="STUDY"))
print(json.dumps({
    "places": sorted(person.draw["place"] for person in people),
    "completed": sum(person.state == "completed" for person in people),
    "items": sorted(Counter(Trial.objects.filter(participant__in=people).values_list("item_id", flat=True)).values()),
    "answers": Answer.objects.filter(participant__in=people).count(),
    "breaks": sum(len(verify_chain(person)) for person in people),
}))
"""
SCORED = """
import json
from collections import Counter
from studyweb.trials.assignment import counted_trials
from studyweb.studies.models import Study
study = Study.objects.get(public_id="STUDY")
counts = Counter(counted_trials(study, "scored").values_list("item_id", flat=True))
print(json.dumps([counts[item] for item in study.items.filter(role="scored").values_list("pk", flat=True)]))
"""
LEAVE_SIX = """
from datetime import timedelta
from django.utils import timezone
from studyweb.trials.models import Participant
for person in list(Participant.objects.filter(study__public_id="STUDY"))[:6]:
    Participant.objects.filter(pk=person.pk).update(last_seen_at=timezone.now() - timedelta(hours=3))
"""
CLOSE_WHILE_ANSWERING = """
import json, threading
from django.db import OperationalError, connection, transaction
from studyweb.studies.models import Study
from studyweb.studies.services import close_study
from studyweb.trials.locks import state_held_open
study, seen = Study.objects.get(public_id="STUDY"), []
def close(patience):
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{patience}'")
    try:
        close_study(study, actor="tester")
        seen.append("closed")
    except OperationalError:
        seen.append("waited")
    finally:
        connection.close()
def run(patience):
    thread = threading.Thread(target=close, args=(patience,))
    thread.start()
    thread.join()
with transaction.atomic():
    seen.append(state_held_open(study.pk))
    run("300ms")
run("10s")
with transaction.atomic():
    seen.append(state_held_open(study.pk))
print(json.dumps(seen))
"""
FALL_SILENT = """
from datetime import timedelta
from django.utils import timezone
from studyweb.trials.models import Participant
person = Participant.objects.filter(study__public_id="STUDY").first()
Participant.objects.filter(pk=person.pk).update(last_seen_at=timezone.now() - timedelta(hours=3))
"""


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def live(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveMixtrial]:
    """One running server for each database, shared by these tests; each makes a study of its own."""
    data = tmp_path_factory.mktemp("live")
    with ExitStack() as opened:
        url, static = "", {}
        if request.param == "postgresql":
            url = opened.enter_context(request.getfixturevalue("postgres_server").new_database())
            static = {"MIXTRIAL_STATIC": str(request.getfixturevalue("collected_static"))}
        live = LiveMixtrial(data, process_environment(data=data, database_url=url, extra=static))
        opened.callback(live.stop)
        live.manage("migrate", "--no-input")
        live.serve()
        yield live


def shell(live: LiveMixtrial, code: str, *, study: str = "") -> str:
    """The last line that a piece of code prints on the server's data."""
    printed = live.manage("shell", "--no-imports", "--command", code.replace("STUDY", study)).strip()
    return printed.splitlines()[-1] if printed else ""


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
    found = json.loads(shell(live, LOOK, study=study))
    assert found["places"] == list(range(1, PLACES + 1))
    assert found["items"] == [2] * 8
    ninth = participant(live, 9)
    with pytest.raises(ScriptedError, match="full at the moment"):
        ninth.join(study)
    shell(live, FALL_SILENT, study=study)
    ninth.join(study)
    assert json.loads(shell(live, LOOK, study=study))["places"] == sorted([*range(1, PLACES + 1), 1])


def test_eight_whole_sessions_at_once_lose_and_double_nothing(live: LiveMixtrial) -> None:
    study = shell(live, MAKE_STUDY)
    sessions = all_at_once([participant(live, seed) for seed in range(PLACES)], study, "complete")
    found = json.loads(shell(live, LOOK, study=study))
    assert found["completed"] == PLACES
    assert found["answers"] == sum(session.acknowledged for session in sessions)
    assert found["breaks"] == 0
    assert max(found["items"]) - min(found["items"]) <= 1
    statuses = {exchange.status for session in sessions for exchange in session.exchanges}
    assert statuses == {200, 302}


def test_a_gap_that_silent_sessions_left_only_shrinks_when_many_join_at_once(live: LiveMixtrial) -> None:
    study = shell(live, MAKE_STUDY)
    all_at_once([participant(live, seed) for seed in range(PLACES)], study, "join")
    assert json.loads(shell(live, SCORED, study=study)) == [2] * 8
    shell(live, LEAVE_SIX, study=study)
    left = json.loads(shell(live, SCORED, study=study))
    gap = max(left) - min(left)
    for wave in range(2):
        all_at_once([participant(live, 20 + 3 * wave + seed) for seed in range(3)], study, "join")
        totals = json.loads(shell(live, SCORED, study=study))
        assert max(totals) - min(totals) <= max(gap, 1)
        gap = max(totals) - min(totals)
    assert sum(totals) == 16
    assert gap <= 1


def test_closing_waits_for_answers_that_are_being_stored(live: LiveMixtrial) -> None:
    study = shell(live, MAKE_STUDY)
    if not live.environment["DATABASE_URL"]:
        pytest.skip("SQLite stores one transaction at a time")
    assert json.loads(shell(live, CLOSE_WHILE_ANSWERING, study=study)) == ["open", "waited", "closed", "closed"]
