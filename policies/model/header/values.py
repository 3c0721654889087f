"""Settings of a Java project followed to their ends: placeholders, configuration files, the environment that manifests give the container."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from policies.model.configuration.environments import Variable
from policies.model.header.leaves import Leaf, merged
from policies.model.header.sources import Origin
from policies.model.workloads.pods import mapping
from policies.read.java_projects import Constant
from policies.read.spring import Entry, Settings, variable_name

_DEEPEST = 10


@dataclass(frozen=True, eq=False)
class Given:
    """What a container is given: a variable, and, where it comes from a Secret, that Secret's name and key."""

    variable: Variable
    secret: tuple[str, str] | None = None

    @classmethod
    def of(cls, variable: Variable) -> Given:
        """Say of a variable whether it comes from a Secret."""
        if variable.document.kind == "Secret":
            return cls(variable, (variable.document.name, str(variable.path[-1])))
        holder = variable.document.get(*variable.path)
        reference = mapping(mapping(mapping(holder).get("valueFrom")).get("secretKeyRef"))
        return cls(variable, (str(reference.get("name")), str(reference.get("key"))) if reference else None)


@dataclass(frozen=True, eq=False)
class Reader:
    """How a project's settings are read: its configuration files, and the variables of its container by name."""

    settings: Settings
    environment: Mapping[str, Given] = field(default_factory=dict)

    def leaves(self, stated: Constant | Origin) -> tuple[Leaf, ...]:
        """Give the ends of what names a header, or of a setting."""
        if isinstance(stated, Constant):
            return (Leaf(stated.location, stated.text),)
        start = Leaf(stated.location, stated.text)
        found = list(self._followed(start, 0))
        if stated.fallback is not None and not any(one.value is not None and not one.variable for one in found):
            found.append(Leaf(stated.location, stated.fallback, is_default=True))
        return merged(iter(found))

    def _followed(self, leaf: Leaf, depth: int) -> Iterator[Leaf]:
        text = leaf.value or ""
        start = text.find("${")
        if start < 0 or depth > _DEEPEST:
            yield leaf
            return
        end = _closing(text, start)
        inner = text[start + 2 : end]
        name, default = _split(inner)
        whole = start == 0 and end == len(text) - 1
        for one in self._named(name, default, leaf, depth):
            # What stands around a placeholder belongs to the value.
            value = one.value if whole or one.value is None else text[:start] + one.value + text[end + 1 :]
            yield Leaf(one.location, value, one.variable, one.is_default or leaf.is_default)

    def _named(self, name: str, default: str | None, leaf: Leaf, depth: int) -> Iterator[Leaf]:
        if "${" in name:
            inner = next(self._followed(Leaf(leaf.location, name), depth + 1))
            name = inner.value or name
        plain = name.removeprefix("env:")
        given = self.environment.get(plain) or self.environment.get(variable_name(plain))
        entry = self.settings.find(name)
        if given is not None:
            value = given.variable.value if given.secret is None else None
            yield Leaf(given.variable.location, value, given.variable.name)
            if entry is not None and plain == name and given.secret is not None:
                yield from self._behind(entry, depth)
        elif entry is not None:
            yield from self._followed(Leaf(entry.location, entry.text), depth + 1)
        elif plain != name or re.fullmatch(r"[A-Z][A-Z0-9_]*", plain):
            yield Leaf(leaf.location, None, plain)
        elif default is None:
            yield Leaf(leaf.location, None, variable_name(plain))
        if default is not None and entry is None:
            for one in self._followed(Leaf(leaf.location, default), depth + 1):
                yield Leaf(one.location, one.value, one.variable, is_default=True)

    def _behind(self, entry: Entry, depth: int) -> Iterator[Leaf]:
        """Give the defaults that a file has for a property which a variable of its own name sets: in force as soon as that is missing."""
        followed = self._followed(Leaf(entry.location, entry.text), depth + 1)
        yield from (one for one in followed if one.is_default)


def _closing(text: str, start: int) -> int:
    depth = 0
    for found in re.finditer(r"\$\{|\}", text[start:]):
        depth += 1 if found[0] == "${" else -1
        if depth == 0:
            return start + found.start()
    return len(text)


def _split(inner: str) -> tuple[str, str | None]:
    """Split a placeholder into its name and its default; `env:` is none."""
    depth = 0
    begin = 4 if inner.startswith("env:") else 0
    for found in re.finditer(r"\$\{|\}|:", inner[begin:]):
        if found[0] == ":" and depth == 0:
            return inner[: begin + found.start()], inner[begin + found.start() + 1 :]
        depth += {"${": 1, "}": -1}.get(found[0], 0)
    return inner, None
