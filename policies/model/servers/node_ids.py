"""Which number a Kafka node gives itself: its pod's, and what a start script adds to that (`node.id`, https://kafka.apache.org/documentation/#brokerconfigs_node.id)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.deployed import Deployed
from policies.model.configuration.settings import readers_of
from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.workload import Container, containers
from policies.read.documents import Document

_SET = re.compile(
    r"(?<![\w.])(?:KAFKA_(?:CFG_)?(?:NODE|BROKER)_ID|(?:node|broker)\.id)=(?P<value>\"[^\"\n]*\"|'[^'\n]*'|\$\(\([^\n]{0,100}?\)\)|[^\s;&|]+)"
)
_TAKEN = re.compile(r"(?:^|[\s;])(?P<name>[A-Za-z_]\w*)=\"?\$\{(?P<pod>\w+)##\*-\}\"?(?=[\s;&]|\Z)", re.M)
_SUM = re.compile(r"\$\(\(\s*(?:(?P<before>\d{1,9})\s*\+\s*)?#(?:\s*\+\s*(?P<after>\d{1,9}))?\s*\)\)\Z")


def added(item: Deployed, workload: Document) -> int | None:
    """Give what a StatefulSet's pods add to their own numbers to number themselves; None where no script says that plainly."""
    # On the network of its node a pod's host name is the node's.
    named, texts = {"HOSTNAME"} if not workload.get("spec", "template", "spec", "hostNetwork") else set(), []
    for container in containers(item.place, [workload]):
        named |= {str(one.get("name")) for _, one in listed(container.body.get("env")) if _is_name(one)}
        texts += [*_commands(container)]
    for document in item.documents:
        for key, text in mapping(document.get("data")).items() if document.kind == "ConfigMap" else ():
            if any(one.document is workload for one in readers_of(item, document, key)):
                texts.append(str(text))
    plain = [re.sub(r"(?m)^[ \t]*#.*$", "", text) for text in texts]
    found = {_sum(match["value"], text, named) for text in plain for match in _SET.finditer(text)}
    return found.pop() if len(found) == 1 else None


def _is_name(variable: dict[str, object]) -> bool:
    field = mapping(mapping(variable.get("valueFrom")).get("fieldRef")).get("fieldPath")
    return field == "metadata.name"


def _commands(container: Container) -> Iterator[str]:
    for field in ("command", "args"):
        words = container.body.get(field)
        yield from (str(one) for one in words) if isinstance(words, list) else ()


def _sum(value: str, text: str, named: set[str]) -> int | None:
    """Read `${HOSTNAME##*-}`, a variable that holds it, and a sum of it and a number."""
    plain = value.strip("\"'")
    for name in named:
        plain = plain.replace(f"${{{name}##*-}}", "#")
    for match in _TAKEN.finditer(text):
        if match["pod"] in named:
            plain = re.sub(rf"\$\{{{match['name']}\}}|\${match['name']}\b|\b{match['name']}\b", "#", plain)
    if plain == "#":
        return 0
    found = _SUM.match(plain)
    return int(found["before"] or 0) + int(found["after"] or 0) if found else None
