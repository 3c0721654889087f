"""Database (clause 4.3c). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, LOW, MEDIUM, requirement
from policies.evidence import Evidence
from policies.model.cloud.database_clients import ReachedDatabase
from policies.model.cloud.database_tls import SwitchedDatabase
from policies.model.cloud.databases import DatabaseInstance, OwnDatabase
from policies.model.cloud.written_proxies import WrittenProxy

LEAST_DAYS = 7
"""How far back a database is to be restored: what AWS's control RDS.11 asks."""


@requirement(
    "RDS-01a",
    OwnDatabase,
    clause="4.3c",
    severity=HIGH,
    remedy="Set storage_encrypted to true; a database that is there is restored from an encrypted copy of its snapshot.",
    maps=(
        "[RDS.3] RDS DB instances should have encryption at-rest enabled",
        "[RDS.27] RDS DB clusters should be encrypted at rest",
    ),
)
def test_storage_is_encrypted(database):
    """Storage, snapshots and replicas are all in the clear then, and it cannot be switched on later ("Encrypting Amazon RDS resources")."""
    assert database.is_encrypted, database.blame(("storage_encrypted",), "its storage is not encrypted")


@requirement(
    "RDS-01b",
    WrittenProxy,
    clause="4.3c",
    severity=HIGH,
    remedy="Set require_tls to true.",
    maps=("[RDS.43] RDS DB proxies should require TLS encryption for connections",),
)
def test_proxy_requires_tls(proxy):
    """A proxy that also takes plain connections takes passwords and rows over the network in the clear."""
    assert proxy.requires_tls, proxy.blame(("require_tls",), "it takes connections without TLS")


@requirement(
    "RDS-01c",
    WrittenProxy,
    clause="+",
    severity=MEDIUM,
    remedy='Give each auth block auth_scheme = "SECRETS" and a secret_arn, or set default_auth_scheme to IAM_AUTH.',
)
def test_proxy_takes_passwords_from_secrets_manager(proxy):
    """The proxy knows its clients by a secret or a role: without one it lets in nobody ("Setting up database credentials for RDS Proxy")."""
    assert proxy.has_authentication, proxy.evidence("it says nothing of how clients authenticate")
    unkept = proxy.unkept
    assert not unkept, proxy.blame(
        ("auth", unkept[0]), "{} of its clients have no secret in Secrets Manager", len(unkept)
    )


@requirement(
    "RDS-01d",
    DatabaseInstance,
    clause="+",
    severity=CRITICAL,
    remedy="Set publicly_accessible to false.",
    maps=(
        "[RDS.2] RDS DB Instances should prohibit public access, as determined by the PubliclyAccessible configuration",
    ),
)
def test_database_is_not_public(instance):
    """An instance with an address in the internet is tried by everybody, all day; one wrong rule of a security group lets them in."""
    assert not instance.is_public, instance.blame(("publicly_accessible",), "it has an address in the internet")


@requirement(
    "RDS-01e",
    OwnDatabase,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy=f"Set backup_retention_period to {LEAST_DAYS} or more.",
    maps=("[RDS.11] RDS instances should have automatic backups enabled",),
)
def test_database_has_backups(database):
    """What a faulty release did on Friday is seen on Monday: a week back is the least from which it can be brought back."""
    days = database.backup_days
    assert days >= LEAST_DAYS, database.blame(("backup_retention_period",), "it can be restored {} days back", days)


@requirement(
    "RDS-01f",
    OwnDatabase,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Set multi_az to true; give an Aurora cluster a second instance.",
    maps=(
        "[RDS.5] RDS DB instances should be configured with multiple Availability Zones",
        "[RDS.15] RDS DB clusters should be configured for multiple Availability Zones",
    ),
)
def test_database_is_in_two_zones(database):
    """With one instance a failed host is an outage of a quarter of an hour or more, and every maintenance one of minutes."""
    assert database.is_in_two_zones, database.blame_zones("nothing of it stands in a second zone")


@requirement(
    "RDS-01g",
    OwnDatabase,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Set deletion_protection to true.",
    maps=(
        "[RDS.8] RDS DB instances should have deletion protection enabled",
        "[RDS.7] RDS clusters should have deletion protection enabled",
    ),
)
def test_database_is_protected_from_deletion(database):
    """A plan that replaces the database deletes it first; one word is then between everybody's tickets and nothing."""
    assert database.is_protected, database.blame(("deletion_protection",), "one call deletes it")


@requirement(
    "RDS-01h",
    ReachedDatabase,
    clause="+",
    severity=HIGH,
    remedy="Let in the security groups of its clients: referenced_security_group_id.",
)
def test_database_lets_in_its_clients_alone(database):
    """What every address may try needs one mistake more to be read by everybody ("Controlling access with security groups", RDS)."""
    found = database.open_rules
    assert not found, Evidence("its security group lets in every address", found)


@requirement(
    "RDS-01i",
    SwitchedDatabase,
    clause="+",
    severity=HIGH,
    remedy="Set rds.force_ssl to 1 in its parameter group; for MySQL and MariaDB require_secure_transport.",
)
def test_database_takes_tls_alone(database):
    """A client that does not ask for TLS sends password and rows in the clear, and nobody notices ("Requiring an SSL connection", RDS)."""
    assert not database.takes_plain, database.blame_parameter("{} lets clients in without TLS", database.switch)
