"""A cluster's API, by the `kubernetes` client: objects are made, read and removed; a refusal names the verb and the resource to grant."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from kubernetes import config, dynamic
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import ResourceNotFoundError
from urllib3.exceptions import HTTPError

from policies.live.errors import LiveError
from policies.live.folders import own_folder


class AccessError(LiveError):
    """The API server refused, or did not answer."""


class UnservedError(AccessError):
    """The API server does not know a kind: its definition is not installed."""


@dataclass(frozen=True, eq=False)
class Cluster:
    """A cluster that is reached by a kubeconfig of its own: a temporary file that holds one context."""

    kubeconfig: Path
    context: str
    namespace: str = "default"

    @cached_property
    def api(self) -> Any:
        """The API by kinds."""
        with self._asking("reach", "the API server"):
            loaded = config.new_client_from_config(str(self.kubeconfig), self.context)
            # What it learns of the API it keeps beside the kubeconfig; by itself it would in a file that others find, and take for theirs.
            return dynamic.DynamicClient(loaded, cache_file=str(self.kubeconfig.with_name("discovery.json")))

    def create(self, body: dict[str, Any]) -> None:
        """Make an object. Raises AccessError."""
        kind, namespace = self._kind(body["apiVersion"], body["kind"]), body["metadata"].get("namespace")
        with self._asking("create", _resource(kind), namespace):
            kind.create(body=body, namespace=namespace)

    def list(
        self, api_version: str, kind: str, namespace: str | None = None, selector: str = ""
    ) -> list[dict[str, Any]]:
        """Give the objects of a kind, of one namespace or of all. Raises AccessError, UnservedError where there is no such kind."""
        found = self._kind(api_version, kind)
        with self._asking("list", _resource(found), namespace):
            items = found.get(namespace=namespace, label_selector=selector or None).to_dict()["items"]
        return [{"apiVersion": api_version, "kind": kind, **item} for item in items]

    def is_namespaced(self, api_version: str, kind: str) -> bool:
        """Whether objects of a kind stand in namespaces. Raises AccessError."""
        return bool(self._kind(api_version, kind).namespaced)

    def delete(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> None:
        """Remove an object; one that is gone is fine. Raises AccessError."""
        found = self._kind(api_version, kind)
        with self._asking("delete", _resource(found), namespace):
            try:
                found.delete(name=name, namespace=namespace)
            except ApiException as error:
                if error.status != 404:
                    raise

    def _kind(self, api_version: str, kind: str) -> Any:
        with self._asking("get", f"the kind {kind} of {api_version}", None):
            try:
                return self.api.resources.get(api_version=api_version, kind=kind)
            except ResourceNotFoundError:
                raise UnservedError(f"the cluster has no kind {kind} of {api_version}") from None

    @contextmanager
    def _asking(self, verb: str, what: str, namespace: str | None = None) -> Iterator[None]:
        where = f" in {namespace}" if namespace else ""
        try:
            yield
        except ApiException as error:
            if error.status in (401, 403):
                raise AccessError(
                    f"the cluster refuses to {verb} {what}{where} ({error.status}); grant the verb {verb!r} on {what}: {_told(error)}"
                ) from None
            raise AccessError(f"the cluster could not {verb} {what}{where}: {error.status} {_told(error)}") from None
        except (HTTPError, OSError, config.ConfigException) as error:
            raise AccessError(f"the cluster of context {self.context!r} does not answer: {error}") from None


def _resource(kind: Any) -> str:
    """Spell a kind as roles do: `networkpolicies.networking.k8s.io`."""
    return f"{kind.name}.{kind.group}" if kind.group else str(kind.name)


def _told(error: ApiException) -> str:
    try:
        return str(json.loads(error.body or "{}").get("message") or error.reason)
    except ValueError:
        return str(error.reason)


@contextmanager
def reached(kubeconfig: Path | None, context: str | None) -> Iterator[Cluster]:
    """Give a cluster by a copy of its one context in a file of mode 600, so that nothing else of a kubeconfig is ever used.

    Raises AccessError where there is no such context.
    """
    sources = [kubeconfig] if kubeconfig is not None else _sources()
    whole = _merged(sources)
    contexts = {one["name"]: one["context"] for one in whole["contexts"]}
    name = str(context or whole.get("current-context") or "")
    shown = ", ".join(map(str, sources))
    if name not in contexts:
        raise AccessError(f"{shown} has no context {name!r}, but {', '.join(contexts) or 'none at all'}")
    chosen = contexts[name]
    kept = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": chosen}],
        "clusters": [one for one in whole["clusters"] if one["name"] == chosen.get("cluster")],
        "users": [one for one in whole["users"] if one["name"] == chosen.get("user")],
    }
    with own_folder() as folder:
        file = folder / "kubeconfig"
        file.touch(mode=0o600)
        file.write_text(yaml.safe_dump(kept), encoding="utf-8")
        yield Cluster(file, name, str(chosen.get("namespace") or "default"))


def _sources() -> list[Path]:
    named = os.environ.get("KUBECONFIG", "")
    return [Path(one) for one in named.split(os.pathsep) if one] or [Path.home() / ".kube" / "config"]


_FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
"""Fields that name a file relative to the kubeconfig's own folder."""


def _merged(sources: list[Path]) -> dict[str, Any]:
    """Give several kubeconfigs as one: what is named first wins, as for kubectl."""
    found: dict[str, Any] = {"contexts": [], "clusters": [], "users": []}
    for source in sources:
        try:
            data = yaml.safe_load(source.read_text(encoding="utf-8")) or {}
        except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
            raise AccessError(f"{source} cannot be read as a kubeconfig: {error}") from None
        found.setdefault("current-context", data.get("current-context"))
        for kind, inner in (("contexts", "context"), ("clusters", "cluster"), ("users", "user")):
            known = {one["name"] for one in found[kind]}
            for one in data.get(kind) or ():
                body = {
                    key: str((source.parent / value).resolve()) if key in _FILES else value
                    for key, value in (one.get(inner) or {}).items()
                }
                if one.get("name") not in known:
                    found[kind].append({"name": one.get("name"), inner: body})
    return found
