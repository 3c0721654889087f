"""Who may call more than is known: an address of theirs leads nowhere, a ConfigMap of theirs is not there.

Whom they are meant to call shows when that is put right, and the requirement that is named fails for it already. Until then nobody can say
that a connection of theirs is in excess.
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.deployed import Deployed
from policies.model.cloud.routes import Backend
from policies.model.configuration.destinations import Destination, destinations_of
from policies.model.configuration.environments import taken_in
from policies.model.configuration.hosts import is_address
from policies.model.configuration.services import Meaning
from policies.model.kept import kept
from policies.model.network.configured_flows import names_key
from policies.model.network.parties import ANYWHERE, Party
from policies.model.network.site import Site, site_of
from policies.model.objects.inventory import inventory_of
from policies.model.workloads.pods import mapping
from policies.platform import Platform
from policies.read.documents import Document


@kept
def uncertain(item: Deployed, platform: Platform) -> dict[Party, str]:
    """Give the parties of a place of which not everything is known that they are meant to call, and why."""
    site = site_of(item, platform)
    found: dict[Party, str] = {}
    for party, reason in (*_by_address(site, platform), *_by_config_map(site), *_by_entrance(site)):
        found.setdefault(party, reason)
    return found


def _by_address(site: Site, platform: Platform) -> Iterator[tuple[Party, str]]:
    for destination in destinations_of(platform):
        setting = destination.setting
        reason = _nowhere(site, destination) if destination.place is site.place and setting.readers else None
        for reader in setting.readers if reason is not None else ():
            party = site.party_of(reader.document)
            if party is not None and names_key(site.item, setting, reader):
                yield party, f"{setting.name} leads to {destination.address}, and {reason}"


def _nowhere(site: Site, destination: Destination) -> str | None:
    """Say why it is not known whom an address leads to, with the requirement that fails for it."""
    target, address = destination.target, destination.address
    if target.meaning is Meaning.ABSENT:
        return f"{target.reason} (CFG-04a)"
    if target.meaning is Meaning.UNKNOWN:
        return target.reason
    if target.meaning is Meaning.OUTSIDE:
        return None if is_address(address.host) else "it is not stated as [[external]] (CFG-04c)"
    if target.meaning is Meaning.EXTERNAL:
        known = target.external is not None and target.external.cidr
        return None if known else "platform.toml does not state in which networks it is: [[external]] cidr"
    if address.port is not None and target.ports is not None and address.port not in target.ports:
        return "no such port is served (CFG-04b)"
    if target.meaning is Meaning.SERVICE and target.service is not None:
        if not site.behind(target.service):
            return f"{target.service} selects no pods (BUILD-03i)"
        if next(site.reached(target.service, None), None) is None:
            return f"{target.service} leads to no port of its pods (BUILD-03j)"
    return None


def _by_config_map(site: Site) -> Iterator[tuple[Party, str]]:
    inventory = inventory_of(site.item)
    for use in taken_in(site.item) if not inventory.incomplete else ():
        party = site.party_of(use.container.document)
        found = inventory.find("ConfigMap", use.container.document.namespace, use.name)
        if party is None or use.kind != "ConfigMap":
            continue
        if found is None:
            yield party, f"there is no ConfigMap/{use.name} (BUILD-03a)"
        elif isinstance(found, Document) and use.key is not None and use.key not in _keys(found):
            yield party, f"ConfigMap/{use.name} has no key {use.key!r} (BUILD-03b)"


def _keys(config_map: Document) -> set[str]:
    return {*mapping(config_map.get("data")), *mapping(config_map.get("binaryData"))}


def _by_entrance(site: Site) -> Iterator[tuple[Party, str]]:
    inventory = inventory_of(site.item)
    for document in site.item.documents:
        for path in Backend.paths(document):
            backend = Backend(inventory, document, path)
            service = backend.found
            if service is None:
                yield ANYWHERE, f"{document} leads to Service/{backend.name}, and there is none (BUILD-03n)"
            elif isinstance(service, Document) and backend.port is not None and backend.port not in backend.ports:
                yield ANYWHERE, f"{document} leads to a port that {service} does not have (BUILD-03o)"
