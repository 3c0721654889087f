"""How a key of the tests reaches a handler: as the owners state it, or as its code looks for one."""

from __future__ import annotations

import base64
import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from policies.edge.contract import SECRET
from policies.edge.template import Names, example_of, templates_of
from policies.intent.entry import EdgeSecret

CODE = (".js", ".mjs", ".cjs")
_ENVIRONMENT = re.compile(r"process\.env(?:\.|\[\s*['\"`])([A-Za-z_]\w*)|\{\s*([A-Za-z_][\w\s,]*)\}\s*=\s*process\.env")
_JSON = re.compile(r"""['"`](?:\./)?([\w./-]+\.json)['"`]|require\(\s*['"`]\./([\w/-]+)['"`]\s*\)""")
"""A JSON file's name in code; `require` finds one without its ending too."""

_TAKEN_APART = re.compile(r"\{([\w\s,:]+)\}\s*=\s*(?:require|JSON\.parse|\w*[cC]onfig|await)\b")

_KEY = re.compile(r"""(?<!process\.env)\.([A-Za-z_]\w*)\b(?!\s*\()|\[\s*['"`]([A-Za-z_]\w*)['"`]\s*\]""")
"""A member that code reads and does not call."""

_SECRET_NAME = re.compile(r"(?i)secret|key|token|hmac|jwt")


def guess_secret(files: dict[str, bytes]) -> EdgeSecret | None:
    """Find how a secret that nobody stated is taken: a JSON file with an example, or one that only the code names, or a variable that it reads."""
    code = "\n".join(content.decode("utf-8", "replace") for name, content in files.items() if name.endswith(CODE))
    names = [
        name for match in _ENVIRONMENT.finditer(code) for name in re.split(r"[\s,]+", match[1] or match[2]) if name
    ]
    wanted = sorted({name for name in names if _SECRET_NAME.search(name)}, key=names.index)
    example = _example(files)
    found = example or _read_from(files)
    if found is not None:
        return EdgeSecret(file=found[0], key=found[1])
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


def _read_from(files: dict[str, bytes]) -> tuple[str, str] | None:
    """Give the JSON file beside its code that a handler reads and that is not there, and the key in it that is named like a secret."""
    for name, content in files.items():
        if not name.endswith(CODE) or "node_modules/" in name:
            continue
        code = content.decode("utf-8", "replace")
        wanted = (posixpath.normpath(posixpath.join(posixpath.dirname(name), one)) for one in _json_files(code))
        file = next((one for one in wanted if not _is_there(one, files)), None)
        members = [found[1] or found[2] for found in _KEY.finditer(code)]
        members += [
            key for found in _TAKEN_APART.finditer(code) for key in re.findall(r"(\w+)(?:\s*:\s*\w+)?", found[1])
        ]
        keys = [key for key in members if _SECRET_NAME.search(key)]
        if file is not None and keys:
            return file, min(keys, key=lambda key: ("secret" not in key.lower(), keys.index(key)))
    return None


def _json_files(code: str) -> list[str]:
    return [found[1] if found[1] else f"{found[2]}.json" for found in _JSON.finditer(code)]


def _is_there(path: str, files: dict[str, bytes]) -> bool:
    stem = path.removesuffix(".json")
    return path.startswith("..") or any(
        name in files for name in (path, *(f"{stem}{ending}" for ending in CODE), f"{stem}/index.js")
    )


def encoded(secret: EdgeSecret | None) -> tuple[str, bytes]:
    """Give the secret as it is written for the handler, and the bytes that it makes of it."""
    encoding = secret.encoding if secret else "utf-8"
    raw = SECRET.encode()
    if encoding == "base64":
        return base64.b64encode(raw).decode(), raw
    return (raw.hex() if encoding == "hex" else SECRET), raw


@dataclass(frozen=True)
class Provided:
    """How the secret reaches the handler: variables, what Secrets Manager holds; `partial` is a file of which only a part is known."""

    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    partial: str = ""


def provide(secret: EdgeSecret | None, folder: str, files: dict[str, bytes], names: Names) -> Provided:
    """Put the secret where the handler takes it."""
    written, _ = encoded(secret)
    if secret is None:
        return Provided()
    if secret.file is not None:
        path = posixpath.normpath(secret.file)
        name = posixpath.relpath(path, folder) if path.startswith(folder + "/") else path
        key = secret.key or "secret"
        data, is_whole = _beside(folder, name, key, files, names)
        # Other keys of an example are placeholders of other secrets: one that is not there is none.
        data = {key: value for key, value in data.items() if not (isinstance(value, str) and _SECRET_NAME.search(key))}
        files[name] = json.dumps(data | {key: written}).encode()
        return Provided(partial="" if is_whole else name)
    if secret.environment is not None:
        return Provided({secret.environment: written})
    text = written if secret.key is None else json.dumps({secret.key: written})
    return Provided(secrets={secret.secrets_manager or "*": text})


def _beside(folder: str, name: str, key: str, files: dict[str, bytes], names: Names) -> tuple[dict[str, Any], bool]:
    """Give what the file holds beside the key by its example, or by its template, and whether that is all."""
    for example in (f"{name}.example", name.replace(".json", ".example.json")):
        if example in files:
            return json.loads(files[example]), True
    for template in templates_of(name):
        if template in files:
            path = template if folder == "." else f"{folder}/{template}"
            made = example_of(files[template], names.get(path, {}))
            if made is not None:
                data, unknown = made
                return data, all(one == key or _SECRET_NAME.search(one) for one in unknown)
    return {}, False
