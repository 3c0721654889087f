"""Credentials in a line of code: a string that is given a credential's name, that is handed over as one, or that is one by its form."""

from __future__ import annotations

import re

from policies.model.secrets.credential_names import names_credential, names_password, words_of
from policies.model.secrets.credential_values import literal_credential
from policies.model.secrets.placeholders import is_placeholder
from policies.model.secrets.terraform import is_called_one

LONGEST_LINE = 4000
"""A line longer than this is data that something made."""

_QUOTED = r"(?P<quote>[\"'`])(?P<value>(?:(?!(?P=quote))[^\\\n]|\\.){1,2000})(?P=quote)"
_ASSIGNED = re.compile(
    rf"(?P<name>[A-Za-z_$][\w$.-]*)[\"'\])]*\s*(?::\s*[\w<>\[\]|. ]+?\s*)?(?::=|=>|=|:)\s*(?:[\w.]+\s*(?:\|\||\?\?)\s*)?[bruf]?{_QUOTED}"
)
_HANDED = re.compile(rf"(?:\.|\b)(?:(?:set|with)_?)?(?P<name>[A-Za-z_]\w*)\(\s*{_QUOTED}\s*\)")
_FALLING_BACK = re.compile(
    rf"(?:env(?:iron)?(?:\.get|\.fetch|\.getOrDefault)?|getenv(?:\(\))?(?:\.getOrDefault)?|getProperty|get_env)\(?\s*[(\[]?\s*[\"'](?P<name>[\w.-]+)[\"']\s*,\s*{_QUOTED}"
    rf"|env(?:iron)?\.(?P<other>\w+)\s*(?:\|\||\?\?)\s*(?P<q>[\"'`])(?P<fallback>[^\"'`\n]+)(?P=q)"
)
_OR_ELSE = re.compile(
    rf"(?<![\w$])(?P<name>[A-Za-z_$][\w$]*)[\"'`]?[)\]]*\s*(?:(?:\|\||\?\?)=?|\bor\b|\.(?:orElse|getOrElse|unwrap_or)\()\s*{_QUOTED}"
)
"""`config.SECRET ?? "x"`, `config["SECRET"] || "x"`, `settings.get("SECRET") or "x"`: what is taken where nothing is set."""

_STRING = re.compile(_QUOTED)
_WORD = re.compile(r"[^\s\"'`,;()<>]{16,}")
_IDENTIFIER = re.compile(r"[A-Za-z][\w./:-]*\Z")
_VERBS = frozenset(
    {
        "get",
        "find",
        "read",
        "load",
        "fetch",
        "is",
        "has",
        "check",
        "generate",
        "validate",
        "verify",
        "parse",
        "create",
        "new",
        "remove",
        "delete",
    }
)
_CALLED = re.compile(r"(?i)pass|pwd|secret|token|key|auth|credential|(?:\b|_)pat\b")
_FORMED = re.compile(r"AKIA|ASIA|gh[pousr]_|github_pat_|xox|glpat|npm_|k_live_|AIza|eyJ")
_SUSPECT = re.compile(rf"{_CALLED.pattern}|://|(?-i:{_FORMED.pattern})")
"""What every line has that holds a credential: most have none of it, and are not looked at more closely."""

_IN_SHELL = re.compile(
    r"\A\s*(?:(?:export|ENV|ARG|local|readonly)\s+)?(?P<name>[A-Za-z_]\w*)(?:=|(?<=\w)\s+(?=\S+\Z))(?P<value>[^\s\"'$`;|&()<>]+)"
)
"""`NAME=value` without quotes, and `ENV NAME value`."""

_TO_BROWSERS = frozenset({"include", "omit", "same-origin", "use-credentials"})
"""What `fetch` takes for `credentials`."""

_MADE = re.compile(r"\$?\{[^{}]*\}|%[sd(]|\(\?|\\\\?[wdsb]|\[[a-zA-Z0-9]-")
"""What a template fills in, and what a pattern looks for."""

_PRIVATE_KEY = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?P<body>(?:\\[rn]|\s)*[A-Za-z0-9+/]{16,})?")
_LINE_OF_KEY = re.compile(r"[\s\"'`+]*[A-Za-z0-9+/=]{40,}")

_BY_FORM = "a key or a token, by its form"


def may_hold_credential(line: str) -> bool:
    """Whether a line is to be looked at more closely: most are not."""
    return len(line) <= LONGEST_LINE and _SUSPECT.search(line) is not None


def credential_in(line: str, following: str, is_test: bool, is_shell: bool) -> str | None:
    """Say what credential a line of code holds, or None; never with the credential itself."""
    for word in _WORD.finditer(line) if _FORMED.search(line) else ():
        if literal_credential("", word[0]) == _BY_FORM and not (is_test and word[0].startswith("eyJ")):
            return _BY_FORM
    if is_test or line.lstrip().startswith(("#", "//", "*", "/*", "--")):
        return None
    if (key := _PRIVATE_KEY.search(line)) and (key["body"] or _LINE_OF_KEY.match(following)):
        return _BY_FORM
    for pattern in (_ASSIGNED, _FALLING_BACK, _OR_ELSE, _HANDED, _IN_SHELL) if _CALLED.search(line) else ():
        for found in pattern.finditer(line) if pattern is not _IN_SHELL or is_shell else ():
            groups = found.groupdict()
            name, value = groups["name"] or groups.get("other") or "", groups["value"] or groups.get("fallback") or ""
            if pattern is _OR_ELSE and not _is_default(name, value):
                continue
            told = _told(name, value, pattern is _HANDED)
            if told is not None:
                return told
    for found in _STRING.finditer(line) if "://" in line or "=" in line or "${" in line else ():
        told = _in_string(found["value"])
        if told is not None:
            return told
    return None


def _is_default(name: str, value: str) -> bool:
    """Whether what is taken instead is a value and no word about it: a setting's, a password, or nothing that one would say (`token ?? 'none'`)."""
    return name.isupper() or names_password(name) or any(letter.isdigit() for letter in value)


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
    is_default = (
        told is not None
        and told.startswith("a text with a literal")
        and ("${" in value or told.endswith(" authorization in it"))
    )
    is_address = told in ("an address with a password in it", "a text with a password in it") and " " not in value
    return told if (is_default or is_address) and not is_placeholder(value) else None
