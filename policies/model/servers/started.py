"""With which of the files that are mounted a server starts: those that its command names, a script that it runs, or its image by itself.

A file that is only mounted says nothing: `redis-server` without a file's name starts with Redis' defaults
(https://redis.io/docs/latest/operate/oss_and_stack/management/config/).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from policies.deployed import Deployed
from policies.model.configuration.environments import environments_of, expand_arguments
from policies.model.configuration.settings import Setting, read_by, settings_of
from policies.model.configuration.shell import filled, joined, variables, without_comments
from policies.model.configuration.texts import is_script
from policies.model.workloads.images import Image
from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.workload import Container, containers, pod_spec_path
from policies.read.documents import Document
from policies.read.yaml import FieldPath

_OF_IMAGES = {
    "kafka": ("/mnt/shared/config", "/bitnami/kafka", "/opt/bitnami/kafka"),
    "kafka-native": ("/mnt/shared/config",),
    "redpanda": ("/etc/redpanda",),
    "redis": ("/opt/bitnami/redis",),
    "redis-cluster": ("/opt/bitnami/redis",),
    "valkey": ("/opt/bitnami/valkey",),
    "valkey-cluster": ("/opt/bitnami/valkey",),
    "redis-stack-server": ("/redis-stack.conf",),
    "keydb": ("/etc/keydb/keydb.conf",),
}
"""Where images, by the last part of their names, look for a file by themselves: the pages of apache/kafka, Bitnami, Redpanda, Redis Stack, KeyDB."""

_ENTRANCE = re.compile(r"/etc/kafka/docker/|/opt/bitnami/scripts/|entrypoint|\brpk\b")
"""What a command that goes on with the image's own start names."""

_OFFICIAL = frozenset({"redis", "library/redis", "valkey/valkey"})
"""Images that run `redis-server` with their arguments, and look for no file (docker-library's `docker-entrypoint.sh`)."""

_SERVER = re.compile(r"\b(?:redis|valkey|keydb)-server\b")
_STARTED = re.compile(
    r"(?:^|[;&|])[ \t]*(?:exec[ \t]+)?(?:/[\w./-]*/)?(?:redis|valkey|keydb)-server(?=[ \t;&|]|$)(?P<rest>[^;&|\n]*)",
    re.M,
)
_ABOVE = r"(?<![\w.-])"
_END = r"(?![\w-]|\.\w)"
_BELOW_VARIABLE = re.compile(rf"(?:\$\{{?\w+\}}?|[)`])(?P<rest>(?:/[\w.-]*\w)+){_END}")


def started_with(item: Deployed, workload: Document) -> tuple[tuple[Setting, ...], tuple[Setting, ...]]:
    """Part what the containers of a workload get: what they start with, and what stands in files that nothing shows them to read."""
    taken: list[Setting] = []
    idle: list[Setting] = []
    known: dict[tuple[int, str], bool] = {}
    for one in read_by(settings_of(item), workload):
        file = id(one.document), one.holder
        if one.document.kind != "ConfigMap" or not one.holder:
            known[file] = True
        elif file not in known:
            readers = [reader for reader in one.readers if reader.document is workload]
            known[file] = any(_reads(item, reader, one.document, one.holder) for reader in readers)
        (taken if known[file] else idle).append(one)
    return tuple(taken), tuple(idle)


def _reads(item: Deployed, container: Container, config_map: Document, key: str) -> bool:
    """Whether a container reads a ConfigMap's text: whether anything that it runs names the file, or its folder as a whole."""
    text = _run(item, container)
    return any(_named(container, text, path) for path in _paths(container, config_map, key))


def bare_command(workload: Document, item: Deployed) -> FieldPath | None:
    """Give the field by which a workload starts a Redis server without any file, or None where it is not plain that it does."""
    for container in containers(item.place, [workload]):
        if container.path[-2] != "containers":
            continue
        text = without_comments(joined(_scripts(item, container, _command(item, container))))
        found = list(_STARTED.finditer(text.replace('"', "").replace("'", "")))
        if found and len(found) == len(_SERVER.findall(text)) and all(_is_bare(one["rest"]) for one in found):
            return (*container.path, next((field for field in ("command", "args") if field in container.body), "image"))
    return None


def _is_bare(rest: str) -> bool:
    """A file comes first (`main` in Redis' `server.c`), and an option may include one; what a variable holds is not known."""
    words = rest.split()
    return not words or (words[0].startswith("--") and "--include" not in words)


def _command(item: Deployed, container: Container) -> str:
    known = environments_of(item)[container.id].known
    command, arguments = (
        [expand_arguments(str(one), known) for one in listed_ if one is not None]
        for listed_ in (_list(container.body.get("command")), _list(container.body.get("args")))
    )
    image = Image.parse(str(container.body.get("image") or ""))
    official = image.name in _OFFICIAL and image.registry in (None, "docker.io")
    if not command and official and (not arguments or arguments[0].startswith("-") or arguments[0].endswith(".conf")):
        command = ["redis-server"]
    # A script stands on lines of its own, a word beside its neighbours.
    return "".join(f"\n{one}\n" if is_script(one) else f"{one} " for one in (*command, *arguments))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _run(item: Deployed, container: Container) -> str:
    """Give all that may name a file: the command, the variables' values, and the mounted texts that these name."""
    known = environments_of(item)[container.id].known
    return _scripts(item, container, "\n".join((_command(item, container), *known.values())))


def _scripts(item: Deployed, container: Container, text: str) -> str:
    """Give a text, and behind it the mounted texts that it names, and those that these name."""
    known = environments_of(item)[container.id].known
    left = list(_texts(item, container))
    found, before = _filled(text, known), ""
    while found != before:
        before = found
        for path, inner in [one for one in left if _named(container, found, one[0])]:
            left.remove((path, inner))
            found += "\n" + _filled(inner, known)
    return found


def _filled(text: str, known: dict[str, str]) -> str:
    plain = without_comments(joined(text))
    return filled(plain, variables(plain, known))


def _texts(item: Deployed, container: Container) -> Iterator[tuple[str, str]]:
    for document in item.documents:
        if document.kind == "ConfigMap" and document.namespace == container.document.namespace:
            for key, text in mapping(document.get("data")).items():
                yield from ((path, str(text)) for path in _paths(container, document, str(key)))


def _paths(container: Container, config_map: Document, key: str) -> Iterator[str]:
    """Yield where a container has a key of a ConfigMap as a file."""
    volumes = {
        str(volume.get("name")): volume
        for _, volume in listed(container.document.get(*(pod_spec_path(container.document) or ()), "volumes"))
    }
    for _, mount in listed(container.body.get("volumeMounts")):
        volume = volumes.get(str(mount.get("name")), {})
        sources = [volume, *(one for _, one in listed(mapping(volume.get("projected")).get("sources")))]
        for source in (mapping(one.get("configMap")) for one in sources):
            if source.get("name") != config_map.name:
                continue
            items = {str(one.get("key")): str(one.get("path")) for _, one in listed(source.get("items"))}
            inside, part = items.get(key, "" if items else key), str(mount.get("subPath") or "").strip("/")
            folder = posixpath.normpath(str(mount.get("mountPath")))
            if inside and (not part or inside == part or inside.startswith(f"{part}/")):
                yield posixpath.normpath(posixpath.join(folder, inside.removeprefix(part).lstrip("/")))


def _named(container: Container, text: str, path: str) -> bool:
    """Whether a text names a file or its folder, or the container's image looks for it by itself."""
    folder, name = posixpath.split(path)
    if re.search(f"{_ABOVE}{re.escape(path)}{_END}", text):
        return True
    whole = rf"{_ABOVE}{re.escape(folder)}(?:/?\.?(?=[\s\"';&|)]|\Z)|/[^\s\"';&|]*[*?$`{{\[])"
    if folder != "/" and re.search(whole, text):
        return True
    if any(path.endswith(one["rest"]) for one in _BELOW_VARIABLE.finditer(re.sub("[\"']", "", text))):
        return True
    if container.body.get("workingDir") == folder and re.search(rf"(?<![\w./-])(?:\./)?{re.escape(name)}{_END}", text):
        return True
    own = _OF_IMAGES.get(Image.parse(str(container.body.get("image") or "")).last_name, ())
    starts_itself = not container.body.get("command") or bool(_ENTRANCE.search(text))
    return starts_itself and any(path == one or path.startswith(f"{one}/") for one in own)
