"""What became of a cluster, told without changing it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from host import cgroups
from host.places import STATES, state


@dataclass(frozen=True)
class Status:
    """What became of a cluster."""

    name: str
    condition: str  # up, starting, failed, interrupted, absent
    detail: str = ""
    kubeconfig: str = ""
    version: str = ""
    enforce: bool = True


def status(name: str) -> Status:
    """What is there of a cluster, without changing it."""
    folder = state(name)
    running = bool(cgroups.processes(name))
    try:
        wish = json.loads((folder / "wish").read_text())
    except (OSError, ValueError):
        wish = {"version": "", "enforce": True, "starter": 0}

    def told(what: str) -> str:
        try:
            return (folder / what).read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    if failed := told("failed"):
        condition, detail = "failed", failed
    elif running and (ready := told("ready")):
        condition, detail = "up", ready.replace("\n", ", ")
    elif running or (folder.is_dir() and _alive(int(wish["starter"]))):
        condition, detail = "starting", ""
    elif folder.is_dir() or name in cgroups.names():
        condition, detail = "interrupted", f"cluster down {name} removes what is left"
    else:
        condition, detail = "absent", ""
    kubeconfig = str(folder / "kubeconfig") if condition == "up" else ""
    return Status(name, condition, detail, kubeconfig, str(wish["version"]), bool(wish["enforce"]))


def _alive(pid: int) -> bool:
    return pid > 0 and Path(f"/proc/{pid}").exists()


def all_names() -> list[str]:
    """Every cluster of which there is anything."""
    folders = {place.name for place in STATES.iterdir() if place.is_dir()} if STATES.is_dir() else set()
    return sorted(folders | set(cgroups.names()))


def running_versions() -> set[str]:
    """The builds that are in use."""
    return {status(name).version for name in all_names()}


def ends_of_logs(folder: Path, detail: str) -> str:
    """The last lines of the log that a failure names, else of every log, for the folder is about to be removed."""
    named = re.search(r"log/([a-z-]+\.log)", detail)
    told = ""
    for log in [folder / "log" / named[1]] if named else sorted((folder / "log").glob("*.log")):
        lines = (
            log.read_text(encoding="utf-8", errors="replace").splitlines()[-12 if named else -3 :]
            if log.is_file()
            else []
        )
        told += "".join(f"\n  {log.name}: {line[:400]}" for line in lines)
    return told
