"""Flows of pods with others of their own kind: Kafka's brokers and controllers, the nodes of a Redis cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policies.evidence import Location
from policies.model.configuration.settings import Setting, readers_of, settings_of
from policies.model.network.flow import Flow
from policies.model.network.parties import Party
from policies.model.network.site import Site
from policies.model.servers.brokers import kafka_name
from policies.model.servers.cluster_commands import written_commands

_LISTENING = re.compile(r"://[^,\s]*:(\d{1,5})(?=[,\s]|\Z)")
"""The port of a listener, `NAME://HOST:PORT` or `NAME://:PORT`."""

BUS_OFFSET = 10_000
"""How far the port of a Redis cluster's bus lies above that of its clients, unless `cluster-port` says otherwise (redis.conf)."""


def among_brokers(site: Site) -> Iterator[Flow]:
    """Yield what brokers call of each other: every port that they listen on, the controller's too (Kafka's `listeners`)."""
    for party, settings in _settings(site):
        for listeners in [one for one in settings if kafka_name(one) == "listeners"][:1]:
            for port in sorted({int(text) for text in _LISTENING.findall(listeners.value)}):
                why = f"brokers call each other: {listeners.name} listens on {port}"
                yield Flow(party, party, "TCP", port, why, not party.is_single, (listeners.location,))


def among_nodes(site: Site) -> Iterator[Flow]:
    """Yield what the nodes of a Redis cluster call of each other: the clients' port, where they copy, and the bus (Redis Cluster specification).

    Whoever runs the command that makes the cluster calls each node too.
    """
    for party, settings in _settings(site):
        known = {one.canonical.removeprefix("redis_"): one for one in settings}
        enabled = known.get("cluster_enabled")
        if enabled is None or enabled.value.strip().lower() not in ("yes", "true"):
            continue
        port = _number(known.get("port"), 6379)
        bus = _number(known.get("cluster_port"), port + BUS_OFFSET)
        for number, what in ((port, "copy from each other"), (bus, "talk over the bus")):
            why = f"the nodes of a Redis cluster {what}"
            yield Flow(party, party, "TCP", number, why, not party.is_single, (enabled.location,))
        for maker, location in _makers(site):
            yield Flow(maker, party, "TCP", port, "it makes the Redis cluster", locations=(location,))


def _makers(site: Site) -> Iterator[tuple[Party, Location]]:
    """Yield who runs `redis-cli --cluster create` to its end, with the command's line."""
    for written in written_commands(site.item):
        document, path = written.document, written.path
        key = str(path[-1])
        runners = [one.document for one in readers_of(site.item, document, key)] if path[0] == "data" else [document]
        for party in (site.party_of(runner) for runner in runners):
            if party is not None and party.template is not None and party.template.runs_to_its_end:
                yield party, document.origin.locate(path)


def _number(setting: Setting | None, default: int) -> int:
    text = setting.value.strip() if setting is not None else ""
    return int(text) if text.isdecimal() and 0 < int(text) < 65536 else default


def _settings(site: Site) -> Iterator[tuple[Party, tuple[Setting, ...]]]:
    """Yield each workload of the place with what its containers get."""
    found: dict[int, dict[int, Setting]] = {}
    for setting in settings_of(site.item):
        for reader in setting.readers:
            found.setdefault(id(reader.document), {})[id(setting)] = setting
    for party in site.own:
        # A Job that makes the cluster gets the nodes' settings too, and is none of them.
        if party.template is not None and not party.template.runs_to_its_end:
            yield party, tuple(found.get(id(party.template.document), {}).values())
