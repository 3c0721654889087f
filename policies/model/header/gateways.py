"""Gateways: the Java that compares a header with a secret, and the container that runs it in each place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from policies.deployed import Deployed
from policies.evidence import PLATFORM, Location, Place
from policies.model.configuration.environments import environments_of
from policies.model.configuration.serving import named
from policies.model.header.checks import Comparison, comparisons
from policies.model.header.leaves import Leaf, is_resource, merged
from policies.model.header.sources import Origin
from policies.model.header.values import Given, Reader
from policies.model.kept import kept
from policies.model.workloads.workload import CONTAINERS, Container, containers_of
from policies.platform import Platform
from policies.read.java_projects import Constant, Project, find_projects
from policies.read.spring import Settings


@dataclass(frozen=True, eq=False)
class Gateway:
    """A project whose Java may be the gateway's, as it runs in a place: `container` is None where no place has it.

    `missing` are the ConfigMaps and Secrets that its environment comes from and that are not there.
    """

    project: Project
    place: Place
    container: Container | None
    reader: Reader
    missing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its folder."""
        return self.project.folder

    @property
    def unknown(self) -> str | None:
        """Why a variable that no manifest gives may be there all the same."""
        if self.container is None:
            return "no place of the platform runs the gateway: [services] gateway names its workload"
        return f"the environment comes from {', '.join(self.missing)} too, which is not there" if self.missing else None

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Its comparisons of a header with a secret."""
        return tuple(Check(self, one) for one in comparisons(self.project))


@dataclass(frozen=True, eq=False)
class Check:
    """A comparison of a gateway in a place, its header's name and its secret followed to their ends."""

    gateway: Gateway
    comparison: Comparison

    @cached_property
    def names(self) -> tuple[Leaf, ...]:
        """The ends of the header's name."""
        found = (leaf for one in self.comparison.names for leaf in self.gateway.reader.leaves(one))
        # A file that Spring hands over as it is (`Resource`) is read by the project's own Java.
        return merged(Leaf(leaf.location, None, leaf.value) if is_resource(leaf.value) else leaf for leaf in found)

    @cached_property
    def values(self) -> tuple[Leaf, ...]:
        """The ends of the secret."""
        stated: tuple[Constant | Origin, ...] = (*self.comparison.settings, *self.comparison.constants)
        return merged(leaf for one in stated for leaf in self.gateway.reader.leaves(one))

    def reads(self, name: str) -> bool:
        """Whether it reads a header of this name."""
        return any(leaf.value is not None and leaf.value.lower() == name.lower() for leaf in self.names)

    @property
    def way(self) -> tuple[Location, ...]:
        """Where the header's name stands, and where Java takes it and reads the header."""
        stated = [one.location for one in self.comparison.names]
        return tuple(dict.fromkeys((*(leaf.location for leaf in self.names), *stated, *self.comparison.headers)))


@kept
def projects(platform: Platform) -> tuple[Project, ...]:
    """Give the platform's projects of Java."""
    return find_projects(platform.tree)


@kept
def gateways(platform: Platform) -> tuple[Gateway, ...]:
    """Give the projects that may be the gateway's, once for each place that runs them: those that owners name, else those with such a comparison."""
    stated = platform.intent.services.gateway if platform.intent.services is not None else None
    chosen = [one for one in projects(platform) if stated is not None and stated in (one.name, one.folder)]
    if not chosen:
        chosen = [one for one in projects(platform) if comparisons(one)]
    return tuple(gateway for project in chosen for gateway in _deployed(platform, project, stated or project.name))


def _deployed(platform: Platform, project: Project, name: str) -> Iterator[Gateway]:
    found = False
    for item in platform.deployed:
        for container in _containers(item, project, name)[:1]:
            found = True
            made = environments_of(item)[container.id]
            environment = {key: Given.of(one) for key, one in made.variables.items()}
            active = environment.get("SPRING_PROFILES_ACTIVE")
            profiles = (active.variable.value or "").split(",") if active is not None else []
            settings = Settings(platform.tree, project.folder, tuple(one.strip() for one in profiles if one.strip()))
            yield Gateway(project, item.place, container, Reader(settings, environment), made.missing)
    if not found:
        yield Gateway(project, PLATFORM, None, Reader(Settings(platform.tree, project.folder)))


def _containers(item: Deployed, project: Project, name: str) -> list[Container]:
    """Give the containers that run a project: of the workload of its name, or of an image of its name."""
    main = [one for one in containers_of(item) if one.path[-2] == CONTAINERS[1]]
    of_image = [one for one in main if _image(one) == project.name]
    of_workload = [one for one in main if named(one.document, name)]
    return [one for one in of_workload if one in of_image] or of_workload or of_image


def _image(container: Container) -> str:
    return str(container.body.get("image")).partition("@")[0].rpartition("/")[2].partition(":")[0]
