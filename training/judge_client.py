"""Calls to an OpenAI-compatible endpoint over the standard library, each kept on disk so that a run can be replayed."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KEY_VARIABLE = "MIXTRIAL_JUDGE_KEY"
TIMEOUT_S = 120.0


class JudgeCallError(ValueError):
    """A call that brought no reply; the verdict is missing."""


@dataclass(frozen=True)
class Endpoint:
    """Where a judge model is asked, and how."""

    url: str
    """Up to and with `/v1`."""
    model: str
    seed: int = 0
    temperature: float = 0.0
    max_tokens: int = 400
    cache: Path = Path("out/judge-cache")
    replay: bool = False
    """Only what is cached; nothing is sent."""

    def reply(self, system: str, user: str, *, audio: Path | None = None) -> str:
        """The text of the reply, from the cache where the same was asked before.

        Raises JudgeCallError for a refused, broken or (in a replay) never made call. Failures are not cached.
        """
        body = self._body(system, user, audio)
        path = self.cache / f"{_digest({'url': self.url, 'body': body})}.json"
        if path.is_file():
            return str(json.loads(path.read_text(encoding="utf-8"))["reply"])
        if self.replay:
            raise JudgeCallError(f"not in the cache {self.cache}")
        answer = self._send(body)
        _keep(path, {"url": self.url, "request": _without_audio(body), "response": answer, "reply": _text_of(answer)})
        return _text_of(answer)

    def _body(self, system: str, user: str, audio: Path | None) -> dict[str, Any]:
        content: Any = user
        if audio is not None:
            data = base64.b64encode(audio.read_bytes()).decode("ascii")
            sound = {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}
            content = [{"type": "text", "text": user}, sound]
        messages = [{"role": "system", "content": system}, {"role": "user", "content": content}]
        settings = {"seed": self.seed, "temperature": self.temperature, "max_tokens": self.max_tokens}
        return {"model": self.model, "messages": messages, "stream": False, **settings}

    def _send(self, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json"}
        if key := os.environ.get(KEY_VARIABLE):
            headers["Authorization"] = f"Bearer {key}"
        url = f"{self.url.rstrip('/')}/chat/completions"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 (the command checks the scheme)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise JudgeCallError(f"{url} answered {error.code}: {error.read(300).decode(errors='replace')}") from error
        except (OSError, ValueError) as error:
            raise JudgeCallError(f"{url} cannot be asked: {error}") from error


def _text_of(answer: Any) -> str:
    try:
        choice = answer["choices"][0]
        text, ended = choice["message"]["content"], choice.get("finish_reason")
    except (LookupError, TypeError, AttributeError) as error:
        raise JudgeCallError("the response holds no choices[0].message.content") from error
    if not isinstance(text, str):
        raise JudgeCallError("the reply is not text")
    if ended == "length":
        raise JudgeCallError("the reply was cut off; allow more with --max-tokens")
    return text


def _keep(path: Path, record: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(record, indent=1, ensure_ascii=False), encoding="utf-8")
    unfinished.replace(path)


def _without_audio(body: dict[str, Any]) -> dict[str, Any]:
    """The request with its audio as a hash: excerpts may not be copied into a cache."""
    system, user = body["messages"]
    if isinstance(user["content"], str):
        return body
    text, sound = user["content"]
    heard = {"type": "input_audio", "sha256": _digest(sound["input_audio"]["data"])}
    return {**body, "messages": [system, {**user, "content": [text, heard]}]}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
