"""Names of credentials: what says that its value is one, and what only speaks about one."""

from __future__ import annotations

import re
from itertools import pairwise

_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")

_PASSWORDS = frozenset(["password", "passwd", "passphrase", "pwd", "pass", "requirepass", "masterauth"])
"""What is a secret however short it is."""

_SECRET_WORDS = _PASSWORDS | {"secret", "secrets", "credential", "credentials", "token", "apikey", "pat"}

_PASSWORD_ENDINGS = ("password", "passwd", "passphrase")
_SECRET_ENDINGS = (*_PASSWORD_ENDINGS, "apikey", "authtoken", "accesstoken", "secretkey", "accesskey", "privatekey")
"""Words run together: `PGPASSWORD`, `accesstoken`."""

_KEYS = frozenset(
    [
        *("api", "access", "private", "secret", "signing", "encryption", "account", "auth", "license", "client"),
        *("master", "hmac", "shared", "jwt"),
    ]
)
"""Words whose `key` is secret."""
_SECRET_PAIRS = frozenset(
    {*((word, "key") for word in _KEYS), ("pass", "word"), ("erlang", "cookie"), ("rediscli", "auth")}
)

_ABOUT_ONE = frozenset(
    [
        # Where it is, and what it is called.
        *("file", "path", "dir", "directory", "name", "names", "namespace", "id", "ids", "arn", "url", "uri", "urls"),
        *("endpoint", "endpoints", "host", "location", "store", "backend", "manager", "service", "server", "mount"),
        *(
            "bucket",
            "buckets",
            "cache",
            "topic",
            "queue",
            "table",
            "column",
            "ref",
            "reference",
            "selector",
            "provider",
        ),
        # Of whom and for what it is.
        *("issuer", "audience", "user", "username", "class", "claim", "claims", "scope", "scopes", "cookie"),
        # How long it is and how long it lasts.
        *("ttl", "expiry", "expiration", "expires", "expire", "seconds", "minutes", "hours", "days", "ms", "millis"),
        *("duration", "lifetime", "lifespan", "validity", "valid", "age", "timeout", "interval", "clock", "skew"),
        *("leeway", "grace", "window", "length", "size", "min", "max", "limit", "limits", "count", "per", "rate"),
        *("retries", "retry", "attempts", "cost", "rounds"),
        # How it is made, written and checked.
        *("enabled", "enable", "disabled", "required", "policy", "rotation", "rotate", "algorithm", "alg", "type"),
        *("kind", "format", "version", "prefix", "suffix", "encoding", "encoder", "encryption", "hash", "hasher"),
        *("header", "headers", "field", "param", "parameter", "attribute", "command", "cmd", "script", "helper"),
        *("hook", "reset", "strength", "complexity", "history", "validator", "checker", "generator", "review"),
        # What is shown to people.
        *("label", "annotation", "hint", "placeholder", "title", "text", "message", "button", "link"),
    ]
)
"""Words after which a name speaks about a credential and does not hold one: `JWT_SECRET_NAME`, `TOKEN_TTL`, `PASSWORD_FILE`."""

_ASKS = frozenset(
    [
        *("enable", "enabled", "disable", "disabled", "use", "require", "requires", "allow", "skip", "has", "is"),
        *("max", "min", "num", "number"),
    ]
)
"""First words of a name that switches or counts: `ENABLE_TOKEN_AUTH`, `MAX_TOKEN`."""

_NOT_ONE = frozenset({"PWD", "OLDPWD"})
"""A shell's names for directories."""

_PUBLIC = re.compile(
    r"(?i)(?:^|[_.-])(?:user|username|login|email|host|hostname|port|database|db|db_?name|region|bucket|client_?id|account|issuer|audience"
    r"|url|uri|endpoint|name|servers?|realm)$|\.(?:crt|cer)$"
)
"""Names of what stands beside a credential and is none: a user, a host, a certificate."""

_SHOWN = re.compile(r"(?i)\A(?:messages?|labels?|texts?)\.")
"""How the names of texts for people begin: `message.reset-password`."""


def names_credential(name: str) -> bool:
    """Whether a name says that its value is a credential: `DB_PASSWORD`, `apiKey`; not `TOKEN_TTL` nor `PASSWORD_FILE`."""
    words = words_of(name)
    last = _last_secret(words)
    if last is None or name in _NOT_ONE or words[0] in _ASKS:
        return False
    return not _ABOUT_ONE.intersection(words[last + 1 :])


def names_password(name: str) -> bool:
    """Whether a name ends in a word for a password: what is a secret wherever it stands and however short it is."""
    words = words_of(name)
    return bool(words) and (words[-1] in _PASSWORDS or words[-1].endswith(_PASSWORD_ENDINGS))


def ends_as_credential(name: str) -> bool:
    """Whether a name's last word says credential."""
    words = words_of(name)
    return _last_secret(words) == len(words) - 1


def is_public_name(name: str) -> bool:
    """Whether a name says that its value is no secret: a user, a host."""
    return bool(_PUBLIC.search(name)) and not names_credential(name)


def is_shown_to_people(name: str, value: str) -> bool:
    """Whether a value is a text for people that speaks about a credential: `message.reset-password=Reset your password`."""
    if " " in value:
        return bool(_SHOWN.match(name)) or not _SECRET_WORDS.isdisjoint(words_of(value))
    return bool(_SHOWN.match(name)) and value.isalpha() and value.istitle()


def words_of(name: str) -> list[str]:
    """Take a name apart into words, without a number at its end."""
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    return words


def _last_secret(words: list[str]) -> int | None:
    """Give the position of the last word that says credential."""
    found = [position for position, word in enumerate(words) if word in _SECRET_WORDS or word.endswith(_SECRET_ENDINGS)]
    found += [position for position, pair in enumerate(pairwise(words), start=1) if pair in _SECRET_PAIRS]
    return max(found, default=None)
