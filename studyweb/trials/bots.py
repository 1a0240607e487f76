"""Filling a study marked SIMULATED with bots that go through the real pages and decide by bot_rule.py.

The pages stay blind: a bot's browser side sees slots only. The rule knows the systems' gains because it looks the trial
up in the database, as no participant could.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from django.conf import settings as django_settings

from datagen.requests import Progress
from studyweb.studies.imbalance import imbalance_left_db
from studyweb.studies.models import Study
from studyweb.trials.assignment import holding_sessions
from studyweb.trials.bot_rule import BotSettings, Situation, decide
from studyweb.trials.models import Participant, Trial
from studyweb.trials.own_fix import stems_of, write_faders
from studyweb.trials.scripted import DjangoTransport, Question, ScriptedParticipant
from studyweb.trials.session import personal_secret


class NotSimulatedError(ValueError):
    """Bots take part only in studies that are marked as simulated."""


@dataclass
class BotRule:
    """What bot number `bot` of a simulation answers; the same numbers give the same answers."""

    bot: int
    seed: int
    settings: BotSettings
    _known: tuple[str, int, Situation] | None = None
    """The trial looked up last: its public id, position and situation."""

    def __call__(self, question: Question) -> str | None:
        """The answer to a question of the page."""
        position, situation = self._look_up(str(question.page["trial"]))
        rng = self._rng(f"trial {position} {question.name}")
        if question.kind == "faders":
            return self._faders(str(question.page["trial"]), rng)
        return decide(question.name, question.kind, question.options, situation, rng, self.settings)

    def _look_up(self, public_id: str) -> tuple[int, Situation]:
        if self._known is None or self._known[0] != public_id:
            trial = _trial_of(public_id)
            self._known = (public_id, trial.position, self._situation(trial))
        return self._known[1:]

    def _faders(self, public_id: str, rng: random.Random) -> str:
        """What undoes the disturbance, as far as a producer's hands are steady."""
        item = _trial_of(public_id).item
        shaken = {
            stem: item.correction.get(stem, 0.0) + rng.gauss(0.0, self.settings.fader_sd) for stem in stems_of(item)
        }
        return write_faders(shaken)

    def _situation(self, trial: Trial) -> Situation:
        first = str(trial.draw["pair"]).partition("|")[0]
        of_track = random.Random(f"{self.seed} track {trial.item.track.key}")  # noqa: S311
        return Situation(
            before_db=imbalance_left_db(trial.item, None),
            after_db={
                "A": imbalance_left_db(trial.item, trial.advice_a),
                "B": imbalance_left_db(trial.item, trial.advice_b),
            },
            first_in_a=trial.advice_a.system.key == first,
            participant_leaning=self._rng("leaning").gauss(0.0, self.settings.participant_sd),
            track_leaning=of_track.gauss(0.0, self.settings.track_sd),
            leniency=self._rng("leniency").gauss(0.0, self.settings.leniency_sd),
        )

    def _rng(self, what: str) -> random.Random:
        return random.Random(f"{self.seed} bot {self.bot} {what}")  # noqa: S311 - simulated data, to be made again


def fill_with_bots(study: Study, *, count: int, seed: int, progress: Progress | None = None) -> int:
    """Let bots 1 to `count` take part in an open simulated study; returns how many sessions were completed just now.

    Run again after an interruption it goes on where it stopped. Raises NotSimulatedError for a real study, and
    ScriptedError where a page does not do what it should.
    """
    if not study.is_simulated:
        raise NotSimulatedError(f"{study.slug} is not marked as simulated; bots would mix with people")
    done = 0
    for bot in range(1, count + 1):
        if progress:
            progress((bot - 1) / count, f"bot {bot} of {count}")
        done += _play(study, bot=bot, seed=seed)
    if progress:
        progress(1.0, f"{count} bots")
    return done


def _play(study: Study, *, bot: int, seed: int) -> bool:
    """Play one bot's session, or what is left of it; whether there was anything to play."""
    host = next((name for name in django_settings.ALLOWED_HOSTS if name != "*"), "127.0.0.1")
    player = ScriptedParticipant(
        DjangoTransport(server_name=host), rule=BotRule(bot, seed, BotSettings()), load_audio=False
    )
    begun = holding_sessions(study).filter(draw__place=bot).first()
    if begun is None:
        player.complete(study.public_id)
        return True
    if begun.state == Participant.State.COMPLETED:
        return False
    player.come_back(personal_secret(begun))
    player.go_on()
    return True


def _trial_of(public_id: str) -> Trial:
    related = ("item__track", "advice_a__system", "advice_b__system")
    return Trial.objects.select_related(*related).get(public_id=public_id)
