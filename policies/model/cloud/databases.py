"""Databases that RDS runs, alone or in a cluster, and the proxies before them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence
from policies.model.cloud.plain_values import says_false, says_true
from policies.model.cloud.resources import Resource, known
from policies.model.cloud.settings import settled, whole
from policies.read.terraform import Block, Unknown
from policies.requirement import not_judged

OTHERS = frozenset({"docdb", "neptune"})
"""Engines of other services that share RDS's interface."""


@dataclass(frozen=True, eq=False)
class Database(Resource):
    """What RDS keeps data in: an instance, or a cluster with its instances."""

    noun: ClassVar[str] = "database"
    types: ClassVar[tuple[str, ...]] = ("aws_db_instance", "aws_rds_cluster")

    @property
    def is_cluster(self) -> bool:
        """Whether it is a cluster: its instances share what they keep."""
        return self.block.type == "aws_rds_cluster"

    @property
    def is_replica(self) -> bool:
        """Whether it copies another: encryption, backups and what is to survive are that one's."""
        names = ("replicate_source_db", "replication_source_identifier")
        return any(_stated(self.block.get(name)) for name in names)

    @property
    def is_serverless_of_old(self) -> bool:
        """Whether it is of Aurora Serverless v1, which is always encrypted and has no instances."""
        return bool(self.block.get("engine_mode") == "serverless")

    @property
    def is_encrypted(self) -> bool:
        """Whether its storage is encrypted; by default it is not."""
        value = self.get("storage_encrypted")
        return self.is_serverless_of_old if value is None else says_true(value)

    @property
    def backup_days(self) -> int:
        """For how many days back it can be restored: by default none for an instance, one for a cluster."""
        return whole(self.get("backup_retention_period"), 1 if self.is_cluster else 0)

    @property
    def is_protected(self) -> bool:
        """Whether it refuses to be deleted."""
        return says_true(self.get("deletion_protection"))

    @property
    def is_of_aurora(self) -> bool:
        """Whether its instances are added one by one: of Aurora, and not of a Multi-AZ cluster, which brings three."""
        return self.is_cluster and self.get("db_cluster_instance_class") is None

    @property
    def members(self) -> tuple[Block, ...]:
        """A cluster's instances. Raises NotJudged where one may be of it or not."""
        found = []
        for block in self.block.root.resources("aws_rds_cluster_instance"):
            referred = [one for one in block.refers_to("cluster_identifier") if one.type == "aws_rds_cluster"]
            name, own = block.get("cluster_identifier"), self.block.get("cluster_identifier")
            if block.unknown is not None and (self.block in referred or not referred):
                not_judged(block.unknown.why)
            if self.block in referred or (not referred and not isinstance(name, Unknown) and name == own):
                found.append(block)
            elif not referred and isinstance(name, Unknown):
                not_judged(name.why)
        return tuple(found)

    @property
    def is_in_two_zones(self) -> bool:
        """Whether another zone has it too. Aurora puts instances that state no zone in zones of their own."""
        if not self.is_cluster:
            return says_true(self.get("multi_az"))
        if not self.is_of_aurora or self.is_serverless_of_old:
            return True
        members = self.members
        zones = [known(member.get("availability_zone")) for member in members] if len(members) > 1 else []
        return len(members) > 1 and (None in zones or len(set(zones)) > 1)

    def blame_zones(self, message: str, *values: object) -> Evidence:
        """Give what says in how many zones it is as the places."""
        if not self.is_cluster:
            return self.blame(("multi_az",), message, *values)
        places = [self.block.locate(), *(member.locate() for member in self.members)]
        return Evidence(message.format(*values), tuple(dict.fromkeys(places)))

    @property
    def counts(self) -> bool:
        """Whether RDS runs it."""
        return str(self.block.get("engine")) not in OTHERS


class OwnDatabase(Database):
    """A database that is no replica."""

    noun: ClassVar[str] = "database that is no replica"

    @property
    def counts(self) -> bool:
        """Whether it is one."""
        return super().counts and not self.is_replica


class DatabaseInstance(Resource):
    """An instance of a database, alone or of a cluster; or a cluster that brings its own."""

    noun: ClassVar[str] = "database instance"
    types: ClassVar[tuple[str, ...]] = ("aws_db_instance", "aws_rds_cluster_instance", "aws_rds_cluster")

    @property
    def is_public(self) -> bool:
        """Whether it has an address in the internet; by default it has none."""
        value = self.get("publicly_accessible")
        return value is not None and not says_false(value)

    @property
    def counts(self) -> bool:
        """Whether it can have an address."""
        own = self.block.type != "aws_rds_cluster" or self.block.get("db_cluster_instance_class") is not None
        return own and str(self.block.get("engine")) not in OTHERS


class DatabaseProxy(Resource):
    """A proxy before databases."""

    noun: ClassVar[str] = "database proxy"
    types: ClassVar[tuple[str, ...]] = ("aws_db_proxy",)

    @property
    def requires_tls(self) -> bool:
        """Whether it refuses whoever comes without TLS; by default it does not."""
        return says_true(self.get("require_tls"))

    @property
    def unkept(self) -> tuple[int, ...]:
        """The clients whose password is not from Secrets Manager and who have no role instead, by their place in `auth`."""
        return tuple(
            number
            for number in range(len(settled(self.block, "auth")))
            if self.get("auth", number, "auth_scheme") not in (None, "SECRETS") or not self._has_secret(number)
        )

    @property
    def has_authentication(self) -> bool:
        """Whether it says at all how clients authenticate."""
        return bool(settled(self.block, "auth")) or self.get("default_auth_scheme") == "IAM_AUTH"

    def _has_secret(self, number: int) -> bool:
        if self.get("default_auth_scheme") == "IAM_AUTH" or self.block.refers_to("auth", number, "secret_arn"):
            return True
        return bool(self.get("auth", number, "secret_arn"))


def _stated(value: Any) -> bool:
    """Whether a value is there; one that is not known is."""
    return isinstance(value, Unknown) or value not in (None, "")
