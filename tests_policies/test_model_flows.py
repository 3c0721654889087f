"""Intended flows: where each is derived from, whom it obliges, and what is said where it cannot be derived."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_platform import plain_platform, service, workload

from policies.model.network.address_ranges import addresses, parse_network
from policies.model.network.endpoints import Pod
from policies.model.network.engine import Network
from policies.model.network.flow import Flow
from policies.model.network.flows import Intended, intended
from policies.model.network.intervals import Intervals
from policies.model.network.labels import DOES_NOT_EXIST, EXISTS, IN, NOT_IN, Expression, Selector, unselected
from policies.model.network.needed_flows import EnteringFlow, NeededFlow
from policies.model.network.parties import Party
from policies.model.network.policies import Direction
from policies.model.network.policy_schema import read_policy
from policies.model.network.ports import ALL_PORTS, ports, spell_ports
from policies.model.network.snippets import letting_pass
from policies.model.network.universe import Universe
from policies.platform import Platform
from policies.read import yaml
from policies.read.documents import ApiOrigin, Document

DB = workload(
    "StatefulSet", "db", "ports: [{name: sql, containerPort: 5432}]", "serviceName: db, replicas: 3"
) + service("db", "{port: 5432, targetPort: sql}", "clusterIP: None")
WEB = workload("Deployment", "web", "ports: [{name: http, containerPort: 8080}]") + service(
    "web", "{port: 80, targetPort: http}"
)


def config_map(name: str, data: str) -> str:
    """Write a ConfigMap; `data` is a mapping in flow style."""
    return f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: shop}}\ndata: {data}\n"


def network(platform: Platform) -> Intended:
    """Give the network of the platform's only place."""
    return intended(platform.deployed[0], platform)


def told(platform: Platform, *, demanded: bool | None = True) -> list[str]:
    """Give the flows of a kind in short, without those to the DNS."""
    found = [flow for flow in network(platform).flows if demanded in (None, flow.demanded)]
    return sorted(
        f"{_short(flow.source)} -> {_short(flow.target)} {flow.protocol} {flow.port}"
        for flow in found
        if "DNS" not in flow.target.name
    )


def _short(party: Party) -> str:
    return party.name.rpartition("/")[2] if party.template is not None else party.name


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        ("env: [{name: SHOP_URL, value: 'http://web/x'}]", ["app -> web TCP 8080"]),
        ("env: [{name: SHOP_URL, value: 'http://web.shop.svc.cluster.local:80'}]", ["app -> web TCP 8080"]),
        ("env: [{name: DB_URL, value: 'jdbc:postgresql://db:5432/x'}]", ["app -> db TCP 5432"]),
        ("env: [{name: DB_URL, value: 'postgres://u:p@db-2.db/x'}]", ["app -> db TCP 5432"]),
        ("env: [{name: DB_HOST, value: db}, {name: DB_PORT, value: '5432'}]", ["app -> db TCP 5432"]),
        ("args: ['--upstream=http://web']", ["app -> web TCP 8080"]),
        ("args: ['--upstream', 'web:80']", ["app -> web TCP 8080"]),
        ("args: ['http://web/ping']", ["app -> web TCP 8080"]),
        ("command: [sh, -c], args: ['curl -s http://web/ping']", ["app -> web TCP 8080"]),
        ("env: [{name: CORS_ORIGINS, value: 'http://web'}]", []),
        ("env: [{name: JWT_ISSUER, value: 'http://web'}]", []),
        ("env: [{name: GREETING, value: 'hello web'}]", []),
        ("env: [{name: SHOP_URL, value: 'http://localhost:8080'}]", []),
    ],
)
def test_configuration_says_where_a_workload_connects(tmp_path: Path, container: str, expected: list[str]) -> None:
    """Services are resolved to pods and their own ports; what is for browsers, or is no address, is no flow."""
    platform = plain_platform(tmp_path, WEB + DB + workload("Deployment", "app", container))
    assert told(platform) == expected


def test_host_without_a_port_means_no_bus(tmp_path: Path) -> None:
    """Clients of a Redis cluster have nothing to do with the port on which its nodes talk to each other."""
    ports = "{name: redis, port: 6379}, {name: bus, port: 16379}"
    manifests = workload("StatefulSet", "redis", "", "serviceName: redis, replicas: 6") + service("redis", ports)
    manifests += workload("Deployment", "app", "env: [{name: REDIS_HOST, value: redis}]")
    assert told(plain_platform(tmp_path, manifests)) == ["app -> redis TCP 6379"]


def test_a_shared_config_map_obliges_only_who_names_the_key(tmp_path: Path) -> None:
    """`envFrom` of what others take too makes the flow possible; `valueFrom`, or a ConfigMap of one's own, demands it."""
    shared = "envFrom: [{configMapRef: {name: shared}}]"
    manifests = (
        WEB + DB
        + config_map("shared", "{SHOP_URL: 'http://web'}")
        + config_map("own", "{DB_URL: 'postgres://db/x'}")
        + workload("Deployment", "named", shared + ", env: [{name: U, valueFrom: {configMapKeyRef: {name: shared, key: SHOP_URL}}}]")
        + workload("Deployment", "also", shared)
        + workload("Deployment", "owner", "envFrom: [{configMapRef: {name: own}}]")
    )  # fmt: skip
    platform = plain_platform(tmp_path, manifests)
    assert told(platform) == ["named -> web TCP 8080", "owner -> db TCP 5432"]
    assert told(platform, demanded=False) == ["also -> web TCP 8080"]


def test_a_secret_of_a_file_says_where_too_and_its_credentials_stay_out(tmp_path: Path) -> None:
    """The host of a connection string is a flow's end; user and password are nobody's affair."""
    object_ = "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: shop}\nstringData: {DSN: 'postgres://user:letmein@db/x'}\n"
    app = workload("Deployment", "app", "env: [{name: DSN, valueFrom: {secretKeyRef: {name: s, key: DSN}}}]")
    platform = plain_platform(tmp_path, DB + object_ + app)
    assert told(platform) == ["app -> db TCP 5432"]
    assert "letmein" not in repr([(flow.why, str(flow)) for flow in network(platform).flows])


def test_whoever_calls_by_name_asks_the_dns(tmp_path: Path) -> None:
    """A name is looked up, an address is not; with the node's own resolver the cluster's DNS is not asked."""
    named = workload("Deployment", "named", "env: [{name: A_URL, value: 'http://web'}]")
    plain = workload("Deployment", "plain", "env: [{name: A_URL, value: 'http://10.1.2.3'}]")
    other = workload("Deployment", "other", "env: [{name: A_URL, value: 'http://web'}]", pod="dnsPolicy: Default")
    flows = network(plain_platform(tmp_path, WEB + named + plain + other)).demanded
    asking = {(_short(flow.source), flow.protocol) for flow in flows if "DNS" in flow.target.name}
    assert asking == {("named", "UDP"), ("named", "TCP")}


def test_probes_come_from_the_node(tmp_path: Path) -> None:
    """By number and by name; what runs inside the container is none."""
    probes = (
        "ports: [{name: http, containerPort: 8080}], readinessProbe: {httpGet: {port: http}}, "
        "livenessProbe: {tcpSocket: {port: 9}}, startupProbe: {exec: {command: [x]}}"
    )
    platform = plain_platform(tmp_path, workload("Deployment", "app", probes))
    assert told(platform) == ["the node -> app TCP 8080", "the node -> app TCP 9"]


INGRESS = (
    "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: way, namespace: shop}\n"
    "spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}\n"
)


def test_entrances_come_from_whom_the_owners_say(tmp_path: Path) -> None:
    """A NodePort takes anybody; whose connections come through an Ingress is stated, or not known."""
    opened = service("db", "{port: 5432, targetPort: 5432, nodePort: 30000}", "type: NodePort")
    manifests = workload("Deployment", "db", "ports: [{containerPort: 5432}]") + opened + WEB + INGRESS
    platform = plain_platform(tmp_path, manifests)
    assert told(platform) == ["outside -> db TCP 5432"]
    assert ["ingress-from" in gap.reason for gap in network(platform).gaps] == [True]


def test_stated_entrance_is_a_flow(tmp_path: Path) -> None:
    """Networks, and a controller's own pods."""
    controller = workload("Deployment", "controller")
    stated = 'ingress-from = ["10.0.0.0/16", "shop/controller"]\n'
    platform = plain_platform(tmp_path, WEB + INGRESS + controller, stated)
    assert told(platform) == ["10.0.0.0/16 -> web TCP 8080", "controller -> web TCP 8080"]


def test_controller_of_the_class_is_found(tmp_path: Path) -> None:
    """Where an IngressClass names a controller and a workload says that it is that one, nothing need be stated."""
    classes = "---\napiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: {name: nginx}\nspec: {controller: k8s.io/ingress-nginx}\n"
    controller = workload("Deployment", "controller", "args: ['--controller-class=k8s.io/ingress-nginx']")
    assert told(plain_platform(tmp_path, WEB + INGRESS + classes + controller)) == ["controller -> web TCP 8080"]


def test_external_hosts_are_where_owners_say(tmp_path: Path) -> None:
    """With CIDR and ports; without a CIDR the flow is not known, and the key is named."""
    app = workload(
        "Deployment",
        "app",
        "env: [{name: A_URL, value: 'https://pay.test.net'}, {name: B_URL, value: 'https://mail.test.net'}]",
    )
    external = '[[external]]\nhost = "pay.test.net"\ncidr = ["192.0.2.0/24"]\nports = [443]\n[[external]]\nhost = "mail.test.net"\n'
    platform = plain_platform(tmp_path, app, external)
    assert told(platform) == ["app -> pay.test.net TCP 443"]
    assert [gap.reason for gap in network(platform).gaps] == [
        "platform.toml does not state in which networks mail.test.net is: [[external]] cidr"
    ]


def test_stated_flows_are_flows_and_a_name_that_is_none_fails(tmp_path: Path) -> None:
    """What cannot be derived is stated; what is stated wrong is told."""
    flows = (
        '[[manifests.shop.flows]]\nfrom = "web"\nto = "shop/db"\nports = [5432]\n'
        '[[manifests.shop.flows]]\nfrom = "outside"\nto = "web"\nports = [53]\nprotocol = "UDP"\n'
        '[[manifests.shop.flows]]\nfrom = "webb"\nto = "db"\nports = [1]\n'
    )
    platform = plain_platform(tmp_path, WEB + DB, flows)
    assert told(platform) == ["outside -> web UDP 53", "web -> db TCP 5432"]
    (gap,) = network(platform).gaps
    assert gap.promised
    assert "'webb' is no workload here" in gap.reason


def test_brokers_and_nodes_call_their_own_kind(tmp_path: Path) -> None:
    """Each listener of a broker; a Redis node's port and its bus, which lies 10000 above. One that is alone calls nobody."""
    kafka = "env: [{name: KAFKA_LISTENERS, value: 'PLAINTEXT://:9092,CONTROLLER://:9093'}]"
    redis = "args: ['--cluster-enabled', 'yes', '--port', '7000']"
    manifests = workload("StatefulSet", "kafka", kafka, "serviceName: kafka, replicas: 3") + workload(
        "StatefulSet", "redis", redis, "serviceName: redis, replicas: 6"
    )
    assert told(plain_platform(tmp_path, manifests)) == [
        "kafka -> kafka TCP 9092", "kafka -> kafka TCP 9093", "redis -> redis TCP 17000", "redis -> redis TCP 7000",
    ]  # fmt: skip


def test_scrapes_follow_the_configuration(tmp_path: Path) -> None:
    """Listed targets, a prober in their place, and what annotations find."""
    text = (
        "scrape_configs: [{job_name: a, static_configs: [{targets: ['web:80']}]}, "
        "{job_name: b, static_configs: [{targets: ['db:5432']}], relabel_configs: [{target_label: __address__, replacement: 'prober:9115'}]}, "
        "{job_name: c, kubernetes_sd_configs: [{role: pod}], relabel_configs: [{source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape]}]}]"
    )
    prometheus = workload(
        "Deployment",
        "prometheus",
        "volumeMounts: [{name: c, mountPath: /c}]",
        pod="volumes: [{name: c, configMap: {name: c}}]",
    )
    prober = workload("Deployment", "prober") + service("prober", "{port: 9115}")
    marked = workload("Deployment", "marked", "ports: [{containerPort: 7}]").replace(
        "metadata: {labels: {app: marked}}",
        "metadata: {annotations: {prometheus.io/scrape: 'true'}, labels: {app: marked}}",
    )
    platform = plain_platform(
        tmp_path, WEB + DB + config_map("c", f'{{prometheus.yml: "{text}"}}') + prometheus + prober + marked
    )
    assert told(platform) == [
        "prober -> db TCP 5432", "prometheus -> marked TCP 7", "prometheus -> prober TCP 9115", "prometheus -> web TCP 8080",
    ]  # fmt: skip


DENY = (
    "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny, namespace: shop}\n"
    "spec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n"
)


def test_the_policy_that_is_offered_lets_the_flow_pass(tmp_path: Path) -> None:
    """What NET-04 prints is applied as it is printed: then the flow passes, and nothing else of what was denied."""
    app = workload("Deployment", "app", "env: [{name: DB_URL, value: 'postgres://db/x'}]")
    platform = plain_platform(tmp_path, WEB + DB + app + DENY)
    found = network(platform)
    flow = next(one for one in found.demanded if one.port == 5432)
    assert not found.surely.ports(flow.source.endpoint, flow.target.endpoint)
    offered = [_policy(letting_pass(found.universe, flow, direction)) for direction in Direction]
    opened = Network(found.universe, (*found.site.policies, *map(read_policy, offered)))
    assert opened.ports(flow.source.endpoint, flow.target.endpoint) == ports("TCP", 5432)
    others = [
        (a, b) for a in found.parties for b in found.parties if (a, b) != (flow.source, flow.target) and a.pod and b.pod
    ]
    assert [opened.ports(a.endpoint, b.endpoint) for a, b in others] == [
        found.surely.ports(a.endpoint, b.endpoint) for a, b in others
    ]
    blocked = [
        one
        for kind in (NeededFlow, EnteringFlow)
        for one in kind.collect(platform)
        if isinstance(one, NeededFlow) and not one.passes
    ]
    assert any("app-to-db-egress" in one.blame().message for one in blocked)


def _policy(text: str) -> Document:
    (document,) = yaml.parse(text.encode(), "offered.yaml")
    return Document(document.data, ApiOrigin("NetworkPolicy", "shop", "offered"))


# Sets

KEYS = st.sampled_from("ab")
EXPRESSIONS = st.one_of(
    st.builds(Expression, KEYS, st.sampled_from((IN, NOT_IN)), st.frozensets(st.sampled_from("xyz"), min_size=1)),
    st.builds(Expression, KEYS, st.sampled_from((EXISTS, DOES_NOT_EXIST))),
)


@settings(max_examples=500, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.builds(Selector, st.lists(EXPRESSIONS, min_size=1, max_size=3).map(tuple)), max_size=4))
def test_labels_that_no_selector_selects_are_found_where_there_are_any(selectors: list[Selector]) -> None:
    """Against every label set of two keys: whether one is missed by all, and that the one found is."""
    choices = [None, "x", "y", "z", "w"]
    every = [{key: value for key, value in (("a", a), ("b", b)) if value is not None} for a in choices for b in choices]
    missed = any(not any(selector.selects(labels) for selector in selectors) for labels in every)
    found = unselected(selectors)
    assert (found is not None) is missed
    assert found is None or not any(selector.selects(found) for selector in selectors)


NUMBERS = st.sets(st.integers(0, 12))


def interval_set(numbers: set[int]) -> Intervals:
    """Give the set of these numbers."""
    return Intervals.of((number, number) for number in numbers)


@settings(max_examples=500, deadline=None, derandomize=True, database=None)
@given(NUMBERS, NUMBERS)
def test_intervals_are_sets(one: set[int], other: set[int]) -> None:
    """Union, intersection, difference and inclusion, as Python's own sets have them."""
    a, b = interval_set(one), interval_set(other)
    assert (a | b, a & b, a - b) == (interval_set(one | other), interval_set(one & other), interval_set(one - other))
    assert a.is_within(b) is (one <= other)
    assert (bool(a), a.size) == (bool(one), len(one))
    assert all((number in a) is (number in one) for number in range(14))


def test_ports_are_spelled_as_people_write_them() -> None:
    """Protocol first, ranges with a dash."""
    assert spell_ports(ports("TCP", 80) | ports("TCP", 443) | ports("UDP", 5000, 5010)) == "TCP 80, 443; UDP 5000-5010"
    assert spell_ports(ALL_PORTS) == "every port"


def test_addresses_outside_are_parted_by_what_is_asked() -> None:
    """Each known network is whole ranges of the universe, and all ranges together are every address."""
    known = tuple(
        addresses([parse_network(text)]) for text in ("10.0.0.0/8", "10.1.0.0/16", "fd00::/8", "255.255.255.255/32")
    )
    universe = Universe((Pod("a"),), {}, known)
    ranges = [outside.addresses for outside in universe.outside]
    assert all(one.is_within(found) or not one & found for one in ranges for found in known)
    assert sum(one.size for one in ranges) == 2**32 + 2**128


def test_flow_is_spelled() -> None:
    """As reports and waivers name it."""
    assert str(Flow(Party("a", Pod("x")), Party("b", Pod("y")), "TCP", 80, "")) == "a -> b TCP 80"
