"""What tfparse gives for an attribute, as a value: without stand-ins and identities, and Unknown where it is not known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from policies.read.hcl import Expression
from policies.read.terraform import Unknown
from policies.read.terraform_dependence import spell
from policies.read.terraform_names import Names
from policies.read.terraform_scope import Scope, string
from policies.read.terraform_spans import Span, elements, items
from policies.read.terraform_unknown import Analysis, Chain, Path

AS_WRITTEN = frozenset(
    [
        "provider",
        "providers",
        "depends_on",
        "ignore_changes",
        "replace_triggered_by",
        "from",
        "to",
        "configuration_aliases",
    ]
)
"""Attributes whose value is a name, and not what it names."""

_ALL_AS_WRITTEN = frozenset(["terraform", "moved", "import", "removed"])

_UNRESOLVED = re.compile(r"\$\{\s*(?:var|local|module|data|each|count|self|[a-z]\w*_\w*)\s*[.\[]|\$\{\.\.\.\}")


@dataclass(frozen=True)
class Place:
    """Where a block stands: its scope, the module call that it is in, and the blocks around it as they are written, itself the last."""

    scope: Scope
    module: str
    file: str
    chain: Chain


@dataclass(frozen=True)
class Values:
    """What is needed to tell a value: what names mean, and what an expression depends on."""

    names: Names
    analysis: Analysis

    def value(self, raw: Any, name: str, place: Place) -> Any:
        """Give the value of an attribute."""
        expression = place.chain[-1].attributes.get(name) if place.chain else None
        if expression is None:
            return self._unwritten(raw, name)
        if name in AS_WRITTEN or place.chain[0].type in _ALL_AS_WRITTEN:
            return _as_written(Span.of(expression))
        if name == "source" and place.chain[0].type == "module" and (written := string(expression)) is not None:
            return written  # the copy may have another
        try:
            return self._value(raw, name, expression, place, ())
        except RecursionError:
            return Unknown(f"what {name} holds is nested too deeply")

    def _unwritten(self, raw: Any, name: str) -> Any:
        if isinstance(raw, list):
            return [self._unwritten(item, name) for item in raw]
        if isinstance(raw, dict) and "__attribute__" not in raw:
            known = self.names.address_of(raw)
            return (
                {key: self._unwritten(item, name) for key, item in raw.items()} if known is None else "${" + known + "}"
            )
        if raw is None or isinstance(raw, dict):
            return Unknown(f"what {name} comes to is not known")
        text, why = self.names.show(raw) if isinstance(raw, str) else ("", "")
        return Unknown(why, text) if why else text if isinstance(raw, str) else raw

    def _value(self, raw: Any, name: str, expression: Expression, place: Place, path: Path) -> Any:
        if isinstance(raw, list):
            unknown = self._length(expression, place, path)
            if unknown is not None:
                return unknown
            return [self._value(item, name, expression, place, (*path, at)) for at, item in enumerate(raw)]
        if isinstance(raw, dict) and "__attribute__" not in raw:
            known = self.names.address_of(raw)
            if known is not None:
                return "${" + known + "}"
            unknown = self._length(expression, place, path)
            if unknown is not None:
                return unknown
            return {key: self._value(item, name, expression, place, (*path, key)) for key, item in raw.items()}
        whole = self.analysis.of(expression, place.scope, place.chain)
        found = self.analysis.of(expression, place.scope, place.chain, path) if whole.causes else whole
        if raw is None or isinstance(raw, dict):
            if found.certainly_null:
                return None
            written = next((span.text for span, _ in self.analysis.spans(expression, path)), name)
            return Unknown(
                spell(found.causes) if found.causes else f"what {name} = {_short(written)} comes to cannot be told"
            )
        if not isinstance(raw, str):
            return Unknown(spell(found.hidden)) if found.hidden else raw
        text, why = self.names.show(raw)
        if why:
            return Unknown(why, text)
        if found.hidden:
            return Unknown(spell(found.hidden), text if text != raw else "")
        if _UNRESOLVED.search(raw) or (found.causes and text == raw and self._is_template(expression, path)):
            return Unknown(spell(found.causes) if found.causes else f"{_short(raw)} cannot be told", text)
        return text

    def _length(self, expression: Expression, place: Place, path: Path) -> Unknown | None:
        """Say why it is not known what a list or an object holds, where it is not written out."""
        if not self.analysis.of(expression, place.scope, place.chain).hidden:
            return None
        spans = self.analysis.spans(expression, path)
        if all(not left and (elements(span) is not None or items(span) is not None) for span, left in spans):
            return None
        hidden = self.analysis.of(expression, place.scope, place.chain, path).hidden
        return Unknown(spell(hidden)) if hidden else None

    def _is_template(self, expression: Expression, path: Path) -> bool:
        spans = [span for span, left in self.analysis.spans(expression, path) if not left]
        return bool(spans) and all(span.code.startswith("«") for span in spans)


def _as_written(span: Span) -> Any:
    if (known := items(span)) is not None:
        return {key: _as_written(value) for key, value in known.items()}
    if (listed := elements(span)) is not None:
        return [_as_written(item) for item in listed]
    return span.text.strip().strip('"')


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:77]}..."
