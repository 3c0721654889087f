"""The addresses that functions call, and whether their security groups let them."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import SplitResult, urlsplit

from policies.evidence import Evidence, Gap, Place
from policies.intent.places import External
from policies.model.cloud.functions import Worker, workers
from policies.model.cloud.needed_secrets import endpoint_of, named_secret
from policies.model.cloud.resources import known
from policies.model.network.egress import Egress, egress
from policies.platform import Platform
from policies.read.terraform import Unknown
from policies.requirement import NotJudged

PORTS = {
    "http": 80,
    "https": 443,
    "grpc": 80,
    "redis": 6379,
    "rediss": 6379,
    "postgres": 5432,
    "postgresql": 5432,
    "mysql": 3306,
}
EVERYWHERE = ipaddress.ip_network("0.0.0.0/0")

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, eq=False)
class CalledAddress:
    """An address in a worker's environment, or that of a secret which it names: it calls it. `external` is what `platform.toml` states of its host."""

    noun: ClassVar[str] = "address that a worker calls"
    only_in_files: ClassVar[bool] = False

    worker: Worker
    variable: str
    value: Any
    external: External | None

    @property
    def place(self) -> Place:
        """The root that it stands in."""
        return self.worker.place

    @property
    def id(self) -> str:
        """The function and the variable."""
        return f"{self.worker.id}:{self.variable}"

    @property
    def url(self) -> str:
        """What is written. Raises NotJudged where it is not known."""
        return str(known(self.value))

    @property
    def host(self) -> str:
        """The host's name or address."""
        return _parts(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port: what is written, or that of the scheme."""
        parts = _parts(self.url)
        return parts.port or PORTS.get(parts.scheme, 443)

    @property
    def networks(self) -> tuple[Network, ...]:
        """Where the host is: its own address, or what `platform.toml` states; nothing where nobody says."""
        try:
            return (ipaddress.ip_network(self.host),)
        except ValueError:
            return (
                tuple(ipaddress.ip_network(cidr, strict=False) for cidr in self.external.cidr) if self.external else ()
            )

    @property
    def is_of_cluster(self) -> bool:
        """Whether the host is a Service's name, which only the cluster's own DNS knows."""
        return self.host.endswith((".svc", ".svc.cluster.local", ".cluster.local"))

    @property
    def is_attached(self) -> bool:
        """Whether the function is attached to a VPC."""
        return bool(self.worker.block.blocks("vpc_config"))

    @property
    def rules(self) -> tuple[Egress, ...]:
        """What its security groups let out. Raises NotJudged where one of them is not of this root."""
        groups = [
            block
            for block in self.worker.block.refers_to("vpc_config", "security_group_ids")
            if block.type == "aws_security_group"
        ]
        listed = known(self.worker.block.get("vpc_config", "security_group_ids")) or ()
        own = [block for block in groups if block.kind == "resource"]
        if len(own) < len(listed) or not own:
            raise NotJudged(f"a security group of {self.worker.label} is none of this root")
        return tuple(rule for block in own for rule in egress(block))

    @property
    def admitting(self) -> tuple[Egress, ...]:
        """The rules that let its port out. Raises NotJudged where none surely does, and one may."""
        found: list[Egress] = []
        doubts: list[str] = []
        for rule in self.rules:
            try:
                found += [rule] if rule.takes(self.port) else []
            except NotJudged as reason:
                doubts.append(str(reason))
        if not found and doubts:
            raise NotJudged(doubts[0])
        return tuple(found)

    @property
    def is_let_out(self) -> bool:
        """Whether the rules for its port let it out to where its host is. Raises NotJudged where that is not known."""
        rules = self.admitting
        open_to = [one for rule in rules for one in rule.networks if not isinstance(one, Unknown)]
        reached = [network for one in open_to if (network := _network(str(one))) is not None]
        if all(any(_holds(one, network) for one in reached) for network in self.networks or (EVERYWHERE,)):
            return True
        unknown = next((one for rule in rules for one in rule.networks if isinstance(one, Unknown)), None)
        if unknown is not None:
            raise NotJudged(unknown.why)
        if any(rule.elsewhere for rule in rules):
            raise NotJudged(
                "a rule lets it out to a security group or a prefix list, whose addresses are not written here"
            )
        if not self.networks:
            raise NotJudged(
                f"where {self.host} is, is not known; state it: [[external]] host = {self.host!r}, with its cidr"
            )
        return False

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the variable's line as the place."""
        return Evidence(message.format(*values), (self.worker.block.locate("environment", "variables", self.variable),))

    def blame_rules(self, message: str, *values: object) -> Evidence:
        """Give the variable's line and the rules' as the places."""
        groups = self.worker.block.refers_to("vpc_config", "security_group_ids")
        lines = [*(rule.location for rule in self.rules), *(block.locate() for block in groups)]
        return Evidence(message.format(*values), tuple(dict.fromkeys((*self.evidence("").locations, *lines))))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[CalledAddress | Gap]:
        """Yield the addresses in the environment of each worker."""
        stated = {external.host: external for external in platform.intent.external}
        for worker in workers(platform):
            if isinstance(worker, Gap):
                yield worker
                continue
            for variable, value in worker.environment.items():
                told = value.text if isinstance(value, Unknown) else str(value)
                if "://" in told or (
                    isinstance(value, Unknown) and variable.upper().endswith(("_URL", "_URI", "_ENDPOINT"))
                ):
                    host = _host(told) if not isinstance(value, Unknown) else ""
                    yield cls(worker, variable, value, stated.get(host))
                elif worker.block.blocks("vpc_config") and named_secret(worker, variable) is not None:
                    host = endpoint_of(worker)
                    yield cls(worker, variable, f"https://{host}", stated.get(host))


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.hostname, parts.port
    except ValueError:
        raise NotJudged(f"{url!r} is no address") from None
    return parts


def _host(url: str) -> str:
    try:
        return _parts(url).hostname or ""
    except NotJudged:
        return ""


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _holds(wide: Network, narrow: Network) -> bool:
    return wide.version == narrow.version and wide.supernet_of(narrow)  # type: ignore[arg-type]
