"""What a live run is to look at: options and `[environments.NAME]`, and what keeps a run from touching production."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
from plain_platform import workload

from policies.errors import StatementError, UsageError
from policies.evidence import Stage
from policies.intent.environments import Environment
from policies.live.wanted import Wanted, looks_like_production, wanted
from policies.platform import Platform

STATEMENT = """\
[manifests.staging]
path = "staging"
stage = "development"

[manifests.shop]
path = "shop"
stage = "release"

[environments.staging]
overlay = "staging"
context = "cluster-a"
namespace = "shop"
kubeconfig = "/etc/someone/kubeconfig"

[environments.shop]
overlay = "shop"
context = "cluster-b"

[environments.production-eu]
overlay = "staging"
context = "cluster-b"

[environments.marked]
overlay = "staging"
context = "cluster-b"
production = true

[environments.cloud]
terraform = "prod"
account = "210987654321"

[environments.lost]
overlay = "nowhere"
context = "cluster-b"
"""


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """Two places and their environments."""
    for name in ("staging", "shop"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "all.yaml").write_text(workload("Deployment", "web"), encoding="utf-8")
    (tmp_path / "platform.toml").write_text(STATEMENT, encoding="utf-8")
    return Platform.open(tmp_path)


def asked(platform: Platform, **options: object) -> Wanted | None:
    """Ask with these options and the defaults of all others."""
    defaults = {
        "environment": None, "cluster": None, "kube_context": None, "namespace": None, "kubeconfig": None, "place": None,
        "allow_production": False,
    }  # fmt: skip
    return wanted(argparse.Namespace(**{**defaults, **options}), platform)


def test_without_any_option_a_local_cluster_is_made(platform: Platform) -> None:
    """The release is what is applied there; production is not touched by that."""
    found = asked(platform)
    assert found is not None
    assert (found.made, found.context, found.item.place.name) == ("local", None, "shop")


def test_environment_gives_place_context_namespace_and_kubeconfig(platform: Platform) -> None:
    """All from platform.toml; what the command line says of the kubeconfig and the place outranks it."""
    found = asked(platform, environment="staging")
    assert found is not None
    assert (found.made, found.context, found.namespace) == (None, "cluster-a", "shop")
    assert (found.item.place.name, found.kubeconfig) == ("staging", Path("/etc/someone/kubeconfig"))
    found = asked(platform, environment="staging", kubeconfig=Path("mine"), place="shop", allow_production=True)
    assert found is not None
    assert (found.item.place.name, found.kubeconfig) == ("shop", Path("mine"))


def test_context_and_namespace_name_a_cluster_themselves(platform: Platform) -> None:
    """Without an environment."""
    found = asked(platform, kube_context="kind-kind", namespace="town", place="staging")
    assert found is not None
    assert (found.made, found.context, found.namespace) == (None, "kind-kind", "town")


def test_no_cluster_is_looked_at_where_none_is_asked_for(platform: Platform) -> None:
    """By the option, or because the environment has no context."""
    assert asked(platform, cluster="none") is None
    assert asked(platform, environment="cloud") is None


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"environment": "shop"}, "the environment shop looks like production: what runs there is a release; if it is meant, add --allow-production"),
        ({"environment": "production-eu"}, "'production-eu' says so"),
        ({"environment": "marked"}, "platform.toml says so"),
        ({"kube_context": "arn:aws:eks:eu-central-1:1:cluster/shop-prod", "place": "staging"}, "cluster/shop-prod' says so"),
        ({"kube_context": "a", "namespace": "prod", "place": "staging"}, "'prod' says so"),
        ({"kube_context": "a"}, "is a release"),
    ],
)  # fmt: skip
def test_what_looks_like_production_must_be_allowed(platform: Platform, options: dict[str, object], said: str) -> None:
    """By its stage, its name, or its statement; and then it is."""
    with pytest.raises(UsageError, match="looks like production") as error:
        asked(platform, **options)
    assert said in str(error.value)
    assert asked(platform, **options, allow_production=True) is not None


@pytest.mark.parametrize(
    ("name", "expected"),
    [("prod", True), ("PROD-2", True), ("eu.production", True), ("reproduce", False), ("products", True), ("staging", False), ("nonprod", False)],
)  # fmt: skip
def test_names_of_production(name: str, expected: bool) -> None:
    """`prod` at the beginning of a word; better one name too many than one too few."""
    assert bool(looks_like_production(name, Environment(), Stage.DEVELOPMENT)) is expected


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"environment": "nothing"}, "has no table [environments.nothing], but staging, shop"),
        ({"environment": "staging", "kube_context": "a"}, "give one of the two"),
        ({"environment": "staging", "cluster": "local"}, "give one of them"),
        ({"cluster": "kind", "kube_context": "a"}, "give one of them"),
        ({"namespace": "a"}, "--kube-context"),
        ({"environment": "lost"}, "--environment lost: overlay = 'nowhere'"),
        ({"place": "nowhere"}, "--place nowhere"),
    ],
)
def test_what_cannot_be_meant_is_told(platform: Platform, options: dict[str, object], said: str) -> None:
    """In one sentence, before anything is touched."""
    with pytest.raises(UsageError) as error:
        asked(platform, **options)
    assert said in str(error.value)


def test_kubeconfig_of_the_platform_is_refused(platform: Platform) -> None:
    """It could name programs, which would be run: a platform that is judged runs nothing."""
    inside = platform.root.resolve() / "kubeconfig"
    text = STATEMENT.replace("/etc/someone/kubeconfig", str(inside))
    (platform.root / "platform.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="a file of the platform"):
        asked(Platform.open(platform.root), environment="staging")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('kubeconfig = "files/kubeconfig"', "kubeconfig"),
        ('account = "12"', "account"),
        ("account = 210987654321", "account"),
        ('edge-url = "shop.internal"', "edge-url"),
        ('gateway-url = "https://a:b@shop.internal"', "gateway-url"),
        ('production = "yes"', "production"),
        ('contxt = "a"', "contxt"),
    ],
)
def test_statement_that_does_not_fit_is_told_with_its_line(tmp_path: Path, line: str, key: str) -> None:
    """A kubeconfig inside the platform, an account that is none, a URL with a password: each with file, line and key."""
    (tmp_path / "platform.toml").write_text(f"[environments.a]\n{line}\n", encoding="utf-8")
    with pytest.raises(StatementError) as error:
        Platform.open(tmp_path)
    assert (error.value.line, error.value.key) == (2, f"environments.a.{key}")
