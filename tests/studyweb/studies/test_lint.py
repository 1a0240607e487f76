"""What a schema cannot say: parts of a study file that do not fit together, each with its line."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from studyweb.studies.lint import errors_of, lint_study_file
from studyweb.studies.problems import Problem
from studyweb.studies.stems_study import demo_file
from studyweb.studies.study_file import read_study_file
from tests.studyweb.studies.example import EXAMPLE, changed, line_of

MODEL = "{key: tuned, kind: model, adapter: mix, trained_on: mix, shown: mix, reference_kind: none}"
RULE = "  rule: {split: study, tracks: 3, length_s: 4}\n"


def lint(text: str) -> list[Problem]:
    return lint_study_file(read_study_file(text))


def with_model(model: str) -> str:
    return changed("  - {key: nothing", f"  - {model}\n  - {{key: nothing")


def with_list(sizes: Sequence[int], *, trials: int, meetings: int = 1) -> str:
    """The example with so many scored excerpts of each track, and so many scored trials."""
    scored = (
        f"    - {{track: study-{track:05}, start_s: {second}, length_s: 4, disturbance_db: {{bass: 7}}}}\n"
        for track, size in enumerate(sizes, start=10)
        for second in range(size)
    )
    start, end = EXAMPLE.index("    - {track: study-00001"), EXAMPLE.index("    - {track: study-00004")
    text = changed("count: 2", f"count: {trials}", text=EXAMPLE[:start] + "".join(scored) + EXAMPLE[end:])
    return changed("  repeats: 0", f"  repeats: 0\n  meetings_per_track: {meetings}", text=text)


def with_rule(rule: str = RULE) -> str:
    start, end = EXAMPLE.index("  list:\n"), EXAMPLE.index("design:\n")
    return EXAMPLE[:start] + rule + EXAMPLE[end:]


def test_the_example_has_no_errors() -> None:
    assert errors_of(lint(EXAMPLE)) == []


def test_the_demo_has_no_problem_at_all() -> None:
    assert lint(demo_file("demo")) == []


ERRORS = [
    ("- {pair: [oracle, engineer]", "- {pair: [orakel, engineer]", "there is no system 'orakel'; the file has oracle,"),
    ("- {pair: [oracle, engineer]", "- {pair: [oracle, oracle]", "compares oracle with itself"),
    ("- {pair: [oracle, engineer]", "- {pair: [oracle, nothing]", "are compared in no scored trial"),
    ("- {pair: [oracle, engineer]", "- {pair: [oracle, sabotaged]", "it belongs in design.checks only"),
    (
        "- {pair: [oracle, engineer], count: 2}",
        "- {pair: [oracle, engineer], count: 1}\n    - {pair: [engineer, oracle], count: 1}",
        "this pair is given twice",
    ),
    ("count: 2", "count: 4", "gives 3 scored items; a participant has 4 scored trials"),
    ("repeats: 0", "repeats: 3", "3 repeats of only 2 scored trials"),
    ("repeats: 0", "repeats: 1", "at least 4 trials after its first showing; there are only 3"),
    ("pair: [oracle, sabotaged]", "pair: [oracle, nothing]", "needs a system of kind sabotaged, nothing is constant"),
    ("  repeats: 0", "  repeats: 0\n  steps: [read]", "must be [read, hear] with audition mode read_then_heard"),
    (
        "  repeats: 0",
        "  repeats: 0\n  audition: {mode: own_fix}\n  steps: [read]",
        "must be [read, hear] with audition mode own_fix",
    ),
    ("analysis:", "exclusions: [{rule: failed_checks, at_least: 2}]\nanalysis:", "nobody can fail 2 checks"),
    ("claim: ceiling", "claim: deployable", "oracle is shown the same passage, that is, the answer"),
    ("reference_kind: same_passage", "reference_kind: none", "an oracle compares samples"),
    ("kind: constant}", "kind: constant, adapter: mix}", "only systems of kind model have an adapter"),
    ("kind: constant}", "kind: constant, reference_kind: other_song}", "hears no reference; leave it out"),
    ("{key: nothing,", "{key: oracle,", "'oracle' is used twice"),
    ("{key: nothing,", "{key: nothing, label: engineer,", "'engineer' is used twice"),
    ("key: take_part, text: I want to take part., required: true", "key: x, text: I want to take part.", "none is req"),
    ("study-00002", "study-nowhere", "the source has no track 'study-nowhere'"),
    ("start_s: 1", "start_s: 5000", "ends at 5004 s; the track has"),
    ("{vocals: 6}", "{vox: 6}", "no such stem; the track has drums, bass, other, vocals"),
    ("{vocals: 6}", "{vocals: 6.3}", "6.3 is not a multiple of 0.5 dB"),
    (", role: practice", "", "1 of role practice are needed, 0 are listed"),
    ("source: procedural", "source: musdb18", "musdb18 needs a root"),
    ("source: procedural", "source: recognise\n  root: /nowhere/at/all", "/nowhere/at/all"),
    ("  list:", "  rule: {tracks: 3}\n  list:", "needs either a rule or a list, and not both"),
    (
        "  list:",
        "  disturbances: {minimum_db: 9, maximum_db: 3.2}\n  list:",
        "is above maximum_db",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), ERRORS, ids=[message[:40] for _, _, message in ERRORS])
def test_an_error_is_found(old: str, new: str, message: str) -> None:
    found = [str(problem) for problem in errors_of(lint(changed(old, new)))]
    assert any(message in problem for problem in found), found


def test_an_error_carries_its_line() -> None:
    text = changed("pair: [oracle, sabotaged]", "pair: [oracle, nobody]")
    assert [problem.line for problem in errors_of(lint(text))] == [line_of(text, "nobody")]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (MODEL.replace("adapter: mix, ", ""), "adapter: is missing; a model needs it"),
        (MODEL.replace("shown: mix", "shown: stems_ref"), "must be stems: with reference_kind none"),
        (MODEL.replace("kind: none", "kind: same_passage"), "must be none: what is shown is mix"),
        (MODEL.replace("adapter: mix", "adapter: nothere"), "no adapter 'nothere'"),
        (MODEL.replace("trained_on: mix", "trained_on: untuned"), "an untuned system has no adapter"),
        (MODEL.replace("}", ", register: tutorial}"), "the shipped models write the terse register only"),
        (MODEL.replace("shown: mix, reference_kind: none", "shown: mix_ref, reference_kind: other_song"), "yet"),
    ],
)
def test_a_model_that_cannot_run_is_found(model: str, message: str) -> None:
    found = [str(problem) for problem in errors_of(lint(with_model(model)))]
    assert any(message in problem for problem in found), found


def test_weights_are_looked_for_where_the_engine_will(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIXTRIAL_WEIGHTS", str(tmp_path))
    assert any("no adapter 'mix'" in str(problem) for problem in lint(with_model(MODEL)))
    (tmp_path / "mix").mkdir()
    (tmp_path / "mix" / "adapter_model.safetensors").touch()
    assert errors_of(lint(with_model(MODEL))) == []


def test_a_rule_asks_for_no_more_tracks_than_there_are() -> None:
    found = [str(problem) for problem in errors_of(lint(with_rule("  rule: {split: study, tracks: 1000}\n")))]
    assert any("excerpts.rule.tracks: must be at most 40" in problem for problem in found), found


def test_a_rule_names_a_split_that_exists() -> None:
    found = [str(problem) for problem in errors_of(lint(with_rule("  rule: {split: tset, tracks: 3}\n")))]
    assert any("no track is in the split 'tset'; there are" in problem for problem in found), found


def test_a_track_is_met_no_more_often_than_the_design_says() -> None:
    text = with_rule("  rule: {split: study, tracks: 1, excerpts_per_track: 4}\n")
    found = [str(problem) for problem in lint(text)]
    assert any("2 scored trials from 1 tracks meet a track more than 1 time(s)" in problem for problem in found)
    assert any("warning: excerpts.rule.tracks: from one track there is no interval" in problem for problem in found)
    allowed = changed("  repeats: 0", "  repeats: 0\n  meetings_per_track: 2", text=text)
    assert errors_of(lint(allowed)) == []


def test_as_many_trials_as_a_session_can_hold_counts_every_item_once() -> None:
    found = [str(problem) for problem in errors_of(lint(with_list([1, 1, 1, 5], trials=6, meetings=2)))]
    assert any("6 scored trials from 4 tracks meet a track more than 2 time(s)" in problem for problem in found), found


def balance_warnings(text: str) -> list[Problem]:
    return [problem for problem in lint(text) if "trials per item will not be even" in str(problem)]


@pytest.mark.parametrize(
    ("sizes", "trials", "meetings"),
    [([1] * 6 + [2] * 6, 8, 1), ([2] * 7 + [1] * 3, 8, 1), ([3] * 5, 4, 1), ([4] + [1] * 10, 3, 1), ([6], 2, 2)],
)
def test_tracks_of_unequal_sizes_that_can_keep_up_are_no_problem(sizes: list[int], trials: int, meetings: int) -> None:
    assert balance_warnings(with_list(sizes, trials=trials, meetings=meetings)) == []


def test_a_track_with_more_excerpts_than_its_meetings_can_keep_up_with_is_a_warning_with_numbers() -> None:
    sizes = [4] + [1] * 10
    (warning,) = balance_warnings(with_list(sizes, trials=7))
    assert warning.is_warning
    assert "4 of the 14 scored items are of study-00010 and need 2.00 of the 7 scored trials" in str(warning)
    assert "after 12 participants they have about 3.0 trials each, items that keep up 7.2." in str(warning)
    assert "14 more excerpts of smaller tracks, or raise design.meetings_per_track to 2, or have at most 3" in str(
        warning
    )


@pytest.mark.parametrize(
    ("sizes", "trials", "meetings"),
    [([4] + [1] * 10, 3, 1), ([4] + [1] * 10, 7, 2), ([4] + [2] * 12, 7, 1)],
)
def test_each_way_out_that_the_warning_names_ends_it(sizes: list[int], trials: int, meetings: int) -> None:
    assert balance_warnings(with_list(sizes, trials=trials, meetings=meetings)) == []


def test_tracks_that_take_over_what_others_cannot_take_may_fall_behind_too() -> None:
    # 6 * 10 / 22 is above 2; of the 8 trials left for 16 items 5 * 8 / 16 is, of the next 6 for 11 items 4 * 6 / 11 is.
    (warning,) = balance_warnings(with_list([6, 5, 4, 3, 2, 2], trials=10, meetings=2))
    assert "they have about 4.0 trials each, items that keep up 6.9." in str(warning)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("target_participants: 12", "target_participants: 6", "fewer than 10 participants"),
        ("{key: nothing, kind: constant}", "{key: nothing, kind: constant}", "nothing is in no pair"),
    ],
)
def test_what_is_allowed_but_hardly_meant_is_a_warning(old: str, new: str, message: str) -> None:
    found = [problem for problem in lint(changed(old, new)) if message in str(problem)]
    assert [problem.is_warning for problem in found] == [True]


def test_restricted_audio_without_a_statement_of_right_is_a_warning(tmp_path: Path, hq_track: Path) -> None:
    shutil.copytree(hq_track, tmp_path / "music" / "test" / "Nobody - Unknown")
    text = with_rule(RULE.replace("split: study, tracks: 3", "tracks: 1")).replace(
        "source: procedural", f"source: musdb18_hq\n  root: {tmp_path / 'music'}"
    )
    found = [problem for problem in lint(text) if "statement of the right" in str(problem)]
    assert [problem.is_warning for problem in found] == [True]


def test_a_folder_without_a_usable_track_says_what_is_wrong_with_each(tmp_path: Path) -> None:
    (tmp_path / "A - B.stem.mp4").write_bytes(b"not an mp4 file at all")
    text = with_rule("  rule: {tracks: 1}\n").replace("source: procedural", f"source: musdb18\n  root: {tmp_path}")
    found = [str(problem) for problem in errors_of(lint(text))]
    assert any("no track has the 4 seconds that an excerpt needs (A - B: " in problem for problem in found), found
