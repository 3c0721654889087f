"""Container images: how they are named, and what is a placeholder."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

_LABEL = r"[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
_PART = r"[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    # What stands before the first slash is a host where it has a dot, a port or a capital, or is localhost.
    rf"(?:(?P<registry>(?=[^/]*[.:A-Z]|localhost/)(?:{_LABEL}(?:\.{_LABEL})*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?)/)?"
    rf"(?P<name>{_PART}(?:/{_PART})*)(?::(?P<tag>\w[\w.-]{{0,127}}))?"
    r"(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?\Z",
    re.ASCII,
)
"""The grammar of distribution/reference, which the kubelet parses images by."""

_ENDING = re.compile(r"[^/:@]*(?::(?P<tag>[^/:@]*))?(?:@(?P<digest>[^/@]*))?\Z")
"""What is a tag and a digest even in a text that is no reference."""

_PLACEHOLDER = re.compile(
    r"""(?ix) (?<![a-z0-9]) (?:
          your (?: company|org|organi[sz]ation|user(?:name)?|name|repo(?:sitory)?|registry|account|project|image|app|domain|tag|team)?
        | place-?_?holders? | change[-_]?(?:me|it|this) | replace[-_]?(?:me|with|this) | fix[-_]?me | fill[-_]?(?:me|in) | insert[-_]?here
        | to[-_]?be[-_]?(?:set|defined|replaced) | x{3,}
        ) (?![a-z0-9]) | [<>{}$%] | \.\.\."""
)
_EXAMPLE_HOST = re.compile(
    r"(?i)(?:^|\.)example(?:\.(?:com|org|net))?(?::\d+)?\Z|\.(?:invalid|test)(?::\d+)?\Z"
    r"|^(?:0{12}|123456789012|111122223333)\.dkr\.ecr\."
)
"""Hosts that are kept for examples (RFC 2606, RFC 6761), and the accounts of AWS' documentation."""

_DIGEST_AS_TAG = re.compile(r"(?i):sha(?:256|512):[0-9a-f]{8,}\Z")

_UNSET = frozenset(["tbd", "dummy", "fixme", "none", "null", "nil", "undefined", "unset"])
_NAMED_AFTER_ITSELF = frozenset(
    [
        "registry",
        "repository",
        "repo",
        "username",
        "user-name",
        "account-id",
        "my-registry",
        "myregistry",
        "my-repo",
        "myrepo",
        "my-org",
        "myorg",
        "ecr-uri",
        "ecr-url",
        "registry-url",
        "example",
        "example-org",
    ]
)
"""What stands before a name where the place of a registry or of its owner was kept; `registry:2` is an image, `registry/app:2` is none."""
_TAGS_NAMED_AFTER_ITSELF = frozenset(
    ["todo", "tag", "image-tag", "version", "image-version", "digest", "sha", "commit-sha", "git-sha", "build-number"]
)
_NAMES_NAMED_AFTER_ITSELF = frozenset(["image", "image-name", "my-image"])


Part = Literal["name", "tag", "digest"]


@dataclass(frozen=True)
class Image:
    """A parsed image; every part but the text is None where the text is no reference or has no such part."""

    text: str
    registry: str | None = None
    name: str | None = None
    tag: str | None = None
    digest: str | None = None

    @classmethod
    def parse(cls, text: str) -> Image:
        """Take a reference apart by the grammar of distribution/reference; of a text that is none, take its tag and digest."""
        match = _REFERENCE.match(text)
        if match is not None:
            return cls(text, match["registry"], match["name"], match["tag"], match["digest"])
        ending = _ENDING.search(text)
        return cls(text, None, None, ending["tag"] or None, ending["digest"] or None) if ending else cls(text)

    @property
    def is_reference(self) -> bool:
        """Whether a kubelet could parse it."""
        return self.name is not None

    @property
    def last_name(self) -> str:
        """The last part of its name, which is the same in every registry."""
        return (self.name or "").rpartition("/")[2]

    @property
    def effective_tag(self) -> str | None:
        """The tag that is pulled: `latest` where a reference has neither a tag nor a digest; None where a digest alone decides."""
        return self.tag or ("latest" if self.is_reference and not self.digest else None)

    @property
    def placeholder(self) -> str | None:
        """What in it stands for something that nobody has filled in, in words, or None."""
        return self._fault[1] if self._fault is not None else None

    @property
    def placeholder_part(self) -> Part:
        """Which part of it the placeholder is."""
        return self._fault[0] if self._fault is not None else "name"

    @cached_property
    def _fault(self) -> tuple[Part, str] | None:
        if not self.text.strip():
            return "name", "it is empty"
        shown = _PLACEHOLDER.search(self.text)
        if shown:
            part = next(part for part in re.split(r"[/:@]", self.text) if shown[0] in part)
            return "tag" if part == self.tag else "name", f"{part!r} stands for something else"
        if not self.is_reference and _DIGEST_AS_TAG.search(self.text):
            return "tag", "a digest stands where its tag belongs (newTag); kustomize takes it as 'digest'"
        if not self.is_reference:
            return "name", "it is no image's name (the kubelet calls it invalid), so something was to be filled in"
        if self.registry and _EXAMPLE_HOST.search(self.registry):
            return "name", f"the registry {self.registry!r} is a name kept for examples"
        if self.registry and not re.search(r"[.:]|^localhost$", self.registry):
            return "name", f"the registry {self.registry!r} stands for something else: it has neither a dot nor a port"
        return self._named_after_itself() or _made_up(self.digest)

    def _named_after_itself(self) -> tuple[Part, str] | None:
        # What is not the last part of the name, or is no host, can only be an owner: there `registry` is no image.
        *owners, name = (self.name or "").split("/")
        first = owners[:1] if self.registry is None else []
        owned = [part for part in owners if part.startswith(("example", "my"))]
        kept: tuple[tuple[Part, str, list[str], frozenset[str]], ...] = (
            ("name", "owner", [*first, *owned], _NAMED_AFTER_ITSELF),
            ("name", "name", [*owners, name], _UNSET | _NAMES_NAMED_AFTER_ITSELF),
            ("tag", "tag", [self.tag] if self.tag else [], _TAGS_NAMED_AFTER_ITSELF | _UNSET),
        )
        for where, what, parts, words in kept:
            for part in parts:
                if part.lower().replace("_", "-").strip("-") in words:
                    return where, f"the {what} {part!r} stands for something else"
        return None


_SAME = re.compile(r"(.)\1{15}")
"""A digit sixteen times in a row: one digest in 10^17 has it by chance."""


def _made_up(digest: str | None) -> tuple[Part, str] | None:
    """Say what shows that a digest was typed and not computed: its length, or that its digits repeat."""
    if digest is None:
        return None
    algorithm, _, digits = digest.partition(":")
    if algorithm == "sha256" and len(digits) != 64:
        return "digest", f"the digest has {len(digits)} digits, and sha256 has 64"
    for period in range(1, len(digits) // 2 + 1):
        if digits == (digits[:period] * len(digits))[: len(digits)]:
            shown = "the digest is all zero" if set(digits) == {"0"} else f"the digest repeats {digits[:period]!r}"
            return "digest", shown
    same = _SAME.search(digits)
    return ("digest", f"the digest has {same[1]!r} sixteen times in a row") if same else None
