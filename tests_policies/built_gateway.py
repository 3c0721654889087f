"""The reference platform's gateway as it was built, and mutants of it: one file is compiled anew against the jar's own classes."""

from __future__ import annotations

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from policies.gateway.java import find_java
from policies.gateway.unpacked import unpack

REFERENCE = Path(__file__).resolve().parent.parent / "reference"
GATEWAY = "services-spring/gateway-service"
SOURCES = f"{GATEWAY}/src/main/java/"
JAR = f"{GATEWAY}/target/gateway-service.jar"
VARIABLE = "TURNSTILE_GATEWAY_JAR"
"""Names a jar that stands elsewhere."""


def jar() -> Path:
    """Give the jar; skip where there is no Java, or where it was not built."""
    if find_java() is None or shutil.which("javac") is None:
        pytest.skip("no Java: neither java nor javac in PATH")
    stated = os.environ.get(VARIABLE)
    found = Path(stated) if stated else REFERENCE / JAR
    if not found.is_file():
        pytest.skip(
            f"the gateway was not built; build it: mvn -B -f reference/{GATEWAY}/pom.xml package (or {VARIABLE})"
        )
    return found


def build(root: Path, changed: list[str]) -> None:
    """Put the jar into a copy of the platform, with what was changed of its Java compiled anew."""
    target = root / JAR
    target.parent.mkdir(parents=True)
    sources = [root / file for file in changed if file.startswith(SOURCES)]
    if not sources:
        shutil.copyfile(jar(), target)
        return
    java = find_java()
    assert java is not None
    unpacked = unpack(jar(), JAR, java.version)
    class_path = ":".join(str(unpacked.folder / part) for part in unpacked.class_path)
    classes = root.parent / "classes"
    subprocess.run(
        ["javac", "-nowarn", "-proc:none", "-parameters", "-cp", class_path, "-d", classes, *sources], check=True
    )
    compiled = {f"BOOT-INF/classes/{path.relative_to(classes).as_posix()}": path for path in classes.rglob("*.class")}
    with zipfile.ZipFile(jar()) as old, zipfile.ZipFile(target, "w") as new:
        for item in old.infolist():
            if item.filename not in compiled:
                new.writestr(item, old.read(item))
        for name, path in compiled.items():
            new.write(path, name)
