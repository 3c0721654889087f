"""EKS clusters: who reaches their API, how they keep secrets, who their pods are to AWS."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Gap
from policies.model.cloud.eks_support import READ_ON
from policies.model.cloud.plain_values import says_false, says_true
from policies.model.cloud.resources import Resource, known
from policies.model.cloud.settings import settled
from policies.model.cloud.vpcs import parsed
from policies.model.network.address_ranges import IPV4, IPV6, addresses
from policies.platform import Platform
from policies.read.terraform import Block, Unknown
from policies.requirement import not_judged

CORE_ADDONS = ("coredns", "kube-proxy", "vpc-cni")
"""What every cluster needs, and what EKS keeps up to date as add-ons (Amazon EKS User Guide, "Amazon EKS add-ons")."""

AUDITED = ("api", "audit", "authenticator")
"""The logs that say who did what."""

WIDE = 8
"""A network of this prefix or a shorter one narrows nothing."""


@dataclass(frozen=True, eq=False)
class EksCluster(Resource):
    """A Kubernetes cluster that EKS runs."""

    noun: ClassVar[str] = "EKS cluster"
    types: ClassVar[tuple[str, ...]] = ("aws_eks_cluster",)

    @property
    def day(self) -> datetime.date:
        """The day by which its version is judged."""
        return self.deployed.today or READ_ON

    def _network(self, name: str) -> Any:
        """Give a setting of its network."""
        settled(self.block, "vpc_config")
        return self.get("vpc_config", name)

    @property
    def has_private_endpoint(self) -> bool:
        """Whether its API is reached inside the VPC; EKS's default is that it is not."""
        return says_true(self._network("endpoint_private_access"))

    @property
    def has_public_endpoint(self) -> bool:
        """Whether its API is reached over the internet; EKS's default is that it is."""
        value = self._network("endpoint_public_access")
        return not says_false(value)

    @property
    def wide_networks(self) -> tuple[str, ...]:
        """The networks that may reach its public endpoint and that are no narrowing; EKS's default is every address."""
        stated = self._network("public_access_cidrs")
        texts = [str(known(text)) for text in stated] if stated else ["0.0.0.0/0"]
        networks = [network for text in texts if (network := parsed(text)) is not None]
        if len(networks) < len(texts):
            not_judged(f"not all of {', '.join(texts)} are networks")
        if addresses(networks) & IPV4 == IPV4 or addresses(networks) & IPV6 == IPV6:
            return tuple(texts)
        return tuple(str(network) for network in networks if network.prefixlen <= WIDE)

    @property
    def encrypts_secrets(self) -> bool:
        """Whether its Secrets are encrypted with a key of KMS."""
        for number, block in enumerate(settled(self.block, "encryption_config")):
            resources = self.get("encryption_config", number, "resources") or ()
            names = [known(name) for name in resources]
            if "secrets" in names and block.blocks("provider"):
                key = self.block.get("encryption_config", number, "provider", "key_arn")
                return bool(self.block.refers_to("encryption_config", number, "provider", "key_arn")) or bool(
                    known(key)
                )
        self.get("encryption_config")
        return False

    @property
    def providers(self) -> tuple[Block, ...]:
        """The OIDC providers of IAM whose issuer it is. Raises NotJudged where there is none as far as is known."""
        found, unknown = [], None
        for provider in self.block.root.resources("aws_iam_openid_connect_provider"):
            if self.block in _sources(provider, "url", 5):
                found.append(provider)
            elif isinstance(value := provider.get("url"), Unknown):
                unknown = value
        if not found:
            known(unknown)
        return tuple(found)

    @property
    def has_built_in_addons(self) -> bool:
        """Whether it is in Auto Mode, where EKS runs network, DNS and proxy itself."""
        return bool(settled(self.block, "compute_config")) and says_true(self.get("compute_config", "enabled"))

    @property
    def missing_addons(self) -> tuple[str, ...]:
        """The add-ons that every cluster needs and that EKS does not manage for it. Raises NotJudged where that is not known."""
        managed, unknown = set(), None
        for addon in self.block.root.resources("aws_eks_addon"):
            name = addon.get("addon_name")
            own = _is_of(addon, self.block)
            if own is True and isinstance(name, str):
                managed.add(name)
            elif own is not False:
                unknown = addon.unknown
                if unknown is None:
                    unknown = (
                        name if isinstance(name, Unknown) else Unknown(f"the cluster of {addon.address} is not known")
                    )
        missing = tuple(name for name in CORE_ADDONS if name not in managed)
        if missing:
            known(unknown)
        return missing

    @property
    def missing_logs(self) -> tuple[str, ...]:
        """The logs that say who did what and that it does not write."""
        written = {known(name) for name in self.get("enabled_cluster_log_types") or ()}
        return tuple(name for name in AUDITED if name not in written)

    @property
    def version(self) -> str | None:
        """The minor version of Kubernetes; None where it states none and gets what EKS has on the day."""
        value = self.get("version")
        return None if value is None else str(value)


def _is_of(block: Block, cluster: Block) -> bool | None:
    """Whether a block is of a cluster, by reference or by the name that both have; None where that is not known."""
    if block.unknown is not None:
        return None
    referred = [one for one in block.refers_to("cluster_name") if one.type == "aws_eks_cluster"]
    if cluster in referred:
        return True if len(referred) == 1 else None
    name, own = block.get("cluster_name"), cluster.get("name")
    if isinstance(name, Unknown) or isinstance(own, Unknown):
        return False if referred else None
    return bool(name == own) and not referred


def _sources(block: Block, name: str, steps: int) -> Iterator[Block]:
    """Yield the resources that a value comes from, also by way of data sources that ask for them."""
    for one in block.refers_to(name):
        yield one
        if one.kind == "data" and steps:
            for asked in one.attributes:
                yield from _sources(one, asked, steps - 1)


@dataclass(frozen=True, eq=False)
class StatedVersion(EksCluster):
    """A cluster beside the version that the manifests are for."""

    noun: ClassVar[str] = "EKS cluster beside a stated version"

    stated: str = ""

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[StatedVersion | Gap]:
        """Yield the clusters; not judged where no version is stated."""
        for one in EksCluster.collect(platform):
            if isinstance(one, Gap):
                yield one
            elif platform.intent.kubernetes is None:
                reason = "platform.toml does not state which Kubernetes the manifests are for: kubernetes"
                yield Gap(one.id, reason, one.place, (one.block.locate(),))
            else:
                yield cls(one.deployed, one.block, platform.intent.kubernetes)
