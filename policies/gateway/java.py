"""Which Java runs a gateway, and how: what starts soonest, within the memory that is given."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from policies.gateway.unpacked import Unpacked

HEAP_MEGABYTES = 256
_ARCHIVES = 13
"""The first Java that archives an application's classes when it ends (JEP 350)."""

INSIDE = "/gateway"
"""Where the gateway's folder is within the walls."""

ARCHIVE = "/tmp/classes.jsa"  # noqa: S108 (its own, within the walls)


@dataclass(frozen=True)
class Java:
    """A Java: its home, and what its `release` file says of it."""

    home: Path
    version: str

    @property
    def feature(self) -> int:
        """The number before the first dot: 17."""
        found = re.search(r'JAVA_VERSION="(\d+)', self.version)
        return int(found[1]) if found is not None else 0

    def command(self, unpacked: Unpacked, *, closed: bool, archive: bool) -> list[str]:
        """Give the command that runs a gateway; with `archive` it leaves one of its classes in the end, where there is none."""
        folder = INSIDE if closed else str(unpacked.folder)
        options = [
            *(
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xshare:auto",
                "-XX:-UsePerfData",
                f"-Xmx{HEAP_MEGABYTES}m",
            ),
            *(
                "-XX:MaxMetaspaceSize=192m",
                "-Xss512k",
                "-Xlog:disable",
                "-Xlog:all=error:stderr",
                "-Djava.awt.headless=true",
            ),
        ]
        if unpacked.is_archived:
            options.append(f"-XX:SharedArchiveFile={folder}/{unpacked.archive.name}")
        elif archive and self.feature >= _ARCHIVES:
            options.append(f"-XX:ArchiveClassesAtExit={ARCHIVE}")
        class_path = ":".join(f"{folder}/{part}" for part in unpacked.class_path)
        return [str(self.home / "bin" / "java"), *options, "-cp", class_path, unpacked.main]


def find_java() -> Java | None:
    """Find the Java of JAVA_HOME, or the one in PATH; None where there is none."""
    stated = os.environ.get("JAVA_HOME")
    program = str(Path(stated) / "bin" / "java") if stated else shutil.which("java")
    if program is None or not os.access(program, os.X_OK):
        return None
    home = Path(os.path.realpath(program)).parent.parent
    try:
        version = (home / "release").read_text(encoding="utf-8")
    except OSError:
        return None
    return Java(home, version)
