"""Load balancers behind CloudFront as subjects, whoever makes them: an Ingress by its annotations, or Terraform; and whom they take.

Source: AWS Load Balancer Controller, "Ingress annotations" and "Security groups": without `security-groups` the controller makes a group that
takes `inbound-cidrs` and `security-group-prefix-lists`, and everybody where neither is stated. The default scheme is `internal`. A group that
`security-groups` names by anything but its id (`sg-…`) is the one whose tag `Name` says that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.cloud.ingress import GROUP
from policies.model.cloud.resources import resources
from policies.model.cloud.roots import DeployedRoot
from policies.model.delivery.entrance_groups import group_called, is_private, networks_of, rules_of
from policies.model.delivery.resources import balancers
from policies.model.header.senders import fronts
from policies.model.workloads.pods import mapping, not_looked_at
from policies.model.workloads.workload import identify
from policies.platform import Platform
from policies.read.documents import Document
from policies.read.terraform import Block
from policies.requirement import NotJudged

_PREFIX = "alb.ingress.kubernetes.io/"
_BALANCERS = ("aws_lb", "aws_alb")
_EVERYBODY = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True, eq=False)
class Entrance:
    """A load balancer that the internet reaches. `open_to` are the networks beyond CloudFront's that it takes; `unknown` says why they are not known."""

    noun: ClassVar[str] = "load balancer behind CloudFront"
    only_in_files: ClassVar[bool] = False

    place: Place
    id: str
    open_to: tuple[str, ...]
    locations: tuple[Location, ...]
    unknown: str | None = None

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give what opens it as the place."""
        return Evidence(message.format(*values), self.locations)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Entrance | Gap]:
        """Yield each Ingress of the AWS Load Balancer Controller and each load balancer of Terraform that the internet reaches."""
        found = [*_ingresses(platform), *_load_balancers(platform)]
        yield from found
        if not any(isinstance(one, cls) for one in found) and any(front.origins for front in fronts(platform)):
            for front in fronts(platform):
                for origin in balancers(front.distribution):
                    name = f"{front.deployed.place.name}:{front.distribution.address}:{origin.origin.id}"
                    reason = (
                        f"the load balancer {origin.origin.domain} is neither an Ingress nor a resource of the platform"
                    )
                    yield Gap(name, reason, front.deployed.place, (origin.block.locate("domain_name"),))


def _ingresses(platform: Platform) -> Iterator[Entrance | Gap]:
    for item in platform.deployed:
        yield from not_looked_at(item)
        for document in item.documents:
            annotations = mapping(document.metadata.get("annotations"))
            own = {
                str(key).removeprefix(_PREFIX): str(value)
                for key, value in annotations.items()
                if str(key).startswith(_PREFIX)
            }
            if document.kind == "Ingress" and item.place.released and _is_balanced(item.documents, document, bool(own)):
                own = {**own, **_of_class(item.documents, document)}
                if own.get("scheme") == "internet-facing":
                    yield _of_ingress(platform, item.place, document, own)


def _is_balanced(documents: tuple[Document, ...], ingress: Document, annotated: bool) -> bool:
    stated = ingress.get("spec", "ingressClassName") or mapping(ingress.metadata.get("annotations")).get(
        "kubernetes.io/ingress.class"
    )
    classes = {one.name: one.get("spec", "controller") for one in documents if one.kind == "IngressClass"}
    return stated == "alb" or classes.get(str(stated)) == "ingress.k8s.aws/alb" or (annotated and stated is None)


def _of_class(documents: tuple[Document, ...], ingress: Document) -> dict[str, str]:
    """Give what the IngressClassParams of an Ingress' class state, which outranks annotations."""
    name = ingress.get("spec", "ingressClassName")
    parameters = [
        one.get("spec", "parameters", "name") for one in documents if one.kind == "IngressClass" and one.name == name
    ]
    found: dict[str, str] = {}
    for one in documents:
        if one.kind == "IngressClassParams" and one.name in parameters:
            stated = {"scheme": one.get("spec", "scheme")}
            stated["inbound-cidrs"] = ",".join(map(str, one.get("spec", "inboundCIDRs") or ()))
            stated["security-group-prefix-lists"] = ",".join(map(str, one.get("spec", "prefixListsIDs") or ()))
            found.update({key: str(value) for key, value in stated.items() if value})
    return found


def _of_ingress(platform: Platform, place: Place, document: Document, own: dict[str, str]) -> Entrance:
    def at(name: str) -> tuple[Location, ...]:
        return (document.origin.locate(("metadata", "annotations", _PREFIX + name)),)

    id = identify(place, document)
    lists, cidrs = own.get("security-group-prefix-lists"), own.get("inbound-cidrs")
    if own.get("security-groups"):
        names = [one.strip() for one in own["security-groups"].split(",") if one.strip()]
        return _of_named(platform, place, id, names, at("security-groups"))
    stated = [one.strip() for one in (cidrs or "").split(",") if one.strip()]
    public = tuple(one for one in stated if not is_private(one))
    if not lists and not stated:
        return Entrance(place, id, _EVERYBODY, at("scheme"))
    return Entrance(place, id, public, at("inbound-cidrs" if stated else "security-group-prefix-lists"))


def _of_named(platform: Platform, place: Place, id: str, names: list[str], at: tuple[Location, ...]) -> Entrance:
    """Give the load balancer of the security groups that an Ingress names; those that are no root's are known only in the account."""
    found = {name: group_called(platform, place, name) for name in names}
    try:
        made = _of_groups(place, id, tuple(group for group in found.values() if group is not None))
    except NotJudged as why:
        return Entrance(place, id, (), at, str(why))
    missing = [name for name, group in found.items() if group is None]
    if missing and not made.open_to:
        reason = f"whom the security group {', '.join(missing)} takes is known only in the account"
        return Entrance(place, id, (), at, reason)
    return Entrance(place, id, made.open_to, (*made.locations, *at))


def _load_balancers(platform: Platform) -> Iterator[Entrance | Gap]:
    for deployed, blocks in resources(platform, *_BALANCERS):
        for block in blocks if not isinstance(blocks, Gap) else ():
            kind, internal = block.get("load_balancer_type"), block.get("internal")
            if kind in (None, "application") and internal is not True and deployed.place.released:
                try:
                    yield _of_balancer(deployed, block)
                except NotJudged as why:
                    id = f"{deployed.place.name}:{block.address}"
                    yield Entrance(deployed.place, id, (), (block.locate("security_groups"),), str(why))


def _of_balancer(deployed: DeployedRoot, block: Block) -> Entrance:
    id = f"{deployed.place.name}:{block.address}"
    groups = tuple(one for one in block.refers_to("security_groups") if one.type == GROUP)
    if not groups:
        return Entrance(
            deployed.place, id, (), (block.locate("security_groups"),), "its security groups are not in this root"
        )
    return _of_groups(deployed.place, id, groups)


def _of_groups(place: Place, id: str, groups: tuple[Block, ...]) -> Entrance:
    """Give the load balancer of some security groups, by their rules. Raises NotJudged where these are not known."""
    rules = [rule for group in groups for rule in rules_of(group)]
    opened = [(network, where) for rule, where in rules for network in networks_of(rule)]
    public = tuple(dict.fromkeys(network for network, _ in opened if not is_private(network)))
    where = tuple(dict.fromkeys(line for network, line in opened if network in public))
    return Entrance(place, id, public, where or tuple(group.locate() for group in groups[:1]))
