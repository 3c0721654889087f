"""`turnstile network`: the matrix of a platform's network, the reason of one connection, the difference of two networks."""

from __future__ import annotations

import argparse
import io
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from policies.errors import UsageError
from policies.model.network.flows import Intended, intended
from policies.model.network.matrix import Matrix
from policies.model.network.parties import Party
from policies.model.network.ports import PROTOCOLS
from policies.network import pictures, tables, words
from policies.network.difference import Change, difference
from policies.network.names import find_party
from policies.platform import Platform
from policies.read.documents import Document
from policies.verdict import printable

_PORT = re.compile(r"(?:(?P<before>[A-Za-z]+)[/: ])?(?P<number>\d{1,5})(?:[/: ](?P<after>[A-Za-z]+))?\Z")


def add_parser(commands: Any) -> None:
    """Add the command's arguments."""
    network = commands.add_parser(
        "network",
        help="what passes in the network, and why",
        description="Say what the NetworkPolicies of a platform let pass.",
    )
    actions = network.add_subparsers(required=True, metavar="ACTION")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--platform", type=Path, default=Path(), metavar="DIR", help="default: the current directory")
    common.add_argument("--place", metavar="NAME", help="only this overlay or folder of manifests (default: each)")

    matrix = actions.add_parser("matrix", parents=[common], help="who reaches whom, held against what is meant")
    matrix.add_argument("--format", choices=["table", "json", "csv", "dot", "svg"], default="table")
    matrix.add_argument("--output", type=Path, metavar="FILE", help="write it there")
    matrix.set_defaults(run=_matrix)

    explain = actions.add_parser(
        "explain",
        parents=[common],
        help="why one connection passes or not",
        description="Exit code 0: it passes; 1: it does not.",
    )
    explain.add_argument("source", metavar="FROM", help="a workload, an address, outside, dns, node, stranger")
    explain.add_argument("target", metavar="TO", help="the same, or a Service")
    explain.add_argument("port", metavar="PORT", help="8080, or 53/UDP; of a Service its own port")
    explain.set_defaults(run=_explain)

    compare = actions.add_parser(
        "diff",
        parents=[common],
        help="what newly passes, and what no longer does",
        description="Exit code 0: the networks let the same pass; 1: they do not. A and B are places of the platform, directories, or git revisions of it.",
    )
    compare.add_argument("before", metavar="A")
    compare.add_argument("after", metavar="B")
    compare.set_defaults(run=_diff)


def networks(platform: Platform, place: str | None) -> list[Intended]:
    """Give the networks of a platform's places that have workloads. Raises UsageError for a place that is none, or has no objects."""
    known = [item.place.name for item in platform.deployed]
    if place is not None and place not in known:
        raise UsageError(f"{platform.root} has no place {place!r}, but {', '.join(known) or 'none at all'}")
    found = []
    for item in platform.deployed:
        if place not in (None, item.place.name):
            continue
        if item.gap is not None and place is not None:
            raise UsageError(f"{item.place.name}: {item.gap.reason}")
        network = intended(item, platform) if item.documents else None
        if network is not None and network.site.refused:
            raise network.site.refused[0]
        if network is not None and network.site.own:
            found.append(network)
    if not found:
        raise UsageError(f"{platform.root} has no workload in {place or 'any place'}, so no network to look at")
    return found


def _matrix(options: argparse.Namespace, console: Console) -> int:
    matrices = [Matrix(network) for network in networks(Platform.open(options.platform), options.place)]
    if options.format == "table" and options.output is None:
        for matrix in matrices:
            tables.show(matrix, console)
            console.print()
        return 0
    text = _written(options.format, matrices)
    if options.output is None:
        console.file.write(text)
    else:
        options.output.write_text(text, encoding="utf-8")
        console.print(f"Wrote {options.output}.")
    return 0


def _written(form: str, matrices: list[Matrix]) -> str:
    if form in ("svg", "dot") and len(matrices) > 1:
        raise UsageError(
            f"--format {form} draws one place; choose it by --place: {', '.join(one.name for one in matrices)}"
        )
    if form == "svg":
        return pictures.svg(matrices[0])
    if form == "dot":
        return pictures.dot(matrices[0])
    if form == "csv":
        return tables.as_csv(matrices)
    if form == "json":
        return tables.as_json(matrices)
    recorder = Console(file=io.StringIO(), record=True, width=240, highlight=False, markup=False, emoji=False)
    for matrix in matrices:
        tables.show(matrix, recorder)
    return recorder.export_text()


def parse_port(text: str) -> tuple[str, int]:
    """Read `8080`, `53/UDP` or `udp/53`. Raises UsageError."""
    found = _PORT.match(text)
    protocol = ((found["before"] or found["after"] or "TCP") if found else "").upper()
    if found is None or protocol not in PROTOCOLS or not 0 < int(found["number"]) < 65536:
        raise UsageError(f"{text!r} is no port; write it as 8080 or 53/UDP (TCP, UDP and SCTP from 1 to 65535)")
    return protocol, int(found["number"])


def _explain(options: argparse.Namespace, console: Console) -> int:
    protocol, port = parse_port(options.port)
    passed = []
    for network in networks(Platform.open(options.platform), options.place):
        source = find_party(network, options.source)
        target = find_party(network, options.target)
        if isinstance(source, Document):
            raise UsageError(f"{options.source} is a Service, and calls nobody; name the workload that calls")
        for party, number, service in _receivers(network, target, protocol, port):
            passes, lines = words.explain(network, source, party, protocol, number, service, f"port {port}")
            passed.append(passes)
            verdict = "passes" if passes else "does not pass"
            head = f"{network.site.place.name}: {source} -> {party} {protocol} {number} {verdict}"
            console.print(Text(printable(head), style="bold green" if passes else "bold red"))
            for label, text in lines:
                console.print(Text(f"  {label:<8} {printable(text)}"))
            console.print()
    return 0 if all(passed) else 1


def _receivers(
    network: Intended, target: Party | Document, protocol: str, port: int
) -> Iterator[tuple[Party, int, Document | None]]:
    """Yield who receives: of a Service the pods behind it, on their own port."""
    if isinstance(target, Party):
        yield target, port, None
        return
    found = [(party, number) for party, other, number in network.site.reached(target, port) if other == protocol]
    if not found:
        raise UsageError(f"{target} has no port {port}/{protocol} that leads to a pod")
    yield from ((party, number, target) for party, number in dict.fromkeys(found))


def _diff(options: argparse.Namespace, console: Console) -> int:
    with ExitStack() as folders:
        before, after = (_side(options, name, folders) for name in (options.before, options.after))
        pairs = _pairs(before, after)
        changed = False
        for one, other in pairs:
            changes = difference(one, other)
            changed = changed or bool(changes)
            place = f": {one.site.place.name}" if len(pairs) > 1 else ""
            _show(changes, f"{options.before} -> {options.after}{place}", console)
    return 1 if changed else 0


def _side(options: argparse.Namespace, name: str, folders: ExitStack) -> list[Intended]:
    """Give the networks that A or B means: of a directory, of a place of the platform, or of a git revision of it."""
    if Path(name).is_dir():
        return networks(Platform.open(Path(name)), options.place)
    platform = Platform.open(options.platform)
    if any(item.place.name == name for item in platform.deployed):
        return networks(platform, name)
    if isinstance(platform.repository, str):
        raise UsageError(f"{name!r} is no directory and no place of {options.platform}; and {platform.repository}")
    folder = Path(folders.enter_context(tempfile.TemporaryDirectory(prefix="turnstile-")))
    platform.repository.extract(name, folder)
    return networks(Platform.open(folder), options.place)


def _pairs(before: list[Intended], after: list[Intended]) -> list[tuple[Intended, Intended]]:
    """Pair networks by their places' names; two that are alone are a pair, whatever they are called."""
    if len(before) == len(after) == 1:
        return [(before[0], after[0])]
    named = {network.site.place.name: network for network in after}
    pairs = [(network, named[network.site.place.name]) for network in before if network.site.place.name in named]
    missing = {network.site.place.name for network in before} ^ set(named)
    if missing or not pairs:
        raise UsageError(f"only one of the two has {', '.join(sorted(missing))}; choose a place with --place")
    return pairs


def _show(changes: list[Change], title: str, console: Console) -> None:
    console.print(Text(printable(title), style="bold"))
    if not changes:
        console.print("  the same passes")
    for newly, head, style in ((True, "newly passes", "yellow"), (False, "no longer passes", "cyan")):
        told = [change for change in changes if change.newly is newly]
        for change in told:
            console.print(Text(f"  {head}: {printable(str(change))}", style=style))
    console.print()
