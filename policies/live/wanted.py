"""What a live run is to look at: an environment that was named, or a cluster that is made for the run; and that production is meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from policies.deployed import Deployed
from policies.errors import UsageError
from policies.evidence import Stage
from policies.intent.environments import Environment
from policies.platform import Platform

Made = Literal["local", "kind"]

PRODUCTION = re.compile(r"(?:\A|[^a-z0-9])prod", re.IGNORECASE)
"""What looks like production by its name: `prod`, `eu-production`, `arn:…:cluster/shop-prod`."""


@dataclass(frozen=True)
class Wanted:
    """A cluster to look at and the place that runs there.

    `made` says how the cluster is made; None for one that exists, which `context` of `kubeconfig` names. Objects that state no namespace
    are looked for in `namespace`; None is the context's own.
    """

    item: Deployed
    made: Made | None = None
    context: str | None = None
    kubeconfig: Path | None = None
    namespace: str | None = None


def wanted(option: Any, platform: Platform) -> Wanted | None:
    """Give what the options ask for; None where no cluster is to be looked at. Raises UsageError for what cannot be meant."""
    name, environment = chosen_environment(option, platform)
    if option.cluster and (name or option.kube_context):
        raise UsageError(
            "--cluster makes a cluster, or none, and --environment and --kube-context name one; give one of them"
        )
    if option.namespace and not option.kube_context:
        raise UsageError(
            "--namespace says where in the cluster of --kube-context to look; an environment states its own in platform.toml"
        )
    if option.cluster == "none" or (name and environment.context is None):
        return None
    item = _place(platform, option.place, f"--environment {name}: overlay", environment.overlay)
    if not (name or option.kube_context):
        return Wanted(item, made=option.cluster or "local")
    context, namespace = option.kube_context or environment.context, option.namespace or environment.namespace
    if not option.allow_production:
        _refuse_production(item, name, environment, (context, namespace))
    return Wanted(item, None, context, kubeconfig_of(option.kubeconfig, environment, platform), namespace)


def chosen_environment(option: Any, platform: Platform) -> tuple[str, Environment]:
    """Give the environment that was named, with its name; an empty one where none was. Raises UsageError where there is none of that name."""
    name = option.environment
    if name is None:
        return "", Environment()
    if option.kube_context:
        raise UsageError(
            "--environment names a context by platform.toml, --kube-context names one itself; give one of the two"
        )
    return name, environment_of(platform, name)


def environment_of(platform: Platform, name: str) -> Environment:
    """Give an environment by its name. Raises UsageError where `platform.toml` states none of it."""
    known = platform.intent.environments
    if name not in known:
        raise UsageError(
            f"--environment {name}: platform.toml has no table [environments.{name}]"
            + (f", but {', '.join(known)}" if known else "")
        )
    return known[name]


def looks_like_production(
    name: str, environment: Environment, stage: Stage, others: tuple[str | None, ...] = ()
) -> str:
    """Give why an environment looks like production; empty where it does not. `others` are further names: a context, a namespace."""
    if environment.production:
        return "platform.toml says so (production = true)"
    if stage is Stage.RELEASE:
        return "what runs there is a release"
    named = next((one for one in (name, *others) if one and PRODUCTION.search(one)), None)
    return f"{named!r} says so" if named else ""


def _refuse_production(item: Deployed, name: str, environment: Environment, others: tuple[str | None, ...]) -> None:
    reason = looks_like_production(name, environment, item.place.stage, others)
    if reason:
        shown = f"the environment {name}" if name else f"the cluster of context {others[0]}"
        raise UsageError(f"{shown} looks like production: {reason}; if it is meant, add --allow-production")


def _place(platform: Platform, name: str | None, what: str, stated: str | None) -> Deployed:
    """Give the place that the cluster runs: the stated one, or the first release, or the first."""
    known = [item for item in platform.deployed if item.documents]
    if name is not None or stated is not None:
        wish = f"--place {name}" if name is not None else f"{what} = {stated!r}"
        found = [item for item in known if item.place.name == (name if name is not None else stated)]
        if not found:
            names = ", ".join(item.place.name for item in known)
            raise UsageError(f"{wish}: {platform.root} has no such place with objects, but {names or 'none at all'}")
        return found[0]
    if not known:
        raise UsageError(f"{platform.root} renders no object, so there is nothing to look for on a cluster")
    return next((item for item in known if item.place.released), known[0])


def kubeconfig_of(asked: Path | None, environment: Environment, platform: Platform) -> Path | None:
    """Give the kubeconfig that was asked for, or the environment's. Raises UsageError where that is a file of the platform."""
    if asked is not None or environment.kubeconfig is None:
        return asked
    file = Path(environment.kubeconfig).expanduser()
    if file.resolve().is_relative_to(platform.root.resolve()):
        raise UsageError(
            f"platform.toml names the kubeconfig {environment.kubeconfig}, a file of the platform; such a file can name programs, "
            "so take it by --kubeconfig if it is yours"
        )
    return file
