"""What of a platform is its gateway as it runs: the jar that its build made, and the environment that it starts with."""

from __future__ import annotations

import contextlib
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from policies.edge.provision import encoded
from policies.errors import SourceError
from policies.gateway.keys import keyed
from policies.intent.entry import GatewayIntent
from policies.intent.intent import FILE
from policies.model.header.contract import Ends
from policies.model.header.gateways import Check, Gateway
from policies.model.kept import kept
from policies.platform import Platform

ORIGIN_SECRET = "turnstile-origin-0123456789-abcdefghijklmnop"  # noqa: S105 (it opens nothing)
"""The value of CloudFront's header in the tests; nobody else's."""

FILLER = "turnstile-filler-0123456789-abcdefghijklmnop"
"""What stands in other secrets, so that it starts."""

_BUILD_FILES = ("pom.xml", "build.gradle")
PORT, FIRST_BACKEND = 8080, 9001
_URL = re.compile(r"https?://[^\s,]+\Z")
_URL_NAME = re.compile(r"_(URL|URI|ENDPOINT|BASE)\Z")
_OF_BROWSERS = re.compile(r"ORIGIN|ISSUER|REDIRECT|PUBLIC")
_TOKEN_SECRET = re.compile(r"(TOKEN|JWT|ENTRY).*(SECRET|KEY)")
_ENTRY_SECRET = re.compile(r"(?!.*ORIGIN)(.*_)?(ENTRY|VWR|WAITING_?ROOM|ADMISSION)(_.*)?_(SECRET|KEY)\Z")
_PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_OF_THE_MACHINE = re.compile(r"(JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|JAVA_OPTS|PATH|LD_[A-Z_]+)\Z")
_NOT_RUN = re.compile(r"-(sources|javadoc|tests|plain)\.jar\Z")


@dataclass(frozen=True, eq=False)
class Program:
    """A gateway's project and how it is run: `gateway` is it as it runs in one place of the platform."""

    platform: Platform
    gateway: Gateway
    ends: Ends

    @property
    def stated(self) -> GatewayIntent:
        """What the owners state."""
        return self.platform.intent.gateway or GatewayIntent()

    @property
    def folder(self) -> str:
        """The folder of its project."""
        return self.gateway.project.folder

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Its comparisons of CloudFront's header."""
        return self.ends.checks(self.gateway)

    @cached_property
    def header_names(self) -> tuple[str, ...]:
        """The names of the header that it compares with a secret; where its code does not show one, the name that it should."""
        found = tuple(dict.fromkeys(leaf.value for one in self.checks for leaf in one.names if leaf.value))
        return found or tuple(leaf.value for leaf in self.ends.expected if leaf.value)

    @cached_property
    def jar(self) -> str:
        """The jar that its build made, empty where there is none. Raises SourceError where there are several."""
        if self.stated.jar is not None:
            return self.stated.jar if self.platform.tree.is_file(self.stated.jar) else ""
        within = [posixpath.normpath(posixpath.join(self.folder, name)) for name in ("target", "build/libs")]
        found = [
            path for path in self.platform.tree.files if path.endswith(".jar") and posixpath.dirname(path) in within
        ]
        found = [path for path in found if not _NOT_RUN.search(path)]
        if len(found) > 1:
            raise SourceError(
                found[0], f"stands beside {', '.join(found[1:])}; say in {FILE} which one runs: [gateway] jar"
            )
        return found[0] if found else ""

    @property
    def file(self) -> Path:
        """The jar's own path."""
        return self.platform.root / self.platform.tree.resolve(self.jar)

    @property
    def build(self) -> str:
        """The command that makes the jar."""
        path = posixpath.join(self.folder, "pom.xml")
        if self.platform.tree.is_file(path):
            return f"mvn -B -f {path} package"
        return f"gradle -p {self.folder} build"

    @cached_property
    def older(self) -> str:
        """A source beside the jar that is younger than it, or that it was built without; empty where there is none."""
        made = self.file.stat().st_mtime_ns
        own = [path for path in self.platform.tree.files if path.startswith(f"{self.folder}/") or self.folder == "."]
        below = posixpath.dirname(self.jar) + "/"
        for path in own:
            inside = path[len(self.folder) + 1 :] if self.folder != "." else path
            source = inside.startswith("src/main/") or ("/" not in inside and inside.startswith(_BUILD_FILES))
            if source and not path.startswith(below) and (self.platform.root / path).stat().st_mtime_ns > made:
                return path
        contract = self.ends.contract
        if contract is not None and self._holds_another(contract.file.file):
            return contract.file.file
        return ""

    def _holds_another(self, path: str) -> bool:
        """Whether the jar holds a file of this name that says something else: the build copied it in before it was changed."""
        with contextlib.suppress(zipfile.BadZipFile, OSError, SourceError), zipfile.ZipFile(self.file) as archive:
            names = [name for name in archive.namelist() if name.endswith(f"classes/{posixpath.basename(path)}")]
            return bool(names) and archive.read(names[0]) != self.platform.tree.read(path)
        return False

    @cached_property
    def variables(self) -> dict[str, str | None]:
        """The variables of its environment, with their values where these are known: its container's, and what its settings ask for."""
        found: dict[str, str | None] = dict.fromkeys(self._asked_for())
        for name, given in self.gateway.reader.environment.items():
            found[name] = given.variable.value if given.secret is None else None
        return {name: value for name, value in found.items() if not _OF_THE_MACHINE.match(name)}

    def _asked_for(self) -> Iterator[str]:
        for path in self.platform.tree.files:
            name = posixpath.basename(path)
            own = path.startswith(f"{self.folder}/src/main/") or (self.folder == "." and path.startswith("src/main/"))
            if own and name.startswith("application") and name.endswith((".yaml", ".yml", ".properties")):
                text = self.platform.tree.read(path).decode("utf-8", "replace")
                yield from (match[1] for match in _PLACEHOLDER.finditer(text))

    @cached_property
    def origin_secrets(self) -> tuple[str, ...]:
        """The variables in which it gets the value of CloudFront's header."""
        contract = self.ends.contract
        stated = contract.variable.value if contract is not None and contract.variable is not None else None
        found = [leaf.variable for one in self.checks for leaf in one.values if leaf.variable]
        return tuple(dict.fromkeys([stated] if stated else found))

    @cached_property
    def token_secret(self) -> str:
        """The variable in which it gets the key of the tokens; empty where nobody says so."""
        if self.stated.token_secret is not None:
            return self.stated.token_secret
        secret = self.platform.intent.edge.secret if self.platform.intent.edge is not None else None
        names = [one for one in (secret.key, secret.environment) if one] if secret is not None else []
        unknown = [name for name, value in self.variables.items() if value is None and name not in self.origin_secrets]
        made = [name for name in unknown if name in keyed(self.gateway)]
        pools = (
            [name for name in unknown if name in names],
            [name for name in made if _ENTRY_SECRET.search(name)],
            [name for name in unknown if _ENTRY_SECRET.search(name)],
            made,
            [name for name in unknown if _TOKEN_SECRET.search(name)],
        )
        alike = next(filter(None, pools), [])
        return alike[0] if len(alike) == 1 else ""

    @cached_property
    def services(self) -> tuple[str, ...]:
        """The variables with the URLs of what stands behind it."""
        found = [
            name
            for name, value in self.variables.items()
            if not _OF_BROWSERS.search(name)
            and ((value is not None and _URL.match(value)) or (value is None and _URL_NAME.search(name)))
        ]
        return tuple(self.stated.services or sorted(found))

    def environment(self, ports: dict[str, int], port: int) -> dict[str, str]:
        """Give the environment that it is started with: its container's, with secrets of the tests', and our server behind it."""
        found = {name: value for name, value in self.variables.items() if value is not None}
        secrets = (name for name, value in self.variables.items() if value is None)
        found |= dict.fromkeys(secrets, FILLER)
        found |= dict.fromkeys(self.origin_secrets, ORIGIN_SECRET)
        edge = self.platform.intent.edge
        if self.token_secret:
            found[self.token_secret] = encoded(edge.secret if edge is not None else None)[0]
        for name, number in ports.items():
            kept_path = urlsplit(found.get(name, "")).path if _URL.match(found.get(name, "")) else ""
            found[name] = urlunsplit(("http", f"127.0.0.1:{number}", kept_path, "", ""))
        return found | {"SERVER_PORT": str(port), "LOGGING_LEVEL_ROOT": "WARN"} | self.stated.environment


@kept
def programs(platform: Platform, ends: Ends) -> tuple[Program, ...]:
    """Give the gateways of a platform, one for each project: as it runs in a place where users are served, where there is one."""
    best: dict[str, Gateway] = {}
    for one in ends.gateways:
        known = best.get(one.project.folder)
        if known is None or (one.place.released and one.container is not None and not known.place.released):
            best[one.project.folder] = one
    return tuple(Program(platform, one, ends) for one in best.values())
