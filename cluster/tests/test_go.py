"""The Go modules of the cluster: formatted, vetted, tested.

Left out is what does nothing but join others' programs (CoreDNS, Kubernetes, its end-to-end suite): to vet it Go looks through all of these for
many minutes, and compiling it is what tries it.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[1]
OWN = {"node": ("./admit", "./boot", "./netpol"), "probe": (".",)}
MODULES = ("coredns", "e2e", "node", "probe")


def go(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run go, two packages at a time at most: the first time they are large."""
    environment = {**os.environ, "GOFLAGS": os.environ.get("GOFLAGS", "-p=2"), "GOTOOLCHAIN": "local"}
    return subprocess.run(["go", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module", autouse=True)
def _go() -> None:
    assert shutil.which("go"), "these tests need Go 1.25 or later on the PATH"


@pytest.mark.parametrize("module", OWN)
@pytest.mark.parametrize("command", ["vet", "test"])
def test_module_is_well(module: str, command: str) -> None:
    """`go vet` and `go test` of every package that has something of its own to say."""
    done = go(SOURCES / module, command, *OWN[module])
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("module", MODULES)
def test_module_is_formatted(module: str) -> None:
    """As gofmt formats."""
    done = subprocess.run(["gofmt", "-l", "."], cwd=SOURCES / module, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("module", MODULES)
def test_module_names_no_copy_of_another(module: str) -> None:
    """What is built from is what the checksums in go.sum say, and nothing on this machine alone."""
    text = (SOURCES / module / "go.mod").read_text(encoding="utf-8")
    assert "=> ." not in text
    assert "=> /" not in text
    assert (SOURCES / module / "go.sum").is_file() or "require" not in text
