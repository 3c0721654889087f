"""Values of the examples of secret files, as subjects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Location, Place
from policies.model.secrets.credential_values import is_public
from policies.model.secrets.placeholders import is_placeholder
from policies.platform import Platform
from policies.read.environment import Declaration


@dataclass(frozen=True)
class ExampleValue:
    """A value of a secret file's example."""

    noun: ClassVar[str] = "value in an example of secrets"
    only_in_files: ClassVar[bool] = True

    place: Place
    declaration: Declaration

    @property
    def id(self) -> str:
        """File and key."""
        return f"{self.declaration.file}:{self.declaration.key}"

    @property
    def meaning(self) -> str:
        """Place and key, whatever the file is called."""
        return f"{self.place.name}:{self.declaration.key}"

    @property
    def is_placeholder(self) -> bool:
        """Whether nobody could take it for the real value: it is empty, or says that it is to be replaced."""
        return is_placeholder(self.declaration.value)

    @property
    def is_public(self) -> bool:
        """Whether its name says that it is no secret (a user, a host) and its value holds none."""
        return is_public(self.declaration.key, self.declaration.value)

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the value's line as the place."""
        return Evidence(message.format(*values), (Location(self.declaration.file, self.declaration.line),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ExampleValue]:
        """Yield every value of every example."""
        seen: set[str] = set()
        for item in platform.deployed:
            for entry in item.sources.entries if item.sources else ():
                environment = item.sources.environments.get(entry.target) if item.sources else None
                if entry.generates_secret and entry.example and environment and entry.example not in seen:
                    seen.add(entry.example)
                    yield from (cls(item.place, declaration) for declaration in environment.declarations)
