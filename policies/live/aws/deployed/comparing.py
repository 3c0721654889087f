"""Values of Terraform held against those of an account: field by field, by what they mean."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.live.aws.deployed import policy_documents
from policies.live.aws.deployed.found import NAMED_IN, Whole
from policies.live.aws.deployed.promises import DEFAULTS, KEYS, ORDERED, POLICIES
from policies.live.aws.deployed.search import Search
from policies.live.aws.resolving import UnresolvedError
from policies.read.terraform import Block, Unknown

Path = tuple[str | int, ...]


@dataclass(frozen=True, eq=False)
class Difference:
    """A field that is not as Terraform has it: where it is in Terraform's block, and a sentence."""

    path: Path
    text: str

    def __str__(self) -> str:
        return self.text


class Comparison:
    """Compares values, and counts how many could be."""

    def __init__(self, search: Search) -> None:
        self.search, self.compared = search, 0

    def attribute(self, holder: Block, name: str, read: Mapping[str, Any], before: Path) -> Iterator[Difference]:
        """Yield how an attribute, or the blocks of a name, differ."""
        path = (*before, name)
        value = holder.attributes.get(name)
        there = read.get(name)
        if isinstance(there, Unknown) or (name not in read and not isinstance(read, Whole)):
            return
        if value is None and name in DEFAULTS.get(holder.type, {}):
            value = DEFAULTS[holder.type][name]
        if isinstance(value, tuple) or (value is None and isinstance(there, tuple)):
            yield from self._blocks(name, value or (), there if isinstance(there, tuple) else (), path)
        elif isinstance(value, Mapping) and not isinstance(value, Block):
            yield from self._mapping(value, there if isinstance(there, Mapping) else {}, path)
        else:
            yield from self._value(name, value, there, path)

    def _block(self, block: Block, read: Mapping[str, Any], path: Path) -> Iterator[Difference]:
        for name in dict.fromkeys((*stated_names(block), *DEFAULTS.get(block.type, {}))):
            yield from self.attribute(block, name, read, path)

    def _blocks(
        self, name: str, stated: tuple[Block, ...], there: tuple[Mapping[str, Any], ...], path: Path
    ) -> Iterator[Difference]:
        if any(block.unknown is not None for block in stated):
            return
        self.compared += 1
        key = (
            next((key for key in KEYS if self._tells_apart(stated, there, key)), None)
            if len(stated) + len(there) > 2
            else None
        )
        if name in ORDERED or key is None:
            if len(stated) != len(there):
                yield Difference(
                    path, f"{told(path)} stands {len(stated)} times in Terraform, and {len(there)} times in the account"
                )
                return
            if name in ORDERED or len(stated) == 1:
                for index, (block, read) in enumerate(zip(stated, there, strict=True)):
                    yield from self._block(block, read, (*path, index))
                return
            yield from self._unordered(stated, there, path)
            return
        by_key = {str(one[key]): one for one in there}
        for index, block in enumerate(stated):
            own = str(self._plain(block.get(key)))
            if own not in by_key:
                yield Difference((*path, index), f"{told(path)} {own} is in Terraform, and not in the account")
            else:
                yield from self._block(block, by_key.pop(own), (*path, index))
        for own in by_key:
            yield Difference(path, f"{told(path)} {own} is in the account, and not in Terraform")

    def _unordered(
        self, stated: tuple[Block, ...], there: tuple[Mapping[str, Any], ...], path: Path
    ) -> Iterator[Difference]:
        left = list(there)
        for index, block in enumerate(stated):
            same = next((one for one in left if not list(self._block(block, one, (*path, index)))), None)
            if same is None:
                yield Difference((*path, index), f"{told(path)}, the {index + 1}. in Terraform, is not in the account")
            else:
                left.remove(same)

    def _tells_apart(self, stated: tuple[Block, ...], there: tuple[Mapping[str, Any], ...], key: str) -> bool:
        ours = [self._plain(block.get(key)) for block in stated]
        theirs = [one.get(key) for one in there]
        return all(
            all(isinstance(one, str | int | float) for one in side) and len({str(one) for one in side}) == len(side)
            for side in (ours, theirs)
        )

    def _mapping(self, stated: Mapping[str, Any], there: Mapping[str, Any], path: Path) -> Iterator[Difference]:
        for key, value in stated.items():
            here = (*path, key)
            if key not in there:
                self.compared += 1
                yield Difference(here, f"{told(here)} is in Terraform, and not in the account")
            elif isinstance(there[key], Unknown):
                # What is kept of a variable is Terraform's own value alone.
                if self._plain(value) is not None:
                    self.compared += 1
                    yield Difference(here, f"{told(here)} is not as in Terraform (its value is not shown)")
            else:
                yield from self._value(key, value, there[key], here)
        for key in there:
            if key not in stated:
                self.compared += 1
                yield Difference(path, f"{told((*path, key))} is in the account, and not in Terraform")

    def _value(self, name: str, value: Any, there: Any, path: Path) -> Iterator[Difference]:
        try:
            declared = self.search.resolver.plain(value)
        except UnresolvedError:
            return
        self.compared += 1
        if name in POLICIES and isinstance(declared, str) and isinstance(there, str):
            yield from (Difference(path, f"{told(path)}: {text}") for text in self._statements(declared, there))
        elif self.meaning(declared, NAMED_IN.get(name)) != self.meaning(there, NAMED_IN.get(name)):
            yield Difference(path, f"{told(path)} is {shown(declared)} in Terraform, and {shown(there)} in the account")

    def _statements(self, declared: str, there: str) -> list[str]:
        try:
            return list(policy_documents.differing(declared, there, self.search.meant))
        except (ValueError, AttributeError, TypeError):
            return [] if declared == there else ["it is another document in the account"]

    def _plain(self, value: Any) -> Any:
        try:
            return self.search.resolver.plain(value)
        except UnresolvedError:
            return None

    def meaning(self, value: Any, type: str | None = None) -> Any:
        """Give what a value means: numbers and switches however they are written, lists as sets, documents as data, resources as one name."""
        if value is None or value == "" or value == [] or value == {}:
            return None
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, (int, float)):
            return f"{float(value):g}"
        if isinstance(value, (list, tuple)):
            return sorted((self.meaning(one, type) for one in value), key=str)
        if isinstance(value, Mapping):
            return {key: self.meaning(one) for key, one in value.items()}
        return self._text(str(value), type)

    def _text(self, text: str, type: str | None) -> Any:
        try:
            if text[:1] in ("{", "["):
                return self.meaning(json.loads(text))
            if text[:1].isdigit() and len(text) < 12:
                return f"{float(text):g}"
        except ValueError:
            pass
        return self.search.meant(text, type)


def stated_names(block: Block) -> Iterator[str]:
    """Yield the attributes that Terraform states of a block."""
    return (name for name, value in block.attributes.items() if value is not None)


def told(path: Path) -> str:
    """Give a field as people write it."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def shown(value: Any) -> str:
    """Give a value for a sentence."""
    if value is None or value in ("", [], ()):
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) < 160 else f"{text[:160]}…"
