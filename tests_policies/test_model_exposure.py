"""What a development place opens: NodePorts, load balancers, routes and kind's port mappings."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.evidence import Gap
from policies.model.configuration.exposure import StatedService
from policies.model.configuration.node_ports import NodePort, PortMapping
from policies.platform import Platform

STATEMENT = """
[overlays.dev]
path = "dev"
stage = "development"
exposed = ["web"]
kind-cluster = "cluster.yaml"
"""
CLUSTER = """
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
nodes:
  - role: control-plane
    extraPortMappings:
      - containerPort: 30080
        hostPort: 80
      - {containerPort: 30080, hostPort: 80, protocol: UDP}
"""
WEB = """
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  selector: {app: web}
  ports:
    - {name: http, port: 80, nodePort: 30080}
"""


def platform(root: Path, *manifests: str, statement: str = STATEMENT) -> Platform:
    """Make a platform of one development overlay with these manifests."""
    (root / "dev").mkdir()
    (root / "platform.toml").write_text(statement, encoding="utf-8")
    (root / "cluster.yaml").write_text(CLUSTER, encoding="utf-8")
    (root / "dev" / "kustomization.yaml").write_text("resources: [all.yaml]\n", encoding="utf-8")
    (root / "dev" / "all.yaml").write_text("\n---\n".join(manifests), encoding="utf-8")
    return Platform.open(root)


def service(name: str, spec: str) -> str:
    """Write a Service with this spec, in flow style."""
    return f"apiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {spec}\n"


def ports(given: Platform) -> dict[str, NodePort]:
    """Give the NodePorts by id."""
    return {item.id: item for item in NodePort.collect(given) if isinstance(item, NodePort)}


def test_node_port_is_found_with_what_is_known_of_it(tmp_path: Path) -> None:
    """A NodePort is a subject with its number, whether it is stated, and whether kind maps it."""
    (port,) = ports(platform(tmp_path, WEB)).values()
    assert (port.number, port.stated, port.mapped, port.others) == (30080, True, True, ())
    assert str(port.evidence("").locations[0]) == "dev/all.yaml:10"


@pytest.mark.parametrize(
    "spec",
    [
        "{clusterIP: None, ports: [{port: 80}]}",
        "{ports: [{port: 80}]}",
        "{type: ClusterIP, ports: [{port: 80, nodePort: 30081}]}",
        "{type: ExternalName, externalName: a.ticketing.internal}",
        "{type: LoadBalancer, allocateLoadBalancerNodePorts: false, ports: [{port: 80}]}",
        "{type: NodePort}",
        "{type: NodePort, ports: none}",
    ],
)
def test_service_that_opens_no_node_port(tmp_path: Path, spec: str) -> None:
    """A headless Service, a ClusterIP, or a load balancer without NodePorts opens no port of a node."""
    assert list(ports(platform(tmp_path, WEB, service("db", spec)))) == ["dev:Service/web:http"]


def test_load_balancer_opens_node_ports(tmp_path: Path) -> None:
    """A load balancer opens NodePorts too, of the cluster's choice, unless it is told not to."""
    found = ports(platform(tmp_path, WEB, service("db", "{type: LoadBalancer, ports: [{port: 5432}]}")))
    assert (
        found["dev:Service/db:5432"].number,
        found["dev:Service/db:5432"].stated,
        found["dev:Service/db:5432"].mapped,
    ) == (None, False, False)


def test_node_port_zero_is_of_the_clusters_choice(tmp_path: Path) -> None:
    """To the API a NodePort of 0 is none: two such Services do not share a number."""
    zeros = [service(name, "{type: NodePort, ports: [{port: 80, nodePort: 0}]}") for name in ("a", "b")]
    found = ports(platform(tmp_path, *zeros))
    assert [(item.number, item.others) for item in found.values()] == [(None, ()), (None, ())]


def test_one_number_over_tcp_and_udp_is_no_conflict(tmp_path: Path) -> None:
    """The API server takes one number for TCP and for UDP; each is mapped by its own entry."""
    quic = service("quic", "{type: NodePort, ports: [{port: 80, protocol: UDP, nodePort: 30080}]}")
    found = ports(platform(tmp_path, WEB, quic))
    assert [(item.protocol, item.others, item.mapped) for item in found.values()] == [
        ("UDP", (), True),
        ("TCP", (), True),
    ]


def test_one_number_twice_is_a_conflict(tmp_path: Path) -> None:
    """Two ports with one number and protocol conflict, in two Services as in one, and each names the other."""
    twice = service(
        "twice", "{type: NodePort, ports: [{name: a, port: 1, nodePort: 30080}, {name: b, port: 2, nodePort: 30080}]}"
    )
    found = ports(platform(tmp_path, WEB, twice))
    assert found["dev:Service/web:http"].others == ("Service/twice:a", "Service/twice:b")
    assert found["dev:Service/twice:a"].others == ("Service/twice:b", "Service/web:http")


@pytest.mark.parametrize("number", ["[1]", "{a: 1}", "abc", "true", "1.5", "-1"])
def test_node_port_may_be_anything(tmp_path: Path, number: str) -> None:
    """A nodePort that is no number is a subject like another: a requirement says what is wrong with it."""
    found = ports(
        platform(tmp_path, WEB, service("odd", f"{{type: NodePort, ports: [{{port: 80, nodePort: {number}}}]}}"))
    )
    if found:  # kustomize itself may refuse it.
        assert all(item.mapped in (True, False) for item in found.values())


@pytest.mark.parametrize(
    "route",
    [
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec: {rules: [{http: {paths: "
        "[{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]}\n",
        "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web}\nspec: {rules: [{backendRefs: [{name: web, port: 80}]}]}\n",
    ],
)
def test_route_makes_a_node_port_needless(tmp_path: Path, route: str) -> None:
    """A Service that an Ingress or a route of the Gateway API leads to is exposed by it."""
    stated = service("web", "{ports: [{port: 80}]}")
    (found,) = [
        item for item in StatedService.collect(platform(tmp_path, stated, route)) if isinstance(item, StatedService)
    ]
    assert (found.type, found.route is not None) == ("ClusterIP", True)


def test_route_to_another_service_does_not(tmp_path: Path) -> None:
    """A route counts only for the Service that it leads to."""
    route = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: x}\nspec: {defaultBackend: {service: {name: db, port: {number: 80}}}}\n"
    (found,) = StatedService.collect(platform(tmp_path, service("web", "{ports: [{port: 80}]}"), route))
    assert isinstance(found, StatedService)
    assert found.route is None


def test_mapping_is_of_its_protocol(tmp_path: Path) -> None:
    """A mapping for UDP is not opened by a Service over TCP; a mapping without a protocol is for TCP."""
    found = [item for item in PortMapping.collect(platform(tmp_path, WEB)) if isinstance(item, PortMapping)]
    assert [(item.number, item.protocol, item.opened) for item in found] == [
        (30080, "TCP", True),
        (30080, "UDP", False),
    ]


def test_promised_cluster_file_that_is_none_fails_what_needs_it_alone(tmp_path: Path) -> None:
    """Where platform.toml names a file that is no cluster of kind, only what is about mappings knows of it."""
    given = platform(tmp_path, WEB, statement=STATEMENT.replace("cluster.yaml", "dev/all.yaml"))
    (port,) = NodePort.collect(given)
    assert isinstance(port, NodePort)
    assert isinstance(port.mapped, Gap)
    (mapping,) = PortMapping.collect(given)
    assert isinstance(mapping, Gap)
    assert mapping.promised


def test_release_is_not_asked(tmp_path: Path) -> None:
    """These subjects are those of development: what a release exposes is another chapter."""
    given = platform(tmp_path, WEB, statement=STATEMENT.replace('"development"', '"release"'))
    assert [*NodePort.collect(given), *StatedService.collect(given), *PortMapping.collect(given)] == []


def test_without_a_statement_nothing_is_stated(tmp_path: Path) -> None:
    """Where nobody says what may be exposed, it is not known, and the key that would say it is named."""
    given = platform(tmp_path, WEB, statement=STATEMENT.replace('exposed = ["web"]\n', ""))
    (port,) = ports(given).values()
    assert (port.stated, port.key) == (None, "[overlays.dev] exposed")
    (gap,) = StatedService.collect(given)
    assert isinstance(gap, Gap)
    assert "[overlays.dev] exposed" in gap.reason
    assert not gap.promised
