"""Caches of ElastiCache. Of a password it is read that there is one."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row
from policies.read.terraform import Unknown

HIDDEN = Unknown("the password of a cache is not read")
_ON = ("enabled", "enabling")


def group(looking: Looking, name: str) -> Found | None:
    """Give a replication group by its id."""
    told = looking.ask("elasticache", "describe_replication_groups", ReplicationGroupId=name)
    if not told or not told["ReplicationGroups"]:
        return None
    said = told["ReplicationGroups"][0]
    shards = said.get("NodeGroups") or ()
    fewest = min((len(one.get("NodeGroupMembers") or ()) for one in shards), default=0)
    wider = (said.get("GlobalReplicationGroupInfo") or {}).get("GlobalReplicationGroupId")
    values: dict[str, Any] = {
        "id": name, "arn": said.get("ARN"), "replication_group_id": name, "engine": said.get("Engine"),
        "transit_encryption_enabled": bool(said.get("TransitEncryptionEnabled")),
        "transit_encryption_mode": said.get("TransitEncryptionMode"),
        "at_rest_encryption_enabled": bool(said.get("AtRestEncryptionEnabled")), "kms_key_id": said.get("KmsKeyId") or None,
        "automatic_failover_enabled": said.get("AutomaticFailover") in _ON, "multi_az_enabled": said.get("MultiAZ") in _ON,
        "num_cache_clusters": len(said.get("MemberClusters") or ()) or None, "num_node_groups": len(shards) or None,
        "replicas_per_node_group": fewest - 1 if fewest else None, "node_group_configuration": (),
        "user_group_ids": said.get("UserGroupIds") or None, "auth_token": HIDDEN if said.get("AuthTokenEnabled") else None,
        "global_replication_group_id": wider,
    }  # fmt: skip
    return Found("aws_elasticache_replication_group", name, looking.region, values)


def _node(looking: Looking) -> Found | None:
    name = str(looking["cluster_id"])
    told = looking.ask("elasticache", "describe_cache_clusters", CacheClusterId=name)
    if not told or not told["CacheClusters"]:
        return None
    said = told["CacheClusters"][0]
    values = {
        "id": name, "arn": said.get("ARN"), "cluster_id": name, "engine": said.get("Engine"),
        "replication_group_id": said.get("ReplicationGroupId"), "num_cache_nodes": said.get("NumCacheNodes"),
        "transit_encryption_enabled": bool(said.get("TransitEncryptionEnabled")),
        "transit_encryption_mode": said.get("TransitEncryptionMode"), "auth_token": None,
    }  # fmt: skip
    return Found("aws_elasticache_cluster", name, looking.region, values)


def _serverless(looking: Looking) -> Found | None:
    told = looking.ask("elasticache", "describe_serverless_caches", ServerlessCacheName=looking.name)
    if not told or not told["ServerlessCaches"]:
        return None
    said = told["ServerlessCaches"][0]
    values = {
        "id": looking.name, "arn": said.get("ARN"), "name": looking.name, "engine": said.get("Engine"),
        "user_group_id": said.get("UserGroupId"), "kms_key_id": said.get("KmsKeyId"),
        "replication_group_id": None, "transit_encryption_mode": None, "auth_token": None,
    }  # fmt: skip
    return Found("aws_elasticache_serverless_cache", looking.name, looking.region, values)


ROWS: dict[str, Row] = {
    "aws_elasticache_replication_group": lambda looking: group(looking, str(looking["replication_group_id"])),
    "aws_elasticache_cluster": _node,
    "aws_elasticache_serverless_cache": _serverless,
}
