"""Terraform's functions, by what they do to a value that is not known."""

from __future__ import annotations

import re

SHOWING = frozenset([
    "jsonencode", "yamlencode", "format", "formatlist", "join", "concat", "merge", "flatten", "tolist", "toset",
    "tomap", "tostring", "tonumber", "tobool", "compact", "distinct", "upper", "lower", "title", "trim", "trimspace",
    "trimsuffix", "trimprefix", "chomp", "indent", "replace", "values", "zipmap", "one", "reverse", "sort",
    "setunion", "setproduct", "nonsensitive", "sensitive", "templatefile", "templatestring", "jsondecode",
    "yamldecode", "abs", "ceil", "floor", "parseint", "cidrhost", "cidrnetmask", "cidrsubnet", "cidrsubnets",
    "timeadd", "file", "filebase64",
])  # fmt: skip
"""Functions whose result shows what goes in, or that have no result where it is not known."""

CERTAIN = frozenset([
    "jsonencode", "yamlencode", "format", "formatlist", "join", "concat", "merge", "flatten", "tolist", "toset",
    "tomap", "tostring", "compact", "distinct", "upper", "lower", "title", "trim", "trimspace", "trimsuffix",
    "trimprefix", "chomp", "replace", "values", "keys", "one", "nonsensitive", "sensitive", "try", "can", "coalesce",
    "length", "contains", "lookup",
])  # fmt: skip
"""Functions that a stand-in does not make fail."""

UNSUPPORTED = frozenset([
    "templatefile", "templatestring", "plantimestamp", "rsadecrypt", "type", "urldecode", "ephemeralasnull",
    "convert", "defaults", "list", "map",
])  # fmt: skip
"""Functions that tfparse has no result for; those of providers (`provider::`) are others."""

FLEETING = frozenset(["timestamp", "plantimestamp", "uuid", "bcrypt", "abspath", "pathexpand"])
"""Functions that give another result each time, or wherever they are called."""

TAKING = frozenset(["element", "slice"])
"""Functions that take what stands at a place in a list: where that is depends on how many stand before it."""

FALLING_BACK = frozenset(["coalesce", "coalescelist", "try", "can"])
"""Functions that take the next where one is null or fails: what is known only when it is applied is there, and is not null."""

KEEPING = frozenset([
    "jsonencode", "jsondecode", "yamlencode", "yamldecode", "concat", "merge", "flatten", "tolist", "toset", "tomap",
    "tostring", "compact", "distinct", "values", "keys", "one", "element", "slice", "lookup", "zipmap", "sort",
    "reverse", "coalesce", "coalescelist", "try", "nonsensitive", "sensitive", "setunion", "setproduct",
])  # fmt: skip
"""Functions that give on what they take, or some of it, letter by letter: of the text of a reference they make no other."""

KEYWORDS = frozenset(["in", "if", "for", "else", "endif", "endfor"])
_CALL = re.compile(r"(?<![\w.-])([^\W\d][\w-]*(?:::[\w-]+)*)\s*\(")
_ARITHMETIC = re.compile(r"(?<=[\w)\]»])\s+[-+*/%]\s|(?<=[\w)\]»])[+*/%](?=[\w(])")


def calls(code: str) -> set[str]:
    """Give the functions that an expression calls."""
    return set(_CALL.findall(code)) - KEYWORDS


def is_simple(code: str) -> bool:
    """Whether an expression calls nothing and computes nothing."""
    return not calls(code) and _ARITHMETIC.search(code) is None


def may_fail(code: str) -> bool:
    """Whether an expression may come to nothing because of a stand-in in it."""
    return bool(calls(code) - CERTAIN) or _ARITHMETIC.search(code) is not None
