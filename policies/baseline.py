"""A baseline: the findings that a platform had on the day on which its owners began, so that only what is new fails.

Findings are known again by what they mean (requirement, subject, value), never by file or line: what is renamed or moved is not
new, and a second finding of the same kind is. What was fixed must leave the file, or it would let the same defect come back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from policies.errors import StatementError
from policies.evidence import Location
from policies.requirement import Severity
from policies.verdict import Outcome, Verdict

VERSION = 1
MAXIMUM_BYTES = 64 * 1024 * 1024


class Finding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A finding that is known. `subject` is what it is on, `value` what decided; neither names a file or a line."""

    requirement: str
    subject: str
    value: str


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Baseline:
    """The known findings of a file."""

    file: str
    known: frozenset[Finding] = frozenset()

    def apply(self, verdict: Verdict) -> Verdict:
        """Give a failure that the baseline knows as known."""
        if verdict.outcome is not Outcome.FAILED or finding_of(verdict) not in self.known:
            return verdict
        return replace(verdict, outcome=Outcome.KNOWN, message=f"{verdict.message} (known since {self.file})")

    def fixed(self, verdicts: Iterable[Verdict], complete: frozenset[str]) -> tuple[Verdict, ...]:
        """Give a failure for each known finding that is there no more, if all cases of its requirement (`complete`) were judged."""
        seen = {finding_of(verdict) for verdict in verdicts if verdict.outcome is Outcome.KNOWN}
        gone = sorted(self.known - seen, key=lambda found: (found.requirement, found.subject, found.value))
        return tuple(self._fixed(found) for found in gone if found.requirement in complete)

    def _fixed(self, found: Finding) -> Verdict:
        return Verdict(
            "BASELINE-01", f"{found.requirement} {found.subject}", "platform", Outcome.FAILED, Severity.LOW,
            "Baseline holds only what is still there",
            "What was fixed and stays in the baseline lets the same defect come back without a word.",
            "Write the baseline again: turnstile baseline write.", ("+",),
            f"fixed, and still in the baseline: {found.value}", (Location(self.file, 1),),
            meaning=f"{found.requirement} {found.subject}", value=found.value,
        )  # fmt: skip


def finding_of(verdict: Verdict) -> Finding:
    """Give what a failure means."""
    return Finding(verdict.requirement, verdict.meaning, verdict.value)


def read_baseline(file: Path) -> Baseline:
    """Read a baseline. Raises StatementError where it is not there or is none."""
    try:
        if file.stat().st_size > MAXIMUM_BYTES:
            raise StatementError(str(file), None, "", f"is larger than {MAXIMUM_BYTES:,} bytes, so it is no baseline")
        read = msgspec.json.decode(file.read_bytes(), type=_File)
    except OSError as error:
        raise StatementError(
            str(file), None, "", f"cannot be read ({error.strerror}); write it by 'turnstile baseline write'"
        ) from None
    except msgspec.MsgspecError as error:
        raise StatementError(str(file), None, "", f"is no baseline: {error}") from None
    if read.version != VERSION:
        raise StatementError(str(file), None, "version", f"is {read.version}, and {VERSION} is read; write it again")
    return Baseline(file.name, frozenset(read.findings))


def write_baseline(file: Path, verdicts: Iterable[Verdict]) -> int:
    """Write the failures among the verdicts, in an order that does not change; give how many. Raises OSError."""
    found = {finding_of(verdict) for verdict in verdicts if verdict.outcome in (Outcome.FAILED, Outcome.KNOWN)}
    listed: list[dict[str, Any]] = [
        msgspec.to_builtins(item) for item in found if not item.requirement.startswith("BASELINE-")
    ]
    listed.sort(key=lambda item: (item["requirement"], item["subject"], item["value"]))
    file.write_text(
        json.dumps({"version": VERSION, "findings": listed}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return len(listed)
