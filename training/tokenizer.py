"""The tiny base's tokenizer: one token a word, numbers as single tokens on the 0.5 dB grid, their sign apart.

A number that is one token can be learned as one point of an axis; a sign apart makes "louder, softer or as it was" one
decision. Built with `tokenizers` as a fast tokenizer that any transformers install can load.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from datagen.explanations import vocabulary

PAD, BOS, EOS, UNKNOWN = "<pad>", "<s>", "</s>", "<unk>"
AUDIO = "<|AUDIO|>"
ADVICE = "<advice>"
"""Ends the finding; what follows is the advice."""
WORDINGS = 32
"""How many wordings the prompt can ask for, so that style is drawn by seed and never tells systems apart."""
SPECIAL_TOKENS: tuple[str, ...] = (PAD, BOS, EOS, UNKNOWN, AUDIO, ADVICE, *(f"<w{k}>" for k in range(WORDINGS)))

PLUS, MINUS = "+", "−"
HALF_DB_STEPS = 120
"""Numbers reach from 0 to 60 in steps of 0.5."""

PROMPT_WORDS: tuple[str, ...] = (
    *("drums", "bass", "other", "vocals", "mix", "overall", "problem", "reference", "shown", "stems", "yes", "no"),
    *("same_passage", "other_passage", "previous_version", "other_song", "none"),
    *("level", "difference", "differences", "each", "match", "sounding", "balance", "say", "advise", "brief", "dB"),
)
PUNCTUATION: tuple[str, ...] = (",", ".", ";", ":", "?", "!", "(", ")", "–", "%", "/", "'", "’", '"', "=")

_PIECES = r"\d+(?:\.\d+)?|[^\W\d]+(?:['’][^\W\d_]+)?|[^\w\s]"
_NO_SPACE_BEFORE = r" (?=[,.;:?!)%])"
_NO_SPACE_AFTER_SIGN = r"(?<=[+−]) (?=\d)"


class TextNotCoveredError(ValueError):
    """A text holds a word that the tokenizer does not know, so the model could never write it."""


def number_text(value: float) -> str:
    """The size of a number on the grid as it is written: 3.5, 3, 0."""
    return f"{abs(value):g}"


def number_words() -> tuple[str, ...]:
    """The unsigned numbers of the vocabulary in order: 0, 0.5, 1, ... 60."""
    return tuple(number_text(step / 2) for step in range(HALF_DB_STEPS + 1))


@lru_cache(maxsize=1)
def terse_words() -> tuple[str, ...]:
    """Every word of the terse register, sorted; all texts that the models are taught."""
    return tuple(sorted(vocabulary()))


def build_tokenizer(words: Iterable[str]) -> PreTrainedTokenizerFast:
    """A word-level tokenizer over the prompt's words, the numbers and the words of all texts a model may write."""
    every = (*SPECIAL_TOKENS, *number_words(), *PROMPT_WORDS, PLUS, MINUS, *PUNCTUATION, *sorted(words))
    pieces = dict.fromkeys(every)
    tokenizer = Tokenizer(models.WordLevel({piece: k for k, piece in enumerate(pieces)}, unk_token=UNKNOWN))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Split(Regex(_PIECES), behavior="isolated")]
    )
    tokenizer.decoder = _joining_decoder()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        bos_token=BOS,
        eos_token=EOS,
        unk_token=UNKNOWN,
        additional_special_tokens=[*SPECIAL_TOKENS[4:]],
        clean_up_tokenization_spaces=False,
        padding_side="left",
    )


def _joining_decoder() -> decoders.Decoder:
    # Words are joined with spaces, then the spaces that typography does not want are taken out again.
    return decoders.Sequence(
        [
            decoders.WordPiece(prefix="##", cleanup=False),
            decoders.Fuse(),
            decoders.Replace(Regex(_NO_SPACE_BEFORE), ""),
            decoders.Replace(Regex(_NO_SPACE_AFTER_SIGN), ""),
        ]
    )


def encode(tokenizer: PreTrainedTokenizerFast, text: str) -> list[int]:
    """Token ids of a text. Raises TextNotCoveredError naming the words that are not in the vocabulary."""
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False)
    if tokenizer.unk_token_id in ids:
        missing = sorted({piece for piece in text.split() if UNKNOWN in tokenizer.tokenize(piece)})
        raise TextNotCoveredError(f"the tokenizer does not cover {', '.join(missing)} in {text!r}")
    return ids


def decode(tokenizer: PreTrainedTokenizerFast, ids: Iterable[int]) -> str:
    """The text of token ids, special tokens left out; the inverse of encode for texts of the vocabulary."""
    text: str = tokenizer.decode(list(ids), skip_special_tokens=True)
    return text.strip()
