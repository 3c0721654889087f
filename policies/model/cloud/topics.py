"""Topics of SNS that alarms call: who hears them, and whether CloudWatch may use their key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from policies.model.cloud.access_policies import statements
from policies.model.cloud.alarms import Alarm
from policies.model.cloud.policy_statements import Statement
from policies.model.cloud.resources import Resource, known
from policies.read.terraform import Block
from policies.requirement import NotJudged

CLOUDWATCH = "cloudwatch.amazonaws.com"
NEEDED = ("kms:Decrypt", "kms:GenerateDataKey")
"""What the service needs of a topic's key (Amazon SNS Developer Guide, "Enable compatibility between event sources … and encrypted topics")."""

_SAYING_NOTHING = frozenset({"aws_sns_topic_policy", "aws_sns_topic_data_protection_policy"})
_CALLERS = frozenset({*Alarm.types, "aws_cloudwatch_composite_alarm"})


@dataclass(frozen=True, eq=False)
class CalledTopic(Resource):
    """A topic that an alarm calls."""

    noun: ClassVar[str] = "topic that an alarm calls"
    types: ClassVar[tuple[str, ...]] = ("aws_sns_topic",)

    @property
    def counts(self) -> bool:
        """Whether an alarm calls it."""
        every = (block for kind in _CALLERS for block in self.block.root.resources(kind))
        return any(self.block in alarm.refers_to("alarm_actions") for alarm in every)

    @property
    def subscriptions(self) -> tuple[Block, ...]:
        """What hears it: subscriptions, and whatever else of its root is given it and is no alarm. Raises NotJudged where that is not known."""
        found = [
            block
            for block in self.block.root.resources()
            if block.type not in _SAYING_NOTHING | _CALLERS and self._is_given_to(block)
        ]
        unknown = [block.unknown for block in found if block.unknown is not None]
        if unknown and len(unknown) == len(found):
            raise NotJudged(unknown[0].why)
        return tuple(found)

    def _is_given_to(self, block: Block) -> bool:
        names = (name for name in block.attributes if "topic" in name or name == "notification_arn")
        return any(self.block in block.refers_to(name) for name in names)

    @property
    def key(self) -> str | None:
        """What its messages are encrypted with: the id or the alias of a key, or the address of one of its root."""
        value = self.get("kms_master_key_id")
        return str(value) if value else None

    @property
    def has_default_key(self) -> bool:
        """Whether that is the key that AWS manages, whose policy nobody can change."""
        return self.key is not None and self.key.endswith("alias/aws/sns")

    @property
    def key_block(self) -> Block | None:
        """Its key, where that is a resource of the root."""
        found = list(self.block.refers_to("kms_master_key_id"))
        aliases = [key for block in found if block.type == "aws_kms_alias" for key in block.refers_to("target_key_id")]
        return next((block for block in (*found, *aliases) if block.type == "aws_kms_key"), None)

    @property
    def key_statements(self) -> tuple[Statement, ...]:
        """The statements of its key's policy, which without one lets nobody but the account in. Raises NotJudged where they are not known."""
        key = self.key_block
        if key is None:
            return ()
        policies = [
            block for block in self.block.root.resources("aws_kms_key_policy") if key in block.refers_to("key_id")
        ]
        told = [known(statements(block, "policy")) or () for block in (key, *policies)]
        return tuple(statement for one in told for statement in one)

    @property
    def refused(self) -> tuple[str, ...]:
        """What CloudWatch needs of its key and may not."""
        granted = [
            statement
            for statement in self.key_statements
            if statement.allows and any(name in (CLOUDWATCH, "*") for _, name in statement.principals)
        ]
        return tuple(action for action in NEEDED if not any(statement.covers(action) for statement in granted))
