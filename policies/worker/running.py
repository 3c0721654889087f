"""A worker that runs, what it promises, and what became of each batch; the same code is run once."""

from __future__ import annotations

import re
import tempfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policies.edge.bridge import UnloadableError
from policies.edge.package import Package
from policies.edge.process import UnsealedError
from policies.intent.work import Worker as Stated
from policies.worker.bridge import Bridge
from policies.worker.contract import CREDENTIAL, Contract
from policies.worker.faults import Fault, Violation
from policies.worker.messages import Batch
from policies.worker.outcome import LOST, Tried
from policies.worker.provision import Provision
from policies.worker.rules import violations

if TYPE_CHECKING:
    from policies.worker.probing import Probes
    from policies.worker.search import Failure

PATIENCE_SECONDS = 0.12
"""The timeout of a call that the worker is given: long beside an answer on loopback, short beside a test."""

PATIENT = 4
"""So many times longer it is for what is tried again: a machine that is busy for a moment is no finding."""

HALF = 0.5
"""What takes so much of its patience although the service answers at once shows a busy machine, and nothing of the worker."""

TRIES = 3

KEPT = 4


@dataclass
class Running:
    """A package, what it finds around it, its contract; `unloadable` is why it does not load, `unsealed` why it must not run here.

    `unknown` says of each part of the contract that is not known why. What was delivered is remembered, and so is what is wrong with it, and
    which batches an attack had in which nothing was looked for in vain.
    """

    package: Package
    provision: Provision
    stated: Stated
    outer: tempfile.TemporaryDirectory[str]
    folder: Path
    contract: Contract = field(default_factory=Contract)
    unknown: dict[str, str] = field(default_factory=dict)
    unloadable: str = ""
    unsealed: str = ""
    memory: dict[Batch, Tried] = field(default_factory=dict)
    judged: dict[Batch, tuple[Violation, ...]] = field(default_factory=dict)
    batches: dict[str, list[Batch]] = field(default_factory=dict)
    found: dict[tuple[str, tuple[Fault, ...]], Failure | None] = field(default_factory=dict)

    @cached_property
    def bridge(self) -> Bridge:
        """The process that is kept."""
        return self.another(self.patience)

    @property
    def patience(self) -> float:
        """The seconds that the worker waits for an answer."""
        return self.provision.patience

    @property
    def longer(self) -> float:
        """The seconds that it waits where a process is fresh: what is called for the first time takes its time."""
        return self.patience * PATIENT if self.provision.timeout else self.patience

    def another(self, patience: float, *, with_credential: bool = True) -> Bridge:
        """Give the same worker in a process of its own."""
        environment, secrets = self.provision.given(patience, with_credential=with_credential)
        setup: dict[str, Any] = {
            "file": str(self.folder / self.package.file),
            "name": self.stated.export,
            "environment": environment,
            "secrets": secrets,
        }
        made = Bridge(self.folder, setup, patience)
        if "bridge" in vars(self):
            made.form = self.bridge.form
            made.warm = self.bridge.warm if with_credential else None
        return made

    def take(self, contract: Contract) -> None:
        """Judge by another contract from now on."""
        self.contract = contract
        self.judged.clear()

    def work(self, batch: Batch) -> Tried:
        """Deliver a batch, once."""
        if batch not in self.memory:
            self.memory[batch] = self.bridge.work(self.contract, batch)
        return self.memory[batch]

    def wrong(self, batch: Batch) -> tuple[Violation, ...]:
        """Deliver a batch, and give what is wrong; where the machine was busy for a moment it is delivered again."""
        tried = self.work(batch)
        if batch not in self.judged:
            found = violations(self.contract, tried)
            for _ in range(TRIES):
                if not found or not self._is_hurried(tried):
                    break
                tried = self.memory[batch] = self.bridge.work(self.contract, batch)
                found = violations(self.contract, tried)
            self.judged[batch] = found
        return self.judged[batch]

    def _is_hurried(self, tried: Tried) -> bool:
        """Whether a busy machine, and nothing of the worker, may be why something is wrong."""
        if any(one.kind in LOST for one in tried.outcomes):
            return False
        waits = any(message.fate.waits for message in tried.batch.messages)
        return waits or max(one.seconds for one in tried.outcomes) > HALF * self.patience

    def afresh(self, batch: Batch) -> tuple[Tried, tuple[Violation, ...]]:
        """Deliver a batch to a fresh process with longer timeouts; give what became of it, and what is wrong with that."""
        patient = self.another(self.longer)
        contract = replace(self.contract, patience=self.longer)
        try:
            tried = patient.work(contract, batch)
        finally:
            patient.close()
        return tried, violations(contract, tried)

    def confirmed(self, batch: Batch, wanted: Violation) -> tuple[Tried, Violation] | None:
        """Deliver a batch again, to a fresh process with longer timeouts; give what became of it where the same fault shows.

        Where it does not, the batch is remembered as it went there, but for a worker that shows the fault in its old process again and again.
        """
        tried, wrong = self.afresh(batch)
        same = [one for one in wrong if one.fault is wanted.fault]
        if same:
            return tried, same[0]
        for _ in range(2):
            again = self.bridge.work(self.contract, batch)
            same = [one for one in violations(self.contract, again) if one.fault is wanted.fault]
            if not same or self._is_hurried(again):
                self.memory[batch], self.judged[batch] = tried, wrong
                return None
        return again, same[0]

    @cached_property
    def probes(self) -> Probes:
        """What is known of each kind of message alone."""
        from policies.worker.probing import probe

        return probe(self)

    def close(self) -> None:
        """End it."""
        if "bridge" in vars(self):
            self.bridge.close()
        self.outer.cleanup()


_running: OrderedDict[str, Running] = OrderedDict()


def run(
    package: Package, provision: Provision, contract: Contract, unknown: Mapping[str, str], stated: Stated
) -> Running:
    """Give a worker, running; the one that runs already where it is the same."""
    key = f"{package.digest} {provision!r} {contract!r} {unknown!r} {stated.export}"
    if key in _running:
        _running.move_to_end(key)
        return _running[key]
    while len(_running) >= KEPT:
        _running.popitem(last=False)[1].close()
    outer, folder = package.unpack()
    made = Running(package, provision, stated, outer, Path(folder), contract, dict(unknown))
    _running[key] = made
    if not package.missing and "url" not in unknown:
        try:
            made.bridge.start()
            _learn(made)
        except UnloadableError as error:
            made.unloadable = re.sub(re.escape(CREDENTIAL), "…", str(error))
        except UnsealedError as error:
            made.unsealed = str(error)
    return made


def close_all() -> None:
    """End every worker that runs."""
    while _running:
        _running.popitem()[1].close()


def _learn(running: Running) -> None:
    from policies.worker.asking import ask
    from policies.worker.learning import learn

    if {"actions", "action"} & running.unknown.keys():
        ask(running)
    if running.contract.actions and running.contract.action:
        learn(running)
