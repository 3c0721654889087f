"""What YAML's scalars mean to Kubernetes: null, a boolean, a number or a text, and how each is spelled as a key.

Source: go-yaml v2, `resolve.go`, and sigs.k8s.io/yaml, `convertToJSONableObject`.
"""

from __future__ import annotations

import re
import struct
from typing import Any

import yaml

STANDARD = "tag:yaml.org,2002:"
"""What the tags of YAML's own types begin with."""

PLAIN = STANDARD + "plain"
"""Our own tag of a scalar without quotes and without a tag: what it means is still to be said."""

_BOOLEANS = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_INTEGER = re.compile(r"[-+]?(0[bB][01]+|0[oO]?[0-7]+|0[xX][0-9a-fA-F]+|0|[1-9][0-9]{0,20})\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_LOOSE_UNDERSCORE = re.compile(r"_(?![0-9])|(?<![0-9])_")
NO_NUMBERS = frozenset(sign + name for name in (".inf", ".Inf", ".INF") for sign in ("", "+", "-")) | {
    ".nan",
    ".NaN",
    ".NAN",
}
"""What YAML takes for numbers that JSON does not have."""


def resolve_plain(text: str) -> Any:
    """Say what a plain scalar means."""
    if text in _NULLS:
        return None
    first = text[0]
    if first in "yYnNtTfFoO":
        return _BOOLEANS.get(text, text)
    if first not in "+-.0123456789":
        return text
    if first == "." and _LOOSE_UNDERSCORE.search(text):
        return text
    digits = text.replace("_", "")
    if _INTEGER.match(digits):
        value = _integer(digits)
        if -(2**63) <= value < 2**63:
            return value
        if 0 < value < 2**64 and digits[0] != "+":
            return float(value)
    if _FLOAT.match(digits):
        approximate = float(digits)
        return text if approximate in (float("inf"), float("-inf")) else approximate
    return text


def _integer(digits: str) -> int:
    sign, magnitude = (-1, digits[1:]) if digits[0] == "-" else (1, digits.lstrip("+"))
    if len(magnitude) > 1 and magnitude[0] == "0" and magnitude[1].isdigit():
        magnitude = "0o" + magnitude[1:]
    return sign * int(magnitude, 0)


def spell_key(node: yaml.ScalarNode) -> str:
    """Give a mapping's key as JSON has it: what YAML takes for a number or a boolean is spelled as Go spells it."""
    value = node.value if node.tag == STANDARD + "str" else resolve_plain(node.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _spell_float(value)
    return "null" if value is None else str(value)


def _spell_float(value: float) -> str:
    # As strconv.FormatFloat(value, 'g', -1, 32): the fewest digits that mean the same to 32 bits, an exponent from 1e6 on.
    try:
        single = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return ".inf" if value > 0 else "-.inf"
    for digits in range(9):
        text = f"{single:.{digits}e}"
        if struct.unpack("<f", struct.pack("<f", float(text)))[0] == single:
            break
    exponent = text.partition("e")[2]
    return text if int(exponent) not in range(-4, 6) else f"{single:.{max(0, digits - int(exponent))}f}"


def is_merge(key: yaml.Node) -> bool:
    """Whether a key merges another mapping into its own (`<<`, https://yaml.org/type/merge.html)."""
    return bool(key.value == "<<" and key.tag in (PLAIN, STANDARD + "merge"))
