"""Behaviours that send the viewer's Host to a load balancer, and whether that is meant there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.evidence import Gap
from policies.model.cloud.resources import known
from policies.model.delivery.checks import BalancerBehaviour
from policies.model.delivery.distributions import CloudFrontBehaviour
from policies.model.workloads.pods import listed, mapping
from policies.platform import Platform
from policies.read.terraform import Block


@dataclass(frozen=True, eq=False)
class HostForwarding(BalancerBehaviour):
    """A behaviour that may reach the load balancer, and the names that this has rules for."""

    served: tuple[str, ...] = ()

    @property
    def forwards_host(self) -> bool:
        """Whether the viewer's Host goes on, in place of the origin's name."""
        return self.cache.headers.takes("host") or self.sends.headers.takes("host")

    @property
    def aliases(self) -> tuple[str, ...]:
        """The names that viewers use."""
        return tuple(str(known(one)).lower() for one in known(self.distribution.block.get("aliases")) or ())

    @property
    def names(self) -> str:
        """The names that viewers use, in words."""
        return ", ".join(self.aliases) or "CloudFront's own name"

    @property
    def is_served_by_name(self) -> bool:
        """Whether the load balancer has a rule, or a certificate, for every name that viewers use."""
        return bool(self.aliases) and all(any(_covers(one, alias) for one in self.served) for alias in self.aliases)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[CloudFrontBehaviour | Gap]:
        """Yield every behaviour that may reach a load balancer."""
        served = tuple(dict.fromkeys(_served(platform)))
        for one in super().collect(platform):
            if isinstance(one, cls):
                yield cls(one.distribution, one.found, one.edge, served)
            else:
                yield one


def _covers(served: str, alias: str) -> bool:
    return served == alias or (served.startswith("*.") and alias.partition(".")[2] == served[2:])


def _served(platform: Platform) -> Iterator[str]:
    """Yield the names that Ingresses, listeners' rules and certificates of the platform serve."""
    for item in platform.deployed:
        for document in item.documents:
            if document.kind == "Ingress":
                yield from (
                    str(rule["host"]).lower() for _, rule in listed(document.get("spec", "rules")) if rule.get("host")
                )
                for _, entry in listed(document.get("spec", "tls")):
                    yield from (str(host).lower() for host in entry.get("hosts") or ())
                names = mapping(document.metadata.get("annotations")).get("external-dns.alpha.kubernetes.io/hostname")
                yield from (one.strip().lower() for one in str(names or "").split(",") if one.strip())
    for root in platform.terraform.roots:
        for block in root.resources("aws_lb_listener_rule"):
            for condition in block.blocks("condition"):
                values = condition.get("host_header", "values")
                yield from (str(one).lower() for one in values if isinstance(values, list))
        yield from (name for block in root.resources("aws_lb_listener") for name in _certified(block))


def _certified(listener: Block) -> Iterator[str]:
    for block in listener.refers_to("certificate_arn"):
        names = [
            block.get("domain_name"),
            *(
                block.get("subject_alternative_names") or []
                if isinstance(block.get("subject_alternative_names"), list)
                else []
            ),
        ]
        yield from (str(one).lower() for one in names if isinstance(one, str))
