"""Looks for what Terraform names in an account: each resource by a row of its own, with the values that it needs resolved by what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from policies.live.aws.api import Service
from policies.live.aws.deployed.found import Found
from policies.live.aws.errors import AwsError
from policies.live.aws.resolving import UnresolvedError
from policies.read.terraform import Block

if TYPE_CHECKING:
    from policies.live.aws.deployed.search import Search

GONE = frozenset(
    (
        "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", "NotFound", "NotFoundException", "ResourceNotFoundException",
        "ResourceNotFound", "NoSuchEntity", "NoSuchBucket", "NoSuchBucketPolicy", "NoSuchPublicAccessBlockConfiguration",
        "ServerSideEncryptionConfigurationNotFoundError", "OwnershipControlsNotFoundError", "NoSuchLifecycleConfiguration",
        "NoSuchDistribution", "NoSuchCachePolicy", "NoSuchOriginRequestPolicy", "NoSuchResponseHeadersPolicy",
        "WAFNonexistentItemException", "InvalidGroup.NotFound", "InvalidGroupId.NotFound", "DBInstanceNotFound",
        "DBInstanceNotFoundFault", "DBClusterNotFoundFault", "DBProxyNotFoundFault",
        "ReplicationGroupNotFoundFault", "CacheClusterNotFound", "CacheClusterNotFoundFault", "ServerlessCacheNotFoundFault",
    )
)  # fmt: skip
"""By what AWS says that something is not there."""


@dataclass(frozen=True, eq=False)
class Looking:
    """A service of an account in a region, for a row: `values` are those of the block that is looked for, resolved when they are asked for."""

    search: Search
    region: str
    block: Block | None = None
    values: Mapping[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name) if self.values is not None else None

    def of(self, service: str) -> Service:
        """Give a service in the region."""
        return self.search.account.aws.of(service, self.region)

    def ask(self, service: str, operation: str, **arguments: Any) -> Any:
        """Ask, and give None where AWS says that it is not there."""
        try:
            return getattr(self.of(service), operation)(**arguments)
        except AwsError as error:
            if error.code in GONE:
                return None
            raise

    @property
    def account(self) -> str:
        """The account's id."""
        return self.search.account.id

    @property
    def name(self) -> str:
        """Its name. Raises UnresolvedError where Terraform leaves it to AWS."""
        name = self["name"]
        if not name:
            raise UnresolvedError("its name is AWS's choice, so it cannot be told which it is")
        return str(name)

    def one_of(self, listed: list[Any], name: str) -> Any:
        """Give the one of those whose name begins with `name_prefix`, or that has the name. Raises UnresolvedError where several may be meant."""
        stated, prefix = self["name"], self["name_prefix"]
        if not stated and not prefix:
            raise UnresolvedError("its name is AWS's choice, so it cannot be told which it is")
        fits = [one for one in listed if (one[name] == stated if stated else str(one[name]).startswith(prefix))]
        if len(fits) > 1:
            raise UnresolvedError(f"{len(fits)} begin with {prefix}, so it cannot be told which it is")
        return fits[0] if fits else None


Row = Callable[[Looking], Found | None]
"""Finds what a block of Terraform names; None where it is not there. Raises UnresolvedError where it cannot be told which it is."""


def pages(service: Service, operation: str, holder: str, items: str, **arguments: Any) -> list[Any]:
    """Give all that an operation lists that has markers and no paginator of boto3: CloudFront's policies, WAF's ACLs."""
    found: list[Any] = []
    marker: dict[str, Any] = {}
    while True:
        page = getattr(service, operation)(**arguments, **marker)
        listed = page.get(holder) or {} if holder else page
        found += listed.get(items) or ()
        following = listed.get("NextMarker")
        if not following:
            return found
        marker = {("NextMarker" if not holder else "Marker"): following}
