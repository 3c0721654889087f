"""What a worker finds around it: its variables, with the service of the tests in them, and a credential of the tests' where it takes one."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from policies.intent.work import Worker as Stated
from policies.intent.work import WorkerCredential
from policies.read.terraform import Unknown
from policies.worker.contract import CREDENTIAL

OWN = {
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x",
    "AWS_LAMBDA_FUNCTION_NAME": "worker",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "TZ": ":UTC",
}
"""What Lambda itself sets (AWS Lambda, "Defined runtime environment variables"), but for credentials."""

_URL = re.compile(r"(?i)_(URL|URI|ENDPOINT)$")
_TIMEOUT = re.compile(r"(?i)TIMEOUT")
_SECONDS = re.compile(r"(?i)_(S|SECS?|SECONDS)$")
_NAMES_SECRET = re.compile(r"(?i)SECRET\w*_(ID|ARN|NAME)$|(TOKEN|KEY|CREDENTIAL|PASSWORD)\w*_(ID|ARN|NAME)$")
_IS_SECRET = re.compile(r"(?i)SECRET|TOKEN|API_?KEY|CREDENTIAL|PASSWORD")


@dataclass(frozen=True)
class Provision:
    """Variables as they stand, the names of those that the tests set, and what Secrets Manager holds."""

    variables: tuple[tuple[str, str], ...]
    url: str | None
    base: str
    timeout: str | None
    patience: float
    credential: WorkerCredential | None

    def given(self, patience: float, *, with_credential: bool = True) -> tuple[dict[str, str], dict[str, str]]:
        """Give the environment, with the service's address to be filled in, and what Secrets Manager holds."""
        environment, secrets = dict(self.variables), dict[str, str]()
        if self.url is not None:
            environment[self.url] = "http://{service}" + self.base
        if self.timeout is not None:
            seconds = _SECONDS.search(self.timeout)
            environment[self.timeout] = f"{patience:g}" if seconds else f"{patience * 1000:.0f}"
        told = self.credential
        if told is not None and told.environment is not None:
            environment.pop(told.environment, None)
            if with_credential:
                environment[told.environment] = CREDENTIAL
        elif told is not None:
            if told.secrets_manager is not None:
                environment.setdefault(told.secrets_manager, "turnstile/credential")
            if with_credential:
                secrets["*"] = CREDENTIAL if told.key is None else json.dumps({told.key: CREDENTIAL})
        return environment, secrets


def provide(stated: Stated, function: dict[str, object], patience: float) -> tuple[Provision, dict[str, str]]:
    """Say what a worker finds, by what is stated and by the environment of its function; and why of what is not known."""
    unknown: dict[str, str] = {}
    known = {name: str(value) for name, value in function.items() if not isinstance(value, Unknown)}
    variables = OWN | {name: known.get(name, "turnstile") for name in function} | stated.environment
    url = stated.url or _only(name for name, value in known.items() if "://" in value)
    url = url or _only(name for name in function if _URL.search(name))
    if url is None:
        unknown["url"] = "nobody says in which variable it finds the service's address"
    timeout = stated.timeout or _only(name for name in function if _TIMEOUT.search(name))
    if timeout is None:
        unknown["timeout"] = "nobody says in which variable it finds how long to wait for the service"
    elif _SECONDS.search(timeout):
        patience = 1.0  # Whole seconds are what such a variable holds.
    told = stated.credential
    credential = told if told and (told.environment or told.secrets_manager) else _credential(function)
    if credential is None:
        unknown["credential"] = "nobody says where it finds what the service knows it by"
    base = urlsplit(known[url]).path.rstrip("/") if url in known and "://" in known[url] else ""
    return Provision(tuple(sorted(variables.items())), url, base, timeout, patience, credential), unknown


def deployed_timeout(stated: Stated, provision: Provision, function: dict[str, object]) -> float | None:
    """Give the seconds that it waits for a call where it is deployed; None where that is not known."""
    value = function.get(provision.timeout or "", stated.environment.get(provision.timeout or ""))
    if value is None or isinstance(value, Unknown) or not re.fullmatch(r"\d+(\.\d+)?", str(value)):
        return None
    return float(str(value)) * (1.0 if _SECONDS.search(provision.timeout or "") else 0.001)


def _credential(function: dict[str, object]) -> WorkerCredential | None:
    secret = _only(name for name in function if _NAMES_SECRET.search(name))
    if secret is not None:
        return WorkerCredential(secrets_manager=secret)
    held = _only(name for name in function if _IS_SECRET.search(name) and not _NAMES_SECRET.search(name))
    return WorkerCredential(environment=held) if held is not None else None


def _only(names: object) -> str | None:
    """Give the one name that there is; of several nobody knows which is meant."""
    found = list(names)  # type: ignore[call-overload]
    return found[0] if len(found) == 1 else None
