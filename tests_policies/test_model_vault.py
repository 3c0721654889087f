"""Caches and secrets of the cloud, written in other styles than the reference platform's; and values that nobody meant."""

from __future__ import annotations

from pathlib import Path

import pytest
from judged_terraform import block, told, verdicts

from policies.catalogue import OWN, catalogue
from policies.verdict import Outcome

HOSTILE = Path(__file__).parent / "cases" / "hostile_cloud.tf"
PASSED, FAILED, OPEN = "passed", "failed", "not judged"
VARIABLE = 'variable "x" {\n  sensitive = true\n}\n'
CACHE = "aws_elasticache_replication_group"
SECRET, VERSION = "aws_secretsmanager_secret", "aws_secretsmanager_secret_version"
PASSWORD = block("random_password", "length = 40", "generated")


def value(text: str) -> str:
    """Write the value of a secret."""
    return block(VERSION, f'secret_id = "shop"\nsecret_string = {text}')


CASES = {
    "a group of Valkey of which nothing is said": (block(CACHE, 'engine = "valkey"'), "CACHE-01c", PASSED),
    "a group of Redis of which nothing is said": (block(CACHE, 'description = "d"'), "CACHE-01c", FAILED),
    "a serverless cache without users": (block("aws_elasticache_serverless_cache", 'engine = "valkey"'), "CACHE-01d", FAILED),
    "a serverless cache": (block("aws_elasticache_serverless_cache", 'engine = "valkey"'), "CACHE-01f", PASSED),
    "a single node": (block("aws_elasticache_cluster", 'engine = "redis"'), "CACHE-01f", FAILED),
    "a node of a group": (block("aws_elasticache_cluster", 'replication_group_id = "g"'), "CACHE-01f", OPEN),
    "memcached": (block("aws_elasticache_cluster", 'engine = "memcached"'), "CACHE-01a", OPEN),
    "clients who are users": (block(CACHE, 'user_group_ids = ["shop"]'), "CACHE-01d", PASSED),
    "a generated password": (PASSWORD + block(CACHE, "auth_token = random_password.generated.result"), "CACHE-01d", PASSED),
    "a password that a variable may give": (block(CACHE, "auth_token = var.x"), "CACHE-01d", OPEN),
    "replicas by the count of nodes": (block(CACHE, "num_cache_clusters = 3"), "CACHE-01g", PASSED),
    "replicas shard by shard": (
        block(CACHE, "node_group_configuration {\nreplica_count = 1\n}\nnode_group_configuration {\nreplica_count = 0\n}"),
        "CACHE-01g",
        FAILED,
    ),
    "a value that is generated": (PASSWORD + value("random_password.generated.result"), "VAULT-01b", PASSED),
    "a password in JSON": (PASSWORD + value('jsonencode({ user = "shop", password = random_password.generated.result })'), "VAULT-01b", PASSED),
    "a password in a heredoc": (PASSWORD + value('<<JSON\n{"user": "shop", "password": "${random_password.generated.result}"}\nJSON'), "VAULT-01b", PASSED),
    "a value from outside": (value("var.x"), "VAULT-01b", PASSED),
    "a literal beside what is generated": (
        PASSWORD + value('jsonencode({ password = "Sommer2026!", token = random_password.generated.result })'), "VAULT-01b", FAILED
    ),
    "a literal in an address": (PASSWORD + value('"postgres://shop:Sommer2026@${random_password.generated.id}/shop"'), "VAULT-01b", FAILED),
    "a literal by way of a local": ('locals {\n  it = "Sommer2026!"\n}\n' + value("local.it"), "VAULT-01b", FAILED),
    "a literal made unlike itself": (value('sha256("Sommer2026!")'), "VAULT-01b", FAILED),
    "one of two, by a variable": (PASSWORD + value('var.x ? "Sommer2026!" : random_password.generated.result'), "VAULT-01b", OPEN),
    "a value that is kept nowhere": (
        block(VERSION, 'secret_id = "shop"\nsecret_string_wo = ephemeral.random_password.p.result') + 'ephemeral "random_password" "p" {\n  length = 30\n}\n',
        "VAULT-01b",
        PASSED,
    ),
    "a generated value": (PASSWORD + value("random_password.generated.result"), "VAULT-01f", PASSED),
    "a short one": (PASSWORD.replace("40", "8") + value("random_password.generated.result"), "VAULT-01f", FAILED),
    "a short one in JSON": (
        PASSWORD.replace("40", "8") + value('jsonencode({ user = "shop", password = random_password.generated.result })'), "VAULT-01f", FAILED
    ),
    "one whose length a variable says": (PASSWORD.replace("40", "var.x") + value("random_password.generated.result"), "VAULT-01f", OPEN),
    "one that is not generated": (value("var.x"), "VAULT-01f", OPEN),
    "a variable that is sensitive": (value("var.x"), "VAULT-01c", PASSED),
    "a variable that is shown": ('variable "y" {}\n' + value('jsonencode({ password = var.y })'), "VAULT-01c", FAILED),
    "a window by default": (block(SECRET, 'name = "shop"'), "VAULT-01d", PASSED),
    "a window that a variable sets": (block(SECRET, "recovery_window_in_days = var.x"), "VAULT-01d", OPEN),
    "AWS's own key by name": (block(SECRET, 'kms_key_id = "alias/aws/secretsmanager"'), "VAULT-01e", FAILED),
    "a key that a data source finds": (
        'data "aws_kms_key" "k" {\n  key_id = "alias/shop"\n}\n' + block(SECRET, "kms_key_id = data.aws_kms_key.k.arn"),
        "VAULT-01e",
        PASSED,
    ),
    "a key that a variable may name": (block(SECRET, "kms_key_id = var.x"), "VAULT-01e", OPEN),
}  # fmt: skip


@pytest.mark.parametrize(("text", "id", "outcome"), CASES.values(), ids=CASES)
def test_styles(text: str, id: str, outcome: str, tmp_path: Path) -> None:
    """Each way to write a thing is understood; what is not known is not judged, and nothing ends in an error."""
    assert told(tmp_path, VARIABLE + text, id) == {id: [outcome]}


def test_a_secret_is_found_by_the_end_of_its_name(tmp_path: Path) -> None:
    """Its prefix is the deployment's; whatever else is called alike is another secret."""
    text = VARIABLE + block(SECRET, 'name = "${var.x}/db"', "a") + block(SECRET, 'name_prefix = "shop/token-"', "b")
    statement = '[vault]\nsecrets = ["db", "token", "other-db"]\n'
    found = verdicts(tmp_path, text, "VAULT-01a", statement=statement)
    assert {one.subject: one.outcome.value for one in found} == {"db": PASSED, "token": PASSED, "other-db": FAILED}


def test_hostile_values_never_pass_and_never_crash(tmp_path: Path) -> None:
    """What passes is what is stated, or is so by default: an unset variable, a word for a number or a list for a string passes nothing."""
    ids = [item.id for item in catalogue(OWN) if item.chapter in ("VPC", "EKS", "RDS", "CACHE", "VAULT")]
    statement = 'kubernetes = "1.34"\n[vault]\nsecrets = ["q"]\n'
    found = verdicts(tmp_path, HOSTILE.read_text(encoding="utf-8"), *ids, statement=statement)
    assert not [one for one in found if one.outcome is Outcome.ERROR]
    passed = {(one.requirement, one.subject.partition(":")[2]) for one in found if one.outcome is Outcome.PASSED}
    by_default = {
        ("VPC-01e", f"aws_subnet.{name}") for name in ("app_1", "db_3", "db_4", "db_5", "public_8", "public_9")
    }
    assert passed == {
        *by_default,
        ("VPC-01d", "aws_subnet.db_4"),
        ("RDS-01d", "aws_db_instance.d"),
        ("RDS-01d", "aws_rds_cluster_instance.i"),
        ("CACHE-01b", "aws_elasticache_replication_group.e"),
        *(("VAULT-01c", f"aws_secretsmanager_secret_version.{name}") for name in "vwx"),
    }


def test_a_literal_is_never_told(tmp_path: Path) -> None:
    """Neither by the verdict's message nor by anything else of it."""
    for text in (value('"Sommer2026!"'), value('jsonencode({ password = "Sommer2026!" })')):
        found = verdicts(tmp_path, VARIABLE + text, "VAULT-01b")
        assert [one.outcome.value for one in found] == [FAILED]
        assert "Sommer2026" not in repr(found)
