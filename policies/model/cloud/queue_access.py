"""Who may use a queue: what its policy opens to everybody, and whether it keeps plain text out."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model.cloud.needed_access import names
from policies.model.cloud.policy_statements import Condition, Statement
from policies.model.cloud.queues import Queue
from policies.model.cloud.resources import known
from policies.read.terraform import Unknown
from policies.requirement import NotJudged

USING = ("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage")

_NARROWING = frozenset(
    key.lower()
    for key in (
        *(
            "aws:SourceArn",
            "aws:SourceAccount",
            "aws:SourceOrgID",
            "aws:SourceOrgPaths",
            "aws:SourceVpce",
            "aws:SourceVpc",
        ),
        *("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:userid"),
    )
)
"""Keys of conditions that say who it is (IAM User Guide, "Non-public": a policy that grants only to fixed values)."""

_FITTING = ("stringequals", "stringlike", "arnequals", "arnlike", "forallvalues:stringlike", "foranyvalue:stringlike")


def open_statements(queue: Queue) -> tuple[Statement, ...]:
    """Give the statements that let anybody use a queue. Raises NotJudged where it is not known whom one lets in."""
    found: list[Statement] = []
    doubts: list[str] = []
    for statement in queue.statements:
        if isinstance(statement.effect, Unknown):
            doubts.append(statement.effect.why)
        elif statement.allows and not any(map(_narrows, statement.conditions)):
            if statement.is_for_everybody:
                found.append(statement)
            doubts += _doubts(statement)
    if not found and doubts:
        raise NotJudged(doubts[0])
    return tuple(found)


def _doubts(statement: Statement) -> Iterator[str]:
    for _, identifier in statement.principals:
        # What is known of an ARN is enough: that of one account's role is nobody else's.
        if isinstance(identifier, Unknown) and not identifier.text.startswith("arn:"):
            yield identifier.why


def _narrows(condition: Condition) -> bool:
    operator = condition.operator.lower().removesuffix("ifexists")
    if operator not in _FITTING or condition.key.lower() not in _NARROWING:
        return False
    return all(isinstance(value, Unknown) or str(value) not in ("*", "arn:aws:*", "") for value in condition.values)


def denies_plain_text(queue: Queue) -> bool:
    """Whether its policy denies everybody what comes without TLS. Raises NotJudged where that is not known."""
    doubts: list[str] = []
    for statement in queue.statements:
        if isinstance(statement.effect, Unknown):
            doubts.append(statement.effect.why)
        if statement.effect != "Deny" or not any(map(_is_plain_text, statement.conditions)):
            continue
        resources = [one for one in statement.resources if isinstance(one, Unknown)]
        own = any(names(one, queue.block, queue.name) for one in statement.resources)
        if statement.is_for_everybody and all(statement.covers(action) for action in USING):
            if own or "resources" in statement.inverted:
                return True
            doubts += [one.why for one in resources]
    if doubts:
        raise NotJudged(doubts[0])
    return False


def _is_plain_text(condition: Condition) -> bool:
    values = [str(known(value)).lower() for value in condition.values if not isinstance(value, Unknown)]
    return (
        condition.operator.lower().startswith("bool")
        and condition.key.lower() == "aws:securetransport"
        and "false" in values
    )
