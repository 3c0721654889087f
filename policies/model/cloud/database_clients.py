"""Whom databases and their proxies let in: by their security groups, and with TLS alone or without."""

from __future__ import annotations

from typing import ClassVar

from policies.evidence import Location
from policies.model.cloud.databases import OTHERS
from policies.model.cloud.ingress import open_rules
from policies.model.cloud.resources import Resource
from policies.model.cloud.settings import whole
from policies.requirement import not_judged

_PORTS = {"postgres": 5432, "mysql": 3306, "mariadb": 3306, "aurora": 3306, "oracle": 1521, "sqlserver": 1433}
"""The ports of engines where none is stated; `aurora` alone is MySQL's."""


class ReachedDatabase(Resource):
    """What clients of a database connect to: an instance, a cluster, or a proxy."""

    noun: ClassVar[str] = "database or proxy that clients reach"
    types: ClassVar[tuple[str, ...]] = ("aws_db_instance", "aws_rds_cluster", "aws_db_proxy")

    @property
    def open_rules(self) -> tuple[Location, ...]:
        """The rules of its security groups that let in whoever has an address. Raises NotJudged where that is not known."""
        return open_rules(self.block, "vpc_security_group_ids", self.port)

    @property
    def port(self) -> int:
        """The port that it listens on. Raises NotJudged where nothing says so."""
        is_proxy = self.block.type == "aws_db_proxy"
        engine = str(self.get("engine_family" if is_proxy else "engine")).lower()
        usual = next((port for name, port in _PORTS.items() if engine.removeprefix("aurora-").startswith(name)), 0)
        return whole(self.get("port"), usual) or not_judged(f"which port {engine} listens on is not known")

    @property
    def counts(self) -> bool:
        """Whether RDS runs it."""
        return str(self.block.get("engine")) not in OTHERS
