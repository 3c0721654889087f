"""Spring Boot's configuration files: what a property is by them, through placeholders, profiles, imports and the class path.

Source: Spring Boot's reference, "Externalized Configuration": an environment variable outranks the files, `application-PROFILE` outranks
`application`, what a file imports outranks the file; names are relaxed (`gateway.origin-header`, `gateway.originHeader` and the variable
`GATEWAY_ORIGINHEADER` are one).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from policies.errors import SourceError
from policies.evidence import Location
from policies.read import yaml
from policies.read.class_path import Resources, resource_folders
from policies.read.tree import Tree

_ON_PROFILE = "spring.config.activate.on-profile"
_IMPORT = "spring.config.import"
_PROPERTY = re.compile(
    r"^[ \t\f]*(?![#!])((?:\\.|[^\\=:\s])+)[ \t\f]*[=: \t\f][ \t\f]*((?:.*\\\r?\n)*.*)$", re.MULTILINE
)
_DEEPEST = 10
"""How many files may import one another, and how deep placeholders may be nested."""


@dataclass(frozen=True)
class Entry:
    """A property as a file states it."""

    text: str
    location: Location


def relaxed(name: str) -> str:
    """Give a property's name in the form in which all its spellings are one."""
    return re.sub(r"[-_]", "", name).lower()


def variable_name(name: str) -> str:
    """Give the environment variable that sets a property: dots become underscores, dashes go."""
    return name.replace("-", "").replace(".", "_").replace("[", "_").replace("]", "").upper()


@dataclass(frozen=True, eq=False)
class Settings:
    """The configuration of a project in a folder, with the profiles that are active."""

    tree: Tree
    folder: str
    profiles: tuple[str, ...] = ()
    errors: list[SourceError] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    """Imports whose file is not found here and may be there all the same, each with the file that imports it."""

    def find(self, name: str) -> Entry | None:
        """Give what the files say of a property, None where they say nothing."""
        return self._entries.get(relaxed(name))

    @cached_property
    def class_path(self) -> tuple[Resources, ...]:
        """The folders whose files the build puts on the class path."""
        return resource_folders(self.tree, self.folder)

    @property
    def stated(self) -> Mapping[str, Entry]:
        """What the files say, by the names of properties in their relaxed form."""
        return self._entries

    @cached_property
    def _entries(self) -> Mapping[str, Entry]:
        found: dict[str, Entry] = {}
        for profile in ("", *self.profiles):
            stem = f"application-{profile}" if profile else "application"
            # The later outranks the earlier: YAML before properties, the root before `config/`.
            for folder in self.class_path:
                for place in ("", "config/"):
                    for suffix in ("yml", "yaml", "properties"):
                        file = folder.path_of(f"{place}{stem}.{suffix}")
                        if file is not None:
                            self._take(found, file, suffix, 0)
        return found

    def _take(self, found: dict[str, Entry], file: str, suffix: str, depth: int) -> None:
        for entries in self._documents(file, suffix):
            own = dict(entries)
            found.update(own)
            imports = [
                entry.text for name, entry in own.items() if re.fullmatch(re.escape(_IMPORT) + r"(\[\d+\])?", name)
            ]
            for stated in (one.strip() for text in imports for one in text.split(",")):
                target = self._imported(stated, posixpath.dirname(file)) if depth < _DEEPEST else None
                if target is not None:
                    self._take(found, *target, depth + 1)
                elif depth < _DEEPEST and self._may_be_elsewhere(stated):
                    self.elsewhere.append(f"{file} imports {stated}")

    def _imported(self, stated: str, folder: str) -> tuple[str, str] | None:
        """Find the file that an import names, with the format that it is read in (`[.yaml]` says it where the name does not)."""
        stated = stated.removeprefix("optional:")
        hint = re.search(r"\[\.(\w+)\]\Z", stated)
        path = stated[: hint.start()] if hint else stated
        suffix = hint[1] if hint else path.rpartition(".")[2]
        if path.startswith("classpath:"):
            name = path.removeprefix("classpath:").lstrip("/")
            places = [file for one in self.class_path if (file := one.path_of(name)) is not None]
        elif ":" not in path or path.startswith("file:./"):
            name = path.removeprefix("file:")
            places = [posixpath.join(folder, name), posixpath.join(self.folder, name)]
        else:
            return None
        return next(((one, suffix) for one in map(posixpath.normpath, places) if self.tree.is_file(one)), None)

    def _may_be_elsewhere(self, stated: str) -> bool:
        """Whether an import that was not found may be there when it runs: a store's, a file's of the machine, or one that the build copies."""
        path = re.sub(r"\[\.\w+\]\Z", "", stated.removeprefix("optional:"))
        if path.startswith(("classpath:", "file:./")) or ":" not in path:
            name = posixpath.basename(path)
            return any(posixpath.basename(one) == name for one in self.tree.files)
        return True

    def _documents(self, file: str, suffix: str) -> Iterator[Iterator[tuple[str, Entry]]]:
        content = self._content(file)
        if not content:
            return
        if suffix == "properties":
            yield _properties(file, content)
            return
        try:
            documents = yaml.parse(content, file)
        except SourceError as error:
            self.errors.append(error)
            return
        for document in documents:
            activation = _at(document.data, _ON_PROFILE)
            named = activation if isinstance(activation, list) else [activation] if activation is not None else []
            if not named or any(str(one).strip() in self.profiles for one in named):
                yield (
                    (_key(path), Entry("" if value is None else str(value), Location(file, document.line_of(path))))
                    for path, value in yaml.fields(document.data)
                )

    def _content(self, file: str) -> bytes:
        if not self.tree.is_file(file):
            return b""
        try:
            return self.tree.read(file)
        except SourceError as error:
            self.errors.append(error)
            return b""


def _at(data: Any, name: str) -> Any:
    """Give the value of a property, however its name is parted into keys."""
    for key, value in data.items() if isinstance(data, dict) else ():
        if key == name:
            return value
        if name.startswith(f"{key}.") and (found := _at(value, name.removeprefix(f"{key}."))) is not None:
            return found
    return None


def _key(path: yaml.FieldPath) -> str:
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text if text.startswith(_IMPORT) else relaxed(text)


def _properties(file: str, content: bytes) -> Iterator[tuple[str, Entry]]:
    text = content.decode("utf-8", "replace")
    for found in _PROPERTY.finditer(text):
        name = re.sub(r"\\(.)", r"\1", found[1])
        value = re.sub(r"\\\r?\n[ \t\f]*", "", found[2]).strip()
        line = text.count("\n", 0, found.start(1)) + 1
        yield name if name.startswith(_IMPORT) else relaxed(name), Entry(value, Location(file, line))
