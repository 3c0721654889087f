"""The development overlay (clauses 1.2b, 7c). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, LOW, MEDIUM, Evidence, Gap, not_judged, requirement
from policies.model.configuration.exposure import ExternallyAddressed, StatedService
from policies.model.configuration.node_ports import NodePort, PortMapping
from policies.model.secrets.credentials import Credential

LOWEST, HIGHEST = 30000, 32767


@requirement(
    "KIND-02a",
    StatedService,
    clause="1.2b",
    severity=MEDIUM,
    remedy="Patch the Service: type NodePort, with a nodePort of its own.",
)
def test_stated_service_is_a_node_port(service):
    """What is stated as exposed is how a developer reaches the platform; without a NodePort the way ends at the node."""
    assert service.service is not None, service.evidence(
        "there is no Service {!r}, which {} names", service.name, service.key
    )
    if service.type != "NodePort" and service.route is not None:
        not_judged(f"{service.name} is reached through {service.route}, so that it needs no NodePort")
    assert service.type == "NodePort", service.evidence(
        "the Service {!r} is of type {}, not NodePort", service.name, service.type
    )


@requirement(
    "KIND-02b",
    NodePort,
    clause="1.2b",
    severity=HIGH,
    remedy="Make it a ClusterIP, or state the Service in [overlays.NAME] exposed.",
)
def test_node_port_is_stated(port):
    """A NodePort opens on every node and every address of the machine: a database so opened is open to the office."""
    if port.stated is None:
        not_judged(f"platform.toml does not state what may be reached from outside: {port.key}")
    assert port.stated, port.evidence(
        "the Service {!r} opens NodePort {}, and {} does not name it", port.service.name, _shown(port), port.key
    )


@requirement("KIND-02c", NodePort, clause="1.2b", severity=HIGH, remedy="Give each its own number.")
def test_node_port_is_unique(port):
    """The API server refuses the second Service with a number, so that the overlay applies only in part."""
    assert not port.others, port.evidence(
        "NodePort {} ({}) is taken by {} too", port.number, port.protocol, ", ".join(port.others)
    )


@requirement("KIND-02d", NodePort, clause="1.2b", severity=HIGH, remedy="Choose a number from 30000 to 32767.")
def test_node_port_is_in_range(port):
    """The API server takes NodePorts from 30000 to 32767 unless it was told otherwise (kube-apiserver --service-node-port-range)."""
    if port.number is None:
        not_judged("the cluster chooses the number, from its own range")
    assert port.number in range(LOWEST, HIGHEST + 1), port.evidence(
        "NodePort {!r} is not within {} to {}", port.number, LOWEST, HIGHEST
    )


@requirement(
    "KIND-02e",
    NodePort,
    clause="1.2b",
    severity=MEDIUM,
    remedy="Make kind's extraPortMappings and the nodePort the same number.",
)
def test_node_port_is_mapped_by_kind(port):
    """A node of kind is a container: a NodePort that its cluster file does not map cannot be reached from the machine."""
    if port.mapped is None:
        not_judged(f"no cluster file of kind belongs to {port.place.name}; state it: kind-cluster")
    assert not isinstance(port.mapped, Gap), Evidence(port.mapped.reason, port.mapped.locations)
    assert port.mapped, port.evidence(
        "NodePort {} ({}) is not among the containerPorts of {}", _shown(port), port.protocol, port.cluster_file
    )


@requirement(
    "KIND-02f",
    PortMapping,
    clause="1.2b",
    severity=LOW,
    remedy="Delete the mapping, or make the Service's nodePort the same number.",
)
def test_port_mapping_leads_to_a_node_port(mapping):
    """A mapping that no Service opens takes a port of the machine and answers nothing."""
    assert mapping.opened, mapping.evidence(
        "no Service of {} opens NodePort {} ({})", mapping.place.name, mapping.number, mapping.protocol
    )


@requirement(
    "KIND-02g",
    ExternallyAddressed,
    clause="1.2b",
    severity=HIGH,
    remedy="Take externalIPs out, or state the Service in [overlays.NAME] exposed.",
)
def test_external_address_is_stated(service):
    """Every node takes in what is sent to an external address for the Service, whatever its type (`ServiceSpec.externalIPs`)."""
    if service.addresses and service.stated is None:
        not_judged(f"platform.toml does not state what may be reached from outside: {service.key}")
    assert not service.addresses or service.stated, service.evidence(
        "the Service {!r} takes in at {}, and {} does not name it",
        service.service.name,
        ", ".join(service.addresses),
        service.key,
    )


@requirement(
    "KIND-05",
    Credential,
    clause="7c",
    severity=HIGH,
    in_development=MEDIUM,
    remedy="Take it from a Secret (secretKeyRef), made from a file that git ignores.",
)
def test_credential_is_no_literal(credential):
    """A credential in a manifest is known to everybody who can read the repository, for as long as its history is kept."""
    account = ", and so is its account" if credential.account else ""
    assert credential.literal is None, credential.evidence("{} is {}{}", credential.name, credential.literal, account)


def _shown(port):
    return "of the cluster's choice" if port.number is None else port.number
