"""Texts that make Redis nodes a cluster: `redis-cli --cluster create NODES --cluster-replicas N`, wherever they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.deployed import Deployed
from policies.model.configuration.addresses import addresses_in
from policies.model.configuration.environments import environments_of
from policies.model.configuration.settings import readers_of
from policies.model.configuration.shell import filled, joined, variables
from policies.model.configuration.shell_runs import followed
from policies.model.workloads.pods import mapping
from policies.model.workloads.workload import Container, containers_of
from policies.read.documents import Document
from policies.read.yaml import FieldPath

_COMMAND = re.compile(r"--cluster[ \t]+create\b(?P<rest>[^;|&\n]*)")
_REPLICAS = re.compile(r"--cluster-replicas[ =\t]+(?P<value>\"[^\"]*\"|'[^']*'|\S+)")
_BOUND = re.compile(
    r"-lt[ \t]+(?P<less>\S+?)[ \t]*(?:\]|;|\))|\bseq[ \t]+0[ \t]+(?P<last>\S+?)(?=[\s)`;])|\{0\.\.(?P<brace>\d+)\}"
)


@dataclass(frozen=True)
class WrittenCommand:
    """A text that holds the command: its object and field, the command's line in it, how many replicas it says and how many nodes it names.

    `replicas` is None where a variable in it is not known; `nodes`, which may be counted by a loop, where that cannot be read out of it.
    """

    document: Document
    path: FieldPath
    offset: int | None
    replicas: str | None
    nodes: int | None

    @classmethod
    def read(
        cls, document: Document, path: FieldPath, text: str, offset: int | None, known: Mapping[str, str]
    ) -> WrittenCommand:
        """Read a text; `known` are the variables of who runs it."""
        text = joined(text)
        given = variables(text, known)
        command = _COMMAND.search(text)
        rest = command["rest"] if command else ""
        replicas = _REPLICAS.search(rest)
        shown = filled(replicas["value"], given).strip("\"'") if replicas else "0"
        counts = {_named(one, variables) for one, variables in followed(text, known) if _COMMAND.search(one)}
        counted = counts.pop() if len(counts) == 1 else None
        nodes = counted or _named(text, given) or _bound(text, given)
        return cls(document, path, offset, None if "$" in shown else shown, nodes)


def written_commands(item: Deployed) -> Iterator[WrittenCommand]:
    """Yield each text of a place that holds the command."""
    environments = environments_of(item)
    for document in item.documents:
        data = mapping(document.get("data")) if document.kind == "ConfigMap" else {}
        for key, value in data.items():
            if _COMMAND.search(joined(str(value))):
                readers = readers_of(item, document, key)
                known = _of_runner([environments[one.id].known for one in readers], str(value))
                yield WrittenCommand.read(document, ("data", key), str(value), _line(str(value)), known)
    for container in containers_of(item):
        yield from _in_container(container, environments[container.id].known)


def _in_container(container: Container, known: Mapping[str, str]) -> Iterator[WrittenCommand]:
    for field in ("command", "args"):
        listed = container.body.get(field)
        arguments = [str(one) for one in listed] if isinstance(listed, list) else []
        for index, argument in enumerate(arguments):
            if _COMMAND.search(joined(argument)):
                line = _line(argument) if "\n" in argument.strip() else None
                yield WrittenCommand.read(container.document, (*container.path, field, index), argument, line, known)
        if "--cluster" in arguments and arguments[arguments.index("--cluster") + 1 :][:1] == ["create"]:
            path = (*container.path, field, arguments.index("--cluster"))
            yield WrittenCommand.read(container.document, path, " ".join(arguments), None, known)


def _line(text: str) -> int | None:
    found = re.search(r"--cluster(?:[ \t]|\\\n)+create\b", text)
    return text.count("\n", 0, found.start()) if found else None


def _of_runner(environments: list[dict[str, str]], text: str) -> Mapping[str, str]:
    """Of all that mount a script, the one that runs it is the one whose environment has most of its variables."""
    names = set(re.findall(r"\$\{?([A-Za-z_]\w*)", text))
    return max(environments, key=lambda known: len(names.intersection(known)), default={})


def _named(text: str, known: Mapping[str, str]) -> int | None:
    """Give how many nodes the command of a text names; None where it names none, or what is not known."""
    command = _COMMAND.search(text)
    names = filled((command["rest"] if command else "").partition("--cluster-replicas")[0], known)
    return None if re.search(r"\$|`", names) else len(list(addresses_in(names))) or None


def _bound(text: str, known: Mapping[str, str]) -> int | None:
    """Give how often the loop runs that gathers the nodes, where all loops of the text run as often."""
    counts = set()
    for match in _BOUND.finditer(text):
        value = filled((match["less"] or match["last"] or match["brace"]).strip("\"'"), known)
        if value.isdecimal():
            counts.add(int(value) + (match["less"] is None))
    return counts.pop() if len(counts) == 1 else None
