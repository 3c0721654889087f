"""Flows that owners state in `platform.toml`, where no configuration shows them."""

from __future__ import annotations

from collections.abc import Iterator

from policies.deployed import Deployed
from policies.evidence import Gap, Location
from policies.intent.intent import FILE
from policies.model.network.flow import Flow
from policies.model.network.parties import ANYWHERE, DNS, Party, outside
from policies.model.network.site import Site

_KNOWN = {"outside": ANYWHERE, "dns": DNS}


def stated(site: Site, item: Deployed) -> Iterator[Flow | Gap]:
    """Yield the flows of `[[overlays.NAME.flows]]`; one that names nobody fails."""
    for index, flow in enumerate(item.statement.flows if item.statement is not None else ()):
        ends = [_party(site, name) for name in (flow.from_, flow.to)]
        for name, end in zip((flow.from_, flow.to), ends, strict=True):
            if end is None:
                reason = f"[[{item.key}.flows]]: {name!r} is no workload here, no network, and not 'outside' or 'dns'"
                yield Gap(
                    f"{site.place.name}:flows[{index}]:{name}", reason, site.place, (Location(FILE),), promised=True
                )
        source, target = ends
        for port in flow.ports if source is not None and target is not None else ():
            assert source is not None and target is not None  # noqa: S101, PT018 (mypy does not see it)
            why = flow.why or "platform.toml states it"
            yield Flow(source, target, flow.protocol, port, why, locations=(Location(FILE),))


def _party(site: Site, name: str) -> Party | None:
    found = _KNOWN.get(name) or site.party_named(name)
    if found is not None:
        return found
    try:
        return outside((name,))
    except ValueError:
        return None
