"""Reading a study file: every problem with its line, and nothing but a study file gets through."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from studyweb.studies.problems import StudyFileError
from studyweb.studies.study_file import load_schema, read_study_file, sha256_of_text, with_defaults
from studyweb.studies.yaml_lines import LARGEST_BYTES, read_yaml
from tests.studyweb.studies.example import EXAMPLE, changed, line_of


def problems_of(text: str) -> list[str]:
    with pytest.raises(StudyFileError) as caught:
        read_study_file(text)
    return [str(problem) for problem in caught.value.problems]


def test_a_valid_file_becomes_a_plan_with_its_defaults() -> None:
    plan = read_study_file(EXAMPLE).plan
    assert plan["design"]["steps"] == ["read", "hear"]
    assert plan["design"]["audition"] == {"mode": "read_then_heard", "solo": True, "gate_seconds": 3}
    assert plan["texts"]["frame"].startswith("A colleague sends you")
    assert plan["systems"][0]["label"] == "oracle"
    defaults = {"phones": False, "headphone_matches": 0}
    assert plan["recruitment"] == {"target_participants": 12, "completion_url": "", **defaults}


def test_the_hash_is_of_the_file_as_written() -> None:
    file = read_study_file(EXAMPLE)
    assert file.sha256 == sha256_of_text(EXAMPLE)
    assert file.sha256 != read_study_file(EXAMPLE + "# a comment\n").sha256


def test_all_problems_are_named_at_once_with_their_lines() -> None:
    text = changed("claim: ceiling", "claim: ceeling")
    text = changed("repeats: 0", "repeats: one", text=text)
    text = changed("  checks:", "  chekcs: []\n  checks:", text=text)
    text = changed("kind: constant", "kind: constnat", text=text)
    assert problems_of(text) == [
        f"line {line_of(text, 'ceeling')}: claim: must be ceiling or deployable, not 'ceeling'; did you mean ceiling?",
        f"line {line_of(text, 'constnat')}: systems[2].kind: must be model, oracle, constant, sabotaged, rephrased, "
        "imported or human, not 'constnat'; did you mean constant?",
        f"line {line_of(text, 'one')}: design.repeats: must be a whole number, not 'one'",
        f"line {line_of(text, 'chekcs')}: design.chekcs: unknown key; did you mean checks?",
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("slug: example", "slug: Example 1", "slug: 'Example 1' does not look right"),
        ("title: An example", "title: An example\ntitle: Again", "title: is given twice; the first is in line 3"),
        ("title: An example", "title: yes", "title: must be text, not true (YAML reads yes, no, on and off as"),
        ("title: An example", "title:", "title: must be text, not nothing"),
        ("schema_version: 1", "schema_version: 2", "schema_version: must be 1, not 2"),
        ("schema_version: 1\n", "", "schema_version: is missing"),
        ("count: 2", "count: 0", "design.trials[1].count: must be from 1 to 100, not 0"),
        ("[oracle, engineer], count", "[oracle], count", "design.trials[1].pair: must have exactly 2 entries, not 1"),
        ("start_s: 1", "start_s: .inf", "excerpts.list[1].start_s: .inf is not a finite number"),
        ("start_s: 1", "start_s: !!python/name:os.system 20", "start_s: the tag tag:yaml.org,2002:python/name"),
        ("target_participants: 12", "target_participants: 12, url: x", "recruitment.url: unknown key; "),
        ("somebody@example.org}", "nowhere}", "contact.email: 'nowhere' does not look right"),
        ("required: true}", "required: maybe}", "consents[1].required: must be true or false, not 'maybe'"),
    ],
)
def test_a_problem_is_named_in_words_that_help(old: str, new: str, message: str) -> None:
    found = problems_of(changed(old, new))
    assert any(message in problem for problem in found), found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the file is empty"),
        ("a: [", "line 1: this is not YAML"),
        ("a: 1\nb: \x07", "line 2: the character"),
        ("- 1\n- 2\n", "line 1: must be a mapping of keys, not a list"),
        ("a: &bomb [1]\nb: *bomb\n", "line 2: *bomb: aliases are not used in study files"),
        ("a: " + "[" * 40 + "]" * 40, "line 1: nested more than 12 levels deep"),
        ("a: " + "x" * LARGEST_BYTES, f"a study file has at most {LARGEST_BYTES}"),
        ("? [1]\n: 2\n", "line 1: a key must be a word"),
    ],
    ids=["empty", "broken", "control character", "list", "alias", "deep", "large", "key that is a list"],
)
def test_what_is_no_study_file_is_refused_by_name(text: str, message: str) -> None:
    assert message in "\n".join(problems_of(text))


def test_a_yaml_bomb_is_refused_before_it_unfolds() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 12)]
    assert "aliases are not used" in problems_of("\n".join(lines))[0]


@settings(deadline=None)
@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("utf-8", "replace")))
def test_any_text_gives_problems_and_never_another_error(text: str) -> None:
    with pytest.raises(StudyFileError):
        read_study_file(text)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=12,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=6), PLAIN, max_size=4))
def test_plain_yaml_is_read_as_yaml_reads_it(data: dict[str, object]) -> None:
    text = yaml.safe_dump(data, allow_unicode=True)
    assert read_yaml(text).value == yaml.safe_load(text)


def test_defaults_change_nothing_that_is_given() -> None:
    schema = load_schema()
    plan = read_study_file(EXAMPLE).plan
    assert with_defaults(plan, schema, schema["$defs"]) == plan
