"""Run the NetworkPolicy cases of Kubernetes' own end-to-end suite, compiled from its module, on a cluster made for it."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from pathlib import Path

from host import condition, images, life, needs
from host.build import build, compile_program, to_stderr
from host.places import ClusterError, cache, kubernetes

NAME = "conformance"
REGISTRY = "turnstile.local/e2e"  # the suite is told to look for its image here
KEEP = "conformance-"


def main(argv: Sequence[str]) -> int:
    """Build, start, run, remove; 0 where every case passed and there were some."""
    parser = argparse.ArgumentParser(prog="conformance", description=__doc__)
    parser.add_argument(
        "--focus", default="Netpol", help="regular expression of the cases (default: all of NetworkPolicy)"
    )
    parser.add_argument("--skip", default="SCTP", help="regular expression of the cases to leave out (default: SCTP)")
    parser.add_argument("--report", type=Path, default=Path("conformance.xml"), help="JUnit file that the suite writes")
    wish = parser.parse_args(argv)
    try:
        if unmet := needs.unmet():
            raise ClusterError("\ncluster: ".join(unmet))
        suite = _suite()
        life.up(life.Wish(NAME, build(to_stderr), denied="reject", owner=os.getpid()))
        try:
            return _run(suite, wish)
        finally:
            life.down(NAME)
    except ClusterError as error:
        to_stderr(str(error))
        return 1
    except KeyboardInterrupt:
        return 130


def _suite() -> Path:
    """The suite and the program of its pods, compiled once."""
    folder = cache() / f"{KEEP}{kubernetes()}"
    folder.mkdir(parents=True, exist_ok=True)
    for program, package, command in (
        ("agnhost", "k8s.io/kubernetes/test/images/agnhost", ("build",)),
        ("suite", ".", ("test", "-c")),
    ):
        if not (folder / program).is_file():
            part = folder / f".{program}"
            compile_program("e2e", package, part, to_stderr, command=command)
            part.rename(folder / program)
    return folder


def _run(suite: Path, wish: argparse.Namespace) -> int:
    began = time.monotonic()
    kubeconfig = condition.status(NAME).kubeconfig
    report = wish.report.absolute()
    with tempfile.TemporaryDirectory(prefix="turnstile-cluster-") as place:
        registries = Path(place) / "registries.yaml"
        registries.write_text(f"promoterE2eRegistry: {REGISTRY}\n")
        environment = os.environ | {"KUBE_TEST_REPO_LIST": str(registries)}
        flags = [str(suite / "suite"), "--provider=skeleton", f"--kubeconfig={kubeconfig}"]
        listed = subprocess.run(
            [*flags, "--list-images"], env=environment, cwd=place, capture_output=True, text=True, check=True
        )
        found = re.search(rf"^{re.escape(REGISTRY)}\S+$", listed.stdout, re.MULTILINE)
        if found is None:
            raise ClusterError(f"the suite does not tell its image: {listed.stdout}{listed.stderr}")
        archive = Path(place) / "agnhost.tar"
        images.write_program(archive, found[0], suite / "agnhost")
        life.load(NAME, archive)
        cases = [
            f"--ginkgo.focus={wish.focus}",
            f"--ginkgo.skip={wish.skip}",
            f"--ginkgo.junit-report={report}",
            "--ginkgo.silence-skips",
        ]
        subprocess.run([*flags, *cases], env=environment, cwd=place, check=False, stdout=sys.stderr)
    passed, failed = _count(report)
    print("".join(f"failed: {name}\n" for name in failed), end="")
    print(
        f"Kubernetes {kubernetes()}, focus {wish.focus}, skip {wish.skip}: {time.monotonic() - began:.0f} s, report {report}"
    )
    print(f"{passed} passed, {len(failed)} failed")
    return 0 if passed and not failed else 1


def _count(report: Path) -> tuple[int, list[str]]:
    """How many cases passed, and which failed; the suite's own beginning and end are no cases."""
    if not report.is_file():
        return 0, ["the suite wrote no report"]
    cases = [case for case in ElementTree.parse(report).iter("testcase") if case.get("name", "").startswith("[It]")]  # noqa: S314
    failed = [
        case.get("name", "") for case in cases if case.find("failure") is not None or case.find("error") is not None
    ]
    passed = [case for case in cases if case.get("status") == "passed"]
    return len(passed), failed
