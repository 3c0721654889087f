"""`turnstile edge`: what a validator promises, what was sent at it, and one failure sent again."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from policies.edge.confinement import asked
from policies.edge.running import Running
from policies.edge.validator import Validator
from policies.errors import UsageError
from policies.evidence import Gap
from policies.platform import Platform
from policies.verdict import printable

ATTACKS = (
    "valid",
    "paths",
    "named",
    "encodings",
    "headers",
    "signatures",
    "claims",
    "payloads",
    "cookies",
    "transport",
    "shapes",
    "sequences",
)


def add_parser(commands: Any) -> None:
    """Add the command's arguments."""
    edge = commands.add_parser(
        "edge",
        help="the token validator: its contract, what is sent at it, a failure again",
        description="Run a platform's token validator and ask it.",
    )
    actions = edge.add_subparsers(required=True, metavar="ACTION")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--platform", type=Path, default=Path(), metavar="DIR", help="default: the current directory")
    common.add_argument(
        "--trust-javascript", action="store_true", help="run its JavaScript even where no network can be kept from it"
    )

    replay = actions.add_parser(
        "replay",
        parents=[common],
        help="send the request of a failure again",
        description="Exit code 0: it is decided as it must be now; 1: it is not.",
    )
    replay.add_argument("file", type=Path, metavar="FILE", help="reports/edge/ATTACK.json, as a run has written it")
    replay.set_defaults(run=_replay)

    statistics = actions.add_parser("statistics", parents=[common], help="count what is sent at it, class by class")
    statistics.set_defaults(run=_statistics)

    contract = actions.add_parser(
        "contract", parents=[common], help="show what it promises, as [edge] of platform.toml"
    )
    contract.set_defaults(run=_contract)


def _validator(options: argparse.Namespace, handler: str = "") -> Validator:
    asked.trusted = asked.trusted or options.trust_javascript
    found = list(Validator.collect(Platform.open(options.platform)))
    gaps = [one for one in found if isinstance(one, Gap)]
    known = [one for one in found if isinstance(one, Validator)]
    if gaps or not known:
        raise UsageError(
            gaps[0].reason if gaps else f"{options.platform} has no token validator; state one: [edge] handler"
        )
    named = [one for one in known if one.handler == handler] or known
    return named[0]


def _ready(options: argparse.Namespace, handler: str = "") -> Running:
    running = _validator(options, handler).running
    if running.package.missing or running.unloadable:
        raise UsageError(running.package.missing or f"it does not load: {running.unloadable}")
    return running


def _replay(options: argparse.Namespace, console: Console) -> int:
    from policies.edge.counterexample import read, shown
    from policies.edge.search import attempt
    from policies.gateway.replay import is_ours, replay

    if is_ours(options.file):
        asked.trusted = asked.trusted or options.trust_javascript
        return replay(options.file, Platform.open(options.platform), console)
    steps = read(options.file)
    running = _ready(options, steps.handler)
    tried = attempt(running.bridge, running.contract, steps.variants)
    judge = getattr(import_module("policies.edge.judges"), steps.judge)
    wrong = judge(running.contract, tried)
    for number, one in enumerate(tried):
        if number < len(tried) - 1:
            console.print(Text(printable(f"before   {shown(one.variant.request)}: {one.answer}"), style="dim"))
    last = tried[-1]
    console.print(Text(printable(f"request  {shown(last.variant.request)}"), style="bold"))
    console.print(Text(printable(f"handler  {last.answer}")))
    console.print(Text(printable(f"due      {last.decision.ruling.value}: {last.decision.reason}")))
    console.print(Text(printable(f"why      {steps.why}")))
    if wrong is None:
        console.print(Text("It is decided as it must be.", style="green"))
        return 0
    console.print(Text(printable(f"The handler {wrong[1]}."), style="red"))
    return 1


def _statistics(options: argparse.Namespace, console: Console) -> int:
    from policies.edge.attack import Attack
    from policies.edge.search import Search

    running = _ready(options)
    table = Table(box=None, pad_edge=False)
    for name in ("attack", "class", "sent", "counts", "let through"):
        table.add_column(name, justify="left" if name in ("attack", "class") else "right")
    total = 0
    for module in ATTACKS:
        for attack in vars(import_module(f"policies.edge.attacks.{module}")).values():
            if not isinstance(attack, Attack) or not _applies(running, attack.name):
                continue
            Search(running.bridge, running.attacked(attack), attack, lambda *_: None, running.statistics).run()
            for label in dict.fromkeys(attack.labels):
                key = (attack.name, label)
                counts = (
                    running.statistics.generated[key],
                    running.statistics.counted[key],
                    running.statistics.through[key],
                )
                total += counts[0]
                table.add_row(attack.name, label, *map(str, counts))
    console.print(table)
    console.print(f"{total:,} requests; what counts is ruled by the oracle as its class must be.")
    return 0


NEEDS = {
    "valid_cookie": "cookie", "valid_header": "header", "own_headers": "removes", "bypasses": "bypass", "other_audience": "claims.audience",
    "other_issuer": "claims.issuer", "other_event": "claims.event", "not_yet_valid": "claims.not-before", "cookie_lookalikes": "cookie",
    "cookie_twice": "cookie", "cookie_headers": "cookie", "neighbours": "cookie", "header_twice": "header", "header_joined": "header",
}  # fmt: skip
"""Without which part of the contract an attack has nothing to send."""


def _applies(running: Running, attack: str) -> bool:
    both = attack != "cookie_against_header" or (running.knows("cookie") and running.knows("header"))
    return both and running.knows(NEEDS.get(attack, "protected")) and running.knows("carrier")


def _contract(options: argparse.Namespace, console: Console) -> int:
    running = _ready(options)
    contract = running.contract
    lines = ["[edge]", f'handler = "{_validator(options).handler}"']
    for name in ("protected", "bypass", "queue", "cookie", "header", "removes", "adds"):
        value = getattr(contract, name)
        if value:
            lines.append(
                f"{name} = {_toml(value)}" + ("  # found by asking the handler" if name in contract.found else "")
            )
    lines += ["", "[edge.claims]"]
    rules = contract.claims
    for name in ("subject", "issuer", "audience", "event", "not_before"):
        if getattr(rules, name):
            lines.append(f"{name.replace('_', '-')} = {_toml(getattr(rules, name))}")
    console.print(Text(printable("\n".join(lines)).replace("\\x0a", "\n")))
    for key, why in running.unknown.items():
        console.print(Text(printable(f"# not known: {key}: {why}"), style="dim"))
    return 0


def _toml(value: Any) -> str:
    import json

    return json.dumps(value) if isinstance(value, str) else json.dumps(list(value))
