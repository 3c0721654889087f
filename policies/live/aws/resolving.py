"""Values of Terraform with what was created put in where they wait for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from policies.read.terraform import Block, Root, Unknown

_REFERENCE = re.compile(r"\$\{((?:[^{}\"]|\"[^\"]*\")*)\}")

Attributes = Mapping[str, Any]
"""What a resource or a data source has once it is there: `id`, `arn` and what else AWS gave it."""


class UnresolvedError(Exception):
    """A value cannot be had: what it waits for is not there."""


class Resolver:
    """Resolves values by asking `created` for what each block came to; that may create it."""

    def __init__(self, root: Root, created: Callable[[Block], Attributes]) -> None:
        self.root, self.created = root, created

    def plain(self, value: Any) -> Any:
        """Give a value with every reference in it resolved. Raises UnresolvedError."""
        if isinstance(value, Unknown):
            if not value.text:
                raise UnresolvedError(value.why)
            return self._text(value.text)
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, Block):
            if value.unknown is not None:
                raise UnresolvedError(value.unknown.why)
            return self.plain(dict(value.attributes))
        if isinstance(value, (list, tuple)):
            return [self.plain(one) for one in value]
        if isinstance(value, Mapping):
            return {name: self.plain(one) for name, one in value.items()}
        return value

    def _text(self, text: str) -> Any:
        whole = _REFERENCE.fullmatch(text)
        if whole is not None:
            return self._named(whole[1])
        return _REFERENCE.sub(lambda found: str(self._named(found[1])), text)

    def _named(self, reference: str) -> Any:
        """Give what a reference means: an attribute of a block, or the id of a whole one."""
        block, rest = self._block(reference)
        if block is None:
            raise UnresolvedError(f"${{{reference}}} names nothing that is there")
        made = self.created(block)
        steps = [one for one in re.split(r"[.\[\]]", rest) if one]
        value: Any = made if steps else made.get("id")
        for step in steps:
            step = step.strip('"')
            if isinstance(value, Mapping) and step in value:
                value = value[step]
            elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
                value = value[int(step)]
            elif value is made and block.get(step) is not None:
                value = self.plain(block.get(step))
            else:
                raise UnresolvedError(f"{block.address} has no {rest.lstrip('.')} once it is there")
        return value

    def _block(self, reference: str) -> tuple[Block | None, str]:
        """Give the block whose address a reference begins with, and the rest."""
        cuts = [len(reference), *(at for at in range(len(reference) - 1, 0, -1) if reference[at] in ".[")]
        for at in cuts:
            found = self.root.find(reference[:at])
            if found is not None and found.kind in ("resource", "data"):
                return found, reference[at:]
        return None, reference
