"""Which objects a patch of kustomize is for, by selectors written as text."""

from __future__ import annotations

import pytest

from policies.model.overlays.patch_targets import Target
from policies.read.documents import Document, FileOrigin
from policies.read.yaml import parse

OBJECT = b"{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, labels: {app: web, tier: edge}}}"


@pytest.mark.parametrize(
    ("selector", "meant"),
    [
        ("app=web", True),
        ("app == web, tier=edge", True),
        ("app=api", False),
        ("tier=edge,zone", False),
        ("tier in (backend, edge, web)", True),
        ("tier in (backend, edge),app=web", True),
        ("tier in (backend, edge),app=api", False),
        ("app=api,tier in (backend,edge)", False),
    ],
)
def test_selector_as_text(selector: str, meant: bool) -> None:
    """Commas within a list in parentheses part no demands; a list itself counts as satisfied."""
    (document,) = parse(OBJECT, "web.yaml")
    found = Document(document.data, FileOrigin("web.yaml", document, ()))
    assert Target.of({"kind": "Deployment", "labelSelector": selector}).selects(found) is meant
