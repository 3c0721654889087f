"""What kustomize says, as a person can read it: without the way to it, without whole objects and values, which may be secrets."""

from __future__ import annotations

import json
import re

from policies.read.documents import value_at

LONGEST_MESSAGE = 600
"""How much is told of what kustomize says; it may print whole objects."""

_OBJECT = re.compile(
    r"""\{"apiVersion"|map\[string\]interface ?\{\}\((?:nil)\): ?|map\[string\]interface ?\{\}\{.*\}(?:: |$)"""
)

_WAYS = (
    re.compile(
        r"accumulating (?:resources|components): accumulat(?:ion err=|eDirectory: )'accumulating resources from '[^']*': "
        r"'[^']*' must resolve to a file': (?=\S)"
    ),
    re.compile(r"recursed (?:accumulation|merging) (?:of|from) path '[^']*': "),
    re.compile(r"couldn't make target for path '[^']*': "),
)
_FILE_AND_DIRECTORY = re.compile(
    r"\Aaccumulating (?:resources|components): accumulation err='(.*)': must build at directory: .*\Z", re.DOTALL
)


_ADDRESS = re.compile(r"&\{0x[^}]*\}:? ?")
_IDENTITY = re.compile(r'resid\.ResId\{Gvk:resid\.Gvk\{[^}]*Kind:"([^"]*)"[^}]*\}, Name:"([^"]*)"[^}]*\}')
_VALUE = re.compile(
    r"(`)[^`]{60,}(`)|(?<=from \[patch: ).*(?=\]\Z)|(?<=literal sources \[).*(?=\]: )|(?<=invalid literal source ).*(?=, expected)",
    re.DOTALL,
)
"""Where kustomize repeats what stands in a file: patches and literals may hold secrets."""


def plain_message(message: str) -> str:
    """Give what kustomize says without how it got there, without whole objects (which may hold secrets), in one line."""
    for way in _WAYS:
        message = way.split(message)[-1]
    both = _FILE_AND_DIRECTORY.match(message)
    message = _IDENTITY.sub(r"\1/\2", _ADDRESS.sub("", _without_objects(both[1] if both else message)))
    message = _VALUE.sub(lambda found: f"{found[1] or ''}...{found[2] or ''}", message)
    message = " ".join(message.partition("\ngoroutine ")[0].split())
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}..."


def _without_objects(message: str) -> str:
    told, rest = "", message
    while found := _OBJECT.search(rest):
        told, rest = told + rest[: found.start()], rest[found.start() :]
        if not rest.startswith("{"):
            rest = rest[found.end() - found.start() :]
            continue
        try:
            body, end = json.JSONDecoder().raw_decode(rest)
        except (ValueError, RecursionError):
            return told + "an object"
        told += f"{body.get('kind')}/{value_at(body, ('metadata', 'name'))}"
        rest = rest[end:]
    return told + rest
