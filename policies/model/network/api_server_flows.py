"""Flows to and from Kubernetes' own API server, where `platform.toml` states its addresses as a host outside: `kubernetes.default.svc`."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model.configuration.services import Directory
from policies.model.network.address_ranges import addresses, parse_network
from policies.model.network.endpoints import Outside
from policies.model.network.flow import Flow
from policies.model.network.parties import Party
from policies.model.network.site import Site
from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.tokens import TokenMount
from policies.platform import Platform
from policies.read.documents import Document

HOSTS = ("kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "kubernetes.default", "kubernetes")
"""The names of the API server inside a cluster (the Service `kubernetes` of the namespace `default`)."""

_HOOKS = ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration")


def of_api_server(site: Site, names: Directory, platform: Platform) -> Iterator[Flow]:
    """Yield the calls of workloads whose account is granted something, and those of the API server to admission webhooks."""
    stated = next((one for one in platform.intent.external if one.host in HOSTS), None)
    if stated is None:
        return
    server = Party("the API server", Outside(addresses(map(parse_network, stated.cidr))))
    for mount in TokenMount.collect(platform):
        source = site.party_of(mount.pod.document) if isinstance(mount, TokenMount) and mount.grants else None
        if isinstance(mount, TokenMount) and source is not None and not mount.is_off:
            for port in stated.ports or (443,):
                why = f"its account {mount.account} is granted something"
                yield Flow(source, server, "TCP", port, why, False, mount.evidence("").locations)
    for document, index, party, protocol, port in hooked(site, names):
        location = document.origin.locate(("webhooks", index))
        yield Flow(server, party, protocol, port, f"{document} names it", True, (location,))


def hooked(site: Site, names: Directory) -> Iterator[tuple[Document, int, Party, str, int]]:
    """Yield whom the API server calls for admission: the configuration and the webhook's position in it, the workload, protocol and port."""
    for document in site.documents:
        for index, hook in listed(document.get("webhooks")) if document.kind in _HOOKS else ():
            called = mapping(mapping(hook.get("clientConfig")).get("service"))
            target = names.look_up(f"{called.get('name')}.{called.get('namespace')}.svc", "")
            if called and target.service is not None:
                for found in site.reached(target.service, called.get("port") or 443):
                    yield (document, index, *found)
