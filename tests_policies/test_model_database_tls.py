"""Databases that take TLS alone, and those that do not, by their parameters."""

from __future__ import annotations

from pathlib import Path

import pytest
from judged_terraform import block, told

_PASSED, _FAILED, _OPEN = "passed", "failed", "not judged"


def _instance(engine: str, *parameters: str) -> str:
    group = block("aws_db_parameter_group", "\n".join(f"parameter {{\n{one}\n}}" for one in parameters))
    return group + block(
        "aws_db_instance", f'engine = "{engine}"\nparameter_group_name = aws_db_parameter_group.it.name'
    )


_FORCED = 'name = "rds.force_ssl"\nvalue = '
_SECURE = 'name = "require_secure_transport"\nvalue = '


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (_instance("postgres", _FORCED + '"1"'), _PASSED),
        (_instance("postgres", 'name = "log_connections"\nvalue = "1"', _FORCED + '"0"'), _FAILED),
        (_instance("postgres", _FORCED + "0"), _FAILED),
        (_instance("postgres", _FORCED + "var.x"), _OPEN),
        (_instance("postgres", 'name = var.x\nvalue = "1"'), _OPEN),
        (_instance("postgres"), _OPEN),
        (_instance("mysql", _SECURE + '"OFF"'), _FAILED),
        (_instance("mysql", _SECURE + '"ON"'), _PASSED),
        (block("aws_db_instance", 'engine = "postgres"\nengine_version = "17.2"'), _PASSED),
        (block("aws_db_instance", 'engine = "postgres"\nengine_version = "14"'), _OPEN),
        (block("aws_db_instance", 'engine = "postgres"\nengine_version = "17"\nparameter_group_name = "own"'), _OPEN),
        (
            block("aws_rds_cluster_parameter_group", f'parameter {{\n{_FORCED}"0"\n}}')
            + block(
                "aws_rds_cluster",
                'engine = "aurora-postgresql"\ndb_cluster_parameter_group_name = aws_rds_cluster_parameter_group.it.id',
            ),
            _FAILED,
        ),
        (block("aws_db_instance", 'engine = "oracle-se2"'), _OPEN),
    ],
)
def test_switch(tmp_path: Path, text: str, outcome: str) -> None:
    """What is stated counts; of what is not, the default where the manual says it."""
    assert told(tmp_path, 'variable "x" {}\n' + text, "RDS-01i") == {"RDS-01i": [outcome]}
