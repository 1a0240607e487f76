"""The tokenizer covers every terse text, and decoding is the inverse of encoding."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.explanations import number_tokens, write
from datagen.words import STEMS, changes_from_mapping
from training.prompts import finding_text
from training.tokenizer import WORDINGS, TextNotCoveredError, build_tokenizer, decode, encode, terse_words

TOKENIZER = build_tokenizer(terse_words())
GAINS_DB = st.integers(min_value=-24, max_value=24).map(lambda steps: steps / 2)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(STEMS), GAINS_DB, max_size=3), st.integers(0, WORDINGS - 1))
def test_every_terse_text_survives_encoding_and_decoding(gains_db: dict[str, float], wording: int) -> None:
    text = write(changes_from_mapping(gains_db), register="terse", seed=wording).advice
    assert decode(TOKENIZER, encode(TOKENIZER, text)) == text


@settings(max_examples=50, deadline=None)
@given(st.lists(GAINS_DB, min_size=4, max_size=4), GAINS_DB)
def test_every_finding_survives_encoding_and_decoding(differences_db: list[float], overall_db: float) -> None:
    text = finding_text(differences_db, heard_db=differences_db, overall_db=overall_db)
    assert decode(TOKENIZER, encode(TOKENIZER, text)) == text


def test_a_number_is_one_token_and_its_sign_another() -> None:
    for number in number_tokens():
        assert TOKENIZER.convert_ids_to_tokens(encode(TOKENIZER, f"−{number}")) == ["−", number]


def test_a_word_that_is_not_covered_is_named() -> None:
    with pytest.raises(TextNotCoveredError, match="kazoo"):
        encode(TOKENIZER, "Turn the kazoo up 3 dB.")
