"""What the tests of the cluster share."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE), str(HERE.parents[1] / "tests_policies")]

from host import cgroups, condition, life, needs, residue

PATIENCE = 15.0


@pytest.fixture(scope="session")
def possible() -> None:
    """A machine on which a cluster can be had; elsewhere the reason is told."""
    if unmet := needs.unmet():
        pytest.skip("; ".join(unmet))


@pytest.fixture
def nothing_left(possible: None) -> Iterator[Callable[[], dict[str, list[str]]]]:
    """What is there after that was not there before, but for what others do on this machine; and after the test, it is removed."""
    before = residue.residue()

    def left() -> dict[str, list[str]]:
        until = time.monotonic() + PATIENCE
        while True:
            after = residue.residue()
            found = {
                kind: new
                for kind, lines in after.items()
                if (new := sorted(line for line in set(lines) - set(before[kind]) if _ours(line)))
            }
            if not found or time.monotonic() > until:
                return found
            time.sleep(0.5)  # what others begin, ends

    yield left
    for name in condition.all_names():
        if name.startswith("test-"):
            life.down(name)


def _ours(line: str) -> bool:
    """Not: a counter that the kernel moves, what another program has for a while, a cluster that is none of these tests'."""
    if line.startswith(("net/netfilter/nf_conntrack_count", "vm/stat")):
        return False
    _, of, whose = line.partition(" of ")
    if of and not whose.startswith(cgroups.PREFIX) and whose not in {*residue.OURS, "nobody"}:
        return False
    if line.startswith("/tmp/"):
        return False
    return not any(f"{cgroups.PREFIX}{name}" in line for name in cgroups.names() if not name.startswith("test-"))
