"""Files that git tracks and that hold a secret, whether they are called so or not, as subjects."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import ClassVar

from policies.errors import SourceError
from policies.evidence import PLATFORM, Gap, Location
from policies.model.secrets.credential_values import literal_credential
from policies.model.secrets.holding import HoldingFile
from policies.model.secrets.placeholders import is_placeholder
from policies.model.secrets.taken_keys import generated
from policies.model.secrets.terraform_states import state_held
from policies.platform import Platform

_NAME = re.compile(r"[\w.-]{1,64}\Z", re.ASCII)

_SUSPECT = re.compile(
    r"(?i)(?:^|/)(?:\.?env(?:\..*)?|.*\.env(?:\..*)?|.*\.properties|.*\.(?:pem|key|p12|pfx|jks|keystore|ppk)|id_(?:rsa|dsa|ecdsa|ed25519)|\.?npmrc|\.?netrc|\.?pgpass|\.?dockercfg"
    r"|\.?dockerconfigjson|credentials(?:\.[a-z]+)?|kubeconfig.*|.*\.tfvars|.*\.tfstate(?:\.(?:\d+\.)?backup)?|(?:.*\.)?tfplan|secrets?\.(?:ya?ml|json|toml|ini|txt))$"
)
"""Names under which secrets are kept: each such file that git tracks is looked into."""

_KEY_STORE = re.compile(r"(?i)\.(?:p12|pfx|jks|keystore|ppk)$")


class TrackedFile(HoldingFile):
    """A file that git tracks and that is named as files of configuration and secrets are."""

    noun: ClassVar[str] = "tracked file that might hold a secret"

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[TrackedFile | Gap]:
        """Yield every such file, with what it holds."""
        tracked = platform.tracked
        if isinstance(tracked, Gap):
            yield tracked
            return
        examples = {entry.example for item in platform.deployed if item.sources for entry in generated(item.sources)}
        for path in tracked:
            if _SUSPECT.search(path):
                try:
                    content = platform.read_tracked(path)
                except SourceError as error:
                    yield Gap(path, str(error), PLATFORM, (Location(error.file, error.line),), unreadable=True)
                    continue
                if content is not None:
                    yield cls(path, tuple(_held(path, content, path in examples)))


_SPACED = re.compile(r"(?i)\bpassword\s+(?P<value>\S+)")
_PASSFILE = re.compile(r"(?:[^:]*:){4}(?P<value>.+)\Z")
_MANIFEST = re.compile(r"^[\"']?apiVersion[\"']?\s*:", re.MULTILINE)


def _held(path: str, content: bytes, is_example: bool) -> Iterator[tuple[int, str]]:
    """Yield the lines that hold a secret, each with what it is; never the secret.

    The values of an example are judged one by one elsewhere, and so are the fields of a manifest: of them only what is a secret by its form
    is told here.
    """
    if _KEY_STORE.search(path):
        yield 1, "it is a store of keys"
        return
    if (state := state_held(path, content)) is not None:
        yield 1, state
        return
    if b"\0" in content:
        return
    text = content.decode(errors="replace")
    by_form = is_example or bool(_MANIFEST.search(text))
    comments = ("#", ";") if posixpath.basename(path).endswith("npmrc") else ("#", "//", ";")
    for number, line in enumerate(text.splitlines(), start=1):
        if line.lstrip().startswith(comments):
            continue
        name, value = _assignment(path, line)
        if is_placeholder(value) or (is_example and name):
            continue
        literal = literal_credential("" if by_form else name, value)
        if literal is not None:
            yield (
                number,
                f"{name} is {literal}" if _NAME.match(name) and literal_credential("", name) is None else literal,
            )


def _assignment(path: str, line: str) -> tuple[str, str]:
    """Take a line apart into name and value, as files of this name write it; a line without a name is a value."""
    base = posixpath.basename(path).lower()
    text = line.strip().removeprefix("export ")
    for ending, pattern in (("netrc", _SPACED), ("pgpass", _PASSFILE)):
        match = pattern.search(text) if base.endswith(ending) else None
        if match:
            return "password", match["value"]
    name, separator, value = text.partition("=" if "=" in text.partition(":")[0] or ":" not in text else ":")
    if not separator:
        return "", text
    name, value = name.strip().strip("\"'"), value.strip().rstrip(",").strip("\"'")
    if name == "auth" and "docker" in base:
        name = "auth_token"
    return (name, value) if re.match(r"[\w./:@-]+\Z", name) else ("", text)
