"""A summary in Markdown, to put under a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from policies.report.run import Run, ends_badly
from policies.verdict import Outcome, Verdict

MAXIMUM_SHOWN = 50
"""How many findings are shown in full: a comment under a pull request has a limit of 65,536 characters."""


def write(run: Run, file: Path) -> None:
    """Write the summary. Raises OSError where it cannot be written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(_lines(run)) + "\n", encoding="utf-8")


def _lines(run: Run) -> Iterator[str]:
    bad = [*run.of(Outcome.ERROR), *run.of(Outcome.FAILED)]
    ending = any(ends_badly(verdict, run.threshold) for verdict in bad)
    yield f"## Turnstile: {'failed' if ending else 'passed'}\n"
    severities = ", ".join(
        f"{count} {severity.name.lower()}" for severity, count in sorted(run.severities().items(), reverse=True)
    )
    yield f"{len(run.verdicts)} cases, {len(run.of(Outcome.FAILED))} failures{f' ({severities})' if severities else ''}, {len(run.of(Outcome.ERROR))} errors.\n"
    yield from _table(run)
    for verdict in bad[:MAXIMUM_SHOWN]:
        yield from _finding(verdict)
    if len(bad) > MAXIMUM_SHOWN:
        yield f"… and {len(bad) - MAXIMUM_SHOWN} more in the report.\n"
    yield from _listed("Not judged", run.of(Outcome.NOT_JUDGED))
    yield from _listed("Waived", run.of(Outcome.WAIVED))
    yield from _listed("Known since the baseline", run.of(Outcome.KNOWN))
    if run.assumptions:
        yield "<details><summary>Assumed</summary>\n"
        yield from (f"- {escape(assumption)}" for assumption in run.assumptions)
        yield "\n</details>\n"


def _table(run: Run) -> Iterator[str]:
    yield f"| chapter | {' | '.join(Outcome)} |"
    yield f"|---|{'---:|' * len(Outcome)}"
    for chapter, counts in run.counts().items():
        cells = " | ".join(str(counts[outcome] or "") for outcome in Outcome)
        yield f"| {chapter} {escape(run.chapters.get(chapter, ''))} | {cells} |"
    yield ""


def _finding(verdict: Verdict) -> Iterator[str]:
    yield f"### {verdict.requirement} · {verdict.severity.name.lower()} · {escape(verdict.subject)}\n"
    yield f"{escape(verdict.message)}\n"
    yield from (f"- {code(str(location))}" for location in verdict.locations)
    yield f"\n{escape(verdict.why)} **Remedy:** {escape(verdict.remedy)}\n"


def _listed(title: str, verdicts: tuple[Verdict, ...]) -> Iterator[str]:
    if verdicts:
        yield f"<details><summary>{title}: {len(verdicts)}</summary>\n"
        yield from (
            f"- {verdict.requirement} {code(verdict.subject)}: {escape(verdict.message)}"
            for verdict in verdicts[:MAXIMUM_SHOWN]
        )
        if len(verdicts) > MAXIMUM_SHOWN:
            yield f"- … and {len(verdicts) - MAXIMUM_SHOWN} more"
        yield "\n</details>\n"


def escape(text: str) -> str:
    """Give text of the platform so that Markdown and HTML take it for text: no link, no image, no mention, no tag."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace("@", "@\u200b")
    return re.sub(r"([\\`*_{}\[\]()#+!|~>-])", r"\\\1", plain)


def code(text: str) -> str:
    """Give text of the platform as code, however many backticks it brings."""
    fence = "`" * (max((len(run) for run in re.findall(r"`+", text)), default=0) + 1)
    padding = " " if "`" in text else ""
    return f"{fence}{padding}{text}{padding}{fence}".replace("|", "\\|")
