"""The command `turnstile`: what is demanded and why, and a first `platform.toml`. Judging is pytest's."""

from __future__ import annotations

import argparse
import difflib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from policies.baseline import read_baseline
from policies.catalogue import OWN, Chapter, chapters
from policies.documentation import requirements_page
from policies.edge import command as edge_command
from policies.errors import TurnstileError, UsageError
from policies.initial import write_platform_file
from policies.live import command as live_command
from policies.network import command as network_command
from policies.requirement import Requirement
from policies.worker import command as worker_command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command. Gives 0, or 2 for what cannot be done, said in one sentence on standard error."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True)
    try:
        code: int = options.run(options, console)
    except TurnstileError as error:
        sys.stderr.write(f"turnstile: {error}\n")
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="turnstile", description="What Turnstile demands of a platform, and why.", allow_abbrev=False
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    known = argparse.ArgumentParser(add_help=False)
    known.add_argument(
        "--requirements",
        metavar="DIR",
        action="append",
        default=[],
        help="a team's own requirements too; may be repeated",
    )

    listing = commands.add_parser(
        "list", parents=[known], help="list the requirements", description="List the requirements, a line each."
    )
    listing.add_argument("chapter", nargs="*", help="only these chapters or requirements (BASE, BASE-02)")
    listing.set_defaults(run=_list)

    explain = commands.add_parser(
        "explain",
        parents=[known],
        help="explain a requirement",
        description="Say all that is known about a requirement.",
    )
    explain.add_argument("id", help="a requirement (BASE-02a), or all of its kind (BASE-02)")
    explain.set_defaults(run=_explain)

    initial = commands.add_parser(
        "init",
        help="write a first platform.toml",
        description="Look at a platform and write its platform.toml, for its owner to edit.",
    )
    initial.add_argument("directory", type=Path, metavar="DIR")
    initial.set_defaults(run=_init)

    baseline = commands.add_parser(
        "baseline",
        help="write a baseline, so that only what is new fails",
        description="Judge a platform's files and write all that fails to a file for --baseline.",
    )
    baseline.add_argument("action", choices=["write"])
    baseline.add_argument("--platform", type=Path, required=True, metavar="DIR")
    baseline.add_argument("--requirements", metavar="DIR", action="append", default=[])
    baseline.add_argument("file", type=Path, nargs="?", metavar="FILE", help="default: baseline.json in the platform")
    baseline.set_defaults(run=_baseline)

    docs = commands.add_parser(
        "docs", parents=[known], help="write docs/requirements.md", description="Write the page of all requirements."
    )
    docs.add_argument("file", type=Path, nargs="?", default=Path("docs/requirements.md"))
    docs.add_argument("--check", action="store_true", help="write nothing; exit 1 where the page is not current")
    docs.set_defaults(run=_docs)
    network_command.add_parser(commands)
    edge_command.add_parser(commands)
    worker_command.add_parser(commands)
    live_command.add_parser(commands)
    return parser


def _chapters(options: argparse.Namespace) -> tuple[Chapter, ...]:
    return chapters(OWN, *map(Path, options.requirements))


def _list(options: argparse.Namespace, console: Console) -> int:
    wanted = [name.upper() for name in options.chapter]
    shown = 0
    for chapter in _chapters(options):
        items = [
            item
            for item in chapter.requirements
            if not wanted or {item.chapter, item.family, item.id.upper()}.intersection(wanted)
        ]
        if not items:
            continue
        shown += len(items)
        table = Table(
            box=None, pad_edge=False, show_header=False, title=chapter.title, title_justify="left", title_style="bold"
        )
        for item in items:
            table.add_row(item.id, item.severity.name, Text(item.title))
        console.print(table)
        console.print()
    if not shown:
        raise UsageError(
            f"there is no chapter and no requirement {' '.join(options.chapter)!r}; 'turnstile list' shows all"
        )
    return 0


def _explain(options: argparse.Namespace, console: Console) -> int:
    known = [item for chapter in _chapters(options) for item in chapter.requirements]
    found = [item for item in known if options.id.upper() in (item.id.upper(), item.family)]
    if not found:
        close = difflib.get_close_matches(options.id, [item.id for item in known], 3)
        raise UsageError(
            f"there is no requirement {options.id!r}"
            + (f"; did you mean {', '.join(close)}?" if close else "; 'turnstile list' shows all")
        )
    for item in found:
        _explain_one(item, console)
    return 0


def _explain_one(item: Requirement, console: Console) -> None:
    console.print(Text(f"{item.id}  {item.title}", style="bold"))
    file, line = item.source
    rows = [
        (
            "severity",
            item.severity.name
            + (f", {item.severity_in_development.name} in development" if item.severity_in_development else ""),
        ),
        ("clause", ", ".join(item.clauses)),
        ("judged on", f"each {item.subject.noun}" + (" (in files only)" if item.subject.only_in_files else "")),
        ("why", item.why),
        ("remedy", item.remedy),
        *((("covers", "; ".join(item.maps)),) if item.maps else ()),
        ("stands in", f"{file}:{line}"),
    ]
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in rows:
        table.add_row(Text(f"  {name}", style="dim"), Text(value))
    console.print(table)
    console.print()


def _init(options: argparse.Namespace, console: Console) -> int:
    written = write_platform_file(options.directory)
    console.print(
        f"Wrote {written}: what was found by looking. Correct what was guessed, then run: tox -e static -- --platform {options.directory}"
    )
    return 0


def _baseline(options: argparse.Namespace, console: Console) -> int:
    file = options.file or options.platform / "baseline.json"
    configuration = OWN.parent / "pyproject.toml"
    command = [sys.executable, "-m", "pytest", "-p", "policies.plugin", "-q", "--no-header"]
    command += [
        "-c",
        str(configuration) if configuration.is_file() else os.devnull,
        f"--rootdir={OWN.parent}",
        str(OWN),
    ]
    command += [
        "--platform",
        str(options.platform),
        "--write-baseline",
        str(file),
        "--fail-on",
        "critical",
        "--checkov=off",
    ]
    command += [part for folder in options.requirements for part in ("--requirements", folder)]
    with tempfile.TemporaryDirectory(prefix="turnstile-") as folder:
        # In a folder of its own, for "python -m" puts the current one before all others.
        where = {**os.environ, "PYTHONSAFEPATH": "1"}
        command += ["--junit", os.path.join(folder, "static.xml")]
        done = subprocess.run(command, env=where, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode > 1:
        raise UsageError(done.stderr.strip() or done.stdout.strip())
    count = len(read_baseline(file).known)
    console.print(
        f"Wrote {file}: {count} findings that are known. Judge with --baseline {file}, and only what is new fails."
    )
    return 0


def _docs(options: argparse.Namespace, console: Console) -> int:
    page = requirements_page(_chapters(options))
    if not options.check:
        options.file.parent.mkdir(parents=True, exist_ok=True)
        options.file.write_text(page, encoding="utf-8")
        console.print(f"Wrote {options.file}.")
        return 0
    current = options.file.read_text(encoding="utf-8") if options.file.is_file() else ""
    if current == page:
        return 0
    console.print(f"{options.file} is not current; run 'turnstile docs {options.file}'")
    return 1
