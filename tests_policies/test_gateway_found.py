"""What of a platform is its gateway: the jar, whether it is of these sources, the environment that it starts with; and what is said where there is none."""

from __future__ import annotations

import os
import re
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import built_gateway
import pytest

from policies.errors import SourceError
from policies.gateway import java
from policies.gateway.agreement import Agreement
from policies.gateway.answers import Answer
from policies.gateway.found import ORIGIN_SECRET, Program
from policies.gateway.places import deciding
from policies.gateway.trials import form
from policies.model.delivery.cloudfront import Request
from policies.platform import Platform
from policies.requirement import NotJudged

REFERENCE = Path(__file__).resolve().parent.parent / "reference"
GATEWAY = built_gateway.GATEWAY
Changed = Callable[[Path], None]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the reference platform that was not built."""
    ignored = shutil.ignore_patterns("node_modules", "target", ".terraform")
    return Path(shutil.copytree(REFERENCE, tmp_path / "platform", symlinks=True, ignore=ignored))


def agreement(root: Path) -> Agreement:
    """Give the one pair of edge and gateway of a platform."""
    (found,) = Agreement.collect(Platform.open(root))
    assert isinstance(found, Agreement)
    return found


def program(root: Path) -> Program:
    """Give its gateway."""
    return agreement(root).program


def restate(root: Path, text: str) -> None:
    """State something else of the gateway in platform.toml; nothing where the text is empty."""
    file = root / "platform.toml"
    before, _, after = file.read_text(encoding="utf-8").partition("[gateway]\n")
    table = f"[gateway]\n{text}\n" if text else ""
    file.write_text(f"{before}{table}[{after.partition(chr(10) + '[')[2]}", encoding="utf-8")


def put(root: Path, name: str = "gateway-service.jar", contract: bytes | None = None) -> Path:
    """Put a jar where a build would."""
    path = root / GATEWAY / "target" / name
    path.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("META-INF/MANIFEST.MF", "Main-Class: a.Main\n")
        if contract is not None:
            archive.writestr("BOOT-INF/classes/cloudfront-header.json", contract)
    return path


def reason(root: Path) -> str:
    """Say why it is not asked."""
    found = agreement(root)
    with pytest.raises(NotJudged) as caught:
        found.exchange([Request("/")])
    found.close()
    return str(caught.value)


def test_environment_is_that_of_its_container(root: Path) -> None:
    """As prod gives it, with secrets of the tests', and what stands behind it on ports of ours; nobody states anything of it."""
    restate(root, "")
    found = program(root)
    assert (found.folder, found.header_names) == (GATEWAY, ("X-Ticketing-Origin-Verify",))
    assert (found.origin_secrets, found.token_secret) == (("CLOUDFRONT_ORIGIN_SECRET",), "QUEUE_ENTRY_TOKEN_SECRET")
    assert "TICKET_SERVICE_URL" in found.services
    assert "CORS_ALLOWED_ORIGINS" not in found.services  # A browser's, not the gateway's.
    made = found.environment({"TICKET_SERVICE_URL": 9001}, 8080)
    assert made["CLOUDFRONT_ORIGIN_SECRET"] == ORIGIN_SECRET
    assert made["TICKET_SERVICE_URL"] == "http://127.0.0.1:9001"
    assert made["SQS_QUEUE_NAME"] == "ticketing-prod-purchases.fifo"
    assert "REDIS_PASSWORD" in made  # Somebody's secret: there, and not his.


def test_environment_is_what_its_settings_ask_for_where_no_manifest_gives_one(root: Path) -> None:
    """A platform whose gateway runs elsewhere is judged too."""
    shutil.rmtree(root / "k8s")
    made = program(root).environment({}, 8080)
    assert {"CLOUDFRONT_ORIGIN_SECRET", "QUEUE_ENTRY_TOKEN_SECRET", "FRONTEND_SERVICE_URL"} <= made.keys()


@pytest.mark.parametrize(("name", "followed"), [("HANDSHAKE", True), ("QUEUE_ENTRY_SECRET", False)])
def test_variable_of_the_tokens_key_is_found(root: Path, name: str, followed: bool) -> None:
    """By what the gateway's Java makes a key of, else by its name."""
    for path in [*root.rglob("*.y*ml"), *root.rglob("*.java"), *root.rglob("platform.toml")]:
        text = path.read_text(encoding="utf-8").replace("QUEUE_ENTRY_TOKEN_SECRET", name)
        if path.suffix == ".java" and not followed:
            text = text.replace("SecretKeySpec(", "Sealed(")
        path.write_text(re.sub(r"(?m)^token-secret = .*\n", "", text), encoding="utf-8")
    stated = root / "platform.toml"
    text = stated.read_text(encoding="utf-8")
    stated.write_text(re.sub(r"\[edge\.secret\]\n(?:[^\[\n].*\n|\n)+", "", text), encoding="utf-8")
    found = program(root)
    assert found.token_secret == name


def test_what_owners_state_outranks_what_was_found(root: Path) -> None:
    """The variables, the jar, whatever else it needs."""
    restate(root, 'jar = "made/door.jar"\nservices = ["A_URL"]\ntoken-secret = "T"\nenvironment = { LANG = "C" }\n')
    found = program(root)
    assert (found.jar, found.services, found.token_secret) == ("", ("A_URL",), "T")
    made = found.environment({"A_URL": 9001}, 8080)
    assert (made["LANG"], made["A_URL"], made["T"][:15]) == ("C", "http://127.0.0.1:9001", "turnstile-tests")
    assert "no jar" in reason(root)


def test_java_is_not_told_what_it_is_started_with(root: Path) -> None:
    """Options of the JVM in a manifest are for another machine, and could load what they like."""
    file = root / "k8s/spring/base/gateway-service/deployment.yaml"
    text = file.read_text()
    assert text.count("          envFrom:") == 1
    file.write_text(
        text.replace(
            "          envFrom:",
            "          env:\n            - name: JAVA_TOOL_OPTIONS\n              value: -javaagent:/x\n          envFrom:",
        )
    )
    assert "JAVA_TOOL_OPTIONS" not in program(root).variables


def test_without_a_jar_it_is_said_how_to_build_one(root: Path) -> None:
    """The command stands in the reason."""
    assert reason(root) == (
        f"the gateway was not built: there is no jar; build it with `mvn -B -f {GATEWAY}/pom.xml package`"
    )


def test_a_jar_that_is_older_than_a_source_is_not_run(root: Path) -> None:
    """What it does is not what the source says."""
    jar = put(root)
    os.utime(jar, (time.time() - 10**9, time.time() - 10**9))
    assert reason(root).startswith(f"{GATEWAY}/target/gateway-service.jar is older than {GATEWAY}/")
    tests = root / GATEWAY / "src/test/java/internal/ticketing/gateway/Backend.java"
    os.utime(jar)
    os.utime(tests, (time.time() + 60, time.time() + 60))
    assert program(root).older == ""  # What only tests need is not in it.


def test_a_jar_that_was_built_with_another_contract_is_not_run(root: Path) -> None:
    """The build copies the header's contract into the jar."""
    contract = root / "contracts/cloudfront-header.json"
    put(root, contract=contract.read_bytes())
    assert program(root).older == ""
    contract.write_text(contract.read_text().replace("X-Ticketing-Origin-Verify", "X-Ticketing-Origin-Proof"))
    assert program(root).older == "contracts/cloudfront-header.json"


def test_of_several_jars_none_is_guessed(root: Path) -> None:
    """Sources and documentation are none; of two that run, owners say which."""
    put(root)
    put(root, "gateway-service-sources.jar")
    assert program(root).jar == f"{GATEWAY}/target/gateway-service.jar"
    put(root, "other.jar")
    with pytest.raises(SourceError, match=r"say in platform.toml which one runs: \[gateway\] jar"):
        _ = program(root).jar


def test_a_jar_that_leads_out_of_the_platform_is_not_run(root: Path, tmp_path: Path) -> None:
    """By a link, or by what is stated."""
    outside = tmp_path / "outside.jar"
    shutil.move(put(root), outside)
    (root / GATEWAY / "target/gateway-service.jar").symlink_to(outside)
    with pytest.raises(SourceError, match="leads out of the platform"):
        _ = program(root).file


def test_without_java_nothing_is_judged(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By name, as the specification wants it."""
    put(root)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    assert java.find_java() is None
    assert reason(root) == "no Java: neither JAVA_HOME nor PATH has one"


def test_a_platform_without_a_gateway_has_no_subject(tmp_path: Path) -> None:
    """Nor one without a distribution, or without a validator."""
    for part in ("terraform", "services-spring", "lambda"):
        root = tmp_path / part
        shutil.copytree(REFERENCE, root, symlinks=True, ignore=shutil.ignore_patterns("node_modules", "target"))
        shutil.rmtree(root / part)
        (root / "platform.toml").unlink()
        assert list(Agreement.collect(Platform.open(root))) == []


def test_where_it_decides_is_its_own_java(root: Path) -> None:
    """Tokens are verified where a key is taken, requests held at the comparison; where no comparison is found, at its filters."""
    found = program(root)
    lines = {(Path(one.source).name, one.line) for one in deciding(found, tokens=True)[:1]}
    assert lines == {("EntryTokenVerifier.java", 46)}
    plain = deciding(found, tokens=False)
    assert {Path(one.source).name for one in plain[:1]} == {"VwrEntryTokenFilter.java"}
    vars(found)["checks"] = ()
    assert "VwrEntryTokenFilter.java" in {Path(one.source).name for one in deciding(found, tokens=False)}


@pytest.mark.parametrize(
    ("status", "kind", "body", "wrong"),
    [
        (403, "application/json", "{}", ""),
        (403, "", "", ""),
        (403, "text/html", "<p>", "is no JSON"),
        (200, "", "", "not 403"),
    ],
)
def test_a_refusal_is_json_or_nothing(status: int, kind: str, body: str, wrong: str) -> None:
    """An empty body says what its status says; a page of HTML would be taken for JSON."""
    headers = (("Content-Type", kind),) if kind else ()
    asked = SimpleNamespace(program=SimpleNamespace(stated=SimpleNamespace(refusal=403)))
    crossing = SimpleNamespace(answer=Answer(status, headers, body), variant=SimpleNamespace(request={"method": "GET"}))
    found = form((), ()).wrong(cast("Any", asked), cast("Any", crossing))
    assert wrong in found
    assert bool(found) is bool(wrong)
