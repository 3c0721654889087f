"""What checkov found, as verdicts of its own: each with file and line of the platform, and what its owners accept with a reason.

What is accepted stands in checkov's own files beside `platform.toml`: whole checks in `.checkov.yaml` (skip-check, the reason in the comment
behind each), single resources in `.checkov.baseline` (file, resource, check ids; an entry's `reason` is ours, which checkov
passes over). Nothing else is taken from them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from policies.deployed import Deployed
from policies.errors import MissingSourceError, SourceError
from policies.evidence import Location
from policies.platform import Platform
from policies.read.documents import Document
from policies.requirement import Severity
from policies.verdict import Outcome, Verdict, printable

BASELINE, SETTINGS = ".checkov.baseline", ".checkov.yaml"
SHOWN = 5
"""How many of its findings a run shows; the report has them all."""

NO_REASON = "accepted without a reason"

_SKIPPED = re.compile(r"(?m)^\s*-\s*[\"']?(?P<check>CKV\w+)[\"']?\s*(?:#\s*(?P<reason>.*?))?\s*$")
_OUTCOMES = (("passed_checks", Outcome.PASSED), ("failed_checks", Outcome.FAILED), ("skipped_checks", Outcome.WAIVED))


@dataclass(frozen=True)
class Found:
    """What one run found. `unused` are entries of what is accepted that nothing needs any more."""

    version: str
    seconds: float
    verdicts: tuple[Verdict, ...]
    unused: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """What fails and is not accepted."""
        return tuple(one for one in self.verdicts if one.outcome is Outcome.FAILED)

    def count(self, outcome: Outcome) -> int:
        """How many verdicts of an outcome there are."""
        return sum(one.outcome is outcome for one in self.verdicts)

    def lines(self, limit: int = SHOWN) -> Iterator[str]:
        """Yield what a person is told."""
        counts = (
            f"{self.count(Outcome.PASSED)} passed, {len(self.failed)} failed, {self.count(Outcome.WAIVED)} accepted"
        )
        yield f"checkov {self.version}: {counts} in {self.seconds:.1f} s"
        for one in self.failed[:limit]:
            yield f"  {one.requirement} {one.locations[0] if one.locations else one.subject}  {one.subject}: {one.title}"
        if len(self.failed) > limit:
            yield f"  and {len(self.failed) - limit} more"
        yield from (f"  {problem}" for problem in self.problems)
        for entry in self.unused[:limit]:
            yield f"  {BASELINE} accepts {entry}, which nothing needs"

    def entries(self) -> Iterator[str]:
        """Yield the entries that would accept what fails."""
        files: dict[str, dict[str, list[str]]] = {}
        for one in self.failed:
            file, _, resource = one.meaning.partition(":")
            files.setdefault(f"/{file}", {}).setdefault(resource, []).append(one.requirement)
        listed = [
            {
                "file": file,
                "findings": [{"resource": name, "check_ids": ids, "reason": ""} for name, ids in found.items()],
            }
            for file, found in files.items()
        ]
        yield from json.dumps({"failed_checks": listed}, indent=2).splitlines()


@dataclass(frozen=True)
class Accepted:
    """What owners accept: reasons by check, and by file, resource and check; `problems` are files that could not be taken."""

    checks: Mapping[str, str]
    resources: Mapping[tuple[str, str, str], str]
    problems: tuple[str, ...] = ()

    def reason(self, file: str, resource: str, check: str) -> str | None:
        """Why a finding is accepted; None where it is not."""
        return self.checks.get(check) or self.resources.get((file, resource, check))


def read_accepted(platform: Platform) -> Accepted:
    """Read what a platform's owners accept."""
    problems = []
    checks: dict[str, str] = {}
    resources: dict[tuple[str, str, str], str] = {}
    try:
        text = platform.tree.read(SETTINGS).decode("utf-8", "replace")
        checks = {
            found["check"]: found["reason"] or NO_REASON
            for found in _SKIPPED.finditer(text.partition("skip-check:")[2])
        }
    except MissingSourceError:
        pass
    except SourceError as error:
        problems.append(str(error))
    try:
        data = json.loads(platform.tree.read(BASELINE))
        resources = {
            (str(file["file"]).lstrip("/"), str(finding["resource"]), str(check)): str(
                finding.get("reason") or NO_REASON
            )
            for file in data["failed_checks"]
            for finding in file["findings"]
            for check in finding["check_ids"]
        }
    except MissingSourceError:
        pass
    except (SourceError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        problems.append(
            f"{BASELINE} is not in checkov's form (failed_checks, file, findings, resource, check_ids) and was not taken"
        )
    return Accepted(checks, resources, tuple(problems))


def read_results(data: Any, platform: Platform, seconds: float) -> Found:
    """Read checkov's JSON. Raises KeyError, TypeError or AttributeError where it is none."""
    accepted = read_accepted(platform)
    used: set[tuple[str, str, str]] = set()
    verdicts: dict[tuple[str, str], Verdict] = {}
    version = ""
    for report in data if isinstance(data, list) else [data]:
        version = str(report.get("summary", report).get("checkov_version", version))
        for name, outcome in _OUTCOMES:
            for record in report.get("results", {}).get(name, ()):
                if report.get("check_type") == "secrets" and str(record["file_path"]).startswith("/objects/"):
                    continue  # An object is one line there, and every name in it looks like a secret; KIND-05 reads them field by field.
                one = _verdict(record, outcome, platform)
                file, _, resource = one.meaning.partition(":")
                reason = accepted.reason(file, resource, one.requirement) if outcome is Outcome.FAILED else None
                if reason is not None:
                    used.add((file, resource, one.requirement))
                    one = replace(one, outcome=Outcome.WAIVED, message=printable(reason), waiver=printable(reason))
                # The same block in several roots is one; the worst of it counts.
                known = verdicts.get((one.subject, one.requirement))
                if known is None or known.outcome is Outcome.PASSED:
                    verdicts[one.subject, one.requirement] = one
    unused = tuple(
        f"{check} on {resource}" for file, resource, check in accepted.resources if (file, resource, check) not in used
    )
    every = sorted(verdicts.values(), key=lambda one: (one.requirement, one.subject))
    return Found(version, seconds, tuple(every), unused, accepted.problems)


def _verdict(record: Mapping[str, Any], outcome: Outcome, platform: Platform) -> Verdict:
    resource, check = str(record["resource"]), str(record["check_id"])
    path, first = str(record["file_path"]).lstrip("/"), int(record["file_line_range"][0])
    folder, _, file = path.partition("/")
    place, location = "platform", Location(file, first)
    if folder == "objects":
        item = platform.deployed[int(file.partition("/")[0])]
        place, location, file = item.place.name, _of_object(item, first), f"{item.place.name}.yaml"
    comment = str((record.get("check_result") or {}).get("suppress_comment") or "")
    name = str(record.get("check_name") or check)
    return Verdict(
        printable(check), printable(f"{place if folder == 'objects' else file}:{resource}"), place, outcome,
        Severity.MEDIUM, printable(name), "", "", ("+",), printable(comment or name), (location,),
        waiver=printable(comment), meaning=printable(f"{file}:{resource}"),
    )  # fmt: skip


def _of_object(item: Deployed, line: int) -> Location:
    """Give the line of the manifest that an object comes from: in the copy each is two lines, a separator and itself."""
    shown = list(copied(item))
    return shown[min((line - 1) // 2, len(shown) - 1)].origin.locate(())


def copied(item: Deployed) -> Iterator[Document]:
    """Yield the objects that checkov sees: all but Secrets, whose values are no matter of its checks."""
    yield from (document for document in item.documents if document.kind != "Secret")
