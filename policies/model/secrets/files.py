"""Files that Secrets are made from, as subjects: their examples, and what git makes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from policies.evidence import Evidence, Gap, Location, Place
from policies.model.secrets.credential_values import counted
from policies.model.secrets.taken_keys import example_keys, generated, read_keys
from policies.platform import Platform
from policies.read.git import IgnoreRule
from policies.read.kustomization import Entry


@dataclass(frozen=True)
class SecretFile:
    """A file that an overlay makes a Secret from.

    `example_keys` are the keys of its example with their lines, `real_keys` those of the real file where it is there, `read_keys` those
    that workloads take from the Secret by name, with every place where one does and without what another file of the Secret has. `ignored`
    is the rule by which git ignores the real file, `tracked` whether git holds it; a gap where git could not be asked.
    """

    noun: ClassVar[str] = "file that a Secret is made from"
    only_in_files: ClassVar[bool] = True

    place: Place
    entry: Entry
    example_keys: Mapping[str, int]
    real_keys: tuple[str, ...] | None
    read_keys: Mapping[str, tuple[Location, ...]]
    ignored: IgnoreRule | Gap | None
    tracked: bool | Gap

    @property
    def path(self) -> str:
        """The real file's path."""
        return self.entry.target

    @property
    def id(self) -> str:
        """Place and path."""
        return f"{self.place.name}:{self.path}"

    @property
    def missing(self) -> tuple[str, ...]:
        """The keys that the example lacks."""
        return tuple(sorted({*(self.real_keys or ()), *self.read_keys}.difference(self.example_keys)))

    @property
    def spare(self) -> tuple[str, ...]:
        """The keys that the example has and the real file has not; none where the real file is not here."""
        return tuple(sorted(set(self.example_keys).difference(self.real_keys))) if self.real_keys is not None else ()

    @property
    def agrees(self) -> bool:
        """Whether the example has the keys that are needed, and no other."""
        return not self.missing and not self.spare

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the generator's entry as the place."""
        return Evidence(message.format(*values), (Location(self.entry.kustomization, self.entry.line),))

    def blame_example(self) -> Evidence:
        """Say which keys the example lacks or has without need: it, and where a workload takes them, are the places."""
        told = [f"lacks {', '.join(map(_shown, self.missing))}"] if self.missing else []
        told += [f"has {', '.join(map(_shown, self.spare))}, which the real file has not"] if self.spare else []
        example = self.entry.example or self.path
        lines = [Location(example, self.example_keys[key]) for key in self.spare] or [Location(example, 1)]
        return Evidence(
            f"{example} {' and '.join(told)}",
            (*lines, *(place for key in self.missing for place in self.read_keys.get(key, ()))),
        )

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[SecretFile | Gap]:
        """Yield every file that a `secretGenerator` reads."""
        listed = [
            (item, item.sources, entry)
            for item in platform.deployed
            if item.sources
            for entry in generated(item.sources)
        ]
        if not listed:
            return
        rules = platform.ignore_rules(tuple(dict.fromkeys(entry.target for _, _, entry in listed)))
        tracked = platform.tracked
        for item, sources, entry in listed:
            yield cls(
                item.place, entry, example_keys(sources, entry), sources.real_keys.get(entry.target), read_keys(item, sources, entry),
                rules if isinstance(rules, Gap) else rules.get(entry.target), tracked if isinstance(tracked, Gap) else entry.target in tracked,
            )  # fmt: skip


_NAME = re.compile(r"[\w.-]{1,64}\Z", re.ASCII)


def _shown(key: str) -> str:
    """Give a key's name; what is none may be a piece of a secret (a reader that saw so has put something else in its place)."""
    return (
        key
        if _NAME.match(key) or key.startswith("(line ")
        else f"a line of {counted(len(key), 'character')} that is no key"
    )
