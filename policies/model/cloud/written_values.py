"""What an expression of HCL says by itself: objects, lists, strings, numbers, where evaluating it has nothing to give.

`jsonencode({…})` and JSON in a heredoc are read as they are written: what depends on something that is known only when it is applied
is Unknown, and all else is there. The grammar is HCL's own (github.com/hashicorp/hcl, hclsyntax/spec.md, "Structural Expressions").
"""

from __future__ import annotations

import json
import re
from typing import Any

from policies.read.terraform import Unknown

DEEPEST = 30
"""An expression nested more deeply than this is not looked into."""

_CALL = re.compile(r"\A\s*jsonencode\s*\((?P<inside>.*)\)\s*\Z", re.DOTALL)
_HEREDOC = re.compile(r"\A\s*<<-?(?P<mark>\w[\w-]*)\r?\n(?P<body>.*?)\n?[ \t]*(?P=mark)\s*\Z", re.DOTALL)
_INTERPOLATION = re.compile(r"(?<!\$)\$\{[^{}]*\}")
_STAND_IN = re.compile(r"\$\{[^{}]*\}")
"""`${aws_sqs_queue.this["a"]}`: where a document refers to another resource."""
_TOKEN = re.compile(
    r"""(?x) (?P<space>(?:\s|\#[^\n]*|//[^\n]*|/\*.*?\*/)+)
      | (?P<string>"(?:[^"\\$]|\\.|\$(?!\{)|\$\{[^{}]*\})*")
      | (?P<number>-?\d+(?:\.\d+)?)(?![\w.])
      | (?P<operator>[=!<>]=|=>)
      | (?P<mark>[{}\[\](),=:])
      | (?P<other>[^\s{}\[\](),=:"]+)""",
    re.DOTALL,
)
_WORDS = {"true": True, "false": False, "null": None}


def json_of(value: Any, text: str = "") -> Any:
    """Give the data of a JSON document: a value that is a string of it, or the text of the expression that makes it.

    Unknown where neither says; a `null` that evaluating left in it stands for what was not known.
    """
    if isinstance(value, str):
        try:
            data = json.loads(_STAND_IN.sub(lambda found: found[0].replace('"', '\\"'), value))
        except (ValueError, RecursionError):
            data = None
        if data is not None and not _has_null(data):
            return data
    written = written_json(text)
    if not isinstance(written, Unknown):
        return written
    if isinstance(value, (Unknown, dict, list)):
        return value
    return Unknown("the document is not JSON, or is known only when it is applied")


def written_json(text: str) -> Any:
    """Give the data that `jsonencode({…})` or a heredoc of JSON says as it is written; Unknown for any other expression."""
    if (call := _CALL.match(text)) is not None:
        return written(call["inside"])
    if (heredoc := _HEREDOC.match(text)) is not None:
        try:
            return _with_unknown(json.loads(heredoc["body"]))
        except (ValueError, RecursionError):
            pass
    return Unknown(f"what {_short(text)} gives is known only when it is applied")


def written(text: str) -> Any:
    """Give the value that an expression says as it is written; what it computes or refers to is Unknown."""
    tokens = [(found.lastgroup or "", found[0]) for found in _TOKEN.finditer(text) if found.lastgroup != "space"]
    try:
        value, end = _value(tokens, 0, 0)
    except (IndexError, _TooDeepError):
        return Unknown(f"{_short(text)} is known only when it is applied")
    return value if end == len(tokens) else Unknown(f"{_short(text)} is known only when it is applied")


class _TooDeepError(Exception):
    pass


def _value(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Any, int]:
    """Read one value; give it and where the next begins. An expression that computes ends at the next comma or bracket."""
    if depth > DEEPEST:
        raise _TooDeepError
    kind, text = tokens[at]
    if text == "{":
        value, end = _object(tokens, at + 1, depth)
    elif text == "[":
        value, end = _list(tokens, at + 1, depth)
    elif kind == "string":
        value, end = _string(text), at + 1
    elif kind == "number":
        value, end = (float(text) if "." in text else int(text)), at + 1
    elif text in _WORDS:
        value, end = _WORDS[text], at + 1
    else:
        return _computed(tokens, at)
    following = tokens[end] if end < len(tokens) else ("mark", ",")
    goes_on = following[0] in ("other", "operator") and not re.match(r"[A-Za-z_][\w-]*\Z", following[1])
    return _computed(tokens, at) if goes_on or following[1] in ("(", "[") else (value, end)


def _object(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Any, int]:
    found: dict[str, Any] = {}
    if tokens[at] == ("other", "for"):
        return _skipped(tokens, at - 1)
    while tokens[at][1] != "}":
        if tokens[at][1] == ",":
            at += 1
            continue
        key = tokens[at][1].strip('"')
        at += 1
        while tokens[at][1] not in ("=", ":"):  # A key that is computed: (var.name).
            at += 1
        found[key], at = _value(tokens, at + 1, depth + 1)
    return found, at + 1


def _list(tokens: list[tuple[str, str]], at: int, depth: int) -> tuple[Any, int]:
    found: list[Any] = []
    if tokens[at] == ("other", "for"):
        return _skipped(tokens, at - 1)
    while tokens[at][1] != "]":
        if tokens[at][1] == ",":
            at += 1
            continue
        value, at = _value(tokens, at, depth + 1)
        found.append(value)
    return found, at + 1


def _skipped(tokens: list[tuple[str, str]], at: int) -> tuple[Any, int]:
    """Skip brackets with all that is in them."""
    begin, depth = at, 0
    while True:
        depth += {"{": 1, "[": 1, "(": 1, "}": -1, "]": -1, ")": -1}.get(tokens[at][1], 0)
        at += 1
        if not depth:
            return Unknown(
                f"{_short(' '.join(text for _, text in tokens[begin:at]))} is known only when it is applied"
            ), at


def _computed(tokens: list[tuple[str, str]], at: int) -> tuple[Any, int]:
    """Skip an expression that computes, or refers: to where its line, its item or its brackets end."""
    begin, asked = at, 0  # How many conditions have not come to their `:` yet.
    while at < len(tokens):
        kind, text = tokens[at]
        following = tokens[at + 1][1] if at + 1 < len(tokens) else ""
        if text in ("{", "[", "("):
            _, at = _skipped(tokens, at)
            continue
        if text in (",", "}", "]", ")"):
            break
        if at > begin and kind in ("other", "string") and (following == "=" or (following == ":" and not asked)):
            break  # The next key of an object: lines end without a comma.
        asked += text.count("?") - (text == ":") if kind != "string" else 0
        at += 1
    return Unknown(f"{_short(''.join(text for _, text in tokens[begin:at]))} is known only when it is applied"), at


def _string(quoted: str) -> Any:
    inner = quoted[1:-1]
    if _INTERPOLATION.search(inner):
        return Unknown(f"{_short(inner)} is known only when it is applied", inner)
    return inner.replace('\\"', '"').replace("\\\\", "\\").replace("$${", "${")


def _with_unknown(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _with_unknown(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_with_unknown(value) for value in data]
    if isinstance(data, str) and _INTERPOLATION.search(data):
        return Unknown(f"{_short(data)} is known only when it is applied", data)
    return data


def _has_null(data: Any) -> bool:
    pending = [data]
    while pending:
        item = pending.pop()
        if item is None:
            return True
        pending += item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
    return False


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 80 else f"{text[:77]}..."
