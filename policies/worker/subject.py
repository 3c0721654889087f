"""Workers, as subjects: each is the code that takes a queue's messages, which is run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import msgspec

from policies.edge.package import pack
from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.intent.entry import Edge
from policies.intent.intent import FILE
from policies.intent.work import Worker as Stated
from policies.platform import Platform
from policies.requirement import not_judged
from policies.worker.finding import Found, deployed, find
from policies.worker.provision import deployed_timeout, provide
from policies.worker.stating import contract_of

if TYPE_CHECKING:
    from policies.worker.faults import Violation
    from policies.worker.outcome import Tried
    from policies.worker.running import Running
    from policies.worker.verdicts import Verdicts


@dataclass(frozen=True, eq=False)
class DrivenWorker:
    """The code that takes a queue's messages; `stated` is what the owners say of it, `found` is its function in Terraform."""

    noun: ClassVar[str] = "worker of a queue whose code is here"
    only_in_files: ClassVar[bool] = True
    beside: ClassVar[str] = "worker"

    platform: Platform
    handler: str
    stated: Stated
    found: Found | None = None

    @property
    def place(self) -> Place:
        """It serves every place."""
        return PLATFORM

    @property
    def id(self) -> str:
        """The handler's file."""
        return self.handler

    @property
    def meaning(self) -> str:
        """What it is, wherever its file lies."""
        return "worker"

    @cached_property
    def running(self) -> Running:
        """The worker, ready to be handed batches. Raises SourceError where its folder cannot be read, ToolError where there is no Node."""
        # What a worker is driven with is imported where there is one to drive.
        from policies.worker.running import PATIENCE_SECONDS, run

        function = self.found.function if self.found else None
        package = pack(
            self.platform.tree, self.handler, Edge(folder=self.stated.folder), with_key=False, table="worker"
        )
        provision, unknown = provide(self.stated, function.environment if function else {}, PATIENCE_SECONDS)
        contract, more = contract_of(self.stated, deployed(function), provision)
        return run(package, provision, contract, unknown | more, self.stated)

    @property
    def verdicts(self) -> Verdicts:
        """What was found wrong with it, asked by requirement."""
        from policies.worker.verdicts import Verdicts

        return Verdicts(self.running)

    def close(self) -> None:
        """End its process."""
        if "running" in vars(self):
            self.running.close()

    def require_run(self) -> None:
        """End without a verdict where it cannot be run here."""
        running = self.running
        if running.package.missing:
            not_judged(running.package.missing)
        if running.unsealed:
            not_judged(running.unsealed)
        self.know("url")

    def require(self, *keys: str) -> None:
        """End without a verdict where it does not load or takes nothing, or where a part of its contract is not known.

        A key is one of `[worker]` (`header`, `endings.refused`).
        """
        self.require_probes()
        if self.running.probes.lost:
            not_judged("a plain message is the end of it (WORKER-03r)")
        if not self.running.probes.actions:
            not_judged("no action reaches its endpoint (WORKER-02b)")
        self.know(*keys)

    def require_probes(self) -> None:
        """End without a verdict where it cannot be handed any message."""
        self.require_run()
        if self.running.unloadable:
            self.know("timeout", "credential")
            not_judged("it does not load (WORKER-02a)")
        self.know("actions", "action")
        if not self.running.probes.actions:
            self.know("timeout", "credential")  # For want of which it may do nothing.

    def know(self, *keys: str) -> None:
        """End without a verdict where a part of its contract is not known."""
        for key in keys:
            why = self.running.unknown.get(key)
            if why is None:
                continue
            table, _, name = key.rpartition(".")
            if key == "credential":
                table, name = "credential", "environment, secrets-manager"
            if key in ("actions", "actions stated"):
                table, name = "actions", "NAME"
            not_judged(f"{why}; state it: [worker{f'.{table}' if table else ''}] {name}")

    def blame(self, tried: Tried, violation: Violation, name: str, near: str = "") -> Evidence:
        """Tell a fault that a batch shows; a line of the code that names `near` is blamed."""
        from policies.worker.counterexample import sentence, write

        told = self.evidence("{}", sentence(tried, violation, write(tried, violation, name, self.handler)), near=near)
        fate = "" if violation.at is None else f"{tried.batch.messages[violation.at].fate.label}: "
        return replace(told, value=f"{fate}{violation.fault.value}")

    def blame_place(self, tried: Tried, place: str, near: str) -> Evidence:
        """Tell what a batch showed that has nothing to do with how it ended."""
        from policies.worker.counterexample import batch_of

        return replace(self.evidence("{}; the batch: {}", place, batch_of(tried), near=near), value=place)

    def evidence(self, message: str, *values: object, near: str = "") -> Evidence:
        """Give a line of its code: the first that names `near`, or where it exports the handler."""
        return Evidence(message.format(*values) if values else message, (self._locate(near),))

    def _locate(self, near: str) -> Location:
        package, export = self.running.package, self.stated.export
        sources = sorted(package.sources.items(), key=lambda item: item[0] != package.file)
        patterns = [rf"(?<![\w-])(?:{near})(?![\w-])"] if near else []
        for pattern, files in (
            *((one, sources) for one in patterns),
            (rf"export.*\b{re.escape(export)}\b", sources[:1]),
        ):
            for name, source in files:
                for number, line in enumerate(source.splitlines(), 1):
                    if re.search(pattern, line) and not line.lstrip().startswith(("//", "*", "/*")):
                        return Location(name if package.folder == "." else f"{package.folder}/{name}", number)
        return Location(self.handler, 1)

    @property
    def slowest(self) -> tuple[float | None, int | None, int | None]:
        """The seconds that a batch of one group takes where it is deployed and each call just does not fail, those that Lambda gives it, its size."""
        function = self.found.function if self.found else None
        known = deployed(function)
        seconds = deployed_timeout(self.stated, self.running.provision, function.environment if function else {})
        if seconds is None or known.batch is None:
            return None, known.seconds, known.batch
        return known.batch * seconds * self.stated.attempts, known.seconds, known.batch

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[DrivenWorker | Gap]:
        """Yield the one that `platform.toml` states, or else each that takes a queue's messages by Terraform."""
        stated = platform.intent.worker
        if stated is not None and stated.handler is not None:
            if not platform.tree.is_file(stated.handler):
                reason = f"{FILE} states {stated.handler}, which is not there"
                yield Gap(stated.handler, reason, PLATFORM, (Location(FILE),), promised=True)
                return
            functions = (one for one in find(platform) if one.file == stated.handler)
            yield cls(platform, stated.handler, stated, next(functions, None))
            return
        found = {one.file or one.function.id: one for one in find(platform)}
        if stated is not None and not any(one.file for one in found.values()):
            reason = f"{FILE} states [worker], and no code of one was found; state it: [worker] handler"
            yield Gap("worker", reason, PLATFORM, (Location(FILE),), promised=True)
            return
        own = stated if stated is not None and sum(bool(one.file) for one in found.values()) == 1 else Stated()
        for one in found.values():
            if one.file:
                yield cls(platform, one.file, msgspec.structs.replace(own, export=one.export), one)
            else:
                yield Gap(one.function.id, one.missing, one.function.place)
