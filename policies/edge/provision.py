"""How a key of the tests reaches a handler: as the owners state it, or as its code looks for one."""

from __future__ import annotations

import base64
import json
import posixpath
import re
from typing import Any

from policies.edge.contract import SECRET
from policies.intent import EdgeSecret

CODE = (".js", ".mjs", ".cjs")
_ENVIRONMENT = re.compile(r"process\.env(?:\.|\[\s*['\"`])([A-Za-z_]\w*)|\{\s*([A-Za-z_][\w\s,]*)\}\s*=\s*process\.env")
_SECRET_NAME = re.compile(r"(?i)secret|key|token|hmac|jwt")


def guess_secret(files: dict[str, bytes]) -> EdgeSecret | None:
    """Find how a secret that nobody stated is taken: a variable of the environment that the code reads, or a JSON file with an example."""
    code = "\n".join(content.decode("utf-8", "replace") for name, content in files.items() if name.endswith(CODE))
    names = [
        name for match in _ENVIRONMENT.finditer(code) for name in re.split(r"[\s,]+", match[1] or match[2]) if name
    ]
    wanted = sorted({name for name in names if _SECRET_NAME.search(name)}, key=names.index)
    example = _example(files)
    if example is not None:
        return EdgeSecret(file=example[0], key=example[1])
    if wanted:
        return EdgeSecret(environment=wanted[0])
    return EdgeSecret(secrets_manager="*") if "SecretsManager" in code else None


def _example(files: dict[str, bytes]) -> tuple[str, str] | None:
    for name, content in files.items():
        if name.endswith((".json.example", ".example.json")):
            try:
                data = json.loads(content)
            except ValueError:
                continue
            keys = [key for key in data if _SECRET_NAME.search(key)] if isinstance(data, dict) else []
            if keys:
                return name.replace(".example", ""), keys[0]
    return None


def encoded(secret: EdgeSecret | None) -> tuple[str, bytes]:
    """Give the secret as it is written for the handler, and the bytes that it makes of it."""
    encoding = secret.encoding if secret else "utf-8"
    raw = SECRET.encode()
    if encoding == "base64":
        return base64.b64encode(raw).decode(), raw
    return (raw.hex() if encoding == "hex" else SECRET), raw


def provide(secret: EdgeSecret | None, folder: str, files: dict[str, bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """Put the secret where the handler takes it; give variables, and what Secrets Manager holds."""
    written, _ = encoded(secret)
    if secret is None:
        return {}, {}
    if secret.file is not None:
        path = posixpath.normpath(secret.file)
        name = posixpath.relpath(path, folder) if path.startswith(folder + "/") else path
        data: dict[str, Any] = {}
        for example in (f"{name}.example", name.replace(".json", ".example.json")):
            if example in files:
                data = json.loads(files[example])
        # Other keys of an example are placeholders of other secrets: one that is not there is none.
        data = {key: value for key, value in data.items() if not (isinstance(value, str) and _SECRET_NAME.search(key))}
        files[name] = json.dumps(data | {secret.key or "secret": written}).encode()
        return {}, {}
    if secret.environment is not None:
        return {secret.environment: written}, {}
    text = written if secret.key is None else json.dumps({secret.key: written})
    return {}, {secret.secrets_manager or "*": text}
