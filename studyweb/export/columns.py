"""What every exported table holds: the columns, and their code book, in one place.

The code book that ships with an export is made from these descriptions, so the two cannot drift apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from studyweb.stats.codes import CHOICES, KEEP, NO_PREFERENCE_REASONS, RATINGS

ColumnType = Literal["text", "code", "integer", "number", "boolean", "datetime"]

Profile = Literal["project", "public"]
"""`project`: pseudonyms, for those who may see the study's data. `public`: for everybody."""

PROFILES: tuple[str, ...] = get_args(Profile)


@dataclass(frozen=True)
class Column:
    """One column: its name, type and meaning.

    `arm` columns name systems or let them be inferred, and are left out while a study is masked. Ids of advice are
    among them: an id that meets two others on one item belongs to the system that both pairs share.
    `own` columns could tell a person to somebody who knows them, and are left out of public exports.
    """

    name: str
    type: ColumnType
    meaning: str
    arm: bool = False
    own: bool = False
    source: str = ""
    """The key of its values in a row, where it is not the name."""

    @property
    def key(self) -> str:
        """The key of its values in a row."""
        return self.source or self.name


ANSWER_VALUES = (
    f"choices: {', '.join(CHOICES)}; reasons: {', '.join(NO_PREFERENCE_REASONS)}; "
    f"ratings: 1..7 or {RATINGS[-1]}; keep: {', '.join(KEEP)}; text: as written; "
    "faders: JSON of gains in dB by stem"
)

PARTICIPANT = Column("participant_id", "code", "Pseudonym of the participant in this study.")
TRIAL = Column("trial_id", "code", "Opaque id of the trial.")
ITEM = Column("item_id", "code", "The item: one track with one disturbance in one excerpt.")
TRACK = Column("track_id", "code", "The track, the second clustering unit of every interval.")

TABLES: Mapping[str, tuple[Column, ...]] = {
    "participants": (
        PARTICIPANT,
        Column("state", "code", "consented or completed; withdrawn people are in no export."),
        Column("consented_at", "datetime", "When they agreed to take part (UTC).", own=True),
        Column("completed_at", "datetime", "When the server had counted all their trials; empty: not completed."),
        Column("trials_completed", "integer", "Completed trials, practice left out."),
        Column("excluded", "boolean", "Whether a declared rule leaves them out of the results.", arm=True),
        Column("years_mixing", "code", "under_3, 3_to_5, 6_to_10, 11_to_20 or over_20; empty: not given."),
        Column("role", "code", "Main role; empty: not given."),
        Column("listening", "code", "monitors, headphones, both_same or laptop, as declared; empty: not given."),
        Column("device", "text", "Headphones or monitors in their own words; empty: not given.", own=True),
        Column("hearing", "code", "Known hearing loss: none, some or no_answer; empty: not given.", own=True),
        Column("consents", "text", "What they agreed to, as JSON: what their answers may be used for.", own=True),
        Column("setup", "text", "Scores of the sound check as JSON.", own=True),
        Column("task_clear", "code", "It was clear what I had to do: 1..7 or cant_tell; empty: not given."),
        Column("closing_comment", "text", "What they wrote at the end; empty: nothing.", own=True),
        Column("completion_code", "code", "What their thanks page shows; empty: not completed.", own=True),
        Column("draw", "text", "Algorithm, seed and inputs of the session's draw as JSON.", arm=True, own=True),
    ),
    "tracks": (
        TRACK,
        Column("title", "text", "Title of the song."),
        Column("artist", "text", "Artist."),
        Column("genre", "text", "Genre as the source states it."),
        Column("source", "code", "Where the stems come from."),
        Column("licence", "text", "Licence of the audio."),
        Column("attribution", "text", "Credit line."),
        Column("source_sha256", "code", "Hash of the source file, or of generator version and key."),
    ),
    "items": (
        ITEM,
        TRACK,
        Column("position", "integer", "Place in the study, from 0."),
        Column("role", "code", "scored, practice or check."),
        Column("start_s", "number", "Where in the track the excerpt begins, in seconds."),
        Column("length_s", "number", "How long it is, in seconds."),
        Column("brief", "text", "The line of context given alike to systems and participants."),
        Column("disturbance_db", "text", "What was done to the stems, as JSON, + is louder; empty: nothing.", arm=True),
        Column("correction_db", "text", "What undoes it with the fewest moves, as JSON.", arm=True),
    ),
    "systems": (
        Column("system", "code", "The system's key in the study file."),
        Column("label", "text", "Its label."),
        Column("kind", "code", "model, oracle, constant, sabotaged, imported or human."),
        Column("trained_on", "code", "What it was trained on: mix, stems, mix_ref, stems_ref or untuned."),
        Column("shown", "code", "What it was shown: mix, stems, mix_ref or stems_ref."),
        Column(
            "reference_kind",
            "code",
            "What its reference was; same_passage means it has heard the answer, a ceiling and not a deployable claim.",
        ),
    ),
    "pairs": (
        Column("first_system", "code", "A pair of systems that the study file compares; rates are for the first."),
        Column("second_system", "code", "The other system."),
        Column("is_primary", "boolean", "Whether it is the primary comparison of the analysis plan."),
        Column("estimand", "code", "new_participants_and_tracks or new_participants: whom intervals speak of."),
        Column("level", "number", "Confidence level."),
        Column("ties", "code", "half or excluded: how the plan counts no preference."),
        Column("unreadable_advice", "code", "counts or excluded: trials whose advice could not be read."),
    ),
    "advices": (
        Column("advice_id", "code", "Opaque id of the advice."),
        ITEM,
        TRACK,
        Column("system", "code", "Who wrote it.", arm=True),
        Column("text", "text", "What the participant read."),
        Column("text_sha256", "code", "Hash of the text."),
        Column("changes_db", "text", "Gain changes read from the text as JSON, + is louder; empty: not actionable."),
        Column("not_actionable", "text", "Why no gain changes could be read; empty: they could."),
        Column("trim_db", "number", "Gain that matched the condition's loudness to the problem's."),
        Column("residual_db", "number", "Imbalance left after applying it, dB RMS over audible stems."),
    ),
    "codings": (
        Column("advice_id", "code", "An advice whose text somebody read by hand, blind to its system."),
        Column("coder", "code", "Who read it, as a number."),
        Column("revision", "integer", "1, or higher where the coder corrected it; the current one is here."),
        Column("changes_db", "text", "Gain changes they read as JSON, + is louder; empty: not actionable."),
        Column("not_actionable", "text", "Why they could read none; empty: they could."),
        Column("coded_at", "datetime", "When (UTC).", own=True),
    ),
    "trials": (
        PARTICIPANT,
        TRIAL,
        Column("position", "integer", "Place in the participant's session, from 1."),
        Column("role", "code", "practice, scored, repeat or check; only scored trials enter the primary result."),
        Column("started_at", "datetime", "When the trial's page was first opened (UTC)."),
        Column("read_at", "datetime", "When the reading step was over; until then only the mix as sent plays."),
        Column("completed_at", "datetime", "When its last required answer was stored; empty: not completed."),
        Column("check_kind", "code", "Which check; empty: none.", arm=True),
        Column("repeat_of", "code", "trial_id of the trial it repeats with swapped sides; empty: no repeat."),
        ITEM,
        TRACK,
        Column("advice_a", "code", "advice_id in slot A.", arm=True),
        Column("advice_b", "code", "advice_id in slot B.", arm=True),
        Column("system_a", "code", "System in slot A.", arm=True),
        Column("system_b", "code", "System in slot B.", arm=True),
        Column("draw", "text", "Pair, side block, candidates, probabilities and seed as JSON, for replay.", arm=True),
    ),
    "answers": (
        PARTICIPANT,
        TRIAL,
        TRACK,
        Column("position", "integer", "The trial's place in the session, from 1."),
        Column("role", "code", "The trial's role."),
        Column("step", "code", "The question; .A and .B name the advice it is about."),
        Column("slot", "code", "A or B for questions about one advice; empty: about both."),
        Column("kind", "code", "choice, rating, keep, text or faders."),
        Column("value", "text", ANSWER_VALUES),
        Column("revision", "integer", "1, or higher where the participant corrected the answer."),
        Column("advice_id", "code", "The advice the question is about; empty: about both.", arm=True),
        Column("system", "code", "Its system; empty: about both.", arm=True),
        Column("first_system", "code", "For choices: the earlier of the two systems in the study file.", arm=True),
        Column("second_system", "code", "For choices: the later one.", arm=True),
        Column("first_system_slot", "code", "For choices: the slot of first_system, A or B.", arm=True),
        Column(
            "preference", "integer", "For choices: -2..2 for first_system over second_system, sides undone.", arm=True
        ),
        Column("gains_db", "text", "Gains that could be heard, as JSON by slot and stem; empty: none.", arm=True),
        Column("heard_problem_s", "number", "Seconds the problem was heard when this was answered."),
        Column("heard_a_s", "number", "Seconds with advice A applied."),
        Column("heard_b_s", "number", "Seconds with advice B applied."),
        Column("switches", "integer", "How often versions had been switched."),
        Column("gate_met", "boolean", "Whether each version had been heard for the asked time."),
        Column("ms_on_step", "integer", "Milliseconds since the step was shown, by the browser's clock."),
        Column("device_sample_rate", "integer", "Sample rate of the browser's audio, in Hz.", own=True),
        Column("study_sha256", "code", "Hash of the frozen study it was given under."),
        Column(
            "own_fix_distance_a_db",
            "number",
            "For own_fix: dB RMS between the faders and advice A over the audible stems, any common gain taken off.",
            arm=True,
        ),
        Column("own_fix_distance_b_db", "number", "The same for advice B.", arm=True),
        Column("received_at", "datetime", "When the server stored it (UTC)."),
        Column("hash", "code", "Link of the participant's hash chain: the receipt they got.", own=True),
    ),
    "revisions": (
        PARTICIPANT,
        TRIAL,
        Column("step", "code", "The question."),
        Column("revision", "integer", "The superseded revision."),
        Column("value", "text", "The superseded value."),
        Column("received_at", "datetime", "When it was stored (UTC)."),
        Column("hash", "code", "Link of the participant's hash chain.", own=True),
    ),
    "events": (
        PARTICIPANT,
        TRIAL,
        Column("kind", "code", "play, switch, seek, stall, device change, ..."),
        Column("client_ms", "integer", "Milliseconds since the page opened, by the browser's clock."),
        Column("payload", "text", "Details as JSON.", own=True),
        Column("received_at", "datetime", "When the server stored it (UTC)."),
    ),
    "exclusions": (
        PARTICIPANT,
        Column("rule", "code", "The study file's rule."),
        Column("reason", "text", "What it found."),
    ),
    "looks": (
        Column("at", "datetime", "When (UTC)."),
        Column("actor", "text", "Who.", own=True),
        Column("action", "code", "created, opened, closed, unblinded, exported, ..."),
        Column("detail", "text", "Details as JSON.", arm=True, own=True),
    ),
}


def columns_of(table: str, *, masked: bool, profile: Profile = "project") -> tuple[Column, ...]:
    """A table's columns: while a study is masked without those that name systems; in public with relative times."""
    columns = tuple(column for column in TABLES[table] if not (masked and column.arm))
    if profile == "project":
        return columns
    return tuple(_relative(column, table) for column in columns if not column.own)


def _relative(column: Column, table: str) -> Column:
    """A public export tells no moment, only how long after its start something was."""
    if column.type != "datetime":
        return column
    start = "the study was opened" if table == "looks" else "they agreed to take part"
    meaning = f"{column.meaning.replace(' (UTC)', '')} In seconds since {start}."
    name = "at_s" if column.name == "at" else f"{column.name.removesuffix('_at')}_s"
    return Column(name, "number", meaning, source=column.name)


MASKED_TABLES = frozenset({"systems", "pairs", "advices", "codings", "exclusions"})
"""Left out while a study is masked: who failed a check tells which advice stood where in it."""


def tables_of(*, masked: bool) -> tuple[str, ...]:
    """The exported tables; while a study is masked, without those that name systems or let them be inferred."""
    return tuple(name for name in TABLES if not (masked and name in MASKED_TABLES))
