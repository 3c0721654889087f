"""`turnstile worker`: one failure delivered again."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from policies.edge.confinement import asked
from policies.errors import UsageError
from policies.platform import Platform
from policies.requirement import NotJudged
from policies.verdict import printable
from policies.worker.subject import DrivenWorker


def add_parser(commands: Any) -> None:
    """Add the command's arguments."""
    worker = commands.add_parser(
        "worker",
        help="the worker of a queue: a failure again",
        description="Run a platform's worker, and hand it a batch.",
    )
    actions = worker.add_subparsers(required=True, metavar="ACTION")
    replay = actions.add_parser(
        "replay",
        help="deliver the batch of a failure again",
        description="Exit code 0: the worker makes of it what it must now; 1: it does not.",
    )
    replay.add_argument("--platform", type=Path, default=Path(), metavar="DIR", help="default: the current directory")
    replay.add_argument(
        "--trust-javascript", action="store_true", help="run its JavaScript even where no network can be kept from it"
    )
    replay.add_argument("file", type=Path, metavar="FILE", help="reports/worker/NAME.json, as a run has written it")
    replay.set_defaults(run=_replay)


def _replay(options: argparse.Namespace, console: Console) -> int:
    from policies.worker.counterexample import answer_of, arrived, batch_of
    from policies.worker.replay import read

    asked.trusted = asked.trusted or options.trust_javascript
    kept = read(options.file)
    every = [one for one in DrivenWorker.collect(Platform.open(options.platform)) if isinstance(one, DrivenWorker)]
    found = [one for one in every if one.handler == kept.handler] or every
    if not found:
        raise UsageError(f"{options.platform} has no worker of a queue; state one: [worker] handler")
    worker = found[0]
    try:
        worker.require_probes()
        running = worker.running
        known = {one.name for one in running.contract.actions}
        lacking = [one.action for one in kept.batch.messages if one.action not in known]
        if lacking:
            raise UsageError(f"{worker.handler} has no action {lacking[0]}, which {options.file} asks for")
        tried, wrong = running.afresh(kept.batch)  # As a run confirms what it found.
    except NotJudged as why:
        raise UsageError(str(why)) from None
    finally:
        worker.close()
    console.print(Text(printable(f"batch    {batch_of(tried)}"), style="bold"))
    for outcome in tried.outcomes:
        console.print(Text(printable(f"arrived  {arrived(outcome)}")))
        console.print(Text(printable(f"worker   {answer_of(outcome)}")))
    for one in wrong:
        where = "the batch" if one.at is None else f"message {one.at + 1}"
        due = f"; due: {one.due}" if one.due else ""
        console.print(Text(printable(f"{where}: {one.text}{due}"), style="red"))
    if not wrong:
        console.print(Text("The worker makes of it what it must.", style="green"))
    return 1 if wrong else 0
