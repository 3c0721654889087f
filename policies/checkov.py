"""checkov beside Turnstile: another tool's checks on the same files, in a process, an environment and a report of its own.

Found is what stands in tox's own environment for it, or on PATH. It sees a copy of the platform's Terraform and of the objects that it renders,
so that nothing of the platform steers it: a `.checkov.yaml` there could name Python files to run. It is told to stay off the network.

`python -m policies.checkov` is what `tox -e checkov` runs: the same without Turnstile's own requirements.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from policies.checkov_results import Found, copied, read_results
from policies.errors import TurnstileError, UsageError
from policies.platform import Platform
from policies.report import junit
from policies.report.run import Run
from policies.verdict import printable

SECONDS = 300
"""How long it may take; on a platform of the reference's size it takes ten seconds."""

TERRAFORM, OBJECTS = "terraform", "objects"
"""The folders of the copy."""


def find(root: Path) -> Path | None:
    """Give checkov's program: that of tox's environment `checkov`, beside our own or below `root`, or the one on PATH."""
    beside = [Path(os.environ["TOX_ENV_DIR"]).parent] if "TOX_ENV_DIR" in os.environ else []
    for folder in (*beside, root / ".tox"):
        program = folder / "checkov" / "bin" / "checkov"
        if os.access(program, os.X_OK):
            return program
    found = shutil.which("checkov")
    return Path(found) if found else None


@dataclass
class Beside:
    """A run of checkov that goes on while the caller does something else; `finish` waits for it."""

    platform: Platform
    folder: tempfile.TemporaryDirectory[str]
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.perf_counter)

    @classmethod
    def start(cls, program: Path, platform: Platform) -> Beside:
        """Copy what it is to see, and start it."""
        folder = tempfile.TemporaryDirectory(prefix="turnstile-checkov-")
        copy = Path(folder.name)
        _copy(platform, copy)
        command = [
            str(program),
            "-d",
            ".",
            "--framework",
            "terraform",
            "kubernetes",
            "secrets",
            "-o",
            "json",
            "--compact",
        ]
        command += ["--skip-download", "--download-external-modules", "false"]
        with (copy / "output.json").open("wb") as output, (copy / "said.txt").open("wb") as said:
            process = subprocess.Popen(  # noqa: S603 (the user's own program, on a copy)
                command, cwd=copy, env=_environment(copy), stdin=subprocess.DEVNULL, stdout=output, stderr=said, start_new_session=True
            )  # fmt: skip
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, 10)  # What the user waits for comes first.
        return cls(platform, folder, process)

    def finish(self) -> Found | str:
        """Wait, and give what it found, or why it did not come to an end."""
        try:
            code = self.process.wait(SECONDS)
            copy = Path(self.folder.name)
            text = (copy / "output.json").read_text(encoding="utf-8", errors="replace")
            said = (copy / "said.txt").read_text(encoding="utf-8", errors="replace")
        except subprocess.TimeoutExpired:
            return f"it took longer than {SECONDS} s and was ended"
        finally:
            self.stop()
        try:
            return read_results(json.loads(text), self.platform, time.perf_counter() - self.started)
        except (ValueError, KeyError, TypeError, AttributeError):
            last = next((line for line in reversed(said.splitlines()) if line.strip()), "it said nothing")
            return f"it ended with {code} and no result: {printable(last[:200])}"

    def stop(self) -> None:
        """End it if it still runs, with what it has started, and take the copy away."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.folder.cleanup()


def _copy(platform: Platform, copy: Path) -> None:
    configuration = platform.configuration
    files = {path: source.text.encode() for path, source in configuration.sources.items()}
    files.update(configuration.contents)
    for path, content in files.items():
        target = copy / TERRAFORM / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    for number, item in enumerate(platform.deployed):
        text = "".join(f"---\n{json.dumps(document.body)}\n" for document in copied(item))
        (copy / OBJECTS / str(number)).mkdir(parents=True)
        (copy / OBJECTS / str(number) / "objects.yaml").write_text(text, encoding="utf-8")


def _environment(home: Path) -> dict[str, str]:
    """Nothing of ours, nobody's settings, and no way out: it looks for new versions and for its vendor's rules unless it is told not to."""
    nowhere = dict.fromkeys(
        ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9"
    )
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    told = {"CKV_SKIP_PACKAGE_UPDATE_CHECK": "true", "BC_SKIP_MAPPING": "TRUE", "LOG_LEVEL": "ERROR", "NO_COLOR": "1"}
    return {**kept, **nowhere, **told, "HOME": str(home), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}


def write_report(found: Found, platform: str, today: str, file: Path) -> None:
    """Write its own report, in the form of ours."""
    judged = (f"checkov {found.version}",)
    junit.write(Run("checkov", printable(platform), today, judged, (), {}, found.verdicts, seconds=found.seconds), file)


def main(arguments: list[str] | None = None) -> int:
    """Run checkov alone; give 1 where it finds what is not accepted, 2 where it cannot be run."""
    parser = argparse.ArgumentParser(
        prog="python -m policies.checkov", description="checkov on a platform's files, offline"
    )
    parser.add_argument(
        "--platform", type=Path, default=Path("reference"), help="the platform to look at (default: reference)"
    )
    parser.add_argument("--junit", type=Path, default=Path("reports/checkov.xml"), help="where the report goes")
    parser.add_argument("--accept", action="store_true", help="print the entries that would accept what is found now")
    options = parser.parse_args(arguments)
    try:
        program = find(Path.cwd())
        if program is None:
            raise UsageError("checkov is not here; 'tox -e checkov' installs it")
        found = Beside.start(program, Platform.open(options.platform)).finish()
        if isinstance(found, str):
            raise UsageError(f"checkov gave no result: {found}")
    except TurnstileError as error:
        sys.stderr.write(f"{printable(str(error))}\n")
        return 2
    write_report(found, str(options.platform), time.strftime("%Y-%m-%d"), options.junit)
    lines = found.entries() if options.accept else (*found.lines(limit=1000), f"Written: {options.junit}")
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if found.failed else 0


if __name__ == "__main__":
    sys.exit(main())

__all__ = ["Beside", "Found", "find", "main", "write_report"]
