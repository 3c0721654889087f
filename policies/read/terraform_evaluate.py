"""What Terraform's configuration evaluates to, root by root: by tfparse, in processes that see nothing but a copy.

The copy holds what the platform has of Terraform's own files, and the files that a string in them names. Nothing is
fetched, nothing outside the platform is read, no provider or provisioner runs: tfparse evaluates expressions and no more.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from policies.errors import ToolError
from policies.read.terraform_isolate import isolate

SECONDS = 20
"""How long one root may take; a large one takes less than one."""

WORKSPACE = "⟦|terraform.workspace|⟧"
"""The stand-in (see terraform_copy) for the workspace, which only who runs Terraform knows."""

_DIED = "it cannot be evaluated: tfparse dies of it (that is a fault of its own)"
_CHILD = Path(__file__).with_name("terraform_child.py")


@dataclass(frozen=True)
class Job:
    """A root to evaluate: its folder, the files of its variables, relative to it, in Terraform's order, and the folders of its modules."""

    folder: str
    variables: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """What came of a root: tfparse's blocks by type, or the sentence why there are none. `root` is what absolute paths begin with in it.

    `left_out` are the blocks, by file and line of the copy, that tfparse dies of.
    """

    folder: str
    blocks: Mapping[str, list[dict[str, Any]]] = field(default_factory=dict)
    root: str = "/"
    problems: tuple[str, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()


class Pending:
    """Roots that are being evaluated, as many at once as there are processors, while the caller does something else.

    `progress` hears of what is done, when somebody waits for it.
    """

    def __init__(
        self, files: Mapping[str, bytes], jobs: Iterable[Job], progress: Callable[[str], None] | None = None
    ) -> None:
        self.progress = progress
        every = tuple(jobs)
        workers = min(os.cpu_count() or 1, len(every))
        self.shares: dict[Future[list[Answer]], int] = {}
        if not every:
            return
        self.folder = tempfile.TemporaryDirectory(prefix="turnstile-")
        copy = os.path.realpath(self.folder.name)
        for path, content in files.items():
            target = Path(copy, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        pool = ThreadPoolExecutor(max_workers=workers)
        for number in range(workers):
            share = every[number::workers]
            self.shares[pool.submit(_evaluate, copy, share)] = len(share)
        pool.shutdown(wait=False)

    @cached_property
    def result(self) -> dict[str, Answer]:
        """The answers by folder; who asks waits. Raises ToolError where tfparse cannot be run safely."""
        done = 0
        for future in as_completed(self.shares):
            done += self.shares[future]
            if self.progress is not None:
                self.progress(f"evaluated {done} of {sum(self.shares.values())} roots of Terraform")
        if self.shares:
            self.folder.cleanup()
        return {answer.folder: answer for future in self.shares for answer in future.result()}


def to_json(answers: Mapping[str, Answer]) -> str:
    """Give answers as text, for another process."""
    return json.dumps([[one.folder, one.blocks, one.root, one.problems, one.left_out] for one in answers.values()])


def from_json(text: str) -> dict[str, Answer]:
    """Take answers back, by their root's folder."""
    return {
        folder: Answer(folder, blocks, root, tuple(problems), tuple((file, line) for file, line in left_out))
        for folder, blocks, root, problems, left_out in json.loads(text)
    }


def _evaluate(copy: str, jobs: tuple[Job, ...]) -> list[Answer]:
    answers: list[Answer] = []
    left = list(jobs)
    while left:
        done, problem = _run_child(copy, left)
        answers += done
        left = left[len(done) :]
        if left:
            answers.append(
                (_without_culprits(copy, left[0]) if problem is _DIED else None)
                or Answer(left[0].folder, problems=(problem,))
            )
            left = left[1:]
    return answers


def _without_culprits(copy: str, job: Job) -> Answer | None:
    """Evaluate a root without the blocks that tfparse dies of; None where these cannot be told."""
    last: list[Answer] = []

    def dies(other: str) -> bool:
        last[:], problem = _run_child(other, [job])
        return problem is _DIED and not last

    where, culprits = isolate(copy, job.folders, dies)
    if where is None or not last:
        return None
    where.cleanup()
    return replace(last[0], left_out=tuple((culprit.file, culprit.line) for culprit in culprits))


def _run_child(copy: str, jobs: list[Job]) -> tuple[list[Answer], str]:
    """Evaluate roots in one process until one of them ends it; give the answers so far and why there are no more."""
    lines = "".join(
        json.dumps({"folder": job.folder, "variables": job.variables, "workspace": WORKSPACE}) + "\n" for job in jobs
    )
    # No PATH, no home, no proxy; Go collects its garbage before the limit of its address space is reached.
    environment = {"GOMEMLIMIT": "768MiB", "GOGC": "400", "PYTHONUTF8": "1"}
    command = [sys.executable, "-I", str(_CHILD), copy, str(SECONDS), "any" if sys.platform == "linux" else "none"]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as said:
        with subprocess.Popen(  # noqa: S603 (our own program, in an empty environment)
            command, env=environment, cwd=copy, stdin=subprocess.PIPE, stdout=output, stderr=said
        ) as process:
            try:
                process.communicate(lines.encode(), timeout=(SECONDS + 2) * len(jobs))
            except subprocess.TimeoutExpired:
                process.kill()
        output.seek(0)
        answers = []
        for line in output:
            try:
                told = json.loads(line)
            except (ValueError, RecursionError):
                break  # it ended in the middle of an answer
            if "refused" in told:
                raise ToolError(f"Terraform cannot be read safely on this machine: {told['refused']}")
            problems = (told["problem"],) if "problem" in told else ()
            answers.append(Answer(told["folder"], told.get("blocks") or {}, told["root"], problems))
        if len(answers) < len(jobs):
            said.seek(0)
            last_words = said.read(1024 * 1024)
            if b"No module named" in last_words:
                raise ToolError("tfparse is not there; install it")
            if b"panic: " in last_words and b"out of memory" not in last_words:
                return answers, _DIED
    if process.returncode in (-signal.SIGALRM, -signal.SIGKILL):
        return answers, f"it takes longer than {SECONDS} s to evaluate"
    if process.returncode == -signal.SIGXFSZ:
        return answers, "it comes to more than can be read"
    return answers, "it cannot be evaluated: tfparse ended without an answer (it may have run out of memory)"
