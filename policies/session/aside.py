"""Cases whose subjects run a platform's code, judged in processes beside ours: they keep one core busy for longer than all else takes."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from io import BufferedReader
from typing import Any

from policies.requirement import Requirement
from policies.session.items import call
from policies.verdict import Case, Verdict, verdict

THREAD_ENDS_WITHIN = 0.5
"""So many seconds a thread gets that has done its work: with another one a process must not be forked."""

ENDS_WITHIN = 5.0
"""So many seconds a process gets to put away what it made, when it is asked to end."""

TIDIES_WITHIN = 45.0
"""So many seconds it gets where it has judged all: a gateway's classes are kept for the next run."""


def beside(requirement: Requirement) -> str:
    """Give the name of the process that a requirement is judged in where its subject runs a platform's code; none else."""
    return str(getattr(requirement.subject, "beside", ""))


class Asides:
    """The processes of a run, by name."""

    def __init__(self) -> None:
        self._each: dict[str, Aside] = {}

    def start(self, name: str, find: Callable[[], Iterable[Case]]) -> None:
        """Fork one, which judges what `find` gives, if a fork is safe."""
        aside = Aside.start(find)
        if aside is not None:
            self._each[name] = aside

    def verdict_of(self, case: Case) -> Verdict | None:
        """Wait for the verdict on a case; None where nobody beside us judges it, or it does not come."""
        aside = self._each.get(beside(case.requirement))
        return aside.verdict_of(case) if aside is not None else None

    def keep(self, names: Iterable[str]) -> None:
        """End all but these."""
        for name in set(self._each) - set(names):
            self._each.pop(name).stop()

    def stop(self) -> None:
        """End them all."""
        self.keep(())


class Aside:
    """A fork of this process that judges cases and tells each verdict as it comes."""

    def __init__(self, process: int, told: BufferedReader) -> None:
        self._process: int | None = process
        self._told = told
        self._known: dict[tuple[str, str], Verdict] = {}

    @classmethod
    def start(cls, find: Callable[[], Iterable[Case]]) -> Aside | None:
        """Fork, and judge there what `find` gives; None where a fork would not be safe, and all is judged here."""
        if sys.platform != "linux" or not _is_alone():
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
        is_tidying = self._has_told_all()
        if not is_tidying:
            os.kill(process, signal.SIGTERM)
        self._told.close()
        end = time.monotonic() + (TIDIES_WITHIN if is_tidying else ENDS_WITHIN)
        while os.waitpid(process, os.WNOHANG)[0] == 0:
            if time.monotonic() > end:
                os.kill(process, signal.SIGKILL)
            time.sleep(0.002)

    def _has_told_all(self) -> bool:
        """Whether it has closed its end of the line, as it does before it puts away what it made."""
        while select.select([self._told], [], [], 0)[0]:
            if not self._told.read1():
                return True
        return False


def _is_alone() -> bool:
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(THREAD_ENDS_WITHIN)
    return threading.active_count() == 1


def _judge_all(find: Callable[[], Iterable[Case]], writing: int) -> None:
    """Judge, in the fork, and never return: what pytest would do at its end is for the process that began."""
    subjects: dict[int, Any] = {}
    try:
        gc.freeze()  # What was there before is looked through by nobody: each page that is written to would be copied.
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
