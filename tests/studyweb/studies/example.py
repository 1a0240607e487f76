"""A small study file without model weights, and ways to change it."""

from __future__ import annotations

INFORMATION = "You listen to short passages, read two pieces of advice on each, and say which served the mix. " * 3

EXAMPLE = f"""\
schema_version: 1
slug: example
title: An example
claim: ceiling
contact: {{name: Somebody, email: somebody@example.org}}
texts:
  information: >-
    {INFORMATION} Questions: somebody@example.org.
  debrief: Thank you. Both pieces of advice came from programs or from a person.
consents:
  - {{key: take_part, text: I want to take part., required: true}}
systems:
  - {{key: oracle, kind: oracle, shown: stems_ref, reference_kind: same_passage}}
  - {{key: nothing, kind: constant}}
  - {{key: sabotaged, kind: sabotaged}}
  - {{key: engineer, kind: human}}
excerpts:
  source: procedural
  list:
    - {{track: study-00001, start_s: 1, length_s: 4, disturbance_db: {{vocals: 6}}}}
    - {{track: study-00002, start_s: 1, length_s: 4, disturbance_db: {{drums: -4, bass: 3}}}}
    - {{track: study-00003, start_s: 1, length_s: 4, disturbance_db: {{}}}}
    - {{track: study-00004, start_s: 1, length_s: 4, disturbance_db: {{bass: 7}}, role: check}}
    - {{track: study-00005, start_s: 1, length_s: 4, disturbance_db: {{other: 8}}, role: practice}}
design:
  trials:
    - {{pair: [oracle, engineer], count: 2}}
  repeats: 0
  checks:
    - {{kind: against_sabotaged, pair: [oracle, sabotaged], count: 1}}
analysis:
  primary: {{pair: [oracle, engineer]}}
recruitment: {{target_participants: 12}}
"""

WITHOUT_PEOPLE = EXAMPLE.replace("engineer]", "nothing]").replace("  - {key: engineer, kind: human}\n", "")
"""The same, with nothing that has to be delivered: a worker alone can prepare it."""


def on_tracks_at(root: object, text: str = EXAMPLE) -> str:
    """The file about recorded tracks instead of generated songs."""
    files = f"source: musdb18_hq\n  root: {root}\n  statement_of_right: These tracks are our own."
    return changed("source: procedural", files, text=text)


def line_of(text: str, part: str) -> int:
    """The number of the first line that holds `part`."""
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def changed(old: str, new: str, *, text: str = EXAMPLE) -> str:
    """The file with one thing changed."""
    assert text.count(old) >= 1, f"{old!r} is not in the example"
    return text.replace(old, new, 1)
