"""A twin of a platform's network: pods with the labels and ports of its workloads, its policies as they are rendered, in namespaces of its own.

What a policy decides depends on labels, namespaces and ports alone, so connections between the twin's pods tell what the platform's would.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from policies.model.network.flows import Intended
from policies.model.network.labels import NAMESPACE_NAME
from policies.model.network.parties import Party
from policies.model.network.policies import Policy
from policies.model.network.ports import ranges

OWNER = "turnstile.test/twin"
"""The label that every namespace of ours has; its value is the run's name."""

PROBED = ("TCP", "UDP")
"""The protocols that are tried: SCTP only few kernels have."""

UNNAMED = 4711
"""A port that nothing names: what passes there passes by a rule for every port."""


@dataclass(frozen=True, eq=False)
class Twin:
    """What is made of a network on a cluster. `run` tells one run's namespaces from another's."""

    intended: Intended
    run: str
    image: str
    pull: str = "Never"

    @cached_property
    def parties(self) -> tuple[Party, ...]:
        """The workloads that have a pod in it; one of the node's network has none, for no policy is in force there."""
        site = self.intended.site
        return tuple(party for party in site.parties if party.pod is not None and not party.pod.host_network)

    @property
    def left_out(self) -> tuple[Party, ...]:
        """The workloads that have none."""
        return tuple(party for party in self.intended.site.parties if party not in self.parties)

    @cached_property
    def namespaces(self) -> dict[str, str]:
        """The twin's namespace for each of the platform's."""
        found = dict.fromkeys(
            [party.pod.namespace for party in self.parties if party.pod is not None]
            + [policy.namespace for policy in self.intended.site.policies]
        )
        return {name: f"turnstile-{self.run}-{name}"[:63].rstrip("-") for name in found}

    @cached_property
    def names(self) -> dict[Party, tuple[str, str]]:
        """Namespace and name of each workload's pod."""
        found = {}
        for index, party in enumerate(self.parties):
            assert party.pod is not None  # noqa: S101 (those without have no pod)
            plain = re.sub(r"[^a-z0-9-]+", "-", party.name.rpartition("/")[2].lower()).strip("-")
            found[party] = (self.namespaces[party.pod.namespace], f"{plain[:50]}-{index}")
        return found

    @cached_property
    def ports(self) -> tuple[tuple[str, int], ...]:
        """The ports of interest: those that policies and flows name, the ends of ranges and their neighbours, and one that nothing names."""
        numbers = {UNNAMED}
        for policy in self.intended.site.policies:
            for rule in policy.rules:
                for clause in rule.ports or ():
                    for _, first, last in ranges(clause.numbers) if clause.numbers is not None else ():
                        numbers |= {first, last} if last - first < 60_000 else set()
                        numbers |= {first - 1, last + 1} if 0 < last - first < 60_000 else set()
        numbers |= {flow.port for flow in self.intended.flows}
        numbers |= {port.number for party in self.parties if party.pod is not None for port in party.pod.ports}
        return tuple((protocol, number) for number in sorted(numbers) if 0 < number < 65536 for protocol in PROBED)

    def namespace_objects(self) -> list[dict[str, Any]]:
        """Give the namespaces, with the labels of the platform's own."""
        known = self.intended.site.namespaces
        return [
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": name, "labels": {**_plain(known.get(original, ())), OWNER: self.run}},
            }
            for original, name in self.namespaces.items()
        ]

    def pod_objects(self) -> list[dict[str, Any]]:
        """Give the pods: each answers on every port of interest, and declares the named ports of its workload."""
        return [self._pod(party) for party in self.parties]

    def _pod(self, party: Party) -> dict[str, Any]:
        pod, (namespace, name) = party.pod, self.names[party]
        assert pod is not None  # noqa: S101 (it has a name, so it has a pod)
        named = sorted(pod.ports, key=lambda port: (port.number, port.protocol, port.name))
        container = {
            "name": "probe",
            "image": self.image,
            "imagePullPolicy": self.pull,
            "args": ["serve", *(f"{protocol.lower()}/{number}" for protocol, number in self.ports)],
            "ports": [{"name": one.name, "protocol": one.protocol, "containerPort": one.number} for one in named],
            "readinessProbe": {"tcpSocket": {"port": UNNAMED}, "periodSeconds": 1},
            "resources": {"requests": {"cpu": "1m", "memory": "8Mi"}, "limits": {"memory": "64Mi"}},
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            },
        }
        spec = {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "terminationGracePeriodSeconds": 0,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
                # So that a process without rights may answer on 53 and 80; a safe sysctl.
                "sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
            },
            "containers": [container],
        }
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": dict(pod.labels)},
            "spec": spec,
        }

    def policy_objects(self) -> list[dict[str, Any]]:
        """Give the policies as they are rendered; where one selects namespaces by their name, the twin's names stand."""
        return [self._policy(policy) for policy in self.intended.site.policies]

    def _policy(self, policy: Policy) -> dict[str, Any]:
        body: Mapping[str, Any] = policy.document.body if policy.document is not None else {}
        return {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": policy.name, "namespace": self.namespaces[policy.namespace]},
            "spec": renamed(body.get("spec") or {}, self.namespaces),
        }


def _plain(labels: Any) -> dict[str, str]:
    return {key: value for key, value in labels if key != NAMESPACE_NAME}


def renamed(data: Any, names: Mapping[str, str]) -> Any:
    """Give a spec in which other namespaces' names stand in selectors (`kubernetes.io/metadata.name`)."""
    if isinstance(data, dict):
        found = {key: renamed(value, names) for key, value in data.items()}
        if isinstance(found.get(NAMESPACE_NAME), str):
            found[NAMESPACE_NAME] = names.get(found[NAMESPACE_NAME], found[NAMESPACE_NAME])
        if found.get("key") == NAMESPACE_NAME and isinstance(found.get("values"), list):
            found["values"] = [
                names.get(value, value) if isinstance(value, str) else value for value in found["values"]
            ]
        return found
    if isinstance(data, list):
        return [renamed(value, names) for value in data]
    return data
