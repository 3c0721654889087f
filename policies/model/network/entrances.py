"""Flows from outside: through NodePorts, load balancers, Ingresses and the routes of the Gateway API."""

from __future__ import annotations

from collections.abc import Iterator

from policies.deployed import Deployed
from policies.evidence import Gap, Location
from policies.intent.intent import FILE
from policies.model.cloud.routes import Backend
from policies.model.configuration.serving import named
from policies.model.network.address_ranges import is_network
from policies.model.network.flow import Flow
from policies.model.network.parties import ANYWHERE, Party, outside
from policies.model.network.site import Site
from policies.model.objects.inventory import inventory_of
from policies.model.workloads.pods import listed
from policies.model.workloads.targets import is_service
from policies.read.documents import Document
from policies.read.yaml import FieldPath


def entering(site: Site, item: Deployed) -> Iterator[Flow | Gap]:
    """Yield what comes in by each Service that is opened to the outside, and by each backend of an Ingress or a route.

    A NodePort or a load balancer takes anybody unless `ingress-from` says who comes. Whose address connections through an Ingress
    have depends on its controller: without `ingress-from` they are not known.
    """
    for reason in _misstated(site, item):
        yield Gap(f"{site.place.name}:ingress-from", reason, site.place, (Location(FILE),), promised=True)
    for document in item.documents:
        said = tuple(_sources(site, item, document))
        if is_service(document) and document.get("spec", "type") in ("NodePort", "LoadBalancer"):
            for index, port in listed(document.get("spec", "ports")):
                why = f"{document} is a {document.get('spec', 'type')}"
                at: FieldPath = ("spec", "ports", index)
                yield from _through(site, document, port.get("port"), said or (ANYWHERE,), why, document, at)
        for path in Backend.paths(document):
            backend = Backend(inventory_of(item), document, path)
            service = backend.found
            if not isinstance(service, Document):
                continue
            sources = said or controllers(site, document)
            yield from _through(site, service, backend.port, sources, f"{document} leads to {service}", document, path)
    for backend, _, _, reason in unstated(site, item):
        yield Gap(backend.id, reason, site.place, (backend.document.origin.locate(backend.path),))


def unstated(site: Site, item: Deployed) -> Iterator[tuple[Backend, Document, int | str | None, str]]:
    """Yield the backends of Ingresses and routes, with Service and port, of which it is not known whose connections come through, and why."""
    for document in item.documents:
        for path in Backend.paths(document):
            backend = Backend(inventory_of(item), document, path)
            known = next(_sources(site, item, document), None) or controllers(site, document)
            if isinstance(backend.found, Document) and not known:
                reason = (
                    f"platform.toml does not state whose connections come through {document}: [{item.key}] ingress-from"
                )
                yield backend, backend.found, backend.port, reason


def _through(
    site: Site,
    service: Document,
    port: int | str | None,
    sources: tuple[Party, ...],
    why: str,
    by: Document,
    at: FieldPath,
) -> Iterator[Flow]:
    for target, protocol, number in site.reached(service, port):
        for source in sources:
            yield Flow(source, target, protocol, number, why, locations=(by.origin.locate(at),))


def controllers(site: Site, ingress: Document) -> tuple[Party, ...]:
    """Give the workloads that serve an Ingress, where its class says which (`IngressClass.spec.controller`) and they are here."""
    classes = [document for document in site.documents if document.kind == "IngressClass"]
    name = ingress.get("spec", "ingressClassName")
    wanted = [one.get("spec", "controller") for one in classes if name in (None, one.name)]
    if ingress.kind != "Ingress" or len(wanted) != 1:
        return ()
    return tuple(
        party
        for party in site.parties
        if party.template is not None
        and any(f"--controller-class={wanted[0]}" in (one.body.get("args") or ()) for one in party.template.containers)
    )


def _names(item: Deployed, document: Document) -> tuple[str, ...]:
    """Give what `ingress-from` says of an entrance: of all in a list, of each by its name in a table."""
    stated = item.statement.ingress_from if item.statement is not None else None
    if isinstance(stated, dict):
        return next((names for name, names in stated.items() if named(document, name)), ())
    return stated or ()


def _sources(site: Site, item: Deployed, document: Document) -> Iterator[Party]:
    """Yield who comes through an entrance: networks, and workloads."""
    for name in _names(item, document):
        party = site.party_named(name)
        if party is not None:
            yield party
        elif is_network(name):
            yield outside((name,))


def _misstated(site: Site, item: Deployed) -> Iterator[str]:
    """Yield what `ingress-from` says that is nobody, or of nothing."""
    stated = item.statement.ingress_from if item.statement is not None else None
    if isinstance(stated, dict):
        for name in stated:
            if not any(named(document, name) for document in item.documents):
                yield f"[{item.key}] ingress-from: there is no Ingress, route or Service {name!r}"
    listed_names = [one for names in stated.values() for one in names] if isinstance(stated, dict) else stated or ()
    for name in listed_names:
        if site.party_named(name) is None and not is_network(name):
            yield f"[{item.key}] ingress-from: {name!r} is no workload here, and no network"
