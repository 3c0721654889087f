"""Where Kafka's brokers send their clients: `advertised.listeners`, the addresses that a broker gives to whoever asks it at a listener.

Source: https://kafka.apache.org/documentation/#brokerconfigs_advertised.listeners, https://docs.confluent.io/platform/current/kafka/listeners.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.configuration.hosts import is_local
from policies.model.configuration.settings import Setting
from policies.model.servers.brokers import Brokers, ReleasedBrokers, kafka_name
from policies.model.servers.clients import asked_ports
from policies.model.workloads.pods import listed, mapping
from policies.model.workloads.workload import containers
from policies.platform import Platform

_LISTENER = re.compile(
    r"(?<![\w.-])(?P<name>[A-Za-z][\w.-]*+)://(?P<host>\[[^\]\s]*\]|(?:\$\([^)]{0,99}\)|\$\{[^}]{0,99}\}|[^\s,:\"'])*)(?::(?P<port>\d{1,5}))?"
)
_WORKED_OUT = re.compile(r"(?:\$\([^)]{0,99}\)|\$\{[^}]{0,99}\}|\$\w+)+\Z")
"""A host that is nothing but variables and commands: what it is shows when the pod runs."""
_OF_THE_POD = ("HOSTNAME", "hostname")
"""The variable and the command by which a container knows its pod's name."""


@dataclass(frozen=True)
class Listener:
    """A listener's name, and the host and port that stand with it; `port` is None where none is written."""

    name: str
    host: str
    port: int | None

    @property
    def is_local(self) -> bool:
        """Whether the host is, to whoever is sent there, its own pod; none at all is the broker's own name (Kafka)."""
        return bool(self.host) and is_local(self.host.lower())

    def is_unknown(self, own: frozenset[str]) -> bool:
        """Whether the host is worked out in the pod, of what are not its `own` name and addresses."""
        return bool(_WORKED_OUT.match(self.host)) and own.isdisjoint(re.findall(r"\w+", self.host))

    def __str__(self) -> str:
        return f"{self.name}://{self.host}" + (f":{self.port}" if self.port is not None else "")


def listeners_in(text: str) -> tuple[Listener, ...]:
    """Give the listeners of a list `NAME://HOST:PORT,…`; Kafka takes names in any letters."""
    return tuple(
        Listener(one["name"].upper(), one["host"].strip("[]"), int(one["port"]) if one["port"] else None)
        for one in _LISTENER.finditer(text)
    )


@dataclass(frozen=True)
class Advertised:
    """What the brokers of a development place advertise, and who asks them."""

    noun: ClassVar[str] = "list of advertised listeners in development"
    only_in_files: ClassVar[bool] = False
    of: ClassVar[type[Brokers]] = Brokers

    brokers: Brokers
    setting: Setting
    asked: frozenset[int]

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.setting.place

    @property
    def id(self) -> str:
        """The setting's."""
        return self.setting.id

    @cached_property
    def listeners(self) -> tuple[Listener, ...]:
        """What is advertised to clients: the controllers' listeners are not for them (`controller.listener.names`)."""
        apart = {name.strip().upper() for name in self._stated("controller_listener_names").split(",")}
        return tuple(one for one in listeners_in(self.setting.value) if one.name not in apart)

    @property
    def unknown(self) -> str | None:
        """Why it is not known where clients are sent, or None."""
        if not self.listeners:
            return f"no listener for clients is in the value of {self.setting.name}"
        hidden = [one for one in self.listeners if one.is_unknown(self._own_names)]
        if hidden:
            return f"{hidden[0]} is worked out in the pod"
        if self._is_alone and not self.asked and all(one.is_local for one in self.listeners):
            return "one broker sends its clients to their own host, and no client is known to run in a pod"
        return None

    @property
    def misleading(self) -> tuple[Listener, ...]:
        """The listeners that send those who ask there to themselves: all, where none leads elsewhere; else those that are asked.

        One among several may be for a neighbour in the pod, or for a developer's own machine.
        """
        local = tuple(one for one in self.listeners if one.is_local)
        if len(local) == len(self.listeners):
            return local
        bound = {one.name: one.port for one in listeners_in(self._stated("listeners"))}
        between = self._stated("inter_broker_listener_name").strip().upper()
        return tuple(
            one
            for one in local
            if (bound.get(one.name) or one.port) in self.asked or (one.name == between and not self._is_alone)
        )

    @cached_property
    def _own_names(self) -> frozenset[str]:
        """The variables that hold what the pod itself is called or has (the downward API)."""
        made_by = [self.brokers.workload] if self.brokers.workload is not None else []
        every = (one for container in containers(self.place, made_by) for _, one in listed(container.body.get("env")))
        return frozenset(
            [*_OF_THE_POD, *(str(one.get("name")) for one in every if mapping(one.get("valueFrom")).get("fieldRef"))]
        )

    @property
    def _is_alone(self) -> bool:
        return not self.brokers.released and self.brokers.replicas == 1

    def _stated(self, name: str) -> str:
        return next((one.value for one in self.brokers.settings if kafka_name(one) == name), "")

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the value's line as the place."""
        return self.setting.evidence(message, *values)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Advertised | Gap]:
        """Yield what the brokers of each place of the stage advertise: a script's word is the last."""
        for brokers in cls.of.collect(platform):
            if isinstance(brokers, Gap):
                yield brokers
                continue
            found = [one for one in brokers.settings if kafka_name(one) == "advertised_listeners"]
            last = [one for one in found if one.path[-2:-1] in (("command",), ("args",))] or found
            if len({one.value for one in last}) > 1:
                yield Gap(brokers.id, "which of several values advertised.listeners has is not known", brokers.place)
            elif last:
                yield cls(brokers, last[0], asked_ports(platform, brokers))
            else:
                reason = "advertised.listeners is not set where it can be read; the image's may hold"
                yield Gap(brokers.id, reason, brokers.place)


class ReleasedAdvertised(Advertised):
    """What the brokers of a release advertise."""

    noun: ClassVar[str] = "list of advertised listeners in a release"
    of: ClassVar[type[Brokers]] = ReleasedBrokers
