"""Alarms while a dead letter comes: their states by the moved clock, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policies.live.aws.driving import Drive
from policies.live.aws.errors import AwsError
from policies.live.aws.listening import listening
from policies.live.aws.reading import reads_expression, told
from policies.live.aws.seen import AlarmSeen, Untried

LONGEST = 24 * 3600
"""Seconds of an alarm's periods together (Amazon CloudWatch API Reference, PutMetricAlarm: a day)."""


def alarmed(drive: Drive, expected: Iterable[str]) -> tuple[AlarmSeen, ...] | Untried:
    """Put one message into the main queue, then one into the dead-letter queue; give what alarms made of each.

    Alarms' periods are kept as they are there, and the clock is moved over them.
    """
    wanted = set(expected)
    there = _alarms(drive)
    reads = next((name for name in wanted if name in there and reads_expression(there[name])), None)
    if reads is not None:
        return Untried(f"{reads} reads an expression, which the embedded AWS does not evaluate")
    span = _longest(there, wanted)
    topics = [action for one in there.values() for action in one.get("AlarmActions") or () if ":sns:" in action]
    with listening(drive.account.aws, _existing(drive, topics)) as ear:
        drive.send("waiting", "waiting")
        drive.wait(span + 60)
        before = _states(drive)
        drive.empty()
        ear.heard()
        if drive.dead_letters is not None:
            drive.send("dead letter", "dead", url=drive.dead_letters)
        drive.wait(span + 60)
        after, heard = _states(drive), ear.heard()
        for name in wanted & set(after):
            if not (before.get(name) != "ALARM" and after[name] == "ALARM"):
                _force(drive, name)
        heard |= ear.heard()
        drive.empty()
        drive.wait(span + 60)
    return tuple(
        AlarmSeen(name, name in wanted, before.get(name, ""), state, name in heard, told(there.get(name) or {}))
        for name, state in sorted(after.items())
    )


def set_off(drive: Drive, expected: Iterable[str]) -> tuple[str, ...]:
    """Let time pass over what lies in the dead-letter queue, and give those of the alarms that are in ALARM then."""
    wanted = set(expected)
    drive.wait(_longest(_alarms(drive), wanted) + 60)
    states = _states(drive)
    return tuple(sorted(name for name in wanted if states.get(name) == "ALARM"))


def _longest(there: dict[str, dict[str, Any]], wanted: set[str]) -> int:
    return min(LONGEST, max((_span(one) for name, one in there.items() if name in wanted), default=60))


def _alarms(drive: Drive) -> dict[str, dict[str, Any]]:
    cloudwatch = drive.account.aws.of("cloudwatch")
    kinds = {"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
    found = [
        one for key in ("MetricAlarms", "CompositeAlarms") for one in cloudwatch.every("describe_alarms", key, **kinds)
    ]
    return {str(one["AlarmName"]): one for one in found}


def _states(drive: Drive) -> dict[str, str]:
    return {name: str(one["StateValue"]) for name, one in _alarms(drive).items()}


def _span(alarm: dict[str, Any]) -> int:
    return int(alarm.get("Period") or 60) * int(alarm.get("EvaluationPeriods") or 1)


def _existing(drive: Drive, topics: list[str]) -> list[str]:
    sns = drive.account.aws.of("sns")
    known = {one["TopicArn"] for one in sns.every("list_topics", "Topics")}
    return [topic for topic in topics if topic in known]


def _force(drive: Drive, name: str) -> None:
    """Set an alarm to ALARM that did not get there: whom it calls is a question of its own."""
    cloudwatch = drive.account.aws.of("cloudwatch")
    try:
        for state in ("OK", "ALARM"):
            cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="turnstile: whom does it call?")
    except AwsError as error:
        if error.code != "ResourceNotFound":
            raise
