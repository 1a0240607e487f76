"""A conversation as one row of tokens, in ChatML, which all supported bases were trained on.

The clips' placeholders are written here and not by the processors of the bases: two of them refuse several audios a
prompt, by a check that their models do not need.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from training.bases.base import Clip, Conversation, Turn
from training.bases.family import Family

TURN_START, TURN_END = "<|im_start|>", "<|im_end|>"
DEFAULT_SYSTEM = "You are a helpful assistant."


class ConversationError(ValueError):
    """A conversation that cannot be shown to a model."""


@dataclass
class TokenRow:
    """Token ids of a conversation, and which of them the model has to write."""

    ids: list[int] = field(default_factory=list)
    taught: list[bool] = field(default_factory=list)

    def add(self, ids: Sequence[int], *, taught: bool = False) -> None:
        """Append tokens."""
        self.ids.extend(ids)
        self.taught.extend([taught] * len(ids))


def token_row(conversation: Conversation, *, tokenizer: Any, family: Family, clip_tokens: Sequence[int]) -> TokenRow:
    """The row of a conversation whose clips take `clip_tokens` audio tokens, in order.

    A conversation that ends with a user's turn gets the start of the assistant's, so that the model goes on from there.
    Taught are the words of taught turns and the token that ends them. Raises ConversationError.
    """
    _check(conversation)
    row = TokenRow()
    counts = iter(clip_tokens)
    for turn in _with_system(conversation):
        row.add(_head(turn.role, tokenizer))
        for piece in turn.content:
            if isinstance(piece, Clip):
                row.add(_clip_ids(next(counts), tokenizer, family))
            else:
                row.add(_text_ids(piece, tokenizer), taught=turn.taught)
        row.add([token_id(tokenizer, TURN_END)], taught=turn.taught)
        row.add(_text_ids("\n", tokenizer))
    if conversation.turns[-1].role == "assistant":
        newline = len(_text_ids("\n", tokenizer))
        del row.ids[-newline:], row.taught[-newline:]
    else:
        row.add(_head("assistant", tokenizer))
    return row


def clips_of_conversation(conversation: Conversation) -> list[Clip]:
    """All clips, in the order in which they are heard."""
    return [piece for turn in conversation.turns for piece in turn.content if isinstance(piece, Clip)]


def token_id(tokenizer: Any, token: str) -> int:
    """The id of a special token. Raises ConversationError when the tokenizer does not have it."""
    number = tokenizer.convert_tokens_to_ids(token)
    if number is None or number == tokenizer.unk_token_id:
        raise ConversationError(f"the tokenizer has no token {token!r}; it does not belong to this base")
    return int(number)


def _check(conversation: Conversation) -> None:
    if not conversation.turns:
        raise ConversationError("the conversation has no turn")
    for turn in conversation.turns:
        if turn.taught and turn.role != "assistant":
            raise ConversationError(f"a taught turn is {turn.role}'s; only the assistant's turns can be taught")
        if turn.role == "assistant" and any(isinstance(piece, Clip) for piece in turn.content):
            raise ConversationError("the assistant's turn holds a clip; models hear clips, they do not write them")


def _with_system(conversation: Conversation) -> tuple[Turn, ...]:
    if conversation.turns[0].role == "system":
        return conversation.turns
    return (Turn("system", (DEFAULT_SYSTEM,)), *conversation.turns)


def _head(role: str, tokenizer: Any) -> list[int]:
    return [token_id(tokenizer, TURN_START), *_text_ids(f"{role}\n", tokenizer)]


def _text_ids(text: str, tokenizer: Any) -> list[int]:
    # Special tokens in a text are plain characters: a brief cannot open a turn or claim a clip.
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True)
    return ids


def _clip_ids(count: int, tokenizer: Any, family: Family) -> list[int]:
    ids = [token_id(tokenizer, family.audio_mark)] * count
    if family.begin_mark:
        ids = [token_id(tokenizer, family.begin_mark), *ids]
    return [*ids, token_id(tokenizer, family.end_mark)] if family.end_mark else ids
