"""Values that are credentials: by their form, or by what their name says; and what only says where one is."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator

from policies.model.secrets.credential_names import (
    ends_as_credential,
    is_public_name,
    is_shown_to_people,
    names_credential,
    names_password,
)

_VARIABLE = r"\$\{[^}\s]{0,200}\}"
_IN_URL = re.compile(
    rf"(?<![a-zA-Z0-9+.-])[a-zA-Z][a-zA-Z0-9+.-]*://(?>{_VARIABLE}|[^/\s:@?#])*:(?P<password>(?>{_VARIABLE}|[^/\s@?#])+)@"
)
_IN_DSN = re.compile(r"(?:^|[\s\"'=])[^:/\s@\"'=]+:(?P<password>[^/\s@]+)@(?:tcp|unix)\(")
_IN_CONNECTION = re.compile(
    r"(?i)(?:^|[;&?,\s])(?:password|passwd|pwd|sasl\.password|secret(?:_?key)?|access_?token|account_?key|shared_?access_?key|client_?secret)"
    r"\s*=\s*[\"']?(?P<password>[^;&,\s\"']+)"
)
_IN_COMMAND = re.compile(
    r"(?:^|[\s;\"'(])(?:--?(?P<option>[A-Za-z][\w.-]*)(?:=|[ \t]+(?!-))|(?P<variable>[A-Za-z_][\w.]*)=)(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s;\"']+)"
)
"""`--requirepass x`, `-Djavax.net.ssl.keyStorePassword=x` and `PGPASSWORD=x psql` in what a shell or a JVM is given."""
_IN_FLOW = re.compile(
    r"(?<!\$)[{,]\s*[\"']?(?P<name>[A-Za-z][\w.-]*)[\"']?\s*:\s*(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s,{}\[\]\"']+)\s*(?=[,}])"
)
"""`{"password": "x"}` and `{password: x}`: JSON, or YAML's flow style, on one line."""
_IN_DEFAULT = re.compile(r"\$\{(?P<name>[A-Za-z][\w.-]{0,200}):(?![?+])[-=]?+(?P<value>[^{}\s]{1,200})\}")
"""`${DB_PASSWORD:x}` wherever it stands."""
_IN_HEADER = re.compile(
    r"(?i)\bauthorization[\"']?\s*[:=]?\s*[\"']?(?:basic|bearer|token)\s+(?P<value>[A-Za-z0-9+/=._~-]{4,})"
)
"""`Authorization: Bearer x`: the header of a request."""
_IS_HEADER = re.compile(r"(?i)\s*[\"']?(?:basic|bearer|token)\s+[\"']?(?P<value>[^\s\"']+)[\"']?\s*\Z")
_KNOWN_FORM = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,}\b|\bgithub_pat_\w{22,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bglpat-[\w-]{20,}|\bnpm_[A-Za-z0-9]{36}\b|\b[sr]k_live_[A-Za-z0-9]{16,}|\bAIza[\w-]{35}\b|(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"
)
"""Forms that are credentials whatever they are called: private keys, keys of AWS, GitHub, Slack, GitLab, npm, Stripe, Google, and JWTs."""

_REFERENCE = re.compile(
    r"\A\s*(?:\$\([^)]+\)|\$\{[^}:]+(?::\?[^}]*)?\}|\$(?:[A-Z_][A-Z0-9_]*|[0-9])|\$__(?:env|file|vault)\{[^}]+\}|\{\{.*\}\}|%\([^)]+\)s|<[^>]+>|ENC\[.*\]"
    r"|(?:secret|vault|ssm|awssm|file|env|ref\+\w+)[:/].*|/(?:[\w.-]+/)+[\w.-]+)\s*\Z",
    re.DOTALL,
)
"""A value that says where the credential is, or is encrypted: `$(VAR)`, `${VAR}`, a template, a vault's address, a mounted file, SOPS."""
_DEFAULT = re.compile(r"\A\s*\$\{[^}:]+:(?![?+])[-=]?(?P<default>(?:[^{}]|\{[^{}]*\})*)\}\s*\Z")
"""`${VAR:-default}` of a shell, `${VAR:default}` of Spring: the default is what is written."""

_HARMLESS = frozenset(
    {"", "true", "false", "none", "null", "yes", "no", "on", "off", "{}", "[]", "{", "[", "|", ">", "|-", ">-"}
)

_SETTING = re.compile(r"\A[ \t]*(?:- +)?[\"']?(?P<name>[A-Za-z][\w.-]*)[\"']?[ \t]*[:=][ \t]*(?P<value>.*)\Z")
_DIRECTIVE = re.compile(r"\A[ \t]*(?P<name>requirepass|masterauth|primaryauth)[ \t]+(?P<value>\S+)\Z")
"""Redis writes its configuration without a sign between name and value."""
_COMMENT = ("#", ";", "//", "--", "*")


def is_public(name: str, value: str) -> bool:
    """Whether a name says that its value is no secret (a user, a host), and the value holds none."""
    return is_public_name(name) and literal_credential(name, value) is None


def literal_credential(name: str, value: str) -> str | None:
    """Say in what way a value holds a credential in full, or None; never with the credential itself."""
    if _KNOWN_FORM.search(value):
        return "a key or a token, by its form"
    for pattern, what in (
        (_IN_URL, "an address with a password in it"),
        (_IN_DSN, "an address with a password in it"),
        (_IN_CONNECTION, "a text with a password in it"),
    ):
        if any(not is_reference(match["password"]) for match in pattern.finditer(value)):
            return what
    if names_credential(name) and (told := _literal(name, value)) is not None:
        return told
    if name.lower() == "authorization" and (header := _IS_HEADER.match(value)) and not is_reference(header["value"]):
        return f"a literal of {counted(len(value), 'character')}"
    inner = next(_inside(value), None)
    return f"a text with a literal {inner} in it" if inner is not None else None


def _inside(value: str) -> Iterator[str]:
    """Yield what the credentials are called that stand in a text: settings in JSON, options of a command, headers."""
    for match in (*_IN_FLOW.finditer(value), *_IN_DEFAULT.finditer(value)):
        name, text = match["name"], match["value"]
        if (names_credential(name) and _literal(name, text) is not None) or (name == "auth" and _is_pair(text)):
            yield name
    for match in _IN_COMMAND.finditer(value):
        name, text = match["option"] or match["variable"], match["value"]
        if names_credential(name) and not text.startswith("-") and _literal(name, text) is not None:
            yield name
    for match in _IN_HEADER.finditer(value):
        if not is_reference(match["value"]):
            yield "authorization"


def _is_pair(value: str) -> bool:
    """Whether a value is a user and a password as Docker's configuration and HTTP write them: in base64, with a colon."""
    try:
        return b":" in base64.b64decode(value.strip("\"'"), validate=True)
    except ValueError:
        return False


def _literal(name: str, value: str) -> str | None:
    """Say how long a value is that a credential's name has, or None where it is no secret: a reference, a switch, a number about one."""
    text = value.strip().rstrip(",").strip("\"'")
    default = _DEFAULT.match(text)
    if default is not None and not is_reference(text):
        return f"the default of a variable, a literal of {counted(len(default['default']), 'character')}"
    if text.lower() in _HARMLESS or is_reference(text) or is_shown_to_people(name, text):
        return None
    if text.isdigit():
        secret = names_password(name) or (ends_as_credential(name) and len(text) > 3)
        return f"a literal of {counted(len(text), 'digit')}" if secret else None
    return f"a literal of {counted(len(text), 'character')}"


def counted(number: int, noun: str) -> str:
    """Give a number with its noun: `1 character`, `2 characters`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def is_reference(value: str) -> bool:
    """Whether a value says where the credential is and holds none."""
    default = _DEFAULT.match(value)
    if default is not None:
        return default["default"].lower() in _HARMLESS or is_reference(default["default"])
    return bool(_REFERENCE.match(value))


def default_of(value: str) -> str | None:
    """Give the default that a value writes for a variable (`${VAR:default}`), or None where it writes none."""
    match = _DEFAULT.match(value)
    return match["default"] if match is not None else None


def literals_in(text: str, counts: Callable[[str], bool] = names_credential) -> Iterator[tuple[int, str, str]]:
    """Yield the credentials in a text of settings (properties, ini, YAML, JSON, a script): the line from 0, the name or nothing, in what way.

    `counts` says which names make a value a credential; what is one by its form is found whatever it is called.
    """
    for number, line in enumerate(text.splitlines()):
        if line.lstrip().startswith(_COMMENT) and not _KNOWN_FORM.search(line):
            continue
        match = _SETTING.match(line) or _DIRECTIVE.match(line)
        name, value = (match["name"], _without_comment(match["value"])) if match else ("", line)
        if name and re.search(r"[\w)][(\[]", value) and not value.startswith(('"', "'")) and not _IN_URL.search(value):
            name = ""  # Code that computes or reads it.
        known = counts(name) or name.lower() == "authorization"
        literal = literal_credential(name if known else "", value)
        if literal is not None:
            yield number, name, literal


def _without_comment(value: str) -> str:
    return value if value.startswith(('"', "'")) else re.split(r"\s#", value, maxsplit=1)[0]
