"""A handler that runs, what it promises, and what attacks on it have found; the same code is run and attacked once."""

from __future__ import annotations

import re
import tempfile
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from policies.edge.answers import Request
from policies.edge.bridge import Bridge, UnloadableError
from policies.edge.contract import ClaimRules, Contract
from policies.edge.named import named_paths
from policies.edge.package import Package, pack
from policies.edge.process import UnsealedError
from policies.edge.template import Names
from policies.intent.entry import Edge
from policies.read.tree import Tree

if TYPE_CHECKING:
    from policies.edge.attack import Attack, Statistics, Tried
    from policies.edge.search import Failure, Judge

EPOCH = 1_767_225_600
KEPT = 4
"""So many handlers are kept running for the next platform that holds the same."""


@dataclass
class Running:
    """A package, its bridge, its contract.

    `unloadable` is why it does not load, `unsealed` why it must not run here, `lacking` what it wants that only a release brings.
    """

    package: Package
    keyless: Package
    stated: Edge
    outer: tempfile.TemporaryDirectory[str]
    bridge: Bridge
    unloadable: str = ""
    unsealed: str = ""
    lacking: str = ""
    contract: Contract = field(default_factory=Contract)
    unknown: dict[str, str] = field(default_factory=dict)
    found: dict[tuple[str, str], Failure | None] = field(default_factory=dict)
    batches: dict[str, list[list[Tried]]] = field(default_factory=dict)
    _statistics: list[Statistics] = field(default_factory=list)

    @property
    def statistics(self) -> Statistics:
        """How much of each class was generated."""
        from policies.edge.attack import Statistics

        if not self._statistics:
            self._statistics.append(Statistics())
        return self._statistics[0]

    def knows(self, key: str) -> bool:
        """Whether a part of the contract is stated or was found."""
        return key not in self.unknown

    def why_unknown(self, key: str) -> str:
        """Why it is not known."""
        return self.unknown.get(key, "")

    def describe_found(self) -> str:
        """Say what was found."""
        values = {name: getattr(self.contract, name, None) for name in sorted(self.contract.found)}
        return "; ".join(
            f"{name} = {value if isinstance(value, str) else ', '.join(value or ())}" for name, value in values.items()
        )

    def attack(self, attack: Attack, judge: Judge) -> Failure | None:
        """Give what an attack finds, once."""
        from policies.edge.search import Search

        key = (attack.name, judge.__name__)
        if key in self.found:
            return self.found[key]
        # What was tried already is only judged again: the requests would be the same ones.
        tried = self.batches.get(attack.name)
        if tried is None or any(judge(self.attacked(attack), batch) for batch in tried):
            bridge = self.another() if attack.fresh else self.bridge
            made = Search(bridge, self.attacked(attack), attack, judge, self.statistics)
            self.found[key] = made.run()
            if attack.fresh:
                bridge.close()
            if self.found[key] is None:
                self.batches[attack.name] = made.batches
        else:
            self.found[key] = None
        return self.found[key]

    @cached_property
    def guarded(self) -> Contract:
        """The contract without the paths that need no token at all, and without the carriers in which none is let through.

        Each is one defect (EDGE-02a, EDGE-01a, EDGE-01b); it hides no other, and nothing is proven where everything is refused.
        """
        paths = self.contract.protected
        answers = self.bridge.decide([sample(f"{path}/event-1") for path in paths], EPOCH * 1000.0)
        shut = tuple(path for path, answer in zip(paths, answers, strict=True) if not answer.through)
        guarded = replace(self.contract, protected=shut)
        if not shut:
            return guarded
        from policies.edge.viewer import plain_visit

        visit = plain_visit(guarded)
        for carrier in self.contract.carriers:
            (answer,) = self.bridge.decide([visit.request(visit.token, carrier=carrier)], visit.now)
            if not answer.through:
                guarded = replace(guarded, cookie=None) if carrier == "cookie" else replace(guarded, header=None)
        return guarded

    def attacked(self, attack: Attack) -> Contract:
        """Give the contract by which an attack is made and judged."""
        return self.contract if attack.whole else self.guarded

    def another(self) -> Bridge:
        """Give the same handler in a process of its own."""
        return Bridge(self.bridge.folder, self.bridge.setup)

    def without_key(self) -> tuple[tempfile.TemporaryDirectory[str], Bridge]:
        """Give the same handler without any key."""
        outer, root = self.keyless.unpack()
        return outer, Bridge(root, self.keyless.setup(root, self.stated.export, EPOCH * 1000.0))

    def close(self) -> None:
        """End it."""
        self.bridge.close()
        self.outer.cleanup()


def sample(path: str) -> Request:
    """Give a plain request without a token."""
    headers = {"host": [{"key": "Host", "value": "www.shop.internal"}]}
    return {"clientIp": "192.0.2.7", "method": "GET", "uri": path, "querystring": "", "headers": headers}


_running: OrderedDict[str, Running] = OrderedDict()


def run(tree: Tree, handler: str, stated: Edge, names: Names = MappingProxyType({})) -> Running:
    """Give a handler, running; the one that runs already where it is the same. `names` are what the names in its templates stand for.

    Raises SourceError where its folder cannot be read.
    """
    package = pack(tree, handler, stated, names=names)
    key = f"{package.digest} {stated!r}"
    if key in _running:
        _running.move_to_end(key)
        return _running[key]
    while len(_running) >= KEPT:
        _running.popitem(last=False)[1].close()
    made = _started(package, pack(tree, handler, stated, with_key=False), stated)
    _running[key] = made
    return made


def _started(package: Package, keyless: Package, stated: Edge) -> Running:
    outer, root = package.unpack()
    running = Running(
        package, keyless, stated, outer, Bridge(Path(root), package.setup(root, stated.export, EPOCH * 1000.0))
    )
    if package.missing:
        return running
    try:
        running.bridge.start()
    except UnloadableError as error:
        lacking = _lacking(str(error), root)
        if lacking:
            running.lacking = (
                f"it reads {lacking}, which is not in the platform; state how it takes its key: [edge.secret]"
            )
        else:
            running.unloadable = str(error)
        return running
    except UnsealedError as error:
        running.unsealed = str(error)
        return running
    running.contract = replace(as_stated(stated, package.key), named=named_paths(package.sources.values()))
    from policies.edge.finding import complete

    complete(running)
    return running


def _lacking(reason: str, root: Path) -> str:
    """Give the file of its own folder that a handler opens as it loads and that is not there; what a release is packed with is not in git."""
    found = re.search(r"ENOENT: .*\bopen '([^']+)'", reason)
    inside = found is not None and Path(found[1]).is_relative_to(root)
    return Path(found[1]).relative_to(root).as_posix() if found is not None and inside else ""


def as_stated(stated: Edge, key: bytes) -> Contract:
    """Give the contract as far as the owners state it."""
    claims = stated.claims
    return Contract(
        protected=stated.protected or (),
        bypass=stated.bypass or (),
        queue=stated.queue,
        cookie=stated.cookie,
        header=stated.header,
        removes=stated.removes,
        adds=stated.adds,
        case_sensitive=stated.case_sensitive,
        claims=ClaimRules(
            subject=claims.subject or "sub",
            issuer=claims.issuer,
            audience=claims.audience,
            event=claims.event,
            not_before=claims.not_before or (),
            leeway=claims.leeway,
        ),
        key=key,
    )
