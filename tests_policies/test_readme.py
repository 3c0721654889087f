"""What the README says is so: its screen of output, its example of a requirement, its links."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from commands import AS_CLONED, BOOKSHOP, REFERENCE, ROOT, run_static

README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    """Give the README's one block of a language."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    return str(found)


def test_screen_of_output_is_real(tmp_path: Path) -> None:
    """Each line that the README shows is printed when the platform is broken as it says."""
    platform = tmp_path / "reference"
    shutil.copytree(REFERENCE, platform, ignore=AS_CLONED)
    with (platform / "k8s/spring/overlays/prod/config.env").open("a", encoding="utf-8") as config:
        config.write("KAFKA_BOOTSTRAP_SERVERS=kafka:9092\n")
    done = run_static("--platform", platform, "--junit", tmp_path / "out.xml")
    printed = {line.rstrip() for line in done.stdout.splitlines()}
    shown = [line.rstrip() for line in block("console").splitlines() if line.strip()]
    assert len(shown) > 10
    assert [line for line in shown if line not in printed] == []


def test_example_of_a_requirement_works(tmp_path: Path) -> None:
    """The README's own requirement judges each image, and fails those that come from elsewhere."""
    (tmp_path / "test_team.py").write_text(block("python"), encoding="utf-8")
    done = run_static(
        "--platform", BOOKSHOP, "--requirements", tmp_path, "--junit", tmp_path / "out.xml", "-k", "test_team"
    )
    assert done.returncode == 1
    assert "the image comes from" in done.stdout


def test_links_lead_to_files() -> None:
    """Every relative link of the README leads to a file."""
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
