"""The password that Redis nodes ask for, and the one that replicas give their master.

Sources: https://redis.io/docs/latest/operate/oss_and_stack/management/replication/ (setting a replica to authenticate to a master),
https://redis.io/docs/latest/operate/oss_and_stack/management/security/ (authentication).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.model.configuration.environments import environments_of
from policies.model.configuration.keynames import canonical
from policies.model.configuration.settings import readers_of
from policies.model.configuration.texts import is_of_scripts
from policies.model.servers.caches import Nodes
from policies.model.workloads.images import Image
from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.workload import Container, containers, containers_of, pod_spec_path

_ASKED = re.compile(r"(?<![\w-])(?:--)?requirepass[ \t=]+(?!(?:\"\"|'')(?:\s|\Z))[^\s;|&)]")
_GIVEN = re.compile(r"\bmasterauth\b")
_RULES = re.compile(r"(?<![\w-])(?:--)?(?:aclfile|user)[ \t=]|\bACL[ \t]+(?:SETUSER|LOAD)\b|requirepass", re.I)
"""What asks for a password by other words, or speaks of one in a way that is not plain."""
_INCLUDED = re.compile(r"(?<![\w-])(?:--)?include[ \t=]")
_SERVER = re.compile(r"\b(?:redis|valkey|keydb)-server\b")
_OFFICIAL = frozenset({"redis", "library/redis", "valkey/valkey"})
"""Images that add nothing of their own to a password (docker-library's `docker-entrypoint.sh`)."""
_OF_CLIENTS = re.compile(r"(?:^|_)(?:redis|valkey)(?:cli)?_(?:\w+_)?(?:password|pass|auth|auth_token)$")


def asks(nodes: Nodes) -> bool:
    """Whether a `requirepass` that is not empty stands in what the nodes are started with."""
    return bool(_ASKED.search(_text(nodes)))


def is_given(nodes: Nodes) -> bool:
    """Whether a `masterauth` stands in what the nodes are started with, or in what anybody else of the place runs (`CONFIG SET`)."""
    return bool(_GIVEN.search(_text(nodes)) or any(_GIVEN.search(text) for text in _commands(nodes)))


def rules(nodes: Nodes) -> str | None:
    """Give the word by which something else than a plain `requirepass` may ask for a password, or None."""
    found = next((match for text in (_text(nodes), *_commands(nodes)) if (match := _RULES.search(text))), None)
    return found[0].strip(" \t=-") if found else None


def hidden(nodes: Nodes) -> str | None:
    """Say what may hold more settings than can be read: a mounted Secret, a file that is included, an image that starts by itself."""
    text = _text(nodes)
    if _INCLUDED.search(text):
        return "another file is included"
    for container in _containers(nodes):
        if container.path[-2] == "containers" and _mounts_secret(container):
            return f"a Secret is mounted into {container.name}"
    if not any(_starts_plainly(container, text) for container in _containers(nodes)):
        return f"how {nodes.workload} starts Redis cannot be read"
    return None


def clients(nodes: Nodes) -> tuple[str, ...]:
    """Give the containers of other workloads, but for those that end, that get a password of Redis."""
    environments = environments_of(nodes.item)
    return tuple(
        f"{one.document.name}/{one.name}"
        for one in containers_of(nodes.item)
        if one.document is not nodes.workload
        and one.document.kind not in ("Job", "CronJob")
        and any(_OF_CLIENTS.search(canonical(name)) for name in environments[one.id].variables)
    )


def _containers(nodes: Nodes) -> tuple[Container, ...]:
    return tuple(containers(nodes.place, [nodes.workload])) if nodes.workload is not None else ()


def _command(container: Container) -> str:
    fields = (container.body.get(field) for field in ("command", "args"))
    return " ".join(str(one) for words in fields if isinstance(words, list) for one in words)


def _text(nodes: Nodes) -> str:
    """Give the commands of the nodes' containers, and the texts that they start with, without comments."""
    texts = [_command(container) for container in _containers(nodes)]
    for document in nodes.item.documents if nodes.workload is not None else ():
        for key, text in mapping(document.get("data")).items() if document.kind == "ConfigMap" else ():
            if nodes.bare is not None and not is_of_scripts(key):
                continue
            if any(one.document is nodes.workload for one in readers_of(nodes.item, document, key)):
                texts.append(str(text))
    return "\n".join(line for text in texts for line in text.splitlines() if not line.lstrip().startswith("#"))


def _commands(nodes: Nodes) -> Iterator[str]:
    """Yield what else the place runs that speaks to Redis: commands, and scripts in ConfigMaps."""
    texts = [_command(container) for container in containers_of(nodes.item)]
    texts += [
        str(text)
        for document in nodes.item.documents
        if document.kind == "ConfigMap"
        for text in mapping(document.get("data")).values()
    ]
    yield from (text for text in texts if "redis-cli" in text or "valkey-cli" in text)


def _mounts_secret(container: Container) -> bool:
    mounted = {str(one.get("name")) for _, one in listed(container.body.get("volumeMounts"))}
    for _, volume in listed(container.document.get(*(pod_spec_path(container.document) or ()), "volumes")):
        parts = [volume, *(one for _, one in listed(mapping(volume.get("projected")).get("sources")))]
        if str(volume.get("name")) in mounted and any("secret" in one or "csi" in one for one in parts):
            return True
    return False


def _starts_plainly(container: Container, text: str) -> bool:
    """Whether a container starts the server by a command that can be read, or by an image that adds nothing."""
    if container.path[-2] != "containers":
        return False
    if container.body.get("command"):
        return bool(_SERVER.search(text))
    image = Image.parse(str(container.body.get("image") or ""))
    return image.name in _OFFICIAL and image.registry in (None, "docker.io")
