"""A gateway's jar as it is run: in parts beside one another, which starts sooner than one jar in another, and is kept for the next run.

Source: Spring Boot's reference, "Efficient Deployments" (unpacking, CDS); JDK's `java` manual, "Class Data Sharing": an archive of an application's
classes is taken from jars alone, and only where these are as they were.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from policies.errors import SourceError

MAXIMUM_BYTES = 500 * 1024 * 1024
"""Of the jar, and of what is in it."""

_CLASSES, _LIBRARIES, _INDEX = "BOOT-INF/classes/", "BOOT-INF/lib/", "BOOT-INF/classpath.idx"
KEPT = 4
"""So many gateways are kept; the one that was not used for the longest goes."""

IN_USE_SECONDS = 3600
"""What was used within this time may still be."""

ARCHIVE = "classes.jsa"


@dataclass(frozen=True)
class Unpacked:
    """A folder with a gateway's jars, their order and its main class; `archive` is where the archive of its classes is, or will be."""

    folder: Path
    class_path: tuple[str, ...]
    main: str
    archive: Path

    @property
    def is_archived(self) -> bool:
        """Whether there is an archive of its classes."""
        return self.archive.is_file()


def cache() -> Path:
    """Give the folder in which gateways are kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "turnstile" / "gateway"


def unpack(jar: Path, shown: str, java: str) -> Unpacked:
    """Unpack a jar, or give what was unpacked of the same one, for a Java of this version. Raises SourceError for one that is none."""
    try:
        content = jar.read_bytes() if jar.stat().st_size <= MAXIMUM_BYTES else b""
        if not content:
            raise SourceError(shown, f"holds more than {MAXIMUM_BYTES:,} bytes, or nothing, and was not run")
        digest = hashlib.sha256(content).hexdigest()
        folder = cache() / digest[:32]
        if not (folder / "main").is_file():
            _write(jar, shown, folder)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, NotImplementedError) as error:
        raise SourceError(shown, f"is no jar that can be unpacked: {error}") from None
    main, *parts = (folder / "main").read_text(encoding="utf-8").splitlines()
    os.utime(folder)
    version = hashlib.sha256(java.encode()).hexdigest()[:12]
    return Unpacked(folder, tuple(parts), main, folder / f"{version}-{ARCHIVE}")


def _write(jar: Path, shown: str, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    others = sorted(folder.parent.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in others[KEPT - 1 :]:
        if old.stat().st_mtime < time.time() - IN_USE_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
    try:
        parts, main = _parts(jar, shown, made)
        (made / "main").write_text("\n".join([main, *parts]) + "\n", encoding="utf-8")
        for path in (made, *made.iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o644)
        made.replace(folder)
    except OSError:
        # Another run was as fast.
        if not (folder / "main").is_file():
            raise
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _parts(jar: Path, shown: str, folder: Path) -> tuple[list[str], str]:
    with zipfile.ZipFile(jar) as archive:
        if sum(item.file_size for item in archive.infolist()) > MAXIMUM_BYTES:
            raise SourceError(shown, f"holds more than {MAXIMUM_BYTES:,} bytes and was not run")
        manifest = archive.read("META-INF/MANIFEST.MF").decode("utf-8").replace("\r\n", "\n").replace("\n ", "")
        told = dict(line.split(": ", 1) for line in manifest.splitlines() if ": " in line)
        if "Start-Class" not in told:
            if "Main-Class" not in told:
                raise SourceError(shown, "names no Main-Class, so it cannot be run by itself")
            shutil.copyfile(jar, folder / "gateway.jar")
            return ["gateway.jar"], told["Main-Class"]
        names = [item for item in archive.namelist() if not item.endswith("/")]
        with zipfile.ZipFile(folder / "gateway.jar", "w", zipfile.ZIP_STORED) as own:
            own.writestr("META-INF/MANIFEST.MF", _manifest(told))
            for name in archive.namelist():  # Folders too: Spring looks for its components by them.
                if name.startswith(_CLASSES) and name != _CLASSES:
                    own.writestr(name.removeprefix(_CLASSES), b"" if name.endswith("/") else archive.read(name))
        libraries = [name for name in names if name.startswith(_LIBRARIES) and name.endswith(".jar")]
        if _INDEX in names:
            listed = archive.read(_INDEX).decode("utf-8").splitlines()
            order = [line.removeprefix("- ").strip('"') for line in listed]
            libraries.sort(key=lambda name: order.index(name) if name in order else len(order))
        parts = ["gateway.jar"]
        for number, name in enumerate(libraries):
            # By numbers: a name in an archive is no name of a file of ours.
            parts.append(f"{number:03}.jar")
            (folder / parts[-1]).write_bytes(archive.read(name))
        return parts, told["Start-Class"]


def _manifest(told: dict[str, str]) -> str:
    kept = ("Implementation-Title", "Implementation-Version", "Multi-Release")
    return "Manifest-Version: 1.0\n" + "".join(f"{name}: {told[name]}\n" for name in kept if name in told) + "\n"
