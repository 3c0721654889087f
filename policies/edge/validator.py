"""Token validators, as subjects: each is a handler that is run, and attacked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import ClassVar

from policies.edge.package import folder_of
from policies.edge.running import Running, run
from policies.edge.template import names_in_templates
from policies.errors import SourceError
from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.intent.entry import Edge, EdgeClaims
from policies.intent.intent import FILE
from policies.platform import Platform
from policies.requirement import FILES, not_judged

_OF_ANSWERS = frozenset(["sent_to_the_queue", "stays_here", "legal", "uncached", "does_not_throw"])
"""Judges of what a refusal says; that is made of what stands in a file beside the code, too."""


@dataclass(frozen=True, eq=False)
class Validator:
    """A function at viewer request that lets those in who have a token; `stated` is what the owners say of it."""

    noun: ClassVar[str] = "token validator at viewer request"
    only_in_files: ClassVar[bool] = True
    beside: ClassVar[str] = FILES

    platform: Platform
    handler: str
    stated: Edge
    is_advice: bool = False

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
        return "token validator"

    @cached_property
    def running(self) -> Running:
        """The handler, ready to be asked. Raises SourceError where its folder cannot be read, ToolError where there is no Node."""
        tree = self.platform.tree
        names = names_in_templates(self.platform, folder_of(tree, self.handler, self.stated))
        return run(tree, self.handler, self.stated, names)

    def close(self) -> None:
        """End the handler's process."""
        if "running" in vars(self):
            self.running.close()

    def breach(
        self, attack: str, judge: str = "refused", *, needs: tuple[str, ...] = (), near: str = ""
    ) -> Evidence | None:
        """Send an attack (`module.function`) and give the smallest request that shows what is wrong; None where nothing is.

        `needs` are the parts of the contract without which there is nothing to say; a line of the code that names `near` is blamed.
        """
        self.require("protected", "carrier", *needs)
        module, _, name = attack.partition(".")
        # Hypothesis and the verifier are imported where there is something to attack.
        from policies.edge.jose import Ruling

        made = getattr(import_module(f"policies.edge.attacks.{module}"), name)
        if not made.whole:
            self.require_door(*needs)
        elif made.expects is Ruling.LET and not self.running.guarded.carriers:
            unstated = {
                "[edge.secret]": self.stated.secret is None,
                "[edge.claims]": self.stated.claims == EdgeClaims(),
            }
            if any(unstated.values()):
                tables = ", ".join(table for table, is_so in unstated.items() if is_so)
                not_judged(
                    f"it takes no token of ours, and nobody says how it takes its key, or what a token holds; state it: {tables}"
                )
        failure = self.running.attack(made, getattr(import_module("policies.edge.judges"), judge))
        if failure is None:
            return None
        partial = self.running.package.partial
        if partial and judge in _OF_ANSWERS and failure.last.answer.is_hollow:
            not_judged(
                f"{self.handler} answers with something that it takes from {partial}, of which only the key is known; "
                f"lay a {partial}.example beside it, or state how it takes its key: [edge.secret]"
            )
        from policies.edge.counterexample import sentence, write

        file = write(failure, name, judge, self.handler, made.why)
        told = self.evidence("{}", sentence(failure, file), near=near)
        return replace(told, value=f"{failure.last.variant.label}: {failure.problem}")

    def evidence(self, message: str, *values: object, near: str = "") -> Evidence:
        """Give a line of its code: the first that names `near`, or where it exports the handler."""
        text = message.format(*values) if values else message
        return Evidence(text, (self._locate(near),))

    def _locate(self, near: str) -> Location:
        try:
            own = self.platform.tree.read(self.handler).decode("utf-8", "replace")
        except SourceError:
            return Location(self.handler, 1)
        if near:
            for name, source in sorted(
                self.running.package.sources.items(), key=lambda item: item[0] != self.running.package.file
            ):
                for number, line in enumerate(source.splitlines(), 1):
                    if re.search(rf"(?<![\w-])(?:{near})(?![\w-])", line) and not line.lstrip().startswith(
                        ("//", "*", "/*")
                    ):
                        folder = self.running.package.folder
                        return Location(name if folder == "." else f"{folder}/{name}", number)
        for number, line in enumerate(own.splitlines(), 1):
            if re.search(rf"\b{re.escape(self.stated.export)}\b", line) and "export" in line:
                return Location(self.handler, number)
        return Location(self.handler, 1)

    def require_run(self) -> None:
        """End without a verdict where it cannot be run here."""
        if self.running.package.missing:
            not_judged(self.running.package.missing)
        if self.running.unsealed or self.running.lacking:
            not_judged(self.running.unsealed or self.running.lacking)

    def require(self, *keys: str) -> None:
        """End without a verdict where it does not load, or where a part of its contract is not known.

        A key is one of `[edge]` (`cookie`, `claims.event`); `carrier` is either of cookie and header.
        """
        self.require_run()
        running = self.running
        if running.unloadable:
            not_judged("it does not load (EDGE-06a)")
        for key in keys:
            if not running.knows(key):
                table, _, name = key.rpartition(".")
                spelled = {"carrier": "cookie, header", "protected stated": "protected"}.get(name, name)
                not_judged(f"{running.why_unknown(key)}; state it: [edge{f'.{table}' if table else ''}] {spelled}")

    @property
    def states_paths(self) -> bool:
        """Whether the owners say which paths are protected, and which never are: then there are no others."""
        return self.stated.protected is not None and self.stated.bypass is not None

    def require_door(self, *keys: str) -> None:
        """End without a verdict where nothing is refused without a token, or nothing let through with one: nothing is then proven."""
        self.require("protected", "carrier", *keys)
        guarded = self.running.guarded
        if not guarded.protected:
            not_judged("every protected path is let through without a token (EDGE-02a)")
        for name, id in (("cookie", "EDGE-01a"), ("header", "EDGE-01b")):
            if name in keys and getattr(guarded, name) is None:
                not_judged(f"no token in the {name} is let through ({id})")
        if not guarded.carriers:
            not_judged("no token is let through (EDGE-01a, EDGE-01b)")

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[Validator | Gap]:
        """Yield the one that `platform.toml` states, or else all that are found by looking."""
        from policies.edge.package import find_handlers

        stated = platform.intent.edge
        if stated is not None and stated.handler is not None:
            if not platform.tree.is_file(stated.handler):
                yield Gap(
                    stated.handler,
                    f"{FILE} states {stated.handler}, which is not there",
                    PLATFORM,
                    (Location(FILE),),
                    promised=True,
                )
                return
            yield cls(platform, stated.handler, stated)
            return
        found = list(find_handlers(platform.tree))
        if stated is not None and not found:
            yield Gap(
                "token validator",
                f"{FILE} states [edge], and no handler was found; state it: [edge] handler",
                PLATFORM,
                promised=True,
            )
        for handler in found:
            yield cls(platform, handler, stated or Edge())
