"""Roles that pods take by the token of their service account (IRSA), and which service accounts may.

Source: Amazon EKS User Guide, "IAM roles for service accounts" and "Assign IAM roles to Kubernetes service accounts": the trust policy names the
service account by the condition key `<issuer>:sub`, whose value is `system:serviceaccount:<namespace>:<name>`.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from policies.evidence import Evidence
from policies.model.cloud.access_policies import statements
from policies.model.cloud.policy_statements import Condition, Statement
from policies.model.cloud.resources import Resource, known
from policies.read.terraform import Block, Unknown
from policies.requirement import not_judged

ACTION = "sts:AssumeRoleWithWebIdentity"
_TRUST = "assume_role_policy"
_PROVIDER = re.compile(
    r"\$\{((?:[\w.\[\]\"-]*\.)?aws_iam_openid_connect_provider\.[\w-]+(?:\[[^\]]*\])?)\.(?:arn|id)\}"
)
_ISSUER = re.compile(r"(?:oidc-provider/|//)oidc\.eks[.-]")
_COMPARES = ("stringequals", "stringlike", "stringequalsignorecase", "arnlike", "arnequals")


class ServiceAccountRole(Resource):
    """A role that is taken by a token of a cluster of EKS."""

    noun: ClassVar[str] = "role of service accounts"
    types: ClassVar[tuple[str, ...]] = ("aws_iam_role",)

    @property
    def counts(self) -> bool:
        """Whether its trust policy lets in tokens that may be of a cluster's service accounts."""
        return bool(self._trusting) if isinstance(self._trust, tuple) else ACTION in self._text

    @property
    def open_statements(self) -> tuple[Statement, ...]:
        """The statements by which any service account may take it. Raises NotJudged where that is not known."""
        known(self._trust)
        found = tuple(one for one in self._trusting if not any(_names_account(item) for item in one.conditions))
        for one in found:
            if any("not known (" in item.key for item in one.conditions) or (not one.conditions and self._hides):
                not_judged("the conditions of its trust policy are known only when it is applied")
            if not any(_is_cluster(self.block, identifier) for identifier in _federated(one)):
                not_judged("whose tokens its trust policy takes is known only when it is applied")
        return found

    def blame_trust(self, found: tuple[Statement, ...], message: str, *values: object) -> Evidence:
        """Give statements of its trust policy as the places."""
        return Evidence(message.format(*values), tuple(one.locate() for one in found))

    @property
    def _trust(self) -> Any:
        return statements(self.block, _TRUST)

    @property
    def _trusting(self) -> tuple[Statement, ...]:
        return tuple(
            one
            for one in (self._trust if isinstance(self._trust, tuple) else ())
            if one.allows
            and one.covers(ACTION)
            and any(_is_cluster(self.block, identifier) is not False for identifier in _federated(one))
        )

    @property
    def _text(self) -> str:
        declaration = self.block.declaration
        written = declaration.attributes.get(_TRUST) if declaration is not None else None
        return written.text if written is not None else ""

    @property
    def _hides(self) -> bool:
        """Whether it writes conditions of which nothing is read."""
        return "Condition" in self._text


def _federated(statement: Statement) -> tuple[Any, ...]:
    return tuple(
        identifier for kind, identifier in statement.principals if isinstance(kind, Unknown) or kind == "Federated"
    )


def _is_cluster(role: Block, identifier: Any) -> bool | None:
    """Whether a provider of tokens is a cluster of EKS; None where that is not known."""
    text = identifier.text if isinstance(identifier, Unknown) else str(identifier)
    named = _PROVIDER.search(text)
    if named is None:
        if isinstance(identifier, Unknown) or "${" in text:
            return True if _ISSUER.search(text) else None
        return _ISSUER.search(text) is not None
    provider = role.root.find(named[1])
    if provider is None:
        return None
    url = provider.get("url")
    told = url.text if isinstance(url, Unknown) else str(url)
    if "aws_eks_cluster." in told or _ISSUER.search(told):
        return True
    if any(one.type == "aws_eks_cluster" for one in provider.refers_to("url")):
        return True
    return None if isinstance(url, Unknown) or "${" in told else False


def _names_account(condition: Condition) -> bool:
    """Whether a condition says of which namespace the service account is, at least; what is not known of its value may."""
    operator = condition.operator.lower().rpartition(":")[2].removesuffix("ifexists")
    if not condition.key.lower().endswith(":sub") or operator not in _COMPARES:
        return False
    return not any(isinstance(one, str) and "like" in operator and _is_wide(one) for one in condition.values)


def _is_wide(value: str) -> bool:
    parts = value.split(":")
    return len(parts) < 3 or re.fullmatch(r"[*?]*\*[*?]*", parts[2]) is not None
