"""Cases whose subjects run a platform's code, judged in a process beside ours: they keep one core busy for longer than all else takes."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from io import BufferedReader
from typing import Any

from policies.items import call
from policies.requirement import Requirement
from policies.verdict import Case, Verdict, verdict

ENDS_WITHIN = 5.0
"""So many seconds it gets to put away what it made, when it is asked to end."""


def is_driven(requirement: Requirement) -> bool:
    """Whether a requirement's subject runs a platform's code."""
    return bool(getattr(requirement.subject, "is_driven", False))


class Aside:
    """A fork of this process that judges cases and tells each verdict as it comes."""

    def __init__(self, process: int, told: BufferedReader) -> None:
        self._process: int | None = process
        self._told = told
        self._known: dict[tuple[str, str], Verdict] = {}

    @classmethod
    def start(cls, find: Callable[[], Iterable[Case]]) -> Aside | None:
        """Fork, and judge there what `find` gives; None where a fork would not be safe, and all is judged here."""
        if sys.platform != "linux" or threading.active_count() > 1:
            return None
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(reading)
            _judge_all(find, writing)
        os.close(writing)
        return cls(process, os.fdopen(reading, "rb"))

    def verdict_of(self, case: Case) -> Verdict | None:
        """Wait for the verdict on a case; None where it does not come."""
        key = (case.requirement.id, case.id)
        while key not in self._known:
            line = self._told.readline()
            if not line.endswith(b"\n"):
                return None
            found = Verdict.from_plain(json.loads(line))
            self._known[found.requirement, found.subject] = found
        return self._known[key]

    def stop(self) -> None:
        """End it; it takes away what it made."""
        process, self._process = self._process, None
        if process is None:
            return
        self._told.close()
        os.kill(process, signal.SIGTERM)
        end = time.monotonic() + ENDS_WITHIN
        while os.waitpid(process, os.WNOHANG)[0] == 0:
            if time.monotonic() > end:
                os.kill(process, signal.SIGKILL)
            time.sleep(0.002)


def _judge_all(find: Callable[[], Iterable[Case]], writing: int) -> None:
    """Judge, in the fork, and never return: what pytest would do at its end is for the process that began."""
    subjects: dict[int, Any] = {}
    try:
        signal.signal(signal.SIGTERM, _leave)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nowhere, descriptor)
        with os.fdopen(writing, "wb", buffering=0) as told:
            for case in find():
                subjects[id(case.subject)] = case.subject
                start = time.monotonic()
                error = call(case)
                found = verdict(case, error, time.monotonic() - start)
                told.write(json.dumps(found.to_plain()).encode() + b"\n")
    except BaseException:  # noqa: BLE001, S110 (what was not told is judged by who asked, and fails there)
        pass
    finally:
        for subject in subjects.values():
            getattr(subject, "close", int)()
        os._exit(0)


def _leave(*_: Any) -> None:
    raise SystemExit
