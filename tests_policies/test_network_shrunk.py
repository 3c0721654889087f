"""Clusters that were found with a mistake planted in the engine, and shrunk: kept, and run against both forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import naive_network as naive
import pytest
import yaml
from generated_clusters import expanded
from network_mistakes import MISTAKES
from test_naive_network import asked
from test_network_agreement import Cluster

KEPT: dict[str, dict[str, Any]] = {
    case["mistake"]: case
    for case in yaml.safe_load((Path(__file__).parent / "cases" / "shrunk_clusters.yaml").read_text(encoding="utf-8"))
}


def test_every_mistake_has_its_cluster() -> None:
    """Nothing is kept that no mistake needs, and no mistake goes without."""
    assert list(KEPT) == list(MISTAKES)


@pytest.mark.parametrize("mistake", KEPT)
def test_both_forms_answer_and_the_mistake_is_caught(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Engine and naive form give the answer that is kept, and the engine with the mistake gives the other."""
    case = KEPT[mistake]
    objects, question, expected = case["cluster"], asked(case["question"]), case["answer"] == "allowed"
    assert naive.allowed(expanded(objects), *question) is expected
    assert Cluster(objects).passes(question) is expected
    monkeypatch.setattr(*MISTAKES[mistake])
    assert Cluster(objects).passes(question) is not expected
