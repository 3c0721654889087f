"""Small handlers for the tests of the bridge, each in a folder of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from policies.edge.bridge import Bridge

NOW = 1_767_225_600_000.0

REFUSED = "{ status: '302', headers: { location: [{ key: 'Location', value: '/wait' }] } }"


def bridge(folder: Path, code: str, name: str = "index.js", export: str = "handler", **setup: Any) -> Bridge:
    """Write a handler and give the bridge to it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(code, encoding="utf-8")
    kind = {"type": "module"} if code.lstrip().startswith(("export ", "import ")) else {}
    (folder / "package.json").write_text(json.dumps(kind), encoding="utf-8")
    given = {"environment": {}, "secrets": {}, "epoch": NOW, **setup}
    return Bridge(folder, {"file": str(folder / name), "name": export, **given})


def request(uri: str = "/", **headers: str) -> dict[str, Any]:
    """Give a viewer request."""
    return {
        "clientIp": "192.0.2.7",
        "method": "GET",
        "uri": uri,
        "querystring": "",
        "headers": {name: [{"key": name, "value": value}] for name, value in headers.items()},
    }
