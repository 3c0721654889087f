"""A failure as it is told: the viewer's request, what the edge did, what CloudFront sends, what the gateway answered, what arrived behind it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from policies.edge.answers import Request
from policies.edge.confinement import asked
from policies.edge.counterexample import relative, shown, visible
from policies.gateway.found import FILLER, ORIGIN_SECRET
from policies.model.delivery import cloudfront as delivery

if TYPE_CHECKING:
    from policies.gateway.agreement import Agreement
    from policies.gateway.search import Failure
    from policies.gateway.trials import Trial

FORMAT = "turnstile-gateway-1"
_NOT_SHOWN = frozenset({"host", "user-agent", "via", "x-amz-cf-id", "connection", "x-forwarded-for"})
_LONGEST = 120
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


def sentence(failure: Failure, file: str) -> str:
    """Say what was found."""
    crossing = failure.crossing
    said = [f"{crossing.variant.label}: {shown_masked(crossing.variant.request)}"]
    if crossing.edge is not None:
        said.append(f"the edge {crossing.edge}")
        said.append(
            f"CloudFront sends {line(crossing.sent)}" if crossing.sent is not None else f"{crossing.stopped} stops it"
        )
    elif crossing.sent is not None and not crossing.straight:
        said.append(f"no check runs at the edge, and CloudFront sends {line(crossing.sent)}")
    else:
        said.append("sent to the gateway itself")
    arrived = ", ".join(f"{one.line} at {one.backend}" for one in crossing.answer.arrived) if crossing.answer else ""
    said.append(f"the gateway {crossing.answer}; behind it {f'arrives {arrived}' if arrived else 'nothing arrives'}")
    again = f"; send it again: turnstile edge replay {file}" if file else ""
    return f"{'; '.join(said)}: {failure.problem}{again}"


def masked(text: str) -> str:
    """Say which of the tests' values stands there, rather than the value: tokens are others in every run, for the gateway's clock is the machine's."""
    return _TOKEN.sub("(token)", text).replace(ORIGIN_SECRET, "(the right value)").replace(FILLER, "(another value)")


def shown_masked(request: Request) -> str:
    """Show a viewer's request on one line."""
    return shown(json.loads(masked(json.dumps(request))))


def line(request: delivery.Request) -> str:
    """Show a request of CloudFront's on one line."""
    query = f"?{request.query}" if request.query else ""
    headers = [f"{name}: {_short(value)}" for name, value in request.headers if name.lower() not in _NOT_SHOWN]
    return f"{request.method} {_short(request.path + query)}" + (f" with {', '.join(headers)}" if headers else "")


def _short(text: str) -> str:
    text = masked(text)
    return visible(text if len(text) <= _LONGEST else f"{text[:50]}…{text[-50:]}")


def write(failure: Failure, trial: Trial, agreement: Agreement) -> str:
    """Write it where failures go, and give the file's name, or nothing where none is written."""
    if asked.failures is None:
        return ""
    crossing = failure.crossing
    data = {
        "format": FORMAT,
        "trial": trial.name,
        "attack": failure.attack.name,
        "agreement": agreement.id,
        "handler": agreement.validator.handler,
        "why": failure.attack.why,
        "label": crossing.variant.label,
        "now": crossing.variant.now,
        "request": crossing.variant.request,
        "edge": str(crossing.edge) if crossing.edge is not None else None,
        "sent": line(crossing.sent) if crossing.sent is not None else None,
        "gateway": str(crossing.answer) if crossing.answer is not None else None,
        "arrived": [f"{one.line} at {one.backend}" for one in crossing.answer.arrived]
        if crossing.answer is not None
        else [],
        "problem": failure.problem,
    }
    asked.failures.mkdir(parents=True, exist_ok=True)
    file = asked.failures / f"gateway.{trial.name}.json"
    file.write_text(json.dumps(data, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")
    return relative(file)
