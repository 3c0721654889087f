"""Caches that ElastiCache runs: Valkey or Redis OSS, in a replication group, alone, or serverless."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Location
from policies.model.cloud.ingress import open_rules
from policies.model.cloud.plain_values import says_true
from policies.model.cloud.resources import Resource, known
from policies.model.cloud.settings import settled, whole
from policies.model.secrets.secret_values import SecretValue
from policies.read.terraform import Unknown

DEFAULT_PORT = 6379
"""The port of Valkey and of Redis OSS where none is stated; a serverless cache has no other."""


@dataclass(frozen=True, eq=False)
class CloudCache(Resource):
    """A cache: a replication group, a single node of Redis that is in none, or a serverless one."""

    noun: ClassVar[str] = "cache of the cloud"
    types: ClassVar[tuple[str, ...]] = (
        *("aws_elasticache_replication_group", "aws_elasticache_cluster", "aws_elasticache_serverless_cache"),
    )

    @property
    def is_group(self) -> bool:
        """Whether it is a replication group."""
        return self.block.type == "aws_elasticache_replication_group"

    @property
    def is_serverless(self) -> bool:
        """Whether it is serverless: always encrypted, by TLS and on disk, and in several zones."""
        return self.block.type == "aws_elasticache_serverless_cache"

    @property
    def is_in_group(self) -> bool:
        """Whether it is a node of a replication group, or a group of a global one: what holds is said there."""
        names = ("global_replication_group_id",) if self.is_group else ("replication_group_id",)
        return any(self.block.get(name) is not None for name in names)

    @property
    def engine(self) -> str:
        """`redis`, `valkey`, `memcached`; a group that names none is of Redis OSS."""
        return str(self.get("engine") or "redis")

    @property
    def encrypts_transit(self) -> bool:
        """Whether clients can talk to it by TLS."""
        return self.is_serverless or says_true(self.get("transit_encryption_enabled"))

    @property
    def takes_plain(self) -> bool:
        """Whether it takes clients without TLS beside those with it."""
        return self.get("transit_encryption_mode") not in (None, "required")

    @property
    def encrypts_rest(self) -> bool:
        """Whether what it writes is encrypted; by default that is so of Valkey alone, and of a single node never."""
        if not self.is_group:
            return self.is_serverless
        value = self.get("at_rest_encryption_enabled")
        return self.engine == "valkey" if value is None else says_true(value)

    @property
    def token(self) -> SecretValue:
        """The password of its clients."""
        return SecretValue(self.block, "auth_token")

    @property
    def knows_its_clients(self) -> bool:
        """Whether clients need a password, or are users of a group."""
        if self.is_serverless:
            return bool(self.block.refers_to("user_group_id")) or bool(self.get("user_group_id"))
        if not self.is_group:
            return False
        if self.block.get("user_group_ids") is not None:
            groups = self.get("user_group_ids")
            return bool(self.block.refers_to("user_group_ids")) or any(known(group) for group in groups)
        return self.token.is_given

    @property
    def fails_over(self) -> bool:
        """Whether a replica takes over by itself."""
        return self.is_serverless or (self.is_group and says_true(self.get("automatic_failover_enabled")))

    @property
    def replicas(self) -> int:
        """How many replicas the shard with the fewest has."""
        if not self.is_group:
            return int(self.is_serverless)
        each = self.get("replicas_per_node_group")
        if each is not None:
            return whole(each, 0)
        shards = [
            self.get("node_group_configuration", number, "replica_count")
            for number in range(len(settled(self.block, "node_group_configuration")))
        ]
        if shards:
            return min(whole(count, 0) for count in shards)
        nodes = self.get("num_cache_clusters")
        return whole(nodes, 1) - 1

    @property
    def spans_zones(self) -> bool:
        """Whether its nodes are kept in zones of their own."""
        return self.is_serverless or (self.is_group and says_true(self.get("multi_az_enabled")))

    @property
    def open_rules(self) -> tuple[Location, ...]:
        """The rules of its security groups that let in whoever has an address. Raises NotJudged where that is not known."""
        return open_rules(self.block, "security_group_ids", whole(self.get("port"), DEFAULT_PORT))

    def blame_replicas(self, message: str, *values: object) -> Evidence:
        """Give what says how many replicas it has as the place."""
        names = ("replicas_per_node_group", "node_group_configuration", "num_cache_clusters")
        stated = next((name for name in names if self.block.get(name) is not None), names[0])
        return self.blame((stated,), message, *values)

    @property
    def counts(self) -> bool:
        """Whether it keeps data of its own; memcached keeps none that another node could take over."""
        return not self.is_in_group and self.block.get("engine") != "memcached"


class CacheWithToken(CloudCache):
    """A cache whose clients have a password."""

    noun: ClassVar[str] = "cache with a password"

    @property
    def counts(self) -> bool:
        """Whether it states one."""
        value = self.block.get("auth_token")
        return super().counts and (isinstance(value, Unknown) or value is not None)
