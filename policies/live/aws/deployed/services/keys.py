"""Keys of KMS, which have no name: a key is known by its alias, or by who uses it."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row
from policies.live.aws.resolving import UnresolvedError
from policies.read.terraform import Block


def key(looking: Looking, id: str) -> Found | None:
    """Give a key by its id, its ARN or an alias."""
    told = looking.ask("kms", "describe_key", KeyId=id)
    if told is None:
        return None
    said = told["KeyMetadata"]
    own, kms = str(said["KeyId"]), looking.of("kms")
    is_ours = said.get("KeyManager", "CUSTOMER") == "CUSTOMER"
    # Of any other key KMS refuses the question.
    is_plain = (
        said.get("KeySpec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT" and said.get("Origin", "AWS_KMS") == "AWS_KMS"
    )
    can_rotate = is_ours and is_plain
    rotates = bool(kms.get_key_rotation_status(KeyId=own)["KeyRotationEnabled"]) if can_rotate else False
    values: dict[str, Any] = {
        "id": own, "key_id": own, "arn": said["Arn"], "description": said.get("Description") or None,
        "is_enabled": said.get("KeyState", "Enabled") == "Enabled", "enable_key_rotation": rotates,
        "policy": kms.get_key_policy(KeyId=own, PolicyName="default")["Policy"] if is_ours else None,
        "customer_master_key_spec": said.get("KeySpec"), "key_usage": said.get("KeyUsage"),
        "multi_region": bool(said.get("MultiRegion")),
    }  # fmt: skip
    aliases = [one["AliasName"] for one in kms.every("list_aliases", "Aliases", KeyId=own)]
    also = [name for alias in aliases for name in (alias, f"{said['Arn'].rpartition(':')[0]}:{alias}")]
    return Found("aws_kms_key", own, looking.region, values, tuple(also))


def _key(looking: Looking) -> Found | None:
    """Find a key of Terraform by its alias; one without by who uses it, as long as it is not another's by alias."""
    block, search = looking.block, looking.search
    assert block is not None  # noqa: S101 (a row of Terraform has one)
    aliases = _aliases(block)
    if aliases:
        held = next(iter(_held(looking, aliases)), None)
        return key(looking, held) if held else None
    users = _users(block)
    every = {found.id: found for id in _held(looking, users) if (found := key(looking, id)) is not None}
    others = {id for other in block.root.resources("aws_kms_key") for id in _held(looking, _aliases(other))}
    fits = [found for found in every.values() if others.isdisjoint(found.identities)]
    same = [found for found in fits if found.attributes["description"] == looking["description"]]
    if len(fits) > 1 and len(same) != 1:
        raise UnresolvedError("a key has no name, and those that are to use it use several")
    if fits:
        return (same or fits)[0]
    if every or (users and all(user.address in search.gone for user, _ in users)):
        return None
    raise UnresolvedError("a key has no name, and nothing that was found is told to use it")


def _held(looking: Looking, users: list[tuple[Block, tuple[str, ...]]]) -> list[str]:
    """Give what attributes of resources have in the account."""
    found = []
    for block, path in users:
        try:
            value: Any = looking.search.find(block).attributes
        except UnresolvedError:
            continue
        for step in path:
            value = value.get(step)
        found += [value] if isinstance(value, str) and value else []
    return found


def _aliases(key: Block) -> list[tuple[Block, tuple[str, ...]]]:
    return [
        (one, ("target_key_id",))
        for one in key.root.resources("aws_kms_alias")
        if key in one.refers_to("target_key_id")
    ]


def _users(key: Block) -> list[tuple[Block, tuple[str, ...]]]:
    """Give the resources of which an attribute that holds a key refers to it alone."""
    names = ("kms_master_key_id", "kms_key_id", "kms_key_arn")
    every = (block for block in key.root.resources() if block is not key and block.type != "aws_kms_alias")
    return [(block, (name,)) for block in every for name in names if block.refers_to(name) == (key,)]


def _alias(looking: Looking) -> Found | None:
    name = looking.name
    told = looking.ask("kms", "describe_key", KeyId=name)
    if told is None:
        return None
    said = told["KeyMetadata"]
    arn = f"{said['Arn'].rpartition(':')[0]}:{name}"
    values = {"id": name, "name": name, "arn": arn, "target_key_id": said["KeyId"], "target_key_arn": said["Arn"]}
    return Found("aws_kms_alias", name, looking.region, {**values, "name_prefix": None})


def _data(looking: Looking) -> Found | None:
    return key(looking, str(looking["key_id"]))


ROWS: dict[str, Row] = {"aws_kms_key": _key, "aws_kms_alias": _alias, "data.aws_kms_key": _data}
