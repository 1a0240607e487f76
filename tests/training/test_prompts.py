"""One prompt builder: clips interleaved per stem, answer in the same order, never a level."""

from __future__ import annotations

import re

import pytest

from datagen.words import STEMS
from training.prompts import (
    ClipSlot,
    PromptError,
    advice_prompt,
    finding_text,
    has_reference,
    wording_of,
)
from training.tokenizer import AUDIO, WORDINGS


def test_problem_and_reference_of_a_stem_stand_together_in_stem_order() -> None:
    prompt = advice_prompt("stems_ref", reference_kind="same_passage", wording=0)
    expected = tuple(ClipSlot(side, stem) for stem in STEMS for side in ("problem", "reference"))
    assert prompt.clips == expected
    assert prompt.text.count(AUDIO) == len(expected)


def test_each_pair_is_followed_by_its_name() -> None:
    text = advice_prompt("stems_ref", reference_kind="other_song", wording=1).text
    pairs = re.findall(r"problem <\|AUDIO\|> reference <\|AUDIO\|> (\w+)", text)
    assert tuple(pairs) == STEMS


def test_without_a_reference_the_differential_prompt_holds_problem_stems_only() -> None:
    prompt = advice_prompt("stems_ref", reference_kind="none", wording=0)
    assert {slot.side for slot in prompt.clips} == {"problem"}
    assert not has_reference("stems_ref", "none")


def test_the_baseline_hears_one_mix() -> None:
    prompt = advice_prompt("mix", reference_kind="none", wording=5)
    assert prompt.clips == (ClipSlot("problem", "mix"),)


def test_the_reference_kind_of_a_system_that_is_shown_none_leaves_no_trace() -> None:
    assert (
        advice_prompt("mix", reference_kind="same_passage", wording=5).text
        == advice_prompt("mix", reference_kind="none", wording=5).text
    )


@pytest.mark.parametrize("shown", ["mix", "stems", "mix_ref", "stems_ref"])
def test_no_level_is_written_in_a_prompt(shown: str) -> None:
    text = advice_prompt(shown, reference_kind="same_passage", wording=31).text
    assert not re.search(r"\d", text.replace("<w31>", ""))


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(PromptError) as caught:
        advice_prompt("everything", reference_kind="dream", wording=99, stems=("piano",))
    for word in ("everything", "dream", "99", "piano"):
        assert word in str(caught.value)


def test_a_shuffled_prompt_is_answered_in_its_own_order() -> None:
    order = ("vocals", "drums", "other", "bass")
    prompt = advice_prompt("stems", reference_kind="none", wording=0, stems=order)
    assert [slot.stem for slot in prompt.clips] == list(order)
    assert finding_text([0.0, 3.5, 0.0, -2.0], stems=order) == "vocals 0, drums +3.5, other 0, bass −2"


def test_the_finding_lists_every_stem_with_its_sign() -> None:
    assert finding_text([0.0, 3.5, -2.0, 0.0]) == "drums 0, bass +3.5, other −2, vocals 0"


def test_with_a_reference_the_finding_is_worked_out_from_what_was_heard() -> None:
    text = finding_text([0.0, 3.5, 0.0, 0.0], heard_db=[-1.3, 2.2, -1.2, -1.26], overall_db=-1.26)
    heard, overall, differences = text.split("; ")
    assert heard == "drums −1.5, bass +2, other −1, vocals −1.5"
    assert overall == "overall −1.5"
    assert differences == "drums 0, bass +3.5, other 0, vocals 0"


def test_wordings_depend_on_seed_and_item_only_and_use_the_whole_range() -> None:
    drawn = [wording_of(7, f"item-{k}") for k in range(400)]
    assert drawn == [wording_of(7, f"item-{k}") for k in range(400)]
    assert set(drawn) == set(range(WORDINGS))


def test_version_and_text_make_the_hash() -> None:
    first = advice_prompt("mix", reference_kind="none", wording=0)
    second = advice_prompt("mix", reference_kind="none", wording=1)
    assert first.sha256 != second.sha256
    assert len(first.sha256) == 64
