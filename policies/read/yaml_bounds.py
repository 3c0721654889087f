"""How much one YAML file may hold, and how deep: found out before it is composed."""

from __future__ import annotations

import re

import yaml

from policies.errors import SourceError

MAXIMUM_DEPTH = 100
MAXIMUM_NODES = 500_000
"""More than this, aliases counted as often as they are used and long texts by their length, is no manifest but a bomb."""

# A document can only be deep with many brackets or a long run of what opens a level of its own; only such a one is measured
# exactly. (Runs are sought everywhere, not at the beginnings of lines: to YAML a lone CR or U+2028 begins a line too.)
_RUN = re.compile(rb"[ \t\-?:]{%d}" % (MAXIMUM_DEPTH // 2))
_OPENING = (b"[", b"{")
# Every value but a document's first has one of these before it or before its key.
_SEPARATING = (*_OPENING, b",", b":", b"-", b"?")


def check_bounds(raw: bytes, file: str) -> None:
    """Look over a file before it is composed. Raises SourceError, with the line, where it is out of bounds, YAMLError where it is not YAML."""
    # libyaml's own parser keeps a stack on the heap, but composing recurses in C: 200,000 open brackets end the process.
    may_be_deep = sum(map(raw.count, _OPENING)) >= MAXIMUM_DEPTH // 2 or _RUN.search(raw)
    if not may_be_deep and sum(map(raw.count, _SEPARATING)) < MAXIMUM_NODES // 2:
        return
    depth = nodes = 0
    for event in yaml.parse(raw, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.NodeEvent):
            nodes += 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAXIMUM_DEPTH:
            raise SourceError(file, f"nests deeper than {MAXIMUM_DEPTH} levels and was not read", line)
        if nodes > MAXIMUM_NODES:
            raise SourceError(file, f"holds more than {MAXIMUM_NODES:,} values and was not read", line)
