"""What a secret's value in Terraform is made from: something generated, something given from outside, or what stands in a file.

A value is looked at as far as it can be told: `{"user": "shop", "password": "${random_password.db.result}"}`. What stands between the references
is written down somewhere; whoever reads that reads the secret.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from policies.model.cloud.resources import known
from policies.model.secrets.credential_names import names_credential
from policies.model.secrets.credential_values import literal_credential
from policies.read.terraform import Block, Unknown
from policies.requirement import not_judged

_REFERENCE = re.compile(r"\$\{[^{}]*\}")
_VARIABLE = re.compile(r"\$\{(var\.[\w-]+)[^{}]*\}")
_WHOLE: Final = ""
_STAND_IN: Final = "\ufffc"
"""A character that stands for a reference: no quote of it ends a JSON string."""


@dataclass(frozen=True, eq=False)
class SecretValue:
    """The value of an attribute that is secret."""

    block: Block
    name: str

    @property
    def value(self) -> Any:
        """It: a string, Unknown, or None where there is none."""
        return self.block.get(self.name)

    @property
    def text(self) -> str | None:
        """What of it can be told, with `${…}` for what only an apply tells; None where nothing can."""
        value = self.value
        told = value.text if isinstance(value, Unknown) else value
        return told if isinstance(told, str) and told else None

    @property
    def is_ephemeral(self) -> bool:
        """Whether it is the value of an ephemeral resource, which is kept nowhere."""
        declaration = self.block.declaration
        written = declaration.attributes.get(self.name) if declaration is not None else None
        return written is not None and written.text.strip().startswith("ephemeral.")

    @property
    def is_given(self) -> bool:
        """Whether there is one. Raises NotJudged where an unset variable may be null."""
        if self.is_ephemeral or (self.text is not None and _only_of_resources(self.text)):
            return True
        value = known(self.value)
        return value is not None and value != ""

    @property
    def literals(self) -> tuple[str, ...]:
        """The parts of it that are written down, by their names in it, `""` for the whole. Raises NotJudged where that is not known."""
        if self.is_ephemeral:
            return ()
        text = self.text
        if text is None:
            if known(self.value) == "":
                return (_WHOLE,)
            not_judged("it has no value")
        parts = dict(_parts(text))
        secret = [name for name, part in parts.items() if names_credential(name) and _is_written(part)]
        whole = {} if parts else {_WHOLE: _REFERENCE.sub(_STAND_IN, text)}
        secret += [name for name, part in (parts or whole).items() if name not in secret and _holds_one(name, part)]
        return tuple(secret) or (() if _REFERENCE.search(text) else (_WHOLE,))

    @property
    def open_variables(self) -> tuple[str, ...]:
        """The root's variables that it comes from and that are not marked as sensitive."""
        names = dict.fromkeys(_VARIABLE.findall(self.text or ""))
        return tuple(name for name in names if not _is_sensitive(self.block, name))


def _only_of_resources(text: str) -> bool:
    """Whether a text holds a reference, and none to a variable."""
    return bool(_REFERENCE.search(text)) and not _VARIABLE.search(text)


def _is_sensitive(block: Block, name: str) -> bool:
    for variable in block.root.variables:
        if not variable.module and f"var.{variable.name}" == name:
            return any(variable.get(marked) is True for marked in ("sensitive", "ephemeral"))
    return False


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the values in a text of JSON with the names that they have; a text of another form has none."""
    try:
        data = json.loads(_REFERENCE.sub(_STAND_IN, text))
    except (ValueError, RecursionError):
        return
    pending: list[tuple[str, Any]] = [("", data)] if isinstance(data, (dict, list)) else []
    while pending:
        name, item = pending.pop()
        if isinstance(item, dict):
            pending += [(f"{name}.{key}".lstrip("."), value) for key, value in item.items()]
        elif isinstance(item, list):
            pending += [(f"{name}.{number}".lstrip("."), value) for number, value in enumerate(item)]
        elif item is not None and not isinstance(item, bool):
            yield name, str(item)


def _is_written(part: str) -> bool:
    """Whether a part of a value has no reference in it."""
    return _STAND_IN not in part


def _holds_one(name: str, part: str) -> bool:
    """Whether a part holds a credential beside its references: a password in an address."""
    return literal_credential(name, part.replace(_STAND_IN, "${X}")) is not None
