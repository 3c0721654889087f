"""References to variables: `$(NAME)` in values, commands and arguments, and whether there is something to put in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Place
from policies.model.configuration.environments import environments_of
from policies.model.configuration.services import services
from policies.model.kept import kept
from policies.model.workloads.pods import listed, mapping, not_looked_at
from policies.model.workloads.workload import Container, containers_of, pod_spec_path
from policies.platform import Platform
from policies.read.yaml import FieldPath

_VARIABLE = re.compile(r"(?P<escape>\$?)\$\((?P<name>[A-Za-z_][\w.-]*)\)")
_LOUD = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_LINK = re.compile(r"(?P<service>\w+?)_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\w+)?)\Z")


@dataclass(frozen=True)
class VariableReference:
    """`$(NAME)` in a value or an argument of a container. `below` says that the variable is defined, and only further down.

    `missing` are the objects that may define it and are not here.
    """

    noun: ClassVar[str] = "reference to a variable"
    only_in_files: ClassVar[bool] = False

    container: Container
    path: FieldPath
    name: str
    defined: bool
    below: bool
    missing: tuple[str, ...]

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.container.place

    @property
    def id(self) -> str:
        """Container, field and variable."""
        return f"{self.container.id}:{'.'.join(map(str, self.path))}:{self.name}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the value or the argument as the place."""
        return Evidence(message.format(*values), (self.container.locate(*self.path),))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[VariableReference | Gap]:
        """Yield every such reference of every place; of commands only what is written like a variable: `$(date)` is a shell's."""
        for item in platform.deployed:
            yield from not_looked_at(item)
            for container in containers_of(item):
                yield from cls._of(item, container)

    @classmethod
    def _of(cls, item: Deployed, container: Container) -> Iterator[VariableReference]:
        environment = environments_of(item)[container.id]
        own = [str(variable.get("name")) for _, variable in listed(container.body.get("env"))]
        links = _links(item, container)
        for position, (index, variable) in enumerate(listed(container.body.get("env"))):
            for name in _references(variable.get("value")):
                given = name in environment.variables and name not in own
                defined = given or name in own[:position] or _is_link(name, links)
                below = name in own and not defined
                yield cls(container, ("env", index, "value"), name, defined, below, environment.missing)
        for field in ("command", "args"):
            arguments = container.body.get(field)
            for index, argument in enumerate(arguments if isinstance(arguments, list) else ()):
                for name in filter(_LOUD.match, _references(argument)):
                    defined = name in environment.variables or _is_link(name, links)
                    yield cls(container, (field, index), name, defined, False, environment.missing)


def _references(text: object) -> tuple[str, ...]:
    found = _VARIABLE.finditer(text) if isinstance(text, str) else ()
    return tuple(dict.fromkeys(match["name"] for match in found if not match["escape"]))


def _links(item: Deployed, container: Container) -> frozenset[str]:
    """The Services whose addresses Kubernetes puts into the environment (`enableServiceLinks`, by default true)."""
    spec = mapping(container.document.get(*(pod_spec_path(container.document) or ())))
    if spec.get("enableServiceLinks") is False:
        return _OF_THE_API
    return _link_names(item).get(container.document.namespace, _OF_THE_API)


_OF_THE_API = frozenset({"KUBERNETES"})


@kept
def _link_names(item: Deployed) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in services(item):
        found.setdefault(one.namespace, set()).add(one.name.upper().replace("-", "_"))
    return {namespace: _OF_THE_API | names for namespace, names in found.items()}


def _is_link(name: str, links: frozenset[str]) -> bool:
    match = _LINK.match(name)
    return match is not None and match["service"] in links
