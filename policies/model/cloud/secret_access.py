"""Whether a worker's role may read the secrets that its environment names: get their values, and decrypt them.

What a policy's resource speaks of is True or False, and None where that cannot be told.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from policies.model.cloud.access_policies import statements
from policies.model.cloud.execution_roles import role_of
from policies.model.cloud.needed_secrets import NeededSecret, secret_named
from policies.model.cloud.policy_statements import Statement, matches
from policies.model.cloud.resources import known
from policies.read.terraform import Block, Unknown
from policies.requirement import NotJudged

READ, DECRYPT = "secretsmanager:GetSecretValue", "kms:Decrypt"
"""What Secrets Manager asks of whoever reads a secret (AWS Secrets Manager User Guide, "Secret encryption and decryption")."""

_WHOLE = re.compile(r"\$\{(?P<to>[^{}]+)\}(?P<rest>\*?)")
_OWN_ROOT = re.compile(r"(?:arn:.*:)?root|\d{12}")


def may_not_read(secret: NeededSecret) -> bool:
    """Whether nothing allows a worker to get a secret's value. Raises NotJudged where that is not known."""
    if not _is_lacking(secret, READ, lambda resource: _speaks_of_secret(resource, secret.block)):
        return False
    if secret.elsewhere:
        raise NotJudged(f"a policy of {secret.label} itself may allow it")
    return True


def may_not_decrypt(secret: NeededSecret, key: Block) -> bool:
    """Whether nothing allows a worker to use the key of a secret. Raises NotJudged where that is not known."""
    if not _is_lacking(secret, DECRYPT, lambda resource: _speaks_of_key(resource, key)):
        return False
    let_in = _let_in_by(key)
    if let_in is not None:
        raise NotJudged(let_in)
    return True


def _is_lacking(secret: NeededSecret, action: str, speaks: Callable[[Any], bool | None]) -> bool:
    role = role_of(secret.worker)
    doubts = [f"what {one.arn} allows is not written here" for one in role.untold]
    for statement in role.statements:
        if not statement.allows:
            continue
        doubts += [one.why for one in statement.actions if isinstance(one, Unknown)]
        if not statement.covers(action):
            continue
        if "resources" in statement.inverted:
            doubts.append("a statement speaks of all resources but some")
            continue
        told = [(resource, speaks(resource)) for resource in statement.resources]
        if any(spoken for _, spoken in told):
            return False
        doubts += [_why(resource) for resource, spoken in told if spoken is None]
    if doubts and not role.has_of_aws(action):
        raise NotJudged(doubts[0])
    return not role.has_of_aws(action)


def _why(resource: Any) -> str:
    return resource.why if isinstance(resource, Unknown) else f"what {resource} is, is known only when it is applied"


def _speaks_of_secret(resource: Any, secret: Block) -> bool | None:
    told = resource.text if isinstance(resource, Unknown) else resource
    if told == "*":
        return True
    if (whole := _WHOLE.fullmatch(str(told))) is not None:
        other = secret_named(secret, whole["to"])
        if other is None or (isinstance(resource, Unknown) and other.kind != "data"):
            return None
        if other is secret:
            return True
        names = [one.get("name") for one in (other, secret)]
        if all(isinstance(name, str) for name in names):
            return bool(names[0] == names[1])
        return False if (other.kind, secret.kind) == ("resource", "resource") else None
    if not isinstance(told, str) or not told.startswith("arn:"):
        return None
    own, name, last = secret.get("arn"), secret.get("name"), told.split(":", 6)[-1]
    if isinstance(own, str) and own.startswith("arn:") and "${" not in told:
        return matches(told, own)  # What an account has, has an ARN.
    if last == "*":
        return True
    if "${" in last or not isinstance(name, str):
        return None
    # Secrets Manager adds six characters to the name.
    return matches(last, f"{name}-AbCdEf") or re.fullmatch(rf"{re.escape(name)}-\w{{6}}", last) is not None


def _speaks_of_key(resource: Any, key: Block) -> bool | None:
    told = resource.text if isinstance(resource, Unknown) else resource
    if told == "*":
        return True
    if (whole := _WHOLE.fullmatch(str(told))) is not None:
        address, _, attribute = whole["to"].rpartition(".")
        other = key.root.find(whole["to"]) or key.root.find(address)
        if other is None or other.type != "aws_kms_key" or (isinstance(resource, Unknown) and other.kind != "data"):
            return None
        if other is not key:
            return False if (other.kind, key.kind) == ("resource", "resource") else None
        return address == key.address and attribute == "arn"  # A key's id is no ARN.
    if not isinstance(told, str) or not told.startswith("arn:"):
        return None
    own = key.get("arn")
    if isinstance(own, str) and own.startswith("arn:") and "${" not in told:
        return matches(told, own)
    return True if told.rpartition(":")[2] in ("*", "key/*") else None


def _let_in_by(key: Block) -> str | None:
    """Say why a key itself may let a worker in, by its policy or by a grant; None where nothing does."""
    written = [one for one in key.root.resources("aws_kms_key_policy") if key in one.refers_to("key_id")]
    if any(key in one.refers_to("key_id") for one in key.root.resources("aws_kms_grant")):
        return f"a grant of {key} may allow it"
    for block in (key, *written):
        for statement in known(statements(block, "policy")) or ():
            if statement.allows and statement.covers(DECRYPT) and not _is_for_account(statement):
                return f"the policy of {key} itself may allow it"
    return None


def _is_for_account(statement: Statement) -> bool:
    """Whether a statement speaks to services, and to the account, which leaves it to the policies of its roles."""
    if "principals" in statement.inverted:
        return False
    told = [(kind, one.text if isinstance(one, Unknown) else str(one)) for kind, one in statement.principals]
    return all(kind == "Service" or _OWN_ROOT.fullmatch(one) for kind, one in told)
