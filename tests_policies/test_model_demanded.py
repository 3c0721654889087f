"""Variables that a Spring project's settings demand: which are given, which are not, and where that is not known."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_platform import plain_platform, subjects, workload

from policies.model.configuration.demanded import DemandedVariable

MAPS = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: app, namespace: shop}\ndata: {IN_MAP: x}\n"
SETTINGS = """spring: {application: {name: web}}
shop:
  uri: http://${TICKET_URL}/x
  other: ${WITH_DEFAULT:x} ${OUTER_ONE:${INNER_ONE}} ${lower.case} ${HOME} ${IN_MAP}
  list: [{uri: "${IN_LIST}"}]
"""


def judged(
    root: Path, container: str = "", settings: str = SETTINGS, files: dict[str, str] | None = None
) -> dict[str, str]:
    """Give the variables that are demanded, each with `given`, `missing`, or why that is not known."""
    resources = root / "web" / "src" / "main"
    (resources / "resources").mkdir(parents=True)
    (resources / "java").mkdir()
    (resources / "java" / "Web.java").write_text("class Web {}")
    (root / "web" / "pom.xml").write_text("<project/>")
    (resources / "resources" / "application.yaml").write_text(settings)
    for name, text in (files or {}).items():
        (root / name).write_text(text)
    manifests = MAPS + workload("Deployment", "web", container).replace("image: a:1", "image: registry/web:1")
    platform = plain_platform(root, manifests)
    found = subjects(DemandedVariable, platform)
    return {one.name: "given" if one.given else one.doubt or "missing" for one in found}


def test_placeholder_without_default_is_demanded(tmp_path: Path) -> None:
    """A default, a property's name and a placeholder in a default demand nothing."""
    assert judged(tmp_path) == dict.fromkeys(("TICKET_URL", "IN_MAP", "IN_LIST"), "missing")


@pytest.mark.parametrize(
    ("container", "files", "expected"),
    [
        ("env: [{name: TICKET_URL, value: x}]", {}, "given"),
        ("env: [{name: TICKET_URL, valueFrom: {secretKeyRef: {name: s, key: k}}}]", {}, "given"),
        ("env: [{name: TICKET_URL, valueFrom: {configMapKeyRef: {name: app, key: IN_MAP, optional: true}}}]", {}, "given"),
        ("env: [{name: TICKET_URL, valueFrom: {configMapKeyRef: {name: app, key: GONE, optional: true}}}]", {}, "missing"),
        ("env: [{name: SHOP_URI, value: x}]", {}, None),
        ("env: [{name: JAVA_OPTS, value: -DTICKET_URL=x}]", {}, "may be given by the container's command"),
        ("command: [sh, -c, run]", {}, "may be given by the container's command"),
        ("envFrom: [{secretRef: {name: gone}}]", {}, "which is not here"),
        ("", {"web/Dockerfile": "FROM a\nENV TICKET_URL=x\n"}, "web/Dockerfile names"),
        ("", {"web/pom.xml": "<project>spring-cloud-starter-config</project>"}, "from elsewhere"),
        ("", {"web/src/main/java/Web.java": "class Web { { System.setProperty(a, b); } }"}, "Java may set"),
    ],
)  # fmt: skip
def test_variable_is_given(tmp_path: Path, container: str, files: dict[str, str], expected: str | None) -> None:
    """What the container, its image or its code may give is never called missing."""
    found = judged(tmp_path, container, files=files).get("TICKET_URL")
    assert found is None if expected is None else expected in (found or "")


def test_variable_of_a_list_outranks_the_whole_of_it(tmp_path: Path) -> None:
    """Spring takes a list from one source only."""
    assert "IN_LIST" not in judged(tmp_path, "env: [{name: SHOP_LIST_0_OTHER, value: x}]")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("a: ${TICKET_URL}\nTICKET_URL: x\n", "may be set by the project's own files"),
        ("a: ${TICKET_URL}\nspring: {config: {import: 'configserver:http://x'}}\n", "imports configserver"),
        ("a: ${TICKET_URL}\nspring: {profiles: {active: other}}\n", "own files"),
        ("a: ${WEB_SERVICE_HOST}\n", ""),
        ("a: ${KUBERNETES_SERVICE_HOST}\n", "Kubernetes itself"),
    ],
)
def test_settings_may_come_from_elsewhere(tmp_path: Path, settings: str, expected: str) -> None:
    """Where further settings are taken from, that one is missing is not known."""
    (found,) = judged(tmp_path, settings=settings).values()
    assert expected in found
    assert (found == "missing") == (not expected)
