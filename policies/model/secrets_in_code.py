"""Credentials in code: strings that are assigned to a name of one, handed over as one, or that are one by their form."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from policies.errors import SourceError
from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.model.credential_names import names_credential, names_password, words_of
from policies.model.credential_values import literal_credential, literals_in
from policies.model.kept import kept
from policies.model.secrets import is_placeholder
from policies.model.secrets_in_terraform import is_called_one
from policies.platform import Platform

CODE = (
    *(".java", ".kt", ".kts", ".groovy", ".gradle", ".scala", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".py", ".go", ".rb"),
    *(".php", ".cs", ".rs", ".sh", ".bash", ".ps1", ".sql"),
)
"""Endings of files of code."""

LONGEST_LINE = 4000
"""A line longer than this is data that something made."""

SETTINGS = (".yaml", ".yml", ".toml", ".ini", ".conf", ".cfg", ".cnf", ".json", ".xml")
"""Endings of files that code is set by, where they are no manifests."""

_BUILD = re.compile(r"(?:^|/)(?:Dockerfile(?:\..+)?|.+\.Dockerfile|Makefile|Jenkinsfile)\Z")
_OF_OTHERS = re.compile(r"(?:^|/)(?:dist|build|target|out|vendor|third_party|coverage)/|\.min\.js\Z|(?:^|/)(?:package-lock\.json|.+\.lock|yarn\.lock|pnpm-lock\.yaml)\Z")
"""What is made, or fetched: not what somebody wrote."""

_TEST = re.compile(r"(?:^|/)(?:tests?|__tests__|spec|testdata|fixtures|src/test|src/[a-z]+Test)/|[._-](?:test|spec)\.\w+\Z|Tests?\.(?:java|kt)\Z|(?:^|/)(?:test_[^/]*|conftest)\.py\Z|_test\.go\Z")
"""Tests have keys of their own, which open nothing."""

_QUOTED = r"(?P<quote>[\"'`])(?P<value>(?:(?!(?P=quote))[^\\\n]|\\.){1,2000})(?P=quote)"
_ASSIGNED = re.compile(rf"(?P<name>[A-Za-z_$][\w$.-]*)[\"'\])]*\s*(?::\s*[\w<>\[\]|. ]+?\s*)?(?::=|=>|=|:)\s*(?:[\w.]+\s*(?:\|\||\?\?)\s*)?[bruf]?{_QUOTED}")
_HANDED = re.compile(rf"(?:\.|\b)(?:(?:set|with)_?)?(?P<name>[A-Za-z_]\w*)\(\s*{_QUOTED}\s*\)")
_FALLING_BACK = re.compile(
    rf"(?:env(?:iron)?(?:\.get|\.fetch|\.getOrDefault)?|getenv(?:\(\))?(?:\.getOrDefault)?|getProperty|get_env)\(?\s*[(\[]?\s*[\"'](?P<name>[\w.-]+)[\"']\s*,\s*{_QUOTED}"
    rf"|env(?:iron)?\.(?P<other>\w+)\s*(?:\|\||\?\?)\s*(?P<q>[\"'`])(?P<fallback>[^\"'`\n]+)(?P=q)"
)
_STRING = re.compile(_QUOTED)
_WORD = re.compile(r"[^\s\"'`,;()<>]{16,}")
_IDENTIFIER = re.compile(r"[A-Za-z][\w./:-]*\Z")
_VERBS = frozenset({"get", "find", "read", "load", "fetch", "is", "has", "check", "generate", "validate", "verify", "parse", "create", "new", "remove", "delete"})
_CALLED = re.compile(r"(?i)pass|pwd|secret|token|key|auth|credential|(?:\b|_)pat\b")
_FORMED = re.compile(r"AKIA|ASIA|gh[pousr]_|github_pat_|xox|glpat|npm_|k_live_|AIza|eyJ")
_SUSPECT = re.compile(rf"{_CALLED.pattern}|://|(?-i:{_FORMED.pattern})")
"""What every line has that holds a credential: most have none of it, and are not looked at more closely."""

_IN_SHELL = re.compile(r"\A\s*(?:(?:export|ENV|ARG|local|readonly)\s+)?(?P<name>[A-Za-z_]\w*)(?:=|(?<=\w)\s+(?=\S+\Z))(?P<value>[^\s\"'$`;|&()<>]+)")
"""`NAME=value` without quotes, and `ENV NAME value`."""

_TO_BROWSERS = frozenset({"include", "omit", "same-origin", "use-credentials"})
"""What `fetch` takes for `credentials`."""

_MADE = re.compile(r"\$?\{[^{}]*\}|%[sd(]|\(\?|\\\\?[wdsb]|\[[a-zA-Z0-9]-")
"""What a template fills in, and what a pattern looks for."""

_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?P<body>(?:\\[rn]|\s)*[A-Za-z0-9+/]{16,})?")
_LINE_OF_KEY = re.compile(r"[\s\"'`+]*[A-Za-z0-9+/=]{40,}")

_BY_FORM = "a key or a token, by its form"


@dataclass(frozen=True, eq=False)
class CodeFile:
    """A file of code, or one that code is set by; `held` are the lines with a credential, each with what it is."""

    noun: ClassVar[str] = "file of code"
    only_in_files: ClassVar[bool] = True

    path: str
    held: tuple[tuple[int, str], ...]
    place: Place = PLATFORM

    @property
    def id(self) -> str:
        """Its path."""
        return self.path

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the lines that hold a credential as the places."""
        return Evidence(message.format(*values), tuple(Location(self.path, line) for line, _ in self.held) or (Location(self.path, 1),))

    @classmethod
    def counts(cls, path: str, platform: Platform) -> bool:
        """Whether a file is of this kind."""
        return path.endswith(CODE) or _BUILD.search(path) is not None

    @classmethod
    def holds(cls, path: str, text: str) -> Iterator[tuple[int, str]]:
        """Yield the lines of a file that hold a credential, each with what it is."""
        is_test = _TEST.search(path) is not None
        is_shell = path.endswith((".sh", ".bash")) or _BUILD.search(path) is not None
        lines = text.splitlines()
        for number, line in enumerate(lines, start=1):
            if len(line) <= LONGEST_LINE and _SUSPECT.search(line):
                told = _in_code(line, lines[number] if number < len(lines) else "", is_test, is_shell)
                if told is not None:
                    yield number, told

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[CodeFile | Gap]:
        """Yield every such file that somebody wrote."""
        for path in platform.tree.files:
            if _OF_OTHERS.search(path) or not cls.counts(path, platform):
                continue
            try:
                content = platform.tree.read(path)
            except SourceError as error:
                yield Gap(path, str(error), PLATFORM, (Location(error.file, error.line),), unreadable=True)
                continue
            yield cls(path, tuple(cls.holds(path, content.decode(errors="replace"))))


class SettingsFile(CodeFile):
    """A file that code or its tools are set by: YAML, TOML, JSON and the like that is no manifest."""

    noun: ClassVar[str] = "file of settings"

    @classmethod
    def counts(cls, path: str, platform: Platform) -> bool:
        """Whether a file is of this kind: manifests are judged by their fields (KIND-05), and an example by its values (SECRET-01c)."""
        return (
            path.endswith(SETTINGS)
            and path not in _judged_elsewhere(platform)
            and not path.endswith((".tf.json", "kustomization.yaml", "kustomization.yml"))
            and posixpath.basename(path) not in ("platform.toml", "waivers.toml", "baseline.json")
        )

    @classmethod
    def holds(cls, path: str, text: str) -> Iterator[tuple[int, str]]:
        """Yield the lines of a file that hold a credential, each with what it is."""
        if _TEST.search(path):
            return
        for number, name, literal in literals_in(text):
            line = text.splitlines()[number]
            if not is_placeholder(line.partition(":")[2] or line.partition("=")[2]):
                yield number + 1, f"{name} is {literal}" if name else literal


@kept
def _judged_elsewhere(platform: Platform) -> frozenset[str]:
    """The files that become objects of Kubernetes: their fields are judged one by one."""
    generated = (path for item in platform.deployed if item.sources for path in (*item.sources.contents, *item.sources.environments))
    return frozenset((*platform.manifests_of_kustomizations, *platform.plain.files, *generated))


def _in_code(line: str, following: str, is_test: bool, is_shell: bool) -> str | None:
    """Say what credential a line of code holds, or None; never with the credential itself."""
    for word in _WORD.finditer(line) if _FORMED.search(line) else ():
        if literal_credential("", word[0]) == _BY_FORM and not (is_test and word[0].startswith("eyJ")):
            return _BY_FORM
    if is_test or line.lstrip().startswith(("#", "//", "*", "/*", "--")):
        return None
    if (key := _PRIVATE_KEY.search(line)) and (key["body"] or _LINE_OF_KEY.match(following)):
        return _BY_FORM
    for pattern in (_ASSIGNED, _FALLING_BACK, _HANDED, _IN_SHELL) if _CALLED.search(line) else ():
        for found in pattern.finditer(line) if pattern is not _IN_SHELL or is_shell else ():
            groups = found.groupdict()
            name, value = groups["name"] or groups.get("other") or "", groups["value"] or groups.get("fallback") or ""
            told = _told(name, value, pattern is _HANDED)
            if told is not None:
                return told
    for found in _STRING.finditer(line) if "://" in line or "=" in line or "${" in line else ():
        told = _in_string(found["value"])
        if told is not None:
            return told
    return None


def _told(name: str, value: str, handed: bool) -> str | None:
    """Say in what way the string is a credential that a name is given."""
    last = name.rpartition(".")[2]
    words = words_of(last)
    if last.lower() == "authorization":
        return None if _MADE.search(value) else literal_credential(last, value)
    if not is_called_one(last) or value in _TO_BROWSERS or (handed and (words[0] in _VERBS or len(words) > 3)):
        return None
    if is_placeholder(value) or " " in value or _MADE.search(value) or (len(value) < 4 and not names_password(last)):
        return None
    # What is called like a credential is the name of one: of a header, of a variable, of a claim.
    if _IDENTIFIER.match(value) and (names_credential(value) or "://" in value or set(words_of(value)) & set(words)):
        return None
    literal = literal_credential(last, value)
    return f"{last} is {literal}" if literal is not None else None


def _in_string(value: str) -> str | None:
    """Say what credential a string holds that nothing calls one: an address with a password, a default, a header."""
    if "${" not in value and (_MADE.search(value) or is_placeholder(value)):
        return None
    told = literal_credential("", value)
    is_default = told is not None and told.startswith("a text with a literal") and ("${" in value or told.endswith(" authorization in it"))
    is_address = told in ("an address with a password in it", "a text with a password in it") and " " not in value
    return told if (is_default or is_address) and not is_placeholder(value) else None
