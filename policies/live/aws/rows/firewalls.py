"""Web ACLs of WAF."""

from __future__ import annotations

from policies.live.aws.provision import Making, Row
from policies.live.aws.resolving import Attributes
from policies.live.aws.rows.spelling import spelt

_LISTS = {
    "rule": "Rules",
    "excluded_rule": "ExcludedRules",
    "rule_action_override": "RuleActionOverrides",
    "statements": "Statements",
}


def _acl(making: Making) -> Attributes:
    stated = {name: making[name] for name in ("default_action", "rule", "visibility_config")}
    said = spelt({name: value for name, value in stated.items() if value is not None}, _LISTS)
    tags = [{"Key": key, "Value": value} for key, value in making.tags.items()]
    made = making.of("wafv2").create_web_acl(
        Name=making.name, Scope=making["scope"], **said, **making.given(Description="description"),
        **({"Tags": tags} if tags else {}),
    )["Summary"]  # fmt: skip
    return {"id": made["Id"], "arn": made["ARN"], "name": making.name}


def _logging(making: Making) -> Attributes:
    said = spelt({"redacted_fields": making["redacted_fields"]}, {"redacted_fields": "RedactedFields"})
    making.of("wafv2").put_logging_configuration(
        LoggingConfiguration={
            "ResourceArn": making["resource_arn"], "LogDestinationConfigs": making["log_destination_configs"],
            **(said if making["redacted_fields"] else {}),
        }
    )  # fmt: skip
    return {"id": making["resource_arn"]}


ROWS: dict[str, Row] = {"aws_wafv2_web_acl": _acl, "aws_wafv2_web_acl_logging_configuration": _logging}
