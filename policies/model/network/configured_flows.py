"""Flows that configuration says: every address in a setting, from each workload that gets it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator

from policies.deployed import Deployed
from policies.evidence import Gap
from policies.model.configuration.addresses import Address
from policies.model.configuration.destinations import Destination, destinations_of, reachable
from policies.model.configuration.environments import taken_in
from policies.model.configuration.hosts import is_address
from policies.model.configuration.services import Meaning, Target, directory, pod_names
from policies.model.configuration.settings import Setting, readers_of
from policies.model.kept import kept
from policies.model.network.address_ranges import addresses, parse_network
from policies.model.network.endpoints import Outside, Several
from policies.model.network.flow import Flow
from policies.model.network.parties import Party, outside
from policies.model.network.peer_flows import BUS_OFFSET
from policies.model.network.scrapes import JOBS
from policies.model.network.site import Site
from policies.model.workloads.pods import mapping
from policies.model.workloads.workload import Container, is_from_api
from policies.platform import Platform


def configured(site: Site, platform: Platform) -> Iterator[Flow | Gap]:
    """Yield the flows of a place's settings."""
    for destination in (*destinations_of(platform), *_in_secrets(site, platform)):
        setting = destination.setting
        # What a Prometheus scrapes depends on its relabelling, and is told by `scrapes`.
        if destination.place is not site.place or not setting.readers or setting.name.startswith(JOBS):
            continue
        ends = list(_ends(site, destination))
        yield from (end for end in ends if isinstance(end, Gap))
        known = [end for end in ends if not isinstance(end, Gap)]
        yield from _flows(site, destination, known) if known else ()


def _in_secrets(site: Site, platform: Platform) -> Iterator[Destination]:
    """Yield the addresses in Secrets of files: of one that is made from a file with an example, the example's. What an API gave stays unread."""
    names = directory(platform, site.item)
    for document in () if is_from_api(site.item) else site.item.documents:
        for field in ("data", "stringData") if document.kind == "Secret" else ():
            for key, value in mapping(document.get(field)).items():
                readers = readers_of(site.item, document, key)
                text = _decoded(value) if field == "data" else str(value)
                setting = Setting(site.place, document, (field, key), "", key, text, None, readers)
                for address, target in reachable(names, document.namespace, key, text, {}) if readers else ():
                    yield Destination(setting, address, target, bool(platform.intent.external))


def _decoded(value: object) -> str:
    try:
        return base64.b64decode(str(value), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _each_workload(readers: Iterable[Container]) -> Iterator[Container]:
    """Yield one container a workload; whether the workload names a key is asked of all its containers."""
    yield from {id(reader.document): reader for reader in readers}.values()


def _flows(site: Site, destination: Destination, ends: list[tuple[Party, str, int]]) -> Iterator[Flow]:
    """Yield a flow for each workload that names the key, and one for all that merely get it."""
    setting, address = destination.setting, destination.address
    why, locations = f"{setting.name} leads to {address}", (setting.location,)
    getting: list[Party] = []
    for reader in _each_workload(setting.readers):
        source = site.party_of(reader.document)
        if source is not None and names_key(site.item, setting, reader):
            for target, protocol, port in ends:
                alone = source == target and source.is_single
                yield Flow(source, target, protocol, port, why, not alone, locations, address.host)
        elif source is not None:
            getting.append(source)
    together = _group(getting, setting)
    for target, protocol, port in ends if together is not None else ():
        assert together is not None  # noqa: S101 (mypy does not see it)
        yield Flow(together, target, protocol, port, why, False, locations, address.host)


def _group(getting: list[Party], setting: Setting) -> Party | None:
    pods = frozenset(party.pod for party in getting if party.pod is not None)
    if len(pods) < 2:
        return getting[0] if getting else None
    return Party(f"{len(pods)} workloads that get {setting.document}", Several(pods))


def names_key(item: Deployed, setting: Setting, reader: Container) -> bool:
    """Whether a workload names a setting's key: its own variable or argument, a key by `valueFrom`, or all of what nobody else takes."""
    return setting.document is reader.document or id(reader.document) in _naming(item, setting)


def _naming(item: Deployed, setting: Setting) -> frozenset[int]:
    """Give the workloads that name a key of a ConfigMap or a Secret, each by its object's identity."""
    key = str(setting.path[1]) if len(setting.path) > 1 else setting.name
    named, whole = _takers(item).get(
        (setting.document.kind, setting.document.namespace, setting.document.name), ({}, frozenset())
    )
    naming = named.get(key, frozenset())
    every = naming | whole
    return every if len(every) == 1 else naming


_Takers = tuple[dict[str, frozenset[int]], frozenset[int]]
"""Who takes a key by its name, and who takes everything."""


@kept
def _takers(item: Deployed) -> dict[tuple[str, str, str], _Takers]:
    named: dict[tuple[str, str, str], dict[str, set[int]]] = {}
    whole: dict[tuple[str, str, str], set[int]] = {}
    for use in taken_in(item):
        holder = (use.kind, use.container.document.namespace, use.name)
        named.setdefault(holder, {})
        if use.key is None:
            whole.setdefault(holder, set()).add(id(use.container.document))
        else:
            named[holder].setdefault(use.key, set()).add(id(use.container.document))
    return {
        holder: ({key: frozenset(ids) for key, ids in keys.items()}, frozenset(whole.get(holder, ())))
        for holder, keys in named.items()
    }


def _ends(site: Site, destination: Destination) -> Iterator[tuple[Party, str, int] | Gap]:
    """Yield where an address leads: a party, the protocol, and the port there."""
    target, address = destination.target, destination.address
    if target.meaning is Meaning.EXTERNAL:
        yield from _external(site, destination)
    elif target.meaning is Meaning.OUTSIDE and is_address(address.host) and address.port is not None:
        yield outside((address.host,)), "TCP", address.port
    elif target.meaning is Meaning.POD:
        yield from (
            (party, "TCP", port) for party in _governed(site, target, address) for port in _port_of(address, party)
        )
    elif target.meaning is Meaning.SERVICE and target.service is not None:
        every = list(site.reached(target.service, address.port))
        # Where a Service takes a number over TCP and over UDP (HTTP/3), an address means TCP.
        found = [one for one in every if one[1] == "TCP"] or every
        if address.port is None:
            found = _without_bus(found)
        if not found and address.port is not None and target.service.get("spec", "clusterIP") == "None":
            found = [(party, "TCP", address.port) for party in site.behind(target.service)]
        yield from found


def _without_bus(ends: list[tuple[Party, str, int]]) -> list[tuple[Party, str, int]]:
    """Leave out the ports on which nodes of a Redis cluster talk to each other alone: who names no port means none of these."""
    known = {(party, number) for party, _, number in ends}
    return [one for one in ends if (one[0], one[2] - BUS_OFFSET) not in known]


def _port_of(address: Address, party: Party) -> tuple[int, ...]:
    if address.port is not None:
        return (address.port,)
    return tuple({number for _, protocol, number in party.declared if protocol == "TCP"})


def _governed(site: Site, target: Target, address: Address) -> Iterator[Party]:
    """Yield the StatefulSet that has a pod of the name."""
    for party in site.parties:
        document = party.template.document if party.template is not None else None
        if document is None or target.service is None or document.kind != "StatefulSet":
            continue
        governs = document.get("spec", "serviceName") == target.service.name
        if (
            governs
            and document.namespace == target.service.namespace
            and address.host.split(".")[0] in pod_names(document)
        ):
            yield party


def _external(site: Site, destination: Destination) -> Iterator[tuple[Party, str, int] | Gap]:
    found, host = destination.target.external, destination.address.host
    if found is None:
        return
    ports = (destination.address.port,) if destination.address.port is not None else found.ports
    name = f"{destination.setting.id}={host}"
    if not found.cidr:
        reason = f"platform.toml does not state in which networks {found.host} is: [[external]] cidr"
        yield Gap(name, reason, site.place)
        return
    party = Party(host, Outside(addresses(map(parse_network, found.cidr))))
    yield from ((party, "TCP", port) for port in ports)
