"""Cache (clause 4.3d). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, LOW, MEDIUM, requirement
from policies.evidence import Evidence
from policies.model.cloud.caches import CacheWithToken, CloudCache

_GROUP = "Make it an aws_elasticache_replication_group; a single node has nothing to fail over to, and encrypts nothing at rest."


@requirement(
    "CACHE-01a",
    CloudCache,
    clause="4.3d",
    severity=HIGH,
    remedy="Set transit_encryption_enabled to true.",
    maps=("[ElastiCache.5] ElastiCache replication groups should be encrypted in transit",),
)
def test_cache_is_encrypted_in_transit(cache):
    """Sessions, positions in the queue and the password itself go over the network in the clear, and without TLS there is no password at all."""
    assert cache.encrypts_transit, cache.blame(("transit_encryption_enabled",), "it is not encrypted in transit")


@requirement(
    "CACHE-01b",
    CloudCache,
    clause="4.3d",
    severity=MEDIUM,
    remedy='Set transit_encryption_mode to "required" once every client comes by TLS.',
)
def test_cache_refuses_plain_connections(cache):
    """The mode preferred is for the days of moving over: until it goes a client may come without TLS, unnoticed ("Enabling in-transit encryption")."""
    assert not cache.takes_plain, cache.blame(("transit_encryption_mode",), "it takes clients without TLS too")


@requirement(
    "CACHE-01c",
    CloudCache,
    clause="4.3d",
    severity=HIGH,
    remedy="Set at_rest_encryption_enabled to true. " + _GROUP,
    maps=("[ElastiCache.4] ElastiCache replication groups should be encrypted at rest",),
)
def test_cache_is_encrypted_at_rest(cache):
    """Snapshots and what is written for a synchronisation hold every session; it cannot be switched on later ("At-Rest Encryption in ElastiCache")."""
    assert cache.encrypts_rest, cache.blame(("at_rest_encryption_enabled",), "what it writes is not encrypted")


@requirement(
    "CACHE-01d",
    CloudCache,
    clause="4.3d",
    severity=HIGH,
    remedy="Give it an auth_token, or a user group by user_group_ids.",
    maps=(
        "[ElastiCache.6] ElastiCache (Redis OSS) replication groups of earlier versions should have Redis OSS AUTH enabled",
    ),
)
def test_cache_knows_its_clients(cache):
    """Without a password whoever reaches the port reads every session and empties the queue with one command."""
    assert cache.knows_its_clients, cache.blame(("auth_token",), "it lets in whoever reaches it, without a password")


@requirement(
    "CACHE-01e",
    CacheWithToken,
    clause="4.3d, +",
    severity=HIGH,
    remedy="Take the password from random_password, an ephemeral resource, Secrets Manager or a sensitive variable.",
)
def test_password_is_not_written_down(cache):
    """A password in a file is known to everybody who ever had the repository, and stays in its history."""
    assert not cache.token.literals, cache.blame(("auth_token",), "the clients' password is a literal")


@requirement(
    "CACHE-01f",
    CloudCache,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Set automatic_failover_enabled to true. " + _GROUP,
    maps=("[ElastiCache.3] ElastiCache replication groups should have automatic failover enabled",),
)
def test_cache_fails_over(cache):
    """Without it a failed primary is an outage until somebody promotes a replica by hand."""
    assert cache.fails_over, cache.blame(("automatic_failover_enabled",), "no replica takes over by itself")


@requirement(
    "CACHE-01g",
    CloudCache,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Set replicas_per_node_group to 1 or more, or num_cache_clusters to 2 or more. " + _GROUP,
)
def test_each_shard_has_a_replica(cache):
    """A shard without a replica has nothing that could take over: its keys are gone with its node."""
    assert cache.replicas >= 1, cache.blame_replicas("a shard of it has {} replicas", cache.replicas)


@requirement(
    "CACHE-01h",
    CloudCache,
    clause="+",
    severity=MEDIUM,
    in_development=LOW,
    remedy="Set multi_az_enabled to true. " + _GROUP,
)
def test_cache_spans_zones(cache):
    """Without it primary and replica may stand in one zone, and fail together ("Minimizing downtime in ElastiCache with Multi-AZ")."""
    assert cache.spans_zones, cache.blame(("multi_az_enabled",), "its nodes may all stand in one zone")


@requirement(
    "CACHE-01i",
    CloudCache,
    clause="+",
    severity=HIGH,
    remedy="Let in the security groups of its clients: referenced_security_group_id.",
)
def test_cache_lets_in_its_clients_alone(cache):
    """ElastiCache is meant for clients inside the VPC: whom its security group lets in has a password at most between them and every session."""
    found = cache.open_rules
    assert not found, Evidence("its security group lets in every address", found)
