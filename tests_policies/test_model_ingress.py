"""Whom the security groups of databases and caches let in, in every way that a rule is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from judged_terraform import block, told

_PASSED, _FAILED, _OPEN = "passed", "failed", "not judged"
_RULE = "aws_vpc_security_group_ingress_rule"
_GROUP = block("aws_security_group", 'name = "db"', "db")
_OF = "security_group_id = aws_security_group.db.id\n"
_TCP = 'ip_protocol = "tcp"\nfrom_port = 5432\nto_port = 5432\n'
_OLD = 'type = "ingress"\nprotocol = "tcp"\nfrom_port = 5000\nto_port = 6000\n'


def _inline(rule: str) -> str:
    return block("aws_security_group", f'name = "db"\n{rule}', "db")


CASES = {
    "nobody": (_GROUP, _PASSED),
    "every address": (_GROUP + block(_RULE, f'{_OF}{_TCP}cidr_ipv4 = "0.0.0.0/0"'), _FAILED),
    "every address of IPv6": (_GROUP + block(_RULE, f'{_OF}{_TCP}cidr_ipv6 = "::/0"'), _FAILED),
    "by every protocol": (_GROUP + block(_RULE, f'{_OF}ip_protocol = "-1"\ncidr_ipv4 = "0.0.0.0/0"'), _FAILED),
    "another port": (_GROUP + block(_RULE, f'{_OF}{_TCP}cidr_ipv4 = "0.0.0.0/0"'.replace("5432", "22")), _PASSED),
    "a network": (_GROUP + block(_RULE, f'{_OF}{_TCP}cidr_ipv4 = "10.0.0.0/8"'), _PASSED),
    "another group's rule": (_GROUP + block(_RULE, f'security_group_id = "sg-1"\n{_TCP}cidr_ipv4 = "0.0.0.0/0"'), _PASSED),
    "as many as there are clients": (_GROUP + block(_RULE, f'count = length(var.ids)\n{_OF}{_TCP}cidr_ipv4 = "0.0.0.0/0"'), _FAILED),
    "as many, by group": (
        _GROUP + block(_RULE, f"count = length(var.ids)\n{_OF}{_TCP}referenced_security_group_id = var.ids[count.index]"), _PASSED
    ),
    "for each of them": (_GROUP + block(_RULE, f'for_each = toset(var.ids)\n{_OF}{_TCP}cidr_ipv4 = "0.0.0.0/0"'), _FAILED),
    "never there": (_GROUP + block(_RULE, f'count = 0\n{_OF}{_TCP}cidr_ipv4 = "0.0.0.0/0"'), _PASSED),
    "a network that a variable gives": (_GROUP + block(_RULE, f"{_OF}{_TCP}cidr_ipv4 = var.network"), _OPEN),
    "one network for each": (_GROUP + block(_RULE, f"for_each = toset(var.ids)\n{_OF}{_TCP}cidr_ipv4 = each.value"), _OPEN),
    "the older resource": (_GROUP + block("aws_security_group_rule", f'{_OF}{_OLD}cidr_blocks = ["10.0.0.0/8", "0.0.0.0/0"]'), _FAILED),
    "the older resource, as often as": (
        _GROUP + block("aws_security_group_rule", f'count = length(var.ids)\n{_OF}{_OLD}cidr_blocks = ["0.0.0.0/0"]'), _FAILED
    ),
    "out, and not in": (
        _GROUP + block("aws_security_group_rule", f'{_OF}{_OLD}cidr_blocks = ["0.0.0.0/0"]'.replace("ingress", "egress")), _PASSED
    ),
    "inline": (_inline('ingress {\nprotocol = "tcp"\nfrom_port = 5432\nto_port = 5432\ncidr_blocks = ["0.0.0.0/0"]\n}'), _FAILED),
    "inline, by group": (_inline('ingress {\nprotocol = "tcp"\nfrom_port = 5432\nto_port = 5432\nsecurity_groups = var.ids\n}'), _PASSED),
    "in two halves": (_inline('ingress {\nprotocol = "tcp"\nfrom_port = 5432\nto_port = 5432\ncidr_blocks = ["0.0.0.0/1", "128.0.0.0/1"]\n}'), _FAILED),
}  # fmt: skip


@pytest.mark.parametrize(("rules", "outcome"), CASES.values(), ids=CASES)
def test_database(tmp_path: Path, rules: str, outcome: str) -> None:
    """Every way to write a rule is read; what nobody knows is not judged."""
    database = block("aws_db_instance", 'engine = "postgres"\nvpc_security_group_ids = [aws_security_group.db.id]')
    text = 'variable "ids" {}\nvariable "network" {}\n' + rules + database
    assert told(tmp_path, text, "RDS-01h") == {"RDS-01h": [outcome]}


@pytest.mark.parametrize("groups", ["", 'vpc_security_group_ids = ["sg-0123"]', "vpc_security_group_ids = var.ids"])
def test_groups_from_elsewhere(tmp_path: Path, groups: str) -> None:
    """Whom they let in is not written here."""
    text = 'variable "ids" {}\n' + block("aws_db_instance", f'engine = "postgres"\n{groups}')
    assert told(tmp_path, text, "RDS-01h") == {"RDS-01h": [_OPEN]}


def test_cache(tmp_path: Path) -> None:
    """The same rules, and its own port."""
    rule = block(_RULE, f'{_OF}{_TCP}cidr_ipv4 = "0.0.0.0/0"')
    cache = block("aws_elasticache_replication_group", "port = %s\nsecurity_group_ids = [aws_security_group.db.id]")
    for port, outcome in ((5432, _FAILED), (6379, _PASSED)):
        assert told(tmp_path, _GROUP + rule + cache % port, "CACHE-01i") == {"CACHE-01i": [outcome]}
