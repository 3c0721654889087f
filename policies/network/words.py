"""One connection in words: Service, egress, ingress, each policy with its line, and whether it is meant."""

from __future__ import annotations

from collections.abc import Iterator

from policies.model.network.decisions import Decision, Side, decide
from policies.model.network.endpoints import Pod
from policies.model.network.flow import Flow
from policies.model.network.flows import Intended
from policies.model.network.parties import NODE, Party
from policies.model.network.snippets import letting_pass
from policies.read.documents import Document


def explain(
    network: Intended,
    source: Party,
    target: Party,
    protocol: str,
    port: int,
    service: Document | None = None,
    asked: str = "",
) -> tuple[bool, list[tuple[str, str]]]:
    """Say whether a connection passes and why, as lines of a label and a text."""
    wanted = Flow(source, target, protocol, port, "asked")
    decision = decide(network.surely, source.endpoint, target.endpoint, wanted.ports)
    passes = decision.passes and bool(network.surely.ports(source.endpoint, target.endpoint) & wanted.ports)
    return passes, list(_lines(network, wanted, decision, service, asked))


def _lines(
    network: Intended, wanted: Flow, decision: Decision, service: Document | None, asked: str
) -> Iterator[tuple[str, str]]:
    if service is not None:
        line = service.origin.locate(("spec", "ports"))
        yield "service", f"{service} {asked} leads to {wanted.target} {wanted.protocol} {wanted.port} ({line})"
    for side, end, verb in ((decision.egress, wanted.source, "out"), (decision.ingress, wanted.target, "in")):
        yield from _side(network, wanted, side, end, verb)
    ends = network.universe.bits(wanted.source.endpoint) | network.universe.bits(wanted.target.endpoint)
    if not decision.passes and (reason := network.undecided(ends)):
        yield "unsure", f"it may pass for some, or all: {reason}"
    between = network.between(wanted.source, wanted.target)
    meant = [flow for flow in between if (flow.protocol, flow.port) == (wanted.protocol, wanted.port)]
    for flow in meant:
        where = f" ({flow.locations[0]})" if flow.locations else ""
        yield "meant", f"{flow.why}{where}" + ("" if flow.demanded else "; it may be, and need not")
    if not meant:
        yield "meant", "nothing says that it is"


def _side(network: Intended, wanted: Flow, side: Side, end: Party, verb: str) -> Iterator[tuple[str, str]]:
    name = side.direction.word
    if side.free:
        yield name, f"{end}: {side.free}"
        return
    told = ", ".join(f"{policy} ({policy.locate(('spec', 'podSelector'))})" for policy in side.isolating)
    yield name, f"{end} is isolated by {told}"
    for one in side.allowing:
        yield "", f"let {verb} by {one.policy} {name}[{one.rule.index}] ({one.policy.locate(one.rule.path)})"
    if not side.allowing:
        yield "", f"no rule lets it {verb}"
        if isinstance(end.endpoint, Pod) and NODE not in (wanted.source, wanted.target):
            yield "", f"this would: {letting_pass(network.universe, wanted, side.direction)}"
