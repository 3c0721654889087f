"""The command that makes Redis nodes a cluster, as a subject."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.servers.caches import Nodes
from policies.model.servers.cluster_commands import WrittenCommand, written_commands
from policies.model.workloads.workload import identify
from policies.platform import Platform


@dataclass(frozen=True)
class ClusterCommand:
    """A command that makes a Redis cluster, and the nodes that it is for."""

    noun: ClassVar[str] = "command that makes the Redis cluster"
    only_in_files: ClassVar[bool] = False

    owner: Nodes
    written: WrittenCommand

    @property
    def replicas(self) -> str | None:
        """How many replicas it gives each master; None where a variable in it is not known."""
        return self.written.replicas

    @property
    def nodes(self) -> int | None:
        """How many nodes it names, or its loop counts to; None where that cannot be read out of it."""
        return self.written.nodes

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.owner.place

    @property
    def id(self) -> str:
        """The object that holds it."""
        return f"{identify(self.place, self.written.document)}/{self.written.path[-1]}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the command's line as the place."""
        location = self.written.document.origin.locate(self.written.path)
        if self.written.offset is not None and location.line is not None:
            line = location.line + self.written.offset + (location.via != "generator")
            location = Location(location.source, line, location.field, location.via)
        return Evidence(message.format(*values), (location,))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[ClusterCommand | Gap]:
        """Yield every such command of each release that states its Redis."""
        for owner in Nodes.collect(platform):
            if isinstance(owner, Gap):
                yield owner
                continue
            found = [cls(owner, written) for written in written_commands(owner.item)]
            yield from found
            if not found:
                yield Gap(owner.id, f"{owner.place.name} holds no command 'redis-cli --cluster create'", owner.place)
