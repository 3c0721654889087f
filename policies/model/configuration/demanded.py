"""Variables that a service's own settings demand, as subjects: a Spring project reads each by a placeholder without a default.

Source: Spring Framework's reference, "Placeholders": `${NAME}` without a default must be resolvable, or the context does not start
(`@Value`) or the property keeps the text `${NAME}` (configuration properties).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.deployed import Deployed
from policies.evidence import Evidence, Gap, Location, Place
from policies.model.configuration.environments import environments_of
from policies.model.configuration.ways_given import doubt_of
from policies.model.header.gateways import projects
from policies.model.objects.inventory import Made, inventory_of, keys_of
from policies.model.objects.references import resolve
from policies.model.objects.uses import uses
from policies.model.workloads.workload import CONTAINERS, Container, containers_of, identify
from policies.platform import Platform
from policies.read.documents import Document
from policies.read.java_projects import Project
from policies.read.spring import Settings, variable_name

_BRACES = re.compile(r"\$\{|\}")
_NAME = re.compile(r"(?:env:)?(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)")
"""A variable's name as it is written; a name of one word may be any property's."""


@dataclass(frozen=True)
class DemandedVariable:
    """A variable that the settings of a container's own code demand. `doubt` is why it may be given by what cannot be seen."""

    noun: ClassVar[str] = "variable that a service's settings demand"
    only_in_files: ClassVar[bool] = False

    place: Place
    container: Container
    name: str
    given: bool
    demanded: tuple[Location, ...]
    absent: tuple[Location, ...]
    doubt: str = ""

    @property
    def id(self) -> str:
        """The container and the variable."""
        return f"{identify(self.place, self.container.document)}/{self.container.name}:{self.name}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the settings' lines as the places, and the container."""
        return Evidence(message.format(*values), (*self.demanded, *(self.absent or (self.container.locate("name"),))))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DemandedVariable | Gap]:
        """Yield every such variable of every container whose image is a project's, in each place."""
        for item in platform.deployed:
            main = [one for one in containers_of(item) if one.path[-2] == CONTAINERS[1]]
            for project in projects(platform) if main else ():
                for container in main:
                    if _image(container) == project.name:
                        yield from cls._of(platform, item, project, container)

    @classmethod
    def _of(
        cls, platform: Platform, item: Deployed, project: Project, container: Container
    ) -> Iterator[DemandedVariable]:
        made = environments_of(item)[container.id]
        active = made.variables.get("SPRING_PROFILES_ACTIVE")
        profiles = tuple(one.strip() for one in ((active.value or "") if active else "").split(",") if one.strip())
        settings = Settings(platform.tree, project.folder, profiles)
        demands: dict[str, list[Location]] = {}
        for key, entry in settings.stated.items():
            if not _is_outranked(key, made.variables):
                for name in demanded_in(entry.text):
                    demands.setdefault(name, []).append(entry.location)
        absent = _absent(item, container)
        for name, locations in demands.items():
            given = name in made.variables and name not in absent
            doubt = "" if given else doubt_of(platform, item, project, container, settings, name)
            yield cls(item.place, container, name, given, tuple(dict.fromkeys(locations)), absent.get(name, ()), doubt)


def demanded_in(text: str) -> Iterator[str]:
    """Yield the variables that a setting's text demands: placeholders without a default, and in no other's."""
    depth, start = 0, 0
    for found in _BRACES.finditer(text):
        if found[0] != "}":
            start = found.end() if depth == 0 else start
            depth += 1
        elif depth > 0:
            depth -= 1
            name = _NAME.fullmatch(text, start, found.start()) if depth == 0 else None
            if name is not None:
                yield name["name"]


def _image(container: Container) -> str:
    return str(container.body.get("image")).partition("@")[0].rpartition("/")[2].partition(":")[0]


def _is_outranked(key: str, names: Collection[str]) -> bool:
    """Whether a variable sets the property itself, or the list that it is in: what the file says of it is then never read."""
    whole, _, inside = key.partition("[")
    own = variable_name(key)
    return own in names or bool(inside and any(name.startswith(f"{variable_name(whole)}_") for name in names))


def _absent(item: Deployed, container: Container) -> dict[str, tuple[Location, ...]]:
    """Give the variables that a key would set which may be missing (`optional`) and is, each with the field that names the key."""
    inventory = inventory_of(item)
    found: dict[str, tuple[Location, ...]] = {}
    for use in uses(container.document):
        if use.key is None or not use.optional or use.path[: len(container.path) + 1] != (*container.path, "env"):
            continue
        held = resolve(inventory, [use])
        keys = keys_of(held) if isinstance(held, (Document, Made)) else None
        if keys is not None and use.key not in keys and not inventory.incomplete:
            name = container.document.get(*use.path[: len(container.path) + 2], "name")
            found[str(name)] = (container.document.origin.locate(use.path),)
    return found
