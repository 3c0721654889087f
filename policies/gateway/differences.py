"""What edge and gateway protect, held against each other: paths that stand in either's code, and methods, plainly asked without a token."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from policies.edge.answers import Request
from policies.edge.viewer import METHODS
from policies.evidence import Evidence, Location, first_of
from policies.gateway.chain import as_http

if TYPE_CHECKING:
    from policies.gateway.agreement import Agreement

_PATH = re.compile(
    r"""(?:['"`]|[\s:]\s)(/[A-Za-z0-9._~-]+(?:/[A-Za-z0-9._~-]+)*)/?(?:\*{1,2})?(?=['"`\s]|$)""", re.MULTILINE
)
MOST = 60
TOLD = 4
"""So many paths of either's code are asked for."""


@dataclass(frozen=True)
class Difference:
    """A request that one of them refuses for want of a token, and the other does not."""

    method: str
    path: str
    edge: str
    gateway: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}: the edge {self.edge}, the gateway {self.gateway}"


def differences(agreement: Agreement) -> tuple[Difference, ...]:
    """Give every difference in what they refuse without a token."""
    running, visit = agreement.validator.running, agreement.visit
    asked = list(_asked(agreement))
    requests: list[Request] = [visit.request(method=method, uri=path, cookies=()) for method, path in asked]
    edge = running.bridge.decide(requests, visit.now)
    gateway = agreement.exchange([as_http(one) for one in requests])
    found = []
    for (method, path), at_edge, behind in zip(asked, edge, gateway, strict=True):
        refuses = behind.status == agreement.program.stated.refusal and not behind.through
        if at_edge.through and refuses:
            found.append(Difference(method, path, "lets it pass without a token", f"refuses it with {behind.status}"))
        elif not at_edge.through and behind.through:
            where = ", ".join(one.backend for one in behind.arrived)
            found.append(
                Difference(method, path, f"asks for a token ({at_edge.status or at_edge})", f"passes it on to {where}")
            )
    return tuple(found)


def blame(agreement: Agreement, found: Sequence[Difference]) -> Evidence:
    """Say what they protect differently, and where those paths are written."""
    paths = [
        where for path, where in written(agreement) if any(one.path.lower().startswith(path.lower()) for one in found)
    ]
    base = agreement.evidence("{}", f"they protect different requests: {first_of(found, TOLD)}")
    return replace(base, locations=tuple(dict.fromkeys((*paths, *base.locations))))


def _asked(agreement: Agreement) -> Iterator[tuple[str, str]]:
    contract, event = agreement.validator.running.contract, agreement.visit.event
    stated = (*contract.protected, *contract.bypass)
    for path in dict.fromkeys((*stated, *(found[0] for found in written(agreement)[:MOST]))):
        yield "GET", path
        for method in METHODS if path in stated else ("GET", "POST"):
            yield method, f"{path}/{event}"
        for other in (f"{path}/", f"{path}x", f"{path}-{event}", path.upper(), f"{path}/{event}/seats"):
            yield "GET", other
    yield "GET", "/"
    yield "GET", f"/{event}"


def written(agreement: Agreement) -> list[tuple[str, Location]]:
    """Give the paths that stand in the gateway's code and settings, and in the edge's, with the first place of each."""
    tree, project = agreement.program.platform.tree, agreement.program.gateway.project
    settings = [path for path in tree.files if path.startswith(f"{project.folder}/src/main/resources/")]
    found: dict[str, Location] = {}
    for file in (*project.files, *settings):
        if not file.endswith((".java", ".yaml", ".yml", ".properties")):
            continue
        text = tree.read(file).decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), 1):
            if not line.lstrip().startswith(("*", "//", "/*", "#")):
                for match in _PATH.finditer(line):
                    found.setdefault(match[1], Location(file, number))
    for name, source in agreement.validator.running.package.sources.items():
        folder = agreement.validator.running.package.folder
        for number, line in enumerate(source.splitlines(), 1):
            for match in _PATH.finditer(line):
                found.setdefault(match[1], Location(name if folder == "." else f"{folder}/{name}", number))
    return sorted(found.items())
