"""SARIF 2.1.0 (OASIS), as code hosts take it: a rule a requirement, a result a failure, fingerprints that survive moved lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from policies.evidence import Location
from policies.report.run import Run
from policies.requirement import Requirement, Severity
from policies.verdict import Outcome, Verdict

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = {
    Severity.ADVICE: "note",
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
_SCORES = {
    Severity.ADVICE: "0.0",
    Severity.LOW: "3.0",
    Severity.MEDIUM: "5.5",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
"""GitHub's `security-severity`, by which it sorts: the middle of each of its bands."""


def write(run: Run, requirements: Iterable[Requirement], file: Path, prefix: str = "") -> None:
    """Write the report. `prefix` is the platform's folder in its repository, `shop/`. Raises OSError where it cannot be written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document(run, requirements, prefix), indent=1), encoding="utf-8")


def document(run: Run, requirements: Iterable[Requirement], prefix: str = "") -> dict[str, Any]:
    """Give the report as JSON data."""
    rules = [_rule(item) for item in requirements]
    known = {rule["id"] for rule in rules}
    shown = [verdict for verdict in run.verdicts if verdict.outcome in (Outcome.FAILED, Outcome.WAIVED, Outcome.KNOWN)]
    rules += [_bare_rule(verdict) for verdict in _first_of_each(shown) if verdict.requirement not in known]
    positions = {rule["id"]: index for index, rule in enumerate(rules)}
    driver = {"name": "Turnstile", "semanticVersion": version("turnstile-policies"), "rules": rules}
    errors = [_notification(verdict, prefix) for verdict in run.of(Outcome.ERROR)]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "automationDetails": {"id": f"turnstile/{run.suite}/"},
                "invocations": [{"executionSuccessful": not errors, "toolExecutionNotifications": errors}],
                "columnKind": "unicodeCodePoints",
                "results": [_result(verdict, positions[verdict.requirement], prefix) for verdict in shown],
            }
        ],
    }


def _first_of_each(verdicts: Iterable[Verdict]) -> Iterable[Verdict]:
    return {verdict.requirement: verdict for verdict in reversed(list(verdicts))}.values()


def _rule(item: Requirement) -> dict[str, Any]:
    clauses = [f"clause {clause}" for clause in item.clauses if clause != "+"]
    return {
        "id": item.id,
        "name": "".join(word.capitalize() for word in item.title.split()),
        "shortDescription": {"text": item.title},
        "fullDescription": {"text": item.why},
        "help": {
            "text": f"{item.why}\n\nRemedy: {item.remedy}",
            "markdown": f"{item.why}\n\n**Remedy:** {item.remedy}",
        },
        "defaultConfiguration": {"level": _LEVELS[item.severity]},
        "properties": {"tags": [item.chapter, *clauses, *item.maps], "security-severity": _SCORES[item.severity]},
    }


def _bare_rule(verdict: Verdict) -> dict[str, Any]:
    help = {"text": f"{verdict.why}\n\nRemedy: {verdict.remedy}"}
    return {
        "id": verdict.requirement,
        "shortDescription": {"text": verdict.title},
        "fullDescription": {"text": verdict.why},
        "help": help,
    }


def _result(verdict: Verdict, index: int, prefix: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": verdict.requirement,
        "ruleIndex": index,
        "level": _LEVELS[verdict.severity],
        "message": {"text": f"{verdict.subject}: {verdict.message}"},
        "locations": [_location(location, prefix) for location in verdict.locations[:1]],
        "partialFingerprints": {"turnstile/v1": verdict.fingerprint},
        "properties": {"subject": verdict.subject, "place": verdict.place, "severity": verdict.severity.name.lower()},
    }
    if len(verdict.locations) > 1:
        result["relatedLocations"] = [
            {"id": number, **_location(location, prefix)}
            for number, location in enumerate(verdict.locations[1:], start=1)
        ]
    if verdict.outcome is Outcome.WAIVED:
        result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": verdict.message}]
    if verdict.outcome is Outcome.KNOWN:
        result["baselineState"] = "unchanged"
    return result


def _notification(verdict: Verdict, prefix: str) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": f"{verdict.requirement} {verdict.subject}: {verdict.message}"},
        "locations": [_location(location, prefix) for location in verdict.locations],
        "associatedRule": {"id": verdict.requirement},
    }


def _location(location: Location, prefix: str) -> dict[str, Any]:
    if location.field:
        return {"logicalLocations": [{"fullyQualifiedName": str(location), "kind": "object"}]}
    uri = quote(f"{prefix}{location.source}")
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}}
    if location.line is not None:
        physical["region"] = {"startLine": location.line}
    return {"physicalLocation": physical}
