"""Who Kafka is told to ask: the voters of the controllers' quorum, and the lists of brokers that clients start from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.configuration.addresses import Address, in_setting
from policies.model.configuration.services import Meaning, Target, directory, pod_names
from policies.model.configuration.serving import backing, workloads
from policies.model.configuration.settings import Setting, called, settings_of
from policies.model.servers.brokers import Brokers, ReleasedBrokers, kafka_name
from policies.model.servers.node_ids import added
from policies.platform import Platform
from policies.read.documents import Document

_VOTERS = ("controller_quorum_voters", "controller_quorum_bootstrap_servers")
_BOOTSTRAP = re.compile(
    r"(?:bootstrap_servers?|kafka_(?:brokers?|broker_list|servers?|hosts?|nodes|urls?|addr|address|addresses)|metadata_broker_list)$"
)
_ID = re.compile(r"(\d+)@")


@dataclass(frozen=True)
class BrokerList:
    """A setting of a release that lists brokers or controllers, and what each of its addresses leads to."""

    noun: ClassVar[str] = "list of brokers in a release"
    only_in_files: ClassVar[bool] = False

    brokers: Brokers
    setting: Setting
    found: tuple[tuple[Address, Target], ...]

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.setting.place

    @property
    def id(self) -> str:
        """The setting's."""
        return self.setting.id

    @property
    def unknown(self) -> str | None:
        """Why it is not known where it leads, or None: a variable in it, another platform, a host that is stated as external."""
        for address, target in self.found:
            if target.meaning is Meaning.UNKNOWN:
                return target.reason
            if target.meaning is Meaning.EXTERNAL:
                return f"{address} is a host that is stated as external"
        return None if self.found else f"no address is in the value of {self.setting.name}"

    @property
    def members(self) -> Document | None:
        """Whose pods it must list: the brokers, or the StatefulSet of whose pods it lists some (controllers of their own)."""
        hosts = {address.host.split(".")[0] for address, _ in self.found}
        others = [
            one
            for one in workloads(self.brokers.item)
            if one.kind == "StatefulSet" and hosts.intersection(pod_names(one))
        ]
        own = self.brokers.workload
        return (
            own if own is None or own in others or not others or "voters" not in self.setting.canonical else others[0]
        )

    @property
    def fault(self) -> str | None:
        """What is wrong with it, in words: who is missing, who does not exist, a port that nobody has; or None."""
        members = self.members
        if members is None:
            return None
        for address, target in self.found:
            if target.meaning not in (Meaning.POD, Meaning.SERVICE):
                return target.reason or f"{address} is no Service of {self.place.name}"
            if target.service is None or not any(
                one is members for one in backing(target.service, workloads(self.brokers.item))
            ):
                return f"{address} does not lead to {members}"
            if address.port is not None and target.ports is not None and address.port not in target.ports:
                return f"nobody listens on port {address.port} at {address.host}, but on {', '.join(map(str, sorted(target.ports)))}"
        return self._incomplete(members) or self._misnumbered(members)

    def _incomplete(self, members: Document) -> str | None:
        if (
            len(self.found) == 1
            and self.found[0][1].meaning is Meaning.SERVICE
            and "voters" not in self.setting.canonical
        ):
            return None
        listed, there = [address.host.split(".")[0] for address, _ in self.found], pod_names(members)
        missing = [name for name in there if name not in listed]
        twice = sorted({name for name in listed if listed.count(name) > 1})
        if missing or twice:
            return f"{members} has {', '.join(there)}; " + (
                f"{', '.join(missing)} is missing" if missing else f"{', '.join(twice)} stands twice"
            )
        return None

    def _misnumbered(self, members: Document) -> str | None:
        ids = [int(number) for number in _ID.findall(self.setting.value)]
        names = [address.host.split(".")[0] for address, _ in self.found]
        if len(ids) != len(names) or not ids:
            return None
        if len(set(ids)) < len(ids):
            return f"two voters have one id ({', '.join(map(str, ids))})"
        there = pod_names(members)
        other = next((name for name in names if name not in there), None)
        if other is not None:
            return f"{other} is no pod of {members}"
        apart = {number - int(name.rpartition("-")[2]) for number, name in zip(ids, names, strict=True)}
        if len(apart) > 1:
            return "the ids are not in the order of the pods"
        own = added(self.brokers.item, members)
        if own is None or own in apart:
            return None
        first = int(there[0].rpartition("-")[2])
        return f"{there[0]} starts with the id {first + own}, and is the voter {first + apart.pop()}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the value's line as the place."""
        return self.setting.evidence(message, *values)

    @classmethod
    def wanted(cls, brokers: Brokers, setting: Setting) -> bool:  # noqa: ARG003 (for those below)
        """Whether a setting, of the brokers' own or not, is such a list."""
        return bool(_BOOTSTRAP.search(setting.canonical)) and "controller_quorum" not in setting.canonical

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[BrokerList | Gap]:
        """Yield every such list of each release that states its Kafka."""
        for brokers in ReleasedBrokers.collect(platform):
            if isinstance(brokers, Gap):
                yield brokers
                continue
            names = directory(platform, brokers.item)
            found = list(called(settings_of(brokers.item), partial(cls.wanted, brokers)))
            for setting in found:
                addresses = in_setting(setting.name, setting.value)
                led = tuple(
                    (address, _led(address, names.look_up(address.host, setting.document.namespace)))
                    for address in addresses
                )
                yield cls(brokers, setting, led)
            if not found:
                unsettled = brokers.unsettled(*_VOTERS) if cls is Voters else None
                yield Gap(brokers.id, unsettled or f"there is no {cls.noun}", brokers.place)


def _led(address: Address, target: Target) -> Target:
    return Target(Meaning.UNKNOWN, reason=f"the value of {address.unknown} is not known") if address.unknown else target


class Voters(BrokerList):
    """The setting by which a release's brokers find the quorum of controllers."""

    noun: ClassVar[str] = "list of quorum voters in a release"

    @classmethod
    def wanted(cls, brokers: Brokers, setting: Setting) -> bool:
        """Whether a setting of the brokers is such a list."""
        return kafka_name(setting) in _VOTERS and any(one is setting for one in brokers.settings)
