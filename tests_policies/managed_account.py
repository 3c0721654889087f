"""The database, the cache and the cluster of `live_aws_mutants/managed.tf`, made by hand as Terraform has them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SUBNETS = ["subnet-0a61f3b9d27c4e815", "subnet-07be2c9f14d8a3056"]
PASSWORD = "canary-of-the-account"  # noqa: S105 (nobody's)


def make(of: Callable[[str], Any], role: str, key: str, secret: str) -> None:
    """Make them."""
    rds, eks = of("rds"), of("eks")
    kept = {
        "StorageEncrypted": True,
        "DeletionProtection": True,
        "MasterUsername": "ticketing",
        "MasterUserPassword": PASSWORD,
    }
    rds.create_db_cluster(DBClusterIdentifier="tickets", Engine="aurora-postgresql", BackupRetentionPeriod=14, **kept)
    for name, zone in (("tickets-one", "ap-northeast-2a"), ("tickets-two", "ap-northeast-2c")):
        rds.create_db_instance(
            DBInstanceIdentifier=name, DBInstanceClass="db.r6g.large", Engine="aurora-postgresql", DBClusterIdentifier="tickets",
            AvailabilityZone=zone,
        )  # fmt: skip
    rds.create_db_instance(
        DBInstanceIdentifier="reports", DBInstanceClass="db.t4g.medium", Engine="postgres", AllocatedStorage=20,
        BackupRetentionPeriod=7, MultiAZ=True, **kept,
    )  # fmt: skip
    of("elasticache").create_replication_group(
        ReplicationGroupId="sessions", ReplicationGroupDescription="Sessions", Engine="valkey", TransitEncryptionEnabled=True,
        AtRestEncryptionEnabled=True, AutomaticFailoverEnabled=True, MultiAZEnabled=True, NumCacheClusters=2, AuthToken=PASSWORD,
    )  # fmt: skip
    subnets = [one["SubnetId"] for one in of("ec2").every("describe_subnets", "Subnets")]
    rds.create_db_proxy(
        DBProxyName="tickets", EngineFamily="POSTGRESQL", RequireTLS=True, RoleArn=role, VpcSubnetIds=subnets[:2],
        Auth=[{"AuthScheme": "SECRETS", "SecretArn": secret}],
    )  # fmt: skip
    of("elasticache").create_cache_cluster(
        CacheClusterId="pages", Engine="memcached", NumCacheNodes=1, CacheNodeType="cache.t4g.micro"
    )
    of("elasticache").create_user(
        UserId="client", UserName="default", Engine="valkey", NoPasswordRequired=True, AccessString="on"
    )
    of("elasticache").create_user_group(UserGroupId="clients", Engine="valkey", UserIds=["client"])
    of("elasticache").create_serverless_cache(ServerlessCacheName="queue", Engine="valkey", UserGroupId="clients")
    eks.create_cluster(
        name="ticketing-prod", version="1.35", roleArn=role,
        resourcesVpcConfig={"subnetIds": SUBNETS, "endpointPrivateAccess": True, "endpointPublicAccess": False},
        encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": key}}],
        logging={"clusterLogging": [{"types": ["audit", "api", "authenticator"], "enabled": True}]},
    )  # fmt: skip
    for addon in ("vpc-cni", "coredns", "kube-proxy"):
        eks.create_addon(clusterName="ticketing-prod", addonName=addon)
    issuer = eks.describe_cluster(name="ticketing-prod")["cluster"]["identity"]["oidc"]["issuer"]
    of("iam").create_open_id_connect_provider(Url=issuer, ClientIDList=["sts.amazonaws.com"])
