"""JUnit XML as Jenkins takes it (`junit-10.xsd`): a test case a verdict, the class its requirement, the name its subject."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from policies.report.run import Run
from policies.requirement import Severity
from policies.verdict import Outcome, Verdict

_TAGS = {
    Outcome.FAILED: "failure",
    Outcome.ERROR: "error",
    Outcome.WAIVED: "skipped",
    Outcome.KNOWN: "skipped",
    Outcome.NOT_JUDGED: "skipped",
}


def write(run: Run, file: Path) -> None:
    """Write the report, and the folder that it goes to. Raises OSError where that cannot be written."""
    tags = Counter(map(_tag, run.verdicts))
    suite = Element(
        "testsuite",
        name=run.suite,
        tests=str(len(run.verdicts)),
        failures=str(tags["failure"]),
        errors=str(tags["error"]),
        skipped=str(tags["skipped"]),
        time=f"{run.seconds:.3f}",
    )
    properties = SubElement(suite, "properties")
    stated = [("platform", run.platform), ("today", run.today), *(("judged", text) for text in run.judged)]
    for name, value in [*stated, *(("assumed", text) for text in run.assumptions)]:
        SubElement(properties, "property", name=name, value=value)
    for verdict in run.verdicts:
        _add(suite, run.suite, verdict)
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    file.parent.mkdir(parents=True, exist_ok=True)
    ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def _tag(verdict: Verdict) -> str | None:
    # Whoever counts failures in this file would count advice, which is none yet.
    if verdict.outcome is Outcome.FAILED and verdict.severity is Severity.ADVICE:
        return "skipped"
    return _TAGS.get(verdict.outcome)


def _add(suite: Element, name: str, verdict: Verdict) -> None:
    case = SubElement(
        suite,
        "testcase",
        classname=f"{name}.{verdict.requirement}",
        name=verdict.subject,
        time=f"{verdict.seconds:.3f}",
    )
    tag = _tag(verdict)
    if tag is None:
        return
    element = SubElement(
        case, tag, message=verdict.message, type=f"{verdict.severity.name.lower()} {verdict.outcome.value}"
    )
    if tag != "skipped":
        element.text = describe(verdict)
    SubElement(case, "system-out").text = describe(verdict)


def describe(verdict: Verdict) -> str:
    """Say all of a verdict in lines of plain text: what is wrong, where, why it matters, how to put it right."""
    lines = [
        f"{verdict.requirement} {verdict.title} [{verdict.severity.name}, clause {', '.join(verdict.clauses)}]",
        verdict.message,
    ]
    lines += [f"at {location}{f' ({location.via})' if location.via else ''}" for location in verdict.locations]
    lines += [f"why: {verdict.why}", f"remedy: {verdict.remedy}"]
    if verdict.detail:
        lines += verdict.detail.splitlines()
    return "\n".join(lines)
