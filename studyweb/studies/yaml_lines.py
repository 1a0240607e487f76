"""YAML read as plain data that remembers its lines: no tags, no aliases, no surprises.

Only what a study file needs: mappings with text keys, lists, text, numbers, true and false, null. Dates stay text.
Aliases are refused, so that a small file cannot unfold into a large one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import yaml

from studyweb.studies.problems import KeyPath, Problem, StudyFileError, dotted

LARGEST_BYTES = 200_000
DEEPEST = 12
"""Levels of nesting; a study file has six."""

PLAIN_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")}
TIMESTAMP = "tag:yaml.org,2002:timestamp"


@dataclass
class Located:
    """Plain data with the line of every key and entry."""

    value: Any = None
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line_of(self, path: KeyPath) -> int:
        """The line of a value, or of the nearest thing around it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def add_problem(self, path: KeyPath, line: int, message: str) -> None:
        """Note that something is wrong there."""
        self.problems.append(Problem(line, dotted(path), message))


def read_yaml(text: str) -> Located:
    """The file's data with its lines; `problems` holds duplicate keys, tags and numbers that are not finite.

    Raises StudyFileError for what cannot be read at all: not YAML, too large, aliases, nested too deep, empty.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > LARGEST_BYTES:
        raise _error(1, f"the file has {size} bytes; a study file has at most {LARGEST_BYTES}")
    try:
        _refuse_bombs(text)
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _error(_line_of_error(error), f"this is not YAML: {error.problem or error.context}") from error
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1 if isinstance(error.position, int) else 1
        raise _error(line, f"the character {error.character!r} is not allowed") from error
    if node is None:
        raise _error(1, "the file is empty")
    located = Located()
    located.value = _plain(node, (), located)
    return located


def _refuse_bombs(text: str) -> None:
    """Look at the stream of events, which is never unfolded, before anything is built from it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = _line(event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            raise _error(line, f"*{event.anchor}: aliases are not used in study files; write the value out")
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _error(line, f"nested more than {DEEPEST} levels deep")
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1


def _plain(node: yaml.Node, path: KeyPath, located: Located) -> Any:
    line = _line(node.start_mark)
    located.lines.setdefault(path, line)
    if node.tag not in PLAIN_TAGS and node.tag != TIMESTAMP:
        located.add_problem(path, line, f"the tag {node.tag} is not used in study files")
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, located)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*path, index), located) for index, child in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    return _scalar(node, path, located)


def _mapping(node: yaml.MappingNode, path: KeyPath, located: Located) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = _line(key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode):
            located.add_problem(path, line, "a key must be a word")
            continue
        key = str(key_node.value)
        here = (*path, key)
        if key in mapping:
            located.add_problem(here, line, f"is given twice; the first is in line {located.lines[here]}")
            continue
        located.lines[here] = line
        mapping[key] = _plain(value_node, here, located)
    return mapping


def _scalar(node: yaml.ScalarNode, path: KeyPath, located: Located) -> Any:
    kind = node.tag.rsplit(":", 1)[1]
    if kind in ("str", "timestamp"):
        return str(node.value)
    try:
        value = yaml.SafeLoader("").construct_object(node)
    except ValueError:
        located.add_problem(path, _line(node.start_mark), f"{node.value!r} is not a {kind}")
        return None
    if isinstance(value, float) and not math.isfinite(value):
        located.add_problem(path, _line(node.start_mark), f"{node.value} is not a finite number")
        return None
    return value


def _line_of_error(error: yaml.MarkedYAMLError) -> int:
    return _line(error.problem_mark or error.context_mark)


def _line(mark: Any) -> int:
    """PyYAML counts lines from 0; a mark is missing only where nothing was read."""
    return int(mark.line) + 1 if mark else 1


def _error(line: int, message: str) -> StudyFileError:
    return StudyFileError([Problem(line, "", message)])
