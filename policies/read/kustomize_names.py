"""What kustomize makes of an object's name: prefixes before it, suffixes behind it, and the hash of a generator."""

from __future__ import annotations

import re
from dataclasses import dataclass

from policies.read.kustomization import Sources


@dataclass(frozen=True)
class Affixes:
    """The prefixes and suffixes that the kustomizations of an overlay put around names, the overlay's own first."""

    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]

    @classmethod
    def of(cls, sources: Sources) -> Affixes:
        """Give those of all kustomizations that an overlay is made of."""
        prefixes, suffixes = (
            tuple(str(item.data[field]) for item in sources.by_depth if isinstance(item.data.get(field), str))
            for field in ("namePrefix", "nameSuffix")
        )
        return cls(prefixes, suffixes)

    def fit(self, name: str, source: str, generated: bool = False) -> int:
        """How well a source's name with these, and a generator's hash, gives a name: 2 with all, 1 with some, 0 not at all."""
        # A hash has only these characters (kustomize `api/hasher`): none that could spell a word.
        hashed = "(?:-[bcdfghkmt2456789]{10})?" if generated else ""
        whole = re.escape("".join(self.prefixes) + source + "".join(reversed(self.suffixes)))
        some = f"{_any_of(self.prefixes)}{re.escape(source)}{_any_of(self.suffixes)}"
        return 2 if re.fullmatch(whole + hashed, name) else 1 if re.fullmatch(some + hashed, name) else 0

    def stem(self, name: str) -> str | None:
        """Give a name without every prefix and suffix; None where it does not have them all."""
        prefixes, suffixes = "".join(self.prefixes), "".join(reversed(self.suffixes))
        if len(name) < len(prefixes) + len(suffixes) or not (name.startswith(prefixes) and name.endswith(suffixes)):
            return None
        return name[len(prefixes) : len(name) - len(suffixes)]


def _any_of(texts: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(map(re.escape, texts))})*" if any(texts) else ""
