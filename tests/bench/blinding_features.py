"""Everything a browser received in one trial, as named numbers: bytes, headers, sizes, order, timing, ids, values.

Nothing here knows what a leak looks like: every value, every length, every order and every header is one feature.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from studyweb.opaque import ALPHABET
from studyweb.trials.page_reading import read_trial_data
from studyweb.trials.transports import Exchange

TRIAL_PAGE = re.compile(r"/t/trial/([^/]+)/")
OPAQUE_ID = re.compile(rf"[{ALPHABET}]{{14}}")
LONGEST_LIST = 12
BYTE_PAIRS = 128
Feature = tuple[str, float]


def exchanges_by_trial(exchanges: Sequence[Exchange]) -> dict[str, list[Exchange]]:
    """{trial's public id: everything exchanged from the address that led to it to the one that led away}."""
    found: dict[str, list[Exchange]] = {}
    current: list[Exchange] = []
    for before, each in pairwise(exchanges):
        page = TRIAL_PAGE.fullmatch(each.path)
        if page and each.method == "GET" and each.status == 200:
            current = found.setdefault(page.group(1), [before])
        if current:
            current.append(each)
    return found


def features_of(exchanges: Sequence[Exchange]) -> dict[str, float]:
    """{feature: value} of one trial's exchanges; what is not named is 0."""
    met: Counter[str] = Counter()
    found: dict[str, float] = {}
    for each in exchanges:
        kind = _kind(each)
        met[kind] += 1
        found |= dict(_of_exchange(each, f"{kind}{met[kind]}"))
    return found


def _kind(exchange: Exchange) -> str:
    if exchange.path.startswith("/t/audio/"):
        return "audio"
    if exchange.method == "POST":
        return "reply"
    return "page" if TRIAL_PAGE.fullmatch(exchange.path) else "here"


def _of_exchange(exchange: Exchange, where: str) -> Iterator[Feature]:
    yield f"{where} seconds", math.log(max(exchange.seconds, 1e-6))
    yield f"{where} bytes", float(len(exchange.body))
    yield from _ids(exchange.path, f"{where} path")
    yield from _of_headers(exchange, where)
    if exchange.body:
        yield from _of_bytes(exchange.body, where)
        yield from _of_data(exchange, where)


def _of_data(exchange: Exchange, where: str) -> Iterator[Feature]:
    if where.startswith("page"):
        value = read_trial_data(exchange.text)
    elif exchange.headers.get("Content-Type", "") == "application/json":
        value = json.loads(exchange.body)
    else:
        return
    yield from _of_value(value, f"{where} data")
    # What is left of the size once the values are known: padding shows here however long the texts are.
    yield f"{where} bytes beside the data", float(len(exchange.body) - len(json.dumps(value)))


def _of_headers(exchange: Exchange, where: str) -> Iterator[Feature]:
    names = list(exchange.headers)
    yield f"{where} headers", float(len(names))
    for name, value in exchange.headers.items():
        yield f"{where} {name} length", float(len(value))
        yield f"{where} {name}={value}", 1.0
        yield from _ids(value, f"{where} {name}")
    for first, second in pairwise(names):
        yield f"{where} {second} after {first}", 1.0


def _of_bytes(body: bytes, where: str) -> Iterator[Feature]:
    codes = np.frombuffer(body, dtype=np.uint8).astype(np.intp)
    for byte, count in enumerate(np.bincount(codes, minlength=128)[:128].tolist()):
        yield f"{where} byte {byte}", count
    pairs = np.bincount((codes[:-1] * 31 + codes[1:]) % BYTE_PAIRS, minlength=BYTE_PAIRS)
    for pair, count in enumerate(pairs.tolist()):
        yield f"{where} pair {pair}", count


def _of_value(value: Any, path: str) -> Iterator[Feature]:
    """A JSON value: its members, their order, the lengths and places of texts, numbers as they are and as written."""
    if isinstance(value, dict):
        for first, second in pairwise(value):
            yield f"{path}: {second} after {first}", 1.0
        for name, member in value.items():
            yield from _of_value(member, f"{path}.{name}")
    elif isinstance(value, list):
        yield f"{path} entries", float(len(value))
        for number, member in enumerate(value[:LONGEST_LIST]):
            yield from _of_value(member, f"{path}.{number}")
    elif isinstance(value, str):
        yield f"{path} length", float(len(value))
        yield f"{path} starts {value[:1]!r}", 1.0
        yield f"{path} ends {value[-1:]!r}", 1.0
        yield from _ids(value, path)
        yield from ((f"{path} word {word}", 1.0) for word in value.lower().split()[:60])
    elif value is not None:
        yield path, float(value)
        yield f"{path} digits", float(len(repr(value)))


def _ids(text: str, path: str) -> Iterator[Feature]:
    """Where an opaque id stands in the alphabet, between 0 and 1."""
    if found := OPAQUE_ID.search(text):
        places = [ALPHABET.index(character) for character in found.group()[:4]]
        yield f"{path} sorts", sum(place / len(ALPHABET) ** (power + 1) for power, place in enumerate(places))
