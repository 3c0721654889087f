"""Roles that pods take: which service accounts may."""

from __future__ import annotations

from pathlib import Path

import pytest
from judged_terraform import block, told

_PASSED, _FAILED, _OPEN = "passed", "failed", "not judged"
_CLUSTER = block("aws_eks_cluster", 'name = "c"') + block(
    "aws_iam_openid_connect_provider", "url = aws_eks_cluster.it.identity[0].oidc[0].issuer"
)
_OTHER = block("aws_iam_openid_connect_provider", 'url = "https://token.actions.githubusercontent.com"', "git")
_OWN = "aws_iam_openid_connect_provider.it.arn"
_ISSUER = "${aws_eks_cluster.it.identity[0].oidc[0].issuer}"
_ARN = '"arn:aws:iam::482915630718:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/3F9A"'


def _role(condition: str, provider: str = _OWN) -> str:
    policy = f'Statement = [{{ Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity", Principal = {{ Federated = {provider} }}{condition} }}]'
    return block("aws_iam_role", f"assume_role_policy = jsonencode({{ {policy} }})")


def _when(operator: str, key: str, value: str) -> str:
    return f', Condition = {{ {operator} = {{ "{_ISSUER}:{key}" = "{value}" }} }}'


CASES = {
    "one account": (_role(_when("StringEquals", "sub", "system:serviceaccount:shop:queue")), _PASSED),
    "no condition": (_role(""), _FAILED),
    "the audience alone": (_role(_when("StringEquals", "aud", "sts.amazonaws.com")), _FAILED),
    "a namespace": (_role(_when("StringLike", "sub", "system:serviceaccount:shop:*")), _PASSED),
    "every namespace": (_role(_when("StringLike", "sub", "system:serviceaccount:*:*")), _FAILED),
    "everything": (_role(_when("StringLike", "sub", "*")), _FAILED),
    "all but one": (_role(_when("StringNotEquals", "sub", "system:serviceaccount:shop:queue")), _FAILED),
    "a stated cluster": (_role("", _ARN), _FAILED),
    "no cluster": (_role("", "aws_iam_openid_connect_provider.git.arn"), _OPEN),
    "nobody knows whose": (_role("", "var.provider"), _OPEN),
    "an account that a variable names": (_role(_when("StringEquals", "sub", "${var.account}")), _PASSED),
    "conditions that a variable gives": (_role(", Condition = var.condition"), _OPEN),
    "a service": (
        block(
            "aws_iam_role",
            'assume_role_policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "eks.amazonaws.com" } }] })',
        ),
        _OPEN,
    ),
}


@pytest.mark.parametrize(("text", "outcome"), CASES.values(), ids=CASES)
def test_trust(tmp_path: Path, text: str, outcome: str) -> None:
    """A namespace is the least that narrows; whose tokens they are is known, or nothing is said."""
    variables = 'variable "provider" {}\nvariable "account" {}\nvariable "condition" {}\n'
    assert told(tmp_path, variables + _CLUSTER + _OTHER + text, "EKS-01i") == {"EKS-01i": [outcome]}


def test_document(tmp_path: Path) -> None:
    """A data source says the same in blocks; a condition of which nobody knows the key is not judged."""
    names = 'condition {\ntest = "StringEquals"\nvariable = %s\nvalues = ["system:serviceaccount:shop:queue"]\n}'
    cases = (("", _FAILED), (names % '"oidc.eks:sub"', _PASSED), (names % "var.key", _OPEN))
    for condition, outcome in cases:
        statement = f'statement {{\nactions = ["sts:AssumeRoleWithWebIdentity"]\nprincipals {{\ntype = "Federated"\nidentifiers = [{_OWN}]\n}}\n{condition}\n}}'
        text = f'variable "key" {{}}\n{_CLUSTER}data "aws_iam_policy_document" "d" {{\n{statement}\n}}\n'
        role = block("aws_iam_role", "assume_role_policy = data.aws_iam_policy_document.d.json")
        assert told(tmp_path, text + role, "EKS-01i") == {"EKS-01i": [outcome]}
