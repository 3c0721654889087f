"""A failure of edge and gateway, sent again."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from policies.edge.attack import Variant
from policies.edge.tokens import base64url, sign_input
from policies.errors import UsageError
from policies.gateway.agreement import Agreement
from policies.gateway.counterexample import FORMAT, line, masked, shown_masked
from policies.gateway.trials import by_name
from policies.platform import Platform
from policies.requirement import NotJudged
from policies.verdict import printable

_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]+\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+")
_TIMES = ("exp", "iat", "nbf")


@dataclass(frozen=True)
class Step:
    """A failure as it was written: of which edge and gateway, by which trial it is judged, and what was sent when."""

    agreement: str
    trial: str
    why: str
    variant: Variant


def is_ours(file: Path) -> bool:
    """Whether a file is a failure of edge and gateway."""
    try:
        return bool(json.loads(file.read_text(encoding="utf-8"))["format"] == FORMAT)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def read(file: Path) -> Step:
    """Read a failure. Raises UsageError where the file is none."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        variant = Variant(data["label"], data["request"], float(data["now"]))
        return Step(data["agreement"], data["trial"], data["why"], variant)
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(f"{file} is no failure that a run has written (reports/edge/gateway.TRIAL.json)") from None


def replay(file: Path, platform: Platform, console: Console) -> int:
    """Send it again, its tokens signed anew for now, and say what becomes of it. Raises UsageError where edge or gateway cannot be run."""
    step = read(file)
    every = [one for one in Agreement.collect(platform) if isinstance(one, Agreement)]
    named = [one for one in every if one.id == step.agreement] or every
    if not named:
        raise UsageError("the platform has no token validator with a distribution and a gateway behind it")
    agreement = named[0]
    trial = by_name(step.trial, agreement)
    if trial is None:
        raise UsageError(f"{file}: there is no trial {step.trial!r}")
    try:
        agreement.require()
        variant = _for_now(step.variant, agreement.contract.key)
        (crossing,) = agreement.cross(trial, [variant])
        wrong = trial.wrong(agreement, crossing)
    except NotJudged as why:
        raise UsageError(str(why)) from None
    finally:
        agreement.close()
    lines = [f"request     {shown_masked(variant.request)}"]
    if not crossing.straight:
        lines.append(f"edge        {crossing.edge or 'is not asked: the behaviour runs no check'}")
        lines.append(
            f"CloudFront  {f'sends {line(crossing.sent)}' if crossing.sent else f'sends nothing: {crossing.stopped}'}"
        )
    if crossing.answer is not None:
        arrived = ", ".join(f"{one.line} at {one.backend}" for one in crossing.answer.arrived)
        lines += [
            f"gateway     {crossing.answer}",
            f"behind it   {f'arrives {arrived}' if arrived else 'nothing arrives'}",
        ]
    for text in (*lines, f"why         {step.why}"):
        console.print(Text(printable(masked(text))))
    console.print(
        Text(printable(f"Wrong: {wrong}.") if wrong else "It is as it must be.", style="red" if wrong else "green")
    )
    return 1 if wrong else 0


def _for_now(variant: Variant, key: bytes) -> Variant:
    """Give the same request of now: each token that was well signed has its times moved on by as much as has passed."""
    passed = int(time.time()) - int(variant.now // 1000)
    text = json.dumps(variant.request)
    return Variant(
        variant.label, json.loads(_TOKEN.sub(lambda found: _moved(found, key, passed), text)), time.time() * 1000
    )


def _moved(found: re.Match[str], key: bytes, seconds: int) -> str:
    signed, _, signature = found[0].rpartition(".")
    if base64url(hmac.new(key, signed.encode(), hashlib.sha256).digest()) != signature:
        return found[0]
    try:
        claims: Any = json.loads(_decoded(found[1]))
    except ValueError:
        return found[0]
    if not isinstance(claims, dict):
        return found[0]
    moved = {
        name: value + seconds if name in _TIMES and type(value) is int else value for name, value in claims.items()
    }
    return sign_input(f"{signed.partition('.')[0]}.{base64url(json.dumps(moved).encode())}", key)


def _decoded(segment: str) -> bytes:
    return urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
