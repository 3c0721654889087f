"""Kinds of fault, told apart so that one defect is one finding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Fault(Enum):
    """Kinds of fault."""

    ENDLESS = "does not come to an end"
    FORM = "answers in a form that Lambda does not take"
    ENDPOINT = "does not reach its endpoint"
    AGAIN = "is sent more often than once"
    BODY = "is sent with another body"
    CREDENTIAL = "is sent without the credential"
    KEY = "has no key that stays the same"
    ESCAPED = "leaves its place in the path"
    FOLLOWED = "is sent on to where a redirect leads"
    CALLED = "is sent although it asks for nothing"
    UNREPORTED = "failed and is not reported"
    FOLLOWER = "follows one that failed and is not reported"
    AFTER = "is sent after one that failed"
    ORDER = "is sent before the one before it is answered"
    OVER = "is reported although nothing failed"
    LATE = "is given up too late"
    FORGOTTEN = "is not carried out when it is delivered again"


@dataclass(frozen=True)
class Violation:
    """A fault of a message (None: of the whole batch) in a delivery, as a sentence's end."""

    fault: Fault
    at: int | None
    text: str
    due: str = ""
    delivery: int = 0
