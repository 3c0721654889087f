"""The gateways of a run: each is started once, asked by all requirements, and ended with the run."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence

from policies.edge.confinement import asked
from policies.errors import ToolError
from policies.gateway.answers import Answer
from policies.gateway.found import FIRST_BACKEND, PORT, Program
from policies.gateway.java import find_java
from policies.gateway.running import Gateway, NotStartedError, UnsealedError, start
from policies.model.delivery.cloudfront import Request
from policies.requirement import NotJudged, not_judged

_running: dict[str, Gateway | str] = {}


def begin(program: Program) -> Gateway:
    """Start a gateway in the background, or give the one that runs. Raises NotJudged where it cannot be run, SourceError for a jar that is none."""
    key = _key(program)
    if key not in _running:
        _running[key] = opened(program)
    found = _running[key]
    return not_judged(found) if isinstance(found, str) else found


def _key(program: Program) -> str:
    return f"{program.platform.root.resolve()} {program.folder}"


def opened(program: Program, more: Mapping[str, str] | None = None) -> Gateway | str:
    """Start a gateway of one's own, with `more` variables; or say why it cannot be run. Raises SourceError for a jar that is none."""
    if not program.jar:
        return f"the gateway was not built: there is no jar; build it with `{program.build}`"
    if program.older:
        return f"{program.jar} is older than {program.older}; build it with `{program.build}`"
    if find_java() is None:
        return "no Java: neither JAVA_HOME nor PATH has one"
    count = len(program.services)
    stated = program.stated.port or PORT
    ports = free_ports(count + 1) if asked.trusted else (stated, *range(FIRST_BACKEND, FIRST_BACKEND + count))
    behind = dict(zip(program.services, ports[1:], strict=True))
    try:
        return start(
            program.file,
            program.environment(behind, ports[0]) | dict(more or {}),
            {number: name for name, number in behind.items()},
            port=ports[0],
            trusted=asked.trusted,
            shown=program.jar,
        )
    except ToolError as error:
        return str(error)


def free_ports(count: int) -> tuple[int, ...]:
    """Give ports of this machine that nobody listens on, for a gateway without a loopback of its own."""
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    numbers = tuple(int(one.getsockname()[1]) for one in taken)
    for one in taken:
        one.close()
    return numbers


def exchange(program: Program, requests: Sequence[Request]) -> list[Answer]:
    """Ask a gateway. Raises NotJudged where it cannot be run, saying what would help."""
    try:
        return begin(program).exchange(requests)
    except (UnsealedError, NotStartedError) as error:
        raise NotJudged(str(error)) from None


def close(program: Program) -> None:
    """End a gateway, if it runs."""
    gateway = _running.pop(_key(program), None)
    if isinstance(gateway, Gateway):
        gateway.close()
