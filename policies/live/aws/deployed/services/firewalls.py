"""Web ACLs of WAF."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row, pages
from policies.live.aws.deployed.services.spelling import blocks

_LISTS = {"Rules": "rule", "ExcludedRules": "excluded_rule", "RuleActionOverrides": "rule_action_override", "Statements": "statement",
          "RedactedFields": "redacted_fields"}  # fmt: skip


def acl(looking: Looking, name: str, scope: str) -> Found | None:
    """Give a web ACL by its name."""
    listed = pages(looking.of("wafv2"), "list_web_acls", "", "WebACLs", Scope=scope)
    id = next((one["Id"] for one in listed if one["Name"] == name), None)
    told = looking.ask("wafv2", "get_web_acl", Name=name, Scope=scope, Id=id) if id else None
    if told is None:
        return None
    said = told["WebACL"]
    shown = blocks({key: said[key] for key in ("DefaultAction", "Rules", "VisibilityConfig") if key in said}, _LISTS)
    values: dict[str, Any] = {
        "id": said["Id"], "arn": said["ARN"], "name": said["Name"], "name_prefix": None, "scope": scope,
        "description": said.get("Description") or None, "rule": (), **shown,
    }  # fmt: skip
    return Found("aws_wafv2_web_acl", said["Id"], looking.region, values)


def _acl(looking: Looking) -> Found | None:
    return acl(looking, looking.name, str(looking["scope"]))


def _logging(looking: Looking) -> Found | None:
    arn = str(looking["resource_arn"])
    told = looking.ask("wafv2", "get_logging_configuration", ResourceArn=arn)
    if told is None:
        return None
    said = told["LoggingConfiguration"]
    shown = blocks({key: said[key] for key in ("RedactedFields",) if said.get(key)}, _LISTS)
    values = {"id": arn, "arn": None, "resource_arn": arn, "log_destination_configs": said["LogDestinationConfigs"],
              "redacted_fields": (), **shown}  # fmt: skip
    return Found("aws_wafv2_web_acl_logging_configuration", arn, looking.region, values, part=True)


ROWS: dict[str, Row] = {"aws_wafv2_web_acl": _acl, "aws_wafv2_web_acl_logging_configuration": _logging}
