"""Databases of RDS, alone or in a cluster, and the proxies before them. No password is read."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row
from policies.live.aws.resolving import UnresolvedError

_INSTANCE = {
    "engine": "Engine", "storage_encrypted": "StorageEncrypted", "kms_key_id": "KmsKeyId", "publicly_accessible": "PubliclyAccessible",
    "backup_retention_period": "BackupRetentionPeriod", "deletion_protection": "DeletionProtection", "multi_az": "MultiAZ",
    "replicate_source_db": "ReadReplicaSourceDBInstanceIdentifier", "availability_zone": "AvailabilityZone",
    "instance_class": "DBInstanceClass", "iam_database_authentication_enabled": "IAMDatabaseAuthenticationEnabled",
    "ca_cert_identifier": "CACertificateIdentifier",
}  # fmt: skip
_CLUSTER = {
    "engine": "Engine", "engine_mode": "EngineMode", "storage_encrypted": "StorageEncrypted", "kms_key_id": "KmsKeyId",
    "backup_retention_period": "BackupRetentionPeriod", "deletion_protection": "DeletionProtection",
    "db_cluster_instance_class": "DBClusterInstanceClass", "replication_source_identifier": "ReplicationSourceIdentifier",
    "iam_database_authentication_enabled": "IAMDatabaseAuthenticationEnabled", "publicly_accessible": "PubliclyAccessible",
}  # fmt: skip


def instance(looking: Looking, name: str) -> Found | None:
    """Give an instance by its identifier: one of a cluster, or one that stands alone."""
    told = looking.ask("rds", "describe_db_instances", DBInstanceIdentifier=name)
    if not told or not told["DBInstances"]:
        return None
    said = told["DBInstances"][0]
    cluster = said.get("DBClusterIdentifier") or None
    values = _values(said, _INSTANCE)
    values |= {
        "id": said.get("DbiResourceId") or name,
        "arn": said["DBInstanceArn"],
        "identifier": name,
        "cluster_identifier": cluster,
    }
    type = "aws_rds_cluster_instance" if cluster else "aws_db_instance"
    return Found(
        type, name, looking.region, {**values, "identifier_prefix": None, "replication_source_identifier": None}
    )


def _values(said: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {ours: None if said.get(theirs) == "" else said.get(theirs) for ours, theirs in names.items()}


def cluster(looking: Looking, name: str) -> Found | None:
    """Give a cluster by its identifier."""
    told = looking.ask("rds", "describe_db_clusters", DBClusterIdentifier=name)
    if not told or not told["DBClusters"]:
        return None
    said = told["DBClusters"][0]
    values = _values(said, _CLUSTER)
    members = [str(one["DBInstanceIdentifier"]) for one in said.get("DBClusterMembers") or ()]
    values |= {"id": name, "arn": said["DBClusterArn"], "cluster_identifier": name, "cluster_members": members or None}
    return Found(
        "aws_rds_cluster",
        name,
        looking.region,
        {**values, "cluster_identifier_prefix": None, "replicate_source_db": None},
    )


def _named(attribute: str, read: Any) -> Row:
    def row(looking: Looking) -> Found | None:
        name = looking[attribute]
        if not name:
            raise UnresolvedError("its identifier is AWS's choice, so it cannot be told which it is")
        found: Found | None = read(looking, str(name))
        return found

    return row


def proxy(looking: Looking, name: str) -> Found | None:
    """Give a proxy by its name."""
    told = looking.ask("rds", "describe_db_proxies", DBProxyName=name)
    if not told or not told["DBProxies"]:
        return None
    said = told["DBProxies"][0]
    auth = tuple(
        {
            "auth_scheme": one.get("AuthScheme"), "secret_arn": one.get("SecretArn"), "iam_auth": one.get("IAMAuth"),
            "username": one.get("UserName") or None, "description": one.get("Description") or None,
            "client_password_auth_type": one.get("ClientPasswordAuthType"),
        }
        for one in said.get("Auth") or ()
    )  # fmt: skip
    values = {
        "id": name, "arn": said["DBProxyArn"], "name": name, "require_tls": bool(said.get("RequireTLS")), "auth": auth,
        "engine_family": said.get("EngineFamily"), "role_arn": said.get("RoleArn"), "debug_logging": bool(said.get("DebugLogging")),
        "default_auth_scheme": said.get("DefaultAuthScheme"),
    }  # fmt: skip
    return Found("aws_db_proxy", name, looking.region, values)


ROWS: dict[str, Row] = {
    "aws_db_instance": _named("identifier", instance),
    "aws_rds_cluster_instance": _named("identifier", instance),
    "aws_rds_cluster": _named("cluster_identifier", cluster),
    "aws_db_proxy": _named("name", proxy),
}
