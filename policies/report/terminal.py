"""The summary that a person reads: chapters, failures in full, what was not judged and why, what was assumed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from policies.report.run import Run, ends_badly
from policies.requirement import Severity
from policies.verdict import ABSENT, ON_FILES, Outcome, Verdict

_STYLES = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "red",
    Outcome.WAIVED: "yellow",
    Outcome.KNOWN: "yellow",
    Outcome.NOT_JUDGED: "cyan",
    Outcome.ERROR: "magenta",
}
_SEVERITIES = {
    Severity.ADVICE: "dim",
    Severity.LOW: "dim",
    Severity.MEDIUM: "yellow",
    Severity.HIGH: "red",
    Severity.CRITICAL: "bold red",
}


def show(run: Run, stream: TextIO, *, colours: bool, width: int) -> None:
    """Print the summary."""
    console = Console(
        file=stream,
        force_terminal=colours,
        no_color=not colours,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.print()
    _show_failures(console, [*run.of(Outcome.ERROR), *run.of(Outcome.FAILED)], run.threshold)
    _show_grouped(console, "Waived", run.of(Outcome.WAIVED), Outcome.WAIVED)
    _show_grouped(console, "Known since the baseline", run.of(Outcome.KNOWN), Outcome.KNOWN)
    unjudged = list(run.of(Outcome.NOT_JUDGED))
    absent = [verdict for verdict in unjudged if verdict.message.startswith(ABSENT)]
    on_files = [verdict for verdict in unjudged if verdict.message == ON_FILES]
    others = [verdict for verdict in unjudged if not verdict.message.startswith((ABSENT, ON_FILES))]
    _show_grouped(console, "Not judged", others, Outcome.NOT_JUDGED)
    _show_absent(console, absent)
    _show_on_files(console, on_files)
    if run.assumptions:
        _line(console, Text("Assumed", style="bold"))
        for assumption in run.assumptions:
            _line(console, Text(f"  {assumption}"))
        console.print()
    console.print(_table(run))
    console.print()
    _line(console, _counts(run))


def _line(console: Console, text: Text) -> None:
    # Paths must stay whole for a terminal to open them: a long line is the terminal's to wrap.
    console.print(text, soft_wrap=True)


def _show_failures(console: Console, verdicts: Iterable[Verdict], threshold: Severity) -> None:
    for verdict in verdicts:
        head = Text(verdict.outcome.value.upper(), style=f"bold {_STYLES[verdict.outcome]}")
        head.append(f" {verdict.requirement} ", style="bold")
        head.append(verdict.severity.name, style=_SEVERITIES[verdict.severity])
        head.append(f"  {verdict.subject}")
        if not ends_badly(verdict, threshold):
            head.append(f"  (below --fail-on {threshold.name.lower()})", style="dim")
        _line(console, head)
        _line(console, Text(f"  {verdict.message}"))
        for location in verdict.locations:
            _line(
                console,
                Text(f"  {location}", style="bold").append(f"  {location.via}" if location.via else "", style="dim"),
            )
        if verdict.detail:
            _line(console, Text(verdict.detail, style="dim"))
        _line(console, Text("  demand  ", style="dim").append(verdict.title, style="not dim"))
        _line(console, Text("  why     ", style="dim").append(verdict.why, style="not dim"))
        _line(console, Text("  remedy  ", style="dim").append(verdict.remedy, style="not dim"))
        console.print()


def _show_grouped(console: Console, title: str, verdicts: Iterable[Verdict], outcome: Outcome) -> None:
    """Print each reason once, with the cases that have it."""
    reasons: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        reasons.setdefault(verdict.message, []).append(verdict)
    if not reasons:
        return
    _line(console, Text(title, style=f"bold {_STYLES[outcome]}"))
    for reason, of_it in reasons.items():
        by_requirement: dict[str, list[str]] = {}
        for verdict in of_it:
            by_requirement.setdefault(verdict.requirement, []).append(verdict.subject)
        ids = ", ".join(
            f"{id} × {len(subjects)}" if len(subjects) > 1 else f"{id} {subjects[0]}"
            for id, subjects in by_requirement.items()
        )
        _line(console, Text(f"  {reason}").append(f"  [{ids}]", style="dim"))
    console.print()


def _show_absent(console: Console, verdicts: list[Verdict]) -> None:
    """Print in one paragraph what the platform has none of, with the requirements that had nothing to look at."""
    nouns: dict[str, list[str]] = {}
    for verdict in verdicts:
        nouns.setdefault(verdict.message.removeprefix(ABSENT), []).append(verdict.requirement)
    if nouns:
        _line(console, Text("Not judged, for the platform has none", style=f"bold {_STYLES[Outcome.NOT_JUDGED]}"))
        told = "; ".join(f"{noun} ({', '.join(ids)})" for noun, ids in nouns.items())
        _line(console, Text(f"  {told}"))
        console.print()


def _show_on_files(console: Console, verdicts: list[Verdict]) -> None:
    """Print in one line how many requirements are judged on files alone, of each chapter."""
    if verdicts:
        chapters = Counter(verdict.requirement.partition("-")[0] for verdict in verdicts)
        told = ", ".join(f"{chapter} × {count}" for chapter, count in chapters.items())
        title = Text(
            "Not judged on what runs, but on files by 'tox -e static'", style=f"bold {_STYLES[Outcome.NOT_JUDGED]}"
        )
        _line(console, title)
        _line(console, Text(f"  {told}"))
        console.print()


def _table(run: Run) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("chapter", overflow="fold")
    for outcome in Outcome:
        table.add_column(outcome.value, justify="right")
    for chapter, counts in run.counts().items():
        cells = [
            Text(str(counts[outcome]), style=_STYLES[outcome]) if counts[outcome] else Text("·", style="dim")
            for outcome in Outcome
        ]
        table.add_row(Text(f"{chapter}  {run.chapters.get(chapter, '')}"), *cells)
    return table


def _counts(run: Run) -> Text:
    severities = run.severities()
    if not severities:
        return Text("No failure.", style="green")
    parts = ", ".join(
        f"{severities[severity]} {severity.name.lower()}" for severity in reversed(Severity) if severities[severity]
    )
    return Text(f"Failures by severity: {parts}.", style="red")
