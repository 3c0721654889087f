"""The gateway: what its environment must lead to, and what each address in it does lead to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.deployed import Deployed
from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.assumed import is_called_gateway, services_of
from policies.model.configuration.addresses import Address
from policies.model.configuration.destinations import reachable
from policies.model.configuration.environments import Environment, Variable, environments_of
from policies.model.configuration.services import Meaning, Target, directory
from policies.model.configuration.serving import backing, named, workloads
from policies.model.workloads.pods import not_looked_at
from policies.model.workloads.workload import CONTAINERS, containers, identify
from policies.platform import Platform
from policies.read.documents import Document


@dataclass(frozen=True)
class GatewayTarget:
    """Something that a gateway's environment must lead to; `found` says whether it does. `unknown` are what of the environment is not known."""

    noun: ClassVar[str] = "service that the gateway must reach"
    only_in_files: ClassVar[bool] = False

    place: Place
    gateway: Document
    name: str
    why: str
    found: bool
    unknown: tuple[str, ...]
    location: Location

    @property
    def id(self) -> str:
        """The gateway and what it must reach."""
        return f"{identify(self.place, self.gateway)}:{self.name}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the gateway's environment as the place."""
        return Evidence(message.format(*values), (self.location,))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[GatewayTarget | Gap]:
        """Yield each backend service but the gateway, and what `gateway-reaches` states, in each place that has the gateway."""
        for item, gateway in _gateways(platform):
            if isinstance(gateway, Gap):
                yield gateway
                continue
            stated = services_of(platform)
            environments = _environments(item, gateway)
            found = [target for _, _, target in _addresses(platform, item, gateway)]
            reached = [target.service for target in found if target.service is not None]
            unknown = [name for environment in environments for name in environment.missing]
            unknown += [
                str(address)
                for _, address, target in _addresses(platform, item, gateway)
                if target.meaning is Meaning.UNKNOWN
            ]
            wanted = [
                (name, "[services] backend") for name in (stated.backend if stated else ()) if not named(gateway, name)
            ]
            also = item.statement.gateway_reaches if item.statement else None
            wanted += [(name, f"[{item.key}] gateway-reaches") for name in also or ()]
            for name, why in wanted:
                led = any(
                    named(service, name) or any(named(one, name) for one in backing(service, workloads(item)))
                    for service in reached
                )
                yield cls(item.place, gateway, name, why, led, tuple(unknown), _place_of(item, gateway))
            if also is None:
                yield Gap(
                    f"{item.place.name}:gateway-reaches",
                    f"platform.toml does not state what else the gateway reaches: [{item.key}] gateway-reaches",
                    item.place,
                )


@dataclass(frozen=True)
class GatewayAddress:
    """An address in the environment of a gateway, and what it leads to. `stated` says whether `platform.toml` states any host outside."""

    noun: ClassVar[str] = "address in the gateway's environment"
    only_in_files: ClassVar[bool] = False

    place: Place
    gateway: Document
    variable: Variable
    address: Address
    target: Target
    stated: bool

    @property
    def id(self) -> str:
        """The gateway, the variable and the address."""
        return f"{identify(self.place, self.gateway)}:{self.variable.name}={self.address}"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the line of the variable's value as the place."""
        return Evidence(message.format(*values), (self.variable.location,))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[GatewayAddress | Gap]:
        """Yield every address in the gateway's environment, in each place that has it."""
        for item, gateway in _gateways(platform):
            if isinstance(gateway, Gap):
                yield gateway
                continue
            for variable, address, target in _addresses(platform, item, gateway):
                yield cls(item.place, gateway, variable, address, target, bool(platform.intent.external))


def _gateways(platform: Platform) -> Iterator[tuple[Deployed, Document | Gap]]:
    services = services_of(platform)
    if services is None or services.gateway is None:
        for item in platform.deployed[:1]:
            reason = "platform.toml does not state which workload is the gateway: [services] gateway"
            if not any(is_called_gateway(one.name) for other in platform.deployed for one in workloads(other)):
                reason = "the platform has no workload that is called a gateway: [services] gateway states one"
            yield item, Gap("no stated gateway", reason, PLATFORM)
        return
    for item in platform.deployed:
        yield from ((item, gap) for gap in not_looked_at(item))
        yield from ((item, one) for one in workloads(item) if named(one, services.gateway))


def _environments(item: Deployed, gateway: Document) -> list[Environment]:
    known = environments_of(item)
    return [known[one.id] for one in containers(item.place, [gateway])]


def _addresses(platform: Platform, item: Deployed, gateway: Document) -> Iterator[tuple[Variable, Address, Target]]:
    names = directory(platform, item)
    for environment in _environments(item, gateway):
        for variable in environment.variables.values():
            if variable.value is not None:
                for address, target in reachable(
                    names, gateway.namespace, variable.name, variable.value, environment.known
                ):
                    yield variable, address, target


def _place_of(item: Deployed, gateway: Document) -> Location:
    for one in containers(item.place, [gateway]):
        if one.path[-2] == CONTAINERS[1]:
            return one.locate("env")
    return gateway.origin.locate()
