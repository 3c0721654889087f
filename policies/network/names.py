"""What parties are called in a picture and on the command line: no longer than it takes to tell them apart."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable

from policies.errors import UsageError
from policies.model.configuration.serving import named
from policies.model.network.flows import Intended
from policies.model.network.matrix import Matrix
from policies.model.network.parties import ANYWHERE, DNS, NODE, STRANGER, Party, outside
from policies.model.workloads.targets import is_service
from policies.read.documents import Document

_WORDS = {"outside": ANYWHERE, "dns": DNS, "node": NODE, "stranger": STRANGER}
"""What stands for a party that is no object of the platform."""


def short_names(parties: Iterable[Party]) -> dict[Party, str]:
    """Give each party the shortest name that is its alone: `web`, `Deployment/web`, `shop/Deployment/web`."""
    found: dict[Party, str] = {}
    listed = list(dict.fromkeys(parties))
    for count in (1, 2, 3):
        ends = Counter(_end(party, count) for party in listed)
        for party in listed:
            if party not in found and ends[_end(party, count)] == 1:
                found[party] = _end(party, count)
    return {party: found.get(party, party.name) for party in listed}


def _end(party: Party, count: int) -> str:
    return "/".join(party.name.split("/")[-count:]) if party.template is not None else party.name


def names_of(matrix: Matrix) -> dict[Party, str]:
    """Give the short names of a matrix's parties."""
    found = short_names((*matrix.sources, *matrix.targets))
    return {**found, ANYWHERE: "other addresses", STRANGER: "other pods"}


def find_party(network: Intended, name: str) -> Party | Document:
    """Give who is called so: a workload (`NAME`, `KIND/NAME`, `NAMESPACE/NAME`), a Service, `outside`, `dns`, `node`, `stranger`, an address.

    Raises UsageError where there is nobody, naming who is nearest.
    """
    site = network.site
    found = _WORDS.get(name) or site.party_named(name)
    if found is None:
        found = next((party for party in site.parties if party.name.endswith(f"/{name}") or party.name == name), None)
    if found is not None:
        return found
    plain = name.rpartition("/")[2]
    for document in site.documents:
        if (
            is_service(document)
            and named(document, plain)
            and name in (plain, f"Service/{plain}", f"{document.namespace}/{plain}")
        ):
            return document
    try:
        return outside((name,))
    except ValueError:
        known = [*short_names(site.parties).values(), *_WORDS]
        close = difflib.get_close_matches(name, known, 3) or known[:8]
        raise UsageError(
            f"{site.place.name} has no workload, Service or address {name!r}; there is, for one, {', '.join(close)}"
        ) from None
