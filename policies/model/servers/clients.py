"""Who asks Kafka's brokers from pods of their own, and at which of the brokers' ports."""

from __future__ import annotations

from policies.model.configuration.addresses import in_setting
from policies.model.configuration.services import directory, is_headless
from policies.model.configuration.serving import backing, workloads
from policies.model.configuration.settings import settings_of
from policies.model.servers.brokers import Brokers
from policies.model.servers.quorum import BrokerList
from policies.model.workloads.pods import listed
from policies.model.workloads.workload import containers
from policies.platform import Platform
from policies.read.documents import Document


def asked_ports(platform: Platform, brokers: Brokers) -> frozenset[int]:
    """Give the ports of the brokers' pods that the lists of brokers in other workloads' configuration lead to."""
    own, names, found = brokers.workload, directory(platform, brokers.item), set()
    for setting in settings_of(brokers.item):
        if not BrokerList.wanted(brokers, setting) or all(one.document is own for one in setting.readers):
            continue
        for address in in_setting(setting.name, setting.value):
            service = names.look_up(address.host, setting.document.namespace).service if not address.unknown else None
            leads = service is not None and any(one is own for one in backing(service, workloads(brokers.item)))
            if service is not None and leads and address.port is not None:
                found.add(address.port if is_headless(service) else _behind(brokers, service, address.port))
    return frozenset(found)


def _behind(brokers: Brokers, service: Document, number: int) -> int:
    """Give the pods' port behind a Service's: its own number where the name of a port is not found."""
    target = next(
        (one.get("targetPort") for _, one in listed(service.get("spec", "ports")) if one.get("port") == number), None
    )
    if isinstance(target, int):
        return target
    every = containers(brokers.place, [brokers.workload] if brokers.workload is not None else [])
    ports = (port for container in every for _, port in listed(container.body.get("ports")))
    found = next((port.get("containerPort") for port in ports if target and port.get("name") == target), None)
    return found if isinstance(found, int) else number
