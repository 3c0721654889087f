"""The command `turnstile network`: matrix, explain, diff, as a user runs them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from commands import REFERENCE, ROOT, run_turnstile
from plain_platform import service, workload

PROD = ("--platform", REFERENCE, "--place", "prod")
POLICIES = "k8s/spring/base/network-policies.yaml"


def network(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return run_turnstile("network", *arguments)


# Matrix


def test_matrix_is_a_table_of_signs() -> None:
    """A row for each who calls, a column for each who is called, and what the signs mean."""
    said = network("matrix", *PROD).stdout
    (row,) = (line for line in said.splitlines() if "community-service" in line)
    assert row.split()[1] == "community-service"
    assert row.count("●") == 5
    assert "passes, as it is meant to" in said
    assert "+ " not in said.replace("+ passes, and nothing says that it is meant", "")


def test_matrix_as_json_and_csv_says_the_same() -> None:
    """Every connection that is not closed, once, with its ports as numbers."""
    data = json.loads(network("matrix", *PROD, "--format", "json").stdout)
    rows = list(csv.DictReader(io.StringIO(network("matrix", *PROD, "--format", "csv").stdout)))
    (place,) = data
    assert [(one["from"], one["to"], one["state"]) for one in place["connections"]] == [
        (row["from"], row["to"], row["state"]) for row in rows
    ]
    wanted = {"from": "ticketing/Deployment/community-service", "to": "ticketing/Deployment/auth-service"}
    (found,) = (one for one in place["connections"] if wanted.items() <= one.items())
    assert found["passing"] == [{"protocol": "TCP", "first": 8080, "last": 8080}]
    assert {one["state"] for one in place["connections"]} == {"meant"}


def test_picture_in_the_documentation_is_current() -> None:
    """What the README shows is what the command draws."""
    drawn = network("matrix", *PROD, "--format", "svg").stdout
    assert (ROOT / "docs" / "pictures" / "network-prod.svg").read_text(encoding="utf-8") == drawn
    root = ET.fromstring(drawn)  # noqa: S314 (ours)
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"gateway-service", "8080", "6379", "53 53u", "other addresses"} <= texts


def test_graph_has_an_edge_for_each_connection() -> None:
    """DOT, with the ports as labels; several places are not one graph."""
    said = network("matrix", *PROD, "--format", "dot").stdout
    assert '"gateway-service" -> "payment-service" [label="8080"];' in said
    done = network("matrix", "--platform", REFERENCE, "--format", "dot")
    assert done.returncode == 2
    assert "choose it by --place: kind, prod" in done.stderr


def test_matrix_is_written_to_a_file(tmp_path: Path) -> None:
    """The table too, as text."""
    for form in ("table", "json", "svg"):
        done = network("matrix", *PROD, "--format", form, "--output", tmp_path / form)
        assert (done.returncode, done.stdout) == (0, f"Wrote {tmp_path / form}.\n")
        assert "auth-service" in (tmp_path / form).read_text(encoding="utf-8")


def test_excess_and_blocked_are_told_with_their_ports(tmp_path: Path) -> None:
    """A rule without peers lets anybody in; a denied flow that is meant does not pass."""
    _write(
        tmp_path,
        _policy("web", "ingress: [{ports: [{port: 8080}, {port: 9}]}]"),
        "env: [{name: U, value: 'http://db:5432'}]",
    )
    said = network("matrix", "--platform", tmp_path).stdout
    assert "✗ web -> db  TCP 5432" in said
    assert "+ other pods -> web  TCP 9, 8080" in said


def _write(root: Path, policies: str, container: str = "") -> Path:
    manifests = workload("Deployment", "web", container) + service("web", "{port: 80, targetPort: 8080}")
    (root / "all.yaml").write_text(
        manifests + workload("StatefulSet", "db") + service("db", "{port: 5432}") + policies, encoding="utf-8"
    )
    return root


def _policy(name: str, more: str = "") -> str:
    return (
        f"---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: {name}, namespace: shop}}\n"
        f"spec: {{podSelector: {{}}, policyTypes: [Ingress, Egress]{', ' + more if more else ''}}}\n"
    )


def test_hostile_names_are_harmless(tmp_path: Path) -> None:
    """Escapes, quotes and formulas in names reach no terminal, page or spreadsheet as what they are."""
    body = workload("Deployment", '"\\e[31m=cmd|<script>"')
    (tmp_path / "all.yaml").write_text(body, encoding="utf-8")
    for form in ("table", "json", "csv", "dot", "svg"):
        said = network("matrix", "--platform", tmp_path, "--format", form).stdout
        assert "\x1b" not in said
        assert "<script>" not in said or form != "svg"
    ET.fromstring(network("matrix", "--platform", tmp_path, "--format", "svg").stdout)  # noqa: S314 (ours)


# Explain


def test_explanation_names_each_policy_with_its_line() -> None:
    """From the Service's port to the pods, out by one rule, in by another; and what says that it is meant."""
    done = network("explain", "gateway-service", "Service/payment-service", "8080", *PROD)
    assert done.returncode == 0
    assert (
        "prod: ticketing/Deployment/gateway-service -> ticketing/Deployment/payment-service TCP 8080 passes"
        in done.stdout
    )
    lines = (REFERENCE / POLICIES).read_text(encoding="utf-8").splitlines()
    for rule, port in (
        ("gateway-service-egress egress[2]", "payment-service"),
        ("payment-service-ingress ingress[0]", "gateway-service"),
    ):
        (said,) = (line for line in done.stdout.splitlines() if rule in line)
        number = int(said.rpartition(":")[2].rstrip(")"))
        assert any(port in line for line in lines[number - 1 : number + 4])
    assert "leads to payment-service:8080 (k8s/spring/overlays/prod/config.env:" in done.stdout
    assert "service  Service/payment-service port 8080 leads to" in done.stdout


def test_blocked_connection_is_explained_with_what_would_let_it_pass() -> None:
    """Exit code 1, the isolating policies, and a policy to paste for each end."""
    done = network("explain", "frontend", "redis", "6379", *PROD)
    assert done.returncode == 1
    assert done.stdout.count("this would: {apiVersion: networking.k8s.io/v1") == 2
    assert "nothing says that it is" in done.stdout


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        (("10.40.64.9", "gateway-service", "8080"), 0),
        (("10.41.0.1", "gateway-service", "8080"), 1),
        (("outside", "gateway-service", "8080"), 1),
        (("node", "redis", "6379"), 0),
        (("payment-service", "dns", "53/udp"), 0),
        (("payment-service", "dns", "tcp/53"), 0),
        (("payment-service", "dns", "5353/udp"), 1),
        (("queue-service", "10.40.0.7", "443"), 0),
        (("queue-service", "10.40.0.0/16", "443"), 1),
        (("ticketing/kafka", "StatefulSet/kafka", "9093"), 0),
        (("stranger", "kafka", "9092"), 1),
    ],
)
def test_anybody_can_be_asked_about(ends: tuple[str, str, str], code: int) -> None:
    """Workloads by any of their names, addresses, networks as a whole, the DNS, the node, any other pod."""
    assert network("explain", *ends, *PROD).returncode == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("explain", "frontendd", "redis", "1", *PROD),
            "no workload, Service or address 'frontendd'; there is, for one, frontend",
        ),
        (("explain", "frontend", "redis", "65536", *PROD), "'65536' is no port; write it as 8080 or 53/UDP"),
        (("explain", "frontend", "redis", "80/ICMP", *PROD), "'80/ICMP' is no port"),
        (("explain", "Service/kafka", "redis", "80", *PROD), "is a Service, and calls nobody"),
        (("explain", "frontend", "Service/gateway-service", "81", *PROD), "Service/gateway-service has no port 81/TCP"),
        (("matrix", "--platform", str(REFERENCE), "--place", "prd"), "has no place 'prd', but kind, prod"),
        (("diff", "prod", "no-such", "--platform", str(REFERENCE)), "at 'no-such'"),
        (("diff", "prod", "--output=/tmp/x", "--platform", str(REFERENCE)), ""),
    ],
)
def test_what_cannot_be_asked_ends_with_the_way_out(arguments: tuple[str, ...], said: str) -> None:
    """Exit code 2, one sentence on standard error."""
    done = network(*arguments)
    assert done.returncode == 2
    assert said in done.stderr


# Difference


def test_places_differ_in_words() -> None:
    """What newly passes and what no longer does; exit code 1."""
    done = network("diff", "kind", "prod", "--platform", REFERENCE)
    assert done.returncode == 1
    assert "newly passes: ticketing/Deployment/queue-service -> outside 10.40.0.0/20  TCP 443" in done.stdout
    assert (
        "no longer passes: ticketing/Deployment/ticket-service -> ticketing/StatefulSet/postgres  TCP 5432"
        in done.stdout
    )


def test_directories_differ_by_what_was_changed(tmp_path: Path) -> None:
    """Exactly the connection that a changed port opens and closes; the same directory differs in nothing."""
    for name, port in (("a", 8080), ("b", 8081)):
        (tmp_path / name).mkdir()
        _write(
            tmp_path / name,
            _policy(
                "deny",
                f"ingress: [{{from: [{{podSelector: {{}}}}], ports: [{{port: {port}}}]}}], egress: [{{to: [{{podSelector: {{}}}}]}}]",
            ),
        )
    done = network("diff", tmp_path / "a", tmp_path / "b")
    assert done.returncode == 1
    assert "newly passes: shop/Deployment/web -> shop/StatefulSet/db  TCP 8081" in done.stdout
    assert "no longer passes: shop/Deployment/web -> shop/StatefulSet/db  TCP 8080" in done.stdout
    assert len([line for line in done.stdout.splitlines() if "passes" in line]) == 8
    same = network("diff", tmp_path / "a", tmp_path / "a")
    assert (same.returncode, "the same passes" in same.stdout) == (0, True)


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=root, check=True, capture_output=True
    )


def test_revisions_differ_and_nothing_of_the_repository_runs(tmp_path: Path) -> None:
    """Two commits, in a folder of a repository whose configuration names programs for every file."""
    platform = tmp_path / "deploy" / "shop"
    platform.mkdir(parents=True)
    _git(tmp_path, "init", "-q")
    for number in (1, 2):
        shutil.rmtree(platform)
        platform.mkdir()
        _write(platform, _policy("deny") if number == 1 else "")
        _git(tmp_path, "add", "-A")
        _git(tmp_path, "commit", "-qm", str(number))
    ran = tmp_path / "ran"
    (tmp_path / ".gitattributes").write_text("* filter=evil export-ignore\n", encoding="utf-8")
    (platform / "link.yaml").symlink_to("/etc/hostname")
    _git(tmp_path, "add", "-A")
    _git(tmp_path, "commit", "-qm", "3")
    for key in ("smudge", "clean", "process"):
        _git(tmp_path, "config", f"filter.evil.{key}", f"touch {ran}")
    for opened in ("HEAD~1", "HEAD"):
        done = network("diff", "HEAD~2", opened, "--platform", platform)
        assert done.returncode == 1, done.stderr
        assert "newly passes: outside every address -> shop/Deployment/web  every port" in done.stdout
    assert network("diff", "HEAD~1", "HEAD", "--platform", platform).returncode == 0
    assert not ran.exists()
