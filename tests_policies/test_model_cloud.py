"""Clusters and databases of the cloud, written in other styles than the reference platform's; and what is not known of them."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from judged_terraform import block, told

from policies.catalogue import OWN, catalogue
from policies.model.cloud.eks_support import ENDS
from policies.platform import Platform
from policies.verdict import cases, judge

PASSED, FAILED, OPEN = "passed", "failed", "not judged"
VARIABLE = 'variable "x" {}\n'
EKS, RDS, AURORA = "aws_eks_cluster", "aws_db_instance", "aws_rds_cluster"

CASES = {
    "an API of which nothing is said is private to nobody": (block(EKS, 'name = "a"'), "EKS-01a", FAILED),
    "an API of which nothing is said is open": (block(EKS, 'name = "a"'), "EKS-01b", FAILED),
    "an API for an office": (
        block(EKS, 'vpc_config {\npublic_access_cidrs = ["203.0.113.0/24"]\n}'),
        "EKS-01b",
        PASSED,
    ),
    "an API for IPv6's half of the world": (
        block(EKS, 'vpc_config {\npublic_access_cidrs = ["2000::/3"]\n}'),
        "EKS-01b",
        FAILED,
    ),
    "an API for networks that are not known": (
        block(EKS, "vpc_config {\npublic_access_cidrs = var.x\n}"),
        "EKS-01b",
        OPEN,
    ),
    "an API that a variable opens": (block(EKS, "vpc_config {\nendpoint_public_access = var.x\n}"), "EKS-01b", OPEN),
    "secrets by another account's key": (
        block(EKS, 'encryption_config {\nresources = ["secrets"]\nprovider {\nkey_arn = "arn:aws:kms:eu-west-1:1:key/a"\n}\n}'),
        "EKS-01c",
        PASSED,
    ),
    "secrets by a key that is not known": (
        block(EKS, 'encryption_config {\nresources = ["secrets"]\nprovider {\nkey_arn = var.x\n}\n}'),
        "EKS-01c",
        OPEN,
    ),
    "a provider by way of its certificate": (
        block(EKS, 'name = "a"')
        + 'data "tls_certificate" "c" {\n url = aws_eks_cluster.it.identity[0].oidc[0].issuer\n}\n'
        + block("aws_iam_openid_connect_provider", "url = data.tls_certificate.c.url"),
        "EKS-01d",
        PASSED,
    ),
    "a provider by way of a data source": (
        block(EKS, 'name = "a"')
        + 'data "aws_eks_cluster" "c" {\n name = aws_eks_cluster.it.name\n}\n'
        + block("aws_iam_openid_connect_provider", "url = data.aws_eks_cluster.c.identity[0].oidc[0].issuer"),
        "EKS-01d",
        PASSED,
    ),
    "a provider that a variable names": (
        block(EKS, 'name = "a"') + block("aws_iam_openid_connect_provider", "url = var.x"),
        "EKS-01d",
        OPEN,
    ),
    "add-ons by the cluster's name": (
        block(EKS, 'name = "a"')
        + block("aws_eks_addon", 'for_each = toset(["vpc-cni", "kube-proxy", "coredns"])\naddon_name = each.key\ncluster_name = "a"'),
        "EKS-01e",
        PASSED,
    ),
    "add-ons of another cluster": (
        block(EKS, 'name = "a"')
        + block("aws_eks_addon", 'for_each = toset(["vpc-cni", "kube-proxy", "coredns"])\naddon_name = each.key\ncluster_name = "b"'),
        "EKS-01e",
        FAILED,
    ),
    "add-ons of which it is not known which": (
        block(EKS, 'name = "a"') + block("aws_eks_addon", "for_each = var.x\naddon_name = each.key\ncluster_name = aws_eks_cluster.it.name"),
        "EKS-01e",
        OPEN,
    ),
    "a cluster in Auto Mode": (block(EKS, "compute_config {\nenabled = true\n}"), "EKS-01e", PASSED),
    "a version of long ago": (block(EKS, 'version = "1.19"'), "EKS-01g", FAILED),
    "a version of the future": (block(EKS, 'version = "1.99"'), "EKS-01g", OPEN),
    "no version": (block(EKS, 'name = "a"'), "EKS-01g", FAILED),
    "a version that a number states": (block(EKS, "version = 1.35"), "EKS-01g", PASSED),
    "a database of which nothing is said": (block(RDS, 'engine = "mysql"'), "RDS-01a", FAILED),
    "Aurora of which nothing is said": (block(AURORA, 'engine = "aurora-mysql"'), "RDS-01a", FAILED),
    "Aurora Serverless v1": (block(AURORA, 'engine_mode = "serverless"'), "RDS-01a", PASSED),
    "a database that a variable encrypts": (block(RDS, "storage_encrypted = var.x"), "RDS-01a", OPEN),
    "a cluster with the backups that are its default": (block(AURORA, 'engine = "aurora-mysql"'), "RDS-01e", FAILED),
    "Aurora with two instances": (
        block(AURORA, 'engine = "aurora-mysql"')
        + block("aws_rds_cluster_instance", "count = 2\ncluster_identifier = aws_rds_cluster.it.id"),
        "RDS-01f",
        PASSED,
    ),
    "Aurora with two instances in one zone": (
        block(AURORA, 'engine = "aurora-mysql"')
        + block("aws_rds_cluster_instance", 'count = 2\navailability_zone = "eu-west-1a"\ncluster_identifier = aws_rds_cluster.it.id'),
        "RDS-01f",
        FAILED,
    ),
    "Aurora with as many instances as a variable says": (
        block(AURORA, 'engine = "aurora-mysql"')
        + block("aws_rds_cluster_instance", "count = var.x\ncluster_identifier = aws_rds_cluster.it.id"),
        "RDS-01f",
        OPEN,
    ),
    "a Multi-AZ cluster": (block(AURORA, 'db_cluster_instance_class = "db.m6gd.large"'), "RDS-01f", PASSED),
    "an instance of Aurora in the internet": (block("aws_rds_cluster_instance", "publicly_accessible = true"), "RDS-01d", FAILED),
    "a proxy of which nothing is said": (block("aws_db_proxy", 'auth {\nsecret_arn = "arn:x"\n}'), "RDS-01b", FAILED),
    "a proxy whose clients have roles": (block("aws_db_proxy", 'default_auth_scheme = "IAM_AUTH"'), "RDS-01c", PASSED),
}  # fmt: skip


@pytest.mark.parametrize(("text", "id", "outcome"), CASES.values(), ids=CASES)
def test_styles(text: str, id: str, outcome: str, tmp_path: Path) -> None:
    """Each way to write a thing is understood; what is not known is not judged, and nothing ends in an error."""
    assert told(tmp_path, VARIABLE + text, id) == {id: [outcome]}


def test_version_is_judged_by_the_day(tmp_path: Path) -> None:
    """What is supported on one day is not on the day after its last."""
    (tmp_path / "main.tf").write_text(block(EKS, 'version = "1.35"'), encoding="utf-8")
    requirement = next(item for item in catalogue(OWN) if item.id == "EKS-01g")
    last = ENDS[1, 35]
    found = [
        judge(case).outcome
        for day in (last, last + datetime.timedelta(days=1))
        for case in cases(requirement, Platform.open(tmp_path, today=day))
    ]
    assert found == [PASSED, FAILED]
