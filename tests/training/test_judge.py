"""The judge: strict reading, both orders, a cache that replays, and a rubric that needs no model."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from training.__main__ import main
from training.judge import Judge, joined
from training.judge_answers import ReplyError, read_pair_reply, read_rank_reply
from training.judge_client import Endpoint
from training.judge_items import JudgeItemsError, read_items
from training.judge_prompts import CRITERIA

ITEM: dict[str, Any] = {
    "item_id": "item1",
    "track_id": "track1",
    "brief": "Rock chorus. The vocals should lead.",
    "correction_db": {"vocals": 4.0},
    "stems": ["drums", "bass", "other", "vocals"],
    "levels": {"vocals_lufs": -30.0},
    "advices": [
        {"advice_id": "right", "text": "Turn the vocals up by 4 dB.", "changes_db": {"vocals": 4.0}},
        {"advice_id": "wrong", "text": "Turn the drums up by 4 dB.", "changes_db": {"drums": 4.0}},
        {"advice_id": "unread", "text": "It needs more magic.", "changes_db": None},
    ],
}


def good(winner: str) -> str:
    return json.dumps({"criteria": dict.fromkeys(CRITERIA, winner), "winner": winner, "why": "It is."})


@contextmanager
def scripted(reply: Callable[[dict[str, Any]], str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An OpenAI-compatible server on localhost that answers as it is told; and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            message = {"role": "assistant", "content": reply(asked[-1])}
            body = json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Silent."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def items_file(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return path


def advice_a(request: dict[str, Any]) -> str:
    """The text that stands first in a prompt."""
    return str(request["messages"][1]["content"]).split("Advice A", 1)[1].split("Advice B", 1)[0]


def test_the_rubric_prefers_what_leaves_less_imbalance(tmp_path: Path) -> None:
    rows = list(Judge("rubric").verdicts(read_items(items_file(tmp_path / "items.jsonl", ITEM))))
    winners = {(row["first"], row["second"]): row["winner"] for row in rows}
    assert winners == {("right", "wrong"): "first", ("right", "unread"): "first", ("wrong", "unread"): "second"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A is better.",
        "[1]",
        good("A") + " I hope this helps.",
        good("C"),
        json.dumps({"winner": "A"}),
        json.dumps({"criteria": {"effect": "A"}, "winner": "A", "why": ""}),
        '{"criteria": {}, "winner": "A", "winner": "B", "why": ""}',
        good("A").replace('"A", "why"', '"a", "why"'),
    ],
)
def test_a_reply_of_another_form_is_missing(text: str) -> None:
    with pytest.raises(ReplyError):
        read_pair_reply(text)


def test_a_code_fence_is_taken_off() -> None:
    assert read_pair_reply(f"```json\n{good('B')}\n```")[0] == "B"


@pytest.mark.parametrize("ranking", [["A", "B"], ["A", "B", "B"], ["A", "B", "D"], "ABC", [1, 2, 3]])
def test_a_ranking_needs_every_letter_once(ranking: Any) -> None:
    with pytest.raises(ReplyError):
        read_rank_reply(json.dumps({"ranking": ranking}), count=3)


def test_only_what_both_orders_say_wins() -> None:
    assert joined(["first", "first"]) == "first"
    assert joined(["first", "second"]) == "tie"
    assert joined(["first", "tie"]) == "tie"
    assert joined(["first", None]) is None


def test_a_judge_that_always_takes_the_first_ends_in_ties(tmp_path: Path) -> None:
    items = read_items(items_file(tmp_path / "items.jsonl", ITEM))
    with scripted(lambda _: good("A")) as (url, asked):
        rows = list(Judge("pairwise", Endpoint(url, "m", cache=tmp_path / "cache")).verdicts(items))
    assert [row["winner"] for row in rows] == ["tie"] * 3
    assert [order["winner"] for order in rows[0]["orders"]] == ["first", "second"]
    assert len(asked) == 6
    assert "correction_db" in asked[0]["messages"][1]["content"]
    assert asked[0]["seed"] == 0


def test_a_judge_that_reads_is_consistent_and_replays_without_a_server(tmp_path: Path) -> None:
    items = read_items(items_file(tmp_path / "items.jsonl", {**ITEM, "advices": ITEM["advices"][:2]}))
    with scripted(lambda request: good("A" if "vocals up" in advice_a(request) else "B")) as (url, asked):
        judge = Judge("pairwise", Endpoint(url, "m", cache=tmp_path / "cache"))
        there = list(judge.verdicts(items))
        again = list(judge.verdicts(items))
    assert there[0]["winner"] == "first"
    assert len(asked) == 2
    replayed = list(Judge("pairwise", Endpoint(url, "m", cache=tmp_path / "cache", replay=True)).verdicts(items))
    assert replayed == again == there
    other = list(Judge("pairwise", Endpoint(url, "m", seed=1, cache=tmp_path / "cache", replay=True)).verdicts(items))
    assert other[0]["winner"] is None
    assert "not in the cache" in other[0]["problems"][0]


def test_failed_calls_and_broken_replies_are_missing_and_never_random(tmp_path: Path) -> None:
    items = read_items(items_file(tmp_path / "items.jsonl", ITEM))
    with scripted(lambda request: good("tie") if "Advice A (no gain" in str(request) else "Hm.") as (url, _):
        rows = list(Judge("pairwise", Endpoint(url, "m", cache=tmp_path / "one")).verdicts(items))
    assert [row["winner"] for row in rows] == [None, None, None]
    gone = list(Judge("pairwise", Endpoint(url, "m", cache=tmp_path / "two")).verdicts(items))
    assert [row["winner"] for row in gone] == [None, None, None]
    assert "cannot be asked" in gone[0]["problems"][0]


def test_audio_is_sent_and_only_its_hash_is_kept(tmp_path: Path) -> None:
    (tmp_path / "one.wav").write_bytes(b"RIFFsound")
    items = read_items(items_file(tmp_path / "items.jsonl", {**ITEM, "audio": "one.wav"}))
    with scripted(lambda _: good("tie")) as (url, asked):
        list(Judge("pairwise", Endpoint(url, "m", cache=tmp_path / "cache"), tmp_path).verdicts(items))
    sound = asked[0]["messages"][1]["content"][1]
    assert sound == {"type": "input_audio", "input_audio": {"data": "UklGRnNvdW5k", "format": "wav"}}
    kept = "".join(path.read_text() for path in (tmp_path / "cache").iterdir())
    assert "UklGRnNvdW5k" not in kept
    assert "sha256" in kept


def test_listwise_ranks_all_in_one_call_with_letters_shuffled_by_seed(tmp_path: Path) -> None:
    items = read_items(items_file(tmp_path / "items.jsonl", ITEM))
    with scripted(lambda _: '{"ranking": ["B", "A", "C"]}') as (url, asked):
        rows = [
            [row["winner"] for row in Judge("listwise", Endpoint(url, "m", s, cache=tmp_path / "c")).verdicts(items)]
            for s in range(5)
        ]
    assert len(asked) == 5
    assert len({tuple(each) for each in rows}) > 1
    assert all(winner in ("first", "second") for each in rows for winner in each)
    assert "correction_db" not in str(asked)


def test_every_bad_line_is_named(tmp_path: Path) -> None:
    path = items_file(
        tmp_path / "items.jsonl",
        [1],
        {**ITEM, "correction_db": {"vocals": "4"}},
        {**ITEM, "advices": ITEM["advices"][:1]},
    )
    with pytest.raises(JudgeItemsError) as refused:
        read_items(path)
    assert [f"line {number}" in str(refused.value) for number in (1, 2, 3)] == [True, True, True]


def test_the_command_writes_verdicts_and_refuses_a_model_without_endpoint(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    items = items_file(tmp_path / "items.jsonl", ITEM)
    output = tmp_path / "verdicts.jsonl"
    assert main(["judge", str(items), "--output", str(output)]) == 0
    assert "3 pairs, 0 of them missing" in capsys.readouterr().out
    assert len(output.read_text().splitlines()) == 3
    assert main(["judge", str(items), "--output", str(tmp_path / "other"), "--method", "pairwise"]) == 2
    assert "--endpoint" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()
