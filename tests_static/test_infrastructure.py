"""What a development place brings, what its gateway reaches (clauses 1.2a, 1.2c, 1.2d). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, MEDIUM, not_judged, requirement
from policies.model.configuration.gateway import GatewayAddress, GatewayTarget
from policies.model.configuration.services import Meaning
from policies.model.servers.broker_settings import BrokerSetting, MinimumIsr
from policies.model.servers.brokers import Brokers
from policies.model.servers.listeners import Advertised
from policies.model.workloads.infrastructure import Infrastructure


@requirement(
    "KIND-01a",
    Infrastructure,
    clause="1.2a",
    severity=MEDIUM,
    remedy="Add its manifests to the overlay, or take it out of [overlays.NAME] infrastructure.",
)
def test_place_brings_its_infrastructure(infrastructure):
    """What a developer's cluster lacks, or runs no pod of, has to be found on the machine by everybody, each in another version."""
    assert infrastructure.workload is not None, infrastructure.evidence(
        "there is no workload {!r}, which {} states", infrastructure.name, infrastructure.key
    )
    assert not infrastructure.none, infrastructure.blame_count(
        "{} states 0 replicas, and {} states that it is there", infrastructure.workload, infrastructure.key
    )


@requirement(
    "KIND-01b", Infrastructure, clause="1.2a", severity=MEDIUM, remedy="Add a Service whose selector selects its pods."
)
def test_infrastructure_has_a_service(infrastructure):
    """Without a Service nothing finds it: its pods change their addresses with every start."""
    if infrastructure.workload is None:
        not_judged(f"there is no workload {infrastructure.name!r} (KIND-01a)")
    assert infrastructure.served_by, infrastructure.evidence("no Service selects the pods of {!r}", infrastructure.name)


@requirement(
    "KIND-03a",
    GatewayTarget,
    clause="1.2c",
    severity=HIGH,
    remedy="Give the gateway its address: an environment variable with the Service's name and port.",
)
def test_gateway_has_the_address(target):
    """A gateway without the address of a service falls back to what was built in, and answers 502 or 503."""
    if not target.found and target.unknown:
        not_judged(f"of the gateway's environment {', '.join(target.unknown)} is not known")
    assert target.found, target.evidence(
        "no address in the gateway's environment leads to {!r} ({})", target.name, target.why
    )


@requirement(
    "KIND-03b",
    GatewayAddress,
    clause="1.2c",
    severity=HIGH,
    remedy="Write the name and the port of a Service that the place has, or state the host as [[external]].",
)
def test_gateway_address_leads_somewhere(address):
    """An address that leads nowhere is found when the first request goes there."""
    target = address.target
    if target.meaning is Meaning.UNKNOWN:
        not_judged(target.reason)
    if target.meaning is Meaning.OUTSIDE and not address.stated:
        not_judged("platform.toml states no host outside: [[external]]")
    assert target.meaning is not Meaning.ABSENT, address.evidence(
        "{} leads to {}, and {}", address.variable.name, address.address, target.reason
    )
    assert target.meaning is not Meaning.OUTSIDE, address.evidence(
        "{} leads to {}, which is neither a Service nor stated as [[external]]", address.variable.name, address.address
    )
    port = address.address.port
    if port is None or target.ports is None:
        not_judged(f"the ports at {address.address} are not known")
    assert port in target.ports, address.evidence(
        "{} leads to {}, which serves {}", address.variable.name, address.address, _listed(target.ports)
    )


@requirement("KIND-04a", Brokers, clause="1.2d", severity=MEDIUM, remedy="Run as many brokers as are stated.")
def test_brokers_are_as_many_as_stated(brokers):
    """More brokers than stated do not fit on a developer's machine; fewer keep fewer copies than the settings ask for."""
    if brokers.workload is None and brokers.maker is not None:
        not_judged(f"{brokers.maker} is for an operator, which makes the pods")
    assert brokers.workload is not None, brokers.evidence(
        "there is no workload {!r}, which {} states", brokers.stated.workload, brokers.key
    )
    if brokers.replicas is None:
        not_judged("how many brokers there are is not known")
    assert brokers.replicas == brokers.stated.brokers, brokers.evidence(
        "{} has {} brokers, and {} states {}", brokers.workload, brokers.replicas, brokers.key, brokers.stated.brokers
    )


@requirement(
    "KIND-04b", BrokerSetting, clause="1.2d", severity=MEDIUM, remedy="Set it to the stated replication factor."
)
def test_replication_factor_is_as_stated(setting):
    """A topic that is to be kept more often than there are brokers cannot be created: consumers then wait for ever."""
    _matches(setting, setting.brokers.stated.replication_factor, "replication-factor")


@requirement(
    "KIND-04c", MinimumIsr, clause="1.2d", severity=MEDIUM, remedy="Set it to the stated number of replicas in sync."
)
def test_min_isr_is_as_stated(setting):
    """A message that needs more replicas in sync than there are brokers is never taken."""
    _matches(setting, setting.brokers.stated.min_insync_replicas, "min-insync-replicas")


@requirement(
    "KIND-04d", Advertised, clause="1.2d", severity=HIGH, remedy="Advertise the Service's name: NAME://service:port."
)
def test_clients_are_not_sent_to_themselves(advertised):
    """A broker tells its clients where to go on: one that is told localhost goes to its own pod (Kafka, advertised.listeners)."""
    if advertised.unknown:
        not_judged(advertised.unknown)
    assert not advertised.misleading, advertised.evidence(
        "{} sends clients to themselves: {}", advertised.setting.name, ", ".join(map(str, advertised.misleading))
    )


def _matches(setting, stated, key):
    if setting.number is None:
        not_judged(f"the value of {setting.name} is no number that is known: {setting.value}")
    assert setting.number == stated, setting.evidence(
        "{}, and {} states {} = {}", setting.shown, setting.brokers.key, key, stated
    )


def _listed(ports):
    return ", ".join(map(str, sorted(ports))) or "no port"
