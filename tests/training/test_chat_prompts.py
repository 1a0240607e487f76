"""One builder for the prompts of the real bases: order, names, briefs, conversations, and no level to be read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.words import REFERENCE_KINDS, SHOWN, STEMS
from training.bases import qwen2_audio
from training.bases.base import Clip
from training.chat_prompts import (
    QUESTIONS,
    advice_chat,
    answer_text,
    conversation_of,
    finding_text,
    segment_chat,
    split_answer,
    stem_order,
    wording_code,
)
from training.prompts import ClipSlot, PromptError
from training.tokenizer import WORDINGS

FIVE_STEMS = ("kick", "snare", "bass guitar", "strings", "lead vocal")


def prompt(shown: str = "stems_ref", kind: str = "same_passage", **more: object) -> object:
    return advice_chat(shown, reference_kind=kind, wording=3, **{"stems": STEMS, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "kind", "clips"),
    [("mix", "none", 1), ("mix_ref", "other_song", 2), ("stems", "none", 4), ("stems_ref", "same_passage", 8),
     ("stems_ref", "none", 4), ("mix_ref", "none", 1)],
)  # fmt: skip
def test_each_condition_shows_its_clips(shown: str, kind: str, clips: int) -> None:
    assert len(prompt(shown, kind).clips) == clips


def test_a_stems_problem_and_reference_follow_each_other_behind_its_name() -> None:
    built = advice_chat("stems_ref", reference_kind="other_passage", wording=0, stems=("vocals", "drums"))
    assert built.clips == tuple(
        ClipSlot(side, name) for name in ("vocals", "drums") for side in ("problem", "reference")
    )
    assert "Audio 3, drums, problem: <problem/drums>\nAudio 4, drums, reference: <reference/drums>" in built.text


@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("kind", REFERENCE_KINDS)
def test_no_number_but_the_clips_stands_in_a_prompt(shown: str, kind: str) -> None:
    texts = [
        advice_chat(shown, reference_kind=kind, wording=k, stems=STEMS, brief="rock, chorus").text
        for k in range(WORDINGS)
    ]
    assert all(re.search(r"\d", re.sub(r"Audio \d+,", "", text)) is None for text in texts)


@pytest.mark.parametrize("brief", ["vocals at -3 dB please", "aim for 14 LUFS", "raise it 2.5 decibels"])
def test_a_brief_that_names_a_level_is_refused(brief: str) -> None:
    with pytest.raises(PromptError, match="levels have to be heard"):
        prompt(brief=brief)


def test_the_brief_is_one_line_of_the_prompt() -> None:
    assert (
        "Brief: indie rock, chorus, the vocals lead\nAudio 1,"
        in prompt(brief="indie rock, chorus,\n the vocals lead").text
    )


def test_any_list_of_stems_is_shown() -> None:
    assert [slot.stem for slot in prompt("stems", "none", stems=FIVE_STEMS).clips] == list(FIVE_STEMS)


@given(seed=st.integers(0, 2**32 - 1))
def test_a_shuffled_order_holds_every_stem_once_and_follows_from_its_seed(seed: int) -> None:
    order = stem_order(FIVE_STEMS, seed=seed, shuffled=True)
    assert sorted(order) == sorted(FIVE_STEMS)
    assert order == stem_order(FIVE_STEMS, seed=seed, shuffled=True)


def test_the_canonical_order_is_the_sources() -> None:
    assert stem_order(FIVE_STEMS, seed=1, shuffled=False) == FIVE_STEMS


def test_shuffling_reaches_different_orders() -> None:
    assert len({stem_order(STEMS, seed=k, shuffled=True) for k in range(200)}) == 24


def test_the_finding_lists_the_stems_in_the_prompts_order() -> None:
    text = finding_text({"drums": 3.0, "other": -1.5}, stems=("other", "vocals", "drums"), overall_db=-2.0)
    assert text == "overall −2 dB; other instruments −1.5 dB, vocals 0 dB, drums +3 dB"


def test_a_finding_without_reference_has_no_common_difference() -> None:
    assert finding_text({"a": 1.0}, stems=("a", "b"), overall_db=None) == "a +1 dB, b 0 dB"


LINE = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp", "Zs")), min_size=1, max_size=60).filter(
    lambda text: "Advice:" not in text and not text.startswith("Finding:")
)


@given(finding=LINE, advice=LINE)
def test_an_answer_is_split_into_the_texts_it_was_made_of(finding: str, advice: str) -> None:
    assert split_answer(answer_text(finding, advice)) == (finding, advice)


def test_an_answer_that_never_got_to_its_advice_has_none() -> None:
    assert split_answer("Finding: drums +3 dB, bass") == ("drums +3 dB, bass", "")


def test_the_conversation_so_far_stands_before_the_question() -> None:
    history = (("user", "I just added the guitars."), ("assistant", "Good, they carry the chorus."))
    built = prompt("mix", "none", history=history)
    assert [turn.role for turn in built.turns] == ["system", "user", "assistant", "user"]
    assert built.turns[1].content == ("I just added the guitars.",)
    assert built.turns[-1].content[-1].splitlines()[-2] == QUESTIONS[3]


def test_a_recorded_turn_has_one_segment_and_its_question_last() -> None:
    built = segment_chat("Is the snare too loud?", history=(("user", "Hi."), ("assistant", "Hello.")))
    assert built.clips == (ClipSlot("problem", "mix"),)
    assert built.turns[-1].content[-1].endswith("Is the snare too loud?")


def test_only_the_answer_of_a_conversation_is_taught() -> None:
    built = segment_chat("And now?", history=(("assistant", "Earlier."),))
    conversation = conversation_of(built, [Clip(160)], answer="Bring it down.")
    assert [turn.taught for turn in conversation.turns] == [False, False, False, True]


def test_every_problem_of_a_prompt_is_named_at_once() -> None:
    with pytest.raises(
        PromptError, match=r"shown is 'all'.*reference_kind is 'some'.*register is 'rude'.*wording is 99.*stems"
    ):
        advice_chat("all", reference_kind="some", wording=99, stems=("a", "a"), register="rude")


def test_the_hash_follows_the_text() -> None:
    assert prompt().sha256 == prompt().sha256
    assert prompt().sha256 != prompt(stems=tuple(reversed(STEMS))).sha256


def test_wordings_have_different_codes() -> None:
    assert len({wording_code(k) for k in range(WORDINGS)}) == WORDINGS


def test_four_and_four_stems_of_twenty_seconds_fit_qwen2_audio() -> None:
    base = qwen2_audio.from_tiny_random_config(0)
    built = prompt(brief="indie rock, second chorus, the vocals should lead, the guitars carry the groove")
    answer = answer_text(
        finding_text(dict.fromkeys(STEMS, -12.0), stems=STEMS, overall_db=-11.5),
        "Bring the drums down by 12 dB, then the other instruments up by 11.5 dB, and listen again.",
    )
    count = base.token_count(conversation_of(built, [Clip(20 * 16_000)] * 8, answer=answer))
    assert base.audio_tokens(20 * 16_000) == 502
    # One token a byte counts the text several times over, so the trained tokenizer leaves more room still.
    assert 8 * 502 < count < base.positions == 8192
