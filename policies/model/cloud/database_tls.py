"""Whether databases take connections without TLS, by their parameter groups.

Sources, of the Amazon RDS User Guide: "Requiring an SSL connection to a PostgreSQL DB instance" (`rds.force_ssl`, on by default since version 15),
"Requiring SSL/TLS for all connections to a MySQL DB instance" (`require_secure_transport`).
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from policies.evidence import Evidence
from policies.model.cloud.resources import Resource, known
from policies.read.terraform import Block, Unknown
from policies.requirement import not_judged

_SWITCHES = {
    "postgres": "rds.force_ssl",
    "sqlserver": "rds.force_ssl",
    "mysql": "require_secure_transport",
    "mariadb": "require_secure_transport",
}
_GROUPS = {
    "parameter_group_name": "aws_db_parameter_group",
    "db_parameter_group_name": "aws_db_parameter_group",
    "db_cluster_parameter_group_name": "aws_rds_cluster_parameter_group",
}
_ON, _OFF = ("1", "true", "on"), ("0", "false", "off")
_FORCED_SINCE = 15
"""The version of PostgreSQL from which on an instance takes TLS alone unless told otherwise; of Aurora's it is not looked at."""


class SwitchedDatabase(Resource):
    """A database whose engine has a parameter by which it takes TLS alone."""

    noun: ClassVar[str] = "database that can demand TLS"
    types: ClassVar[tuple[str, ...]] = ("aws_db_instance", "aws_rds_cluster")

    @property
    def switch(self) -> str:
        """The parameter's name; nothing where the engine has none."""
        engine = str(self.block.get("engine")).removeprefix("aurora-")
        return next((name for start, name in _SWITCHES.items() if engine.startswith(start)), "")

    @property
    def counts(self) -> bool:
        """Whether its engine has one."""
        return self.switch != ""

    @property
    def parameter(self) -> tuple[Block, int] | None:
        """The group that states it, and which of its parameters it is. Raises NotJudged where that is not known."""
        unknown = None
        for attribute, type in _GROUPS.items():
            for group in self.block.refers_to(attribute):
                for index, one in enumerate(group.blocks("parameter") if group.type == type else ()):
                    if one.get("name") == self.switch:
                        return group, index
                    unknown = one.get("name") if isinstance(one.get("name"), Unknown) else unknown
        known(unknown)
        return None

    @property
    def takes_plain(self) -> bool:
        """Whether it takes connections without TLS. Raises NotJudged where that is not known."""
        found = self.parameter
        if found is None:
            if not self._is_forced_by_default:
                not_judged(f"no parameter group of this root states {self.switch}")
            return False
        value = str(known(found[0].get("parameter", found[1], "value"))).lower()
        if value not in (*_ON, *_OFF):
            not_judged(f"what {self.switch} = {value} means is not known")
        return value in _OFF

    @property
    def _is_forced_by_default(self) -> bool:
        version: Any = re.match(r"\d+", str(self.get("engine_version")))
        return (
            self.get("engine") == "postgres"
            and self.get("parameter_group_name") is None
            and version is not None
            and int(version[0]) >= _FORCED_SINCE
        )

    def blame_parameter(self, message: str, *values: object) -> Evidence:
        """Give the parameter as the place."""
        found = self.parameter
        place = self.block.locate() if found is None else found[0].locate("parameter", found[1], "value")
        return Evidence(message.format(*values), (place,))
