"""What is good in development and must not reach a release: full tracing, insecure cookies, addresses of one machine, modes for developers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, TypeVar

from policies.evidence import Evidence, Gap, Place
from policies.model.configuration.addresses import in_setting
from policies.model.configuration.hosts import is_local
from policies.model.configuration.keynames import is_of_browsers
from policies.model.configuration.settings import Setting, called, settings_of
from policies.model.stated import no_release
from policies.model.workloads.pods import listed, mapping, not_looked_at
from policies.model.workloads.workload import Container, pod_spec_path
from policies.platform import Platform

_TRUE = frozenset({"true", "1", "yes", "on", "y", "enabled"})
_FALSE = frozenset({"false", "0", "no", "off", "n", "disabled"})

_TRACING = re.compile(r"(?:^|_)(?:trac(?:e|es|ing|er)|spans?|zipkin|jaeger|otel|sleuth|brave)(?:_|$)")
_RATE = re.compile(r"_(?:sampl(?:e|er|ing)_?(?:rate|ratio|percentage|arg)?|traces_sampler)$")
_PROBABILITY = re.compile(r"(?:^|_)sampl(?:er|ing)_probability$")
_ALWAYS = frozenset({"always_on", "parentbased_always_on", "always", "alwayson", "always_sample"})
"""Samplers of OpenTelemetry and Brave that keep every trace (OTEL_TRACES_SAMPLER)."""

_COOKIE = re.compile(r"cookies?_(?:\w+_)?secure$|secure_cookies?$|insecure_cookies?$|cookies?_insecure$")

_PROFILE = re.compile(
    r"(?:^|_)(?:spring_profiles_(?:active|include|default)|quarkus_profile|micronaut_environments|(?:node|app|rails|rack|flask|go|mix|deploy)_env"
    r"|(?:aspnetcore|dotnet|app|deployment)_environment|gin_mode|app_mode)$|^environment$"
)
_DEBUG = re.compile(r"(?:^|_)debug(?:_mode|_enabled)?$")
_JVM = re.compile(r"(?:^|_)(?:java_tool_options|jdk_java_options|(?:java|jvm|heap|catalina|kafka)_opts|node_options)$")
_DEVELOPERS = frozenset(
    [
        *("dev", "devel", "develop", "development", "local", "localhost", "debug"),
        *("test", "testing", "kind", "laptop", "sandbox"),
    ]
)
_AGENT = re.compile(
    r"-agentlib:jdwp|-Xrunjdwp|--inspect(?:-brk)?(?:=|\s|$)|-Dspring\.profiles\.active=(?:dev|local|test)\b"
)

_UNRESOLVED = re.compile(r"\$[({]|\{\{")


@dataclass(frozen=True)
class ReleasedSetting:
    """A setting of a release."""

    noun: ClassVar[str] = "setting of a release"
    only_in_files: ClassVar[bool] = False

    setting: Setting

    @property
    def place(self) -> Place:
        """Where it stands."""
        return self.setting.place

    @property
    def id(self) -> str:
        """The setting's."""
        return self.setting.id

    @property
    def name(self) -> str:
        """The setting's name."""
        return self.setting.name

    @property
    def value(self) -> str:
        """The setting's value, without white space around it."""
        return self.setting.value.strip()

    @property
    def unknown(self) -> bool:
        """Whether a variable stands in its value that something else fills in."""
        return bool(_UNRESOLVED.search(self.value))

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give the value's line as the place."""
        return self.setting.evidence(message, *values)

    @classmethod
    def matches(cls, setting: Setting) -> bool:
        """Whether a setting is of this type."""
        return bool(setting.name)

    @classmethod
    def collect(cls: type[Own], platform: Platform) -> Iterator[Own | Gap]:
        """Yield every such setting of every release."""
        for item in platform.deployed:
            if item.place.released:
                yield from not_looked_at(item)
                yield from (cls(setting) for setting in called(settings_of(item), cls.matches))
        yield from no_release(platform)


Own = TypeVar("Own", bound=ReleasedSetting)


class TracingRate(ReleasedSetting):
    """How many traces are kept."""

    noun: ClassVar[str] = "tracing rate of a release"

    @classmethod
    def matches(cls, setting: Setting) -> bool:
        """Whether a setting is a probability, or a rate or a sampler of traces."""
        name = setting.canonical
        return bool(_PROBABILITY.search(name)) or bool(_TRACING.search(name) and _RATE.search(name))

    @property
    def is_everything(self) -> bool:
        """Whether every trace is kept: a probability of 1, 100 per cent, a sampler that is always on."""
        text = self.value.lower()
        if text.replace("-", "_") in _ALWAYS:
            return True
        try:
            share = float(text.removesuffix("%"))
        except ValueError:
            return False
        percentage = text.endswith("%") or self.setting.canonical.endswith(("percentage", "tracing_sampling"))
        return share >= (100 if percentage else 1)


class CookieSetting(ReleasedSetting):
    """Whether a cookie is for HTTPS alone."""

    noun: ClassVar[str] = "cookie setting of a release"

    @classmethod
    def matches(cls, setting: Setting) -> bool:
        """Whether a setting says that cookies are secure, or that they are not."""
        return bool(_COOKIE.search(setting.canonical))

    @property
    def is_insecure(self) -> bool:
        """Whether the cookie goes over plain HTTP too."""
        return self.value.lower() in (_TRUE if "insecure" in self.setting.canonical else _FALSE)


class ReleasedAddress(ReleasedSetting):
    """A setting whose value holds an address."""

    noun: ClassVar[str] = "address in the configuration of a release"

    @classmethod
    def matches(cls, setting: Setting) -> bool:
        """Whether a variable, or a key of a ConfigMap that is no file, holds an address; of a file only what browsers get."""
        plain = setting.path[-1] == "value" or (setting.path[0] == "data" and not setting.holder)
        return (plain or is_of_browsers(setting.name)) and any(True for _ in in_setting(setting.name, setting.value))

    @cached_property
    def local(self) -> tuple[str, ...]:
        """The addresses of the machine itself; not `0.0.0.0`, by which a program listens."""
        every = in_setting(self.name, self.value)
        return tuple(str(one) for one in every if is_local(one.host) and one.host not in ("0.0.0.0", "::"))  # noqa: S104

    @property
    def excused(self) -> bool:
        """Whether somebody in each reader's own pod may answer there: a second container, or a port of the reader's own."""
        if is_of_browsers(self.name) or not self.setting.readers:
            return False
        ports = {one.port for one in in_setting(self.name, self.value) if is_local(one.host)}
        return all(_has_company(reader) or ports <= _ports(reader) for reader in self.setting.readers)


def _has_company(container: Container) -> bool:
    spec = mapping(container.document.get(*(pod_spec_path(container.document) or ())))
    sidecars = [one for _, one in listed(spec.get("initContainers")) if one.get("restartPolicy") == "Always"]
    return bool(spec.get("hostNetwork")) or len(listed(spec.get("containers"))) + len(sidecars) > 1


def _ports(container: Container) -> set[int | None]:
    return {port.get("containerPort") for _, port in listed(container.body.get("ports"))}


class Mode(ReleasedSetting):
    """A profile, an environment's name, a switch for debugging, the options of a JVM."""

    noun: ClassVar[str] = "mode of a program in a release"

    @classmethod
    def matches(cls, setting: Setting) -> bool:
        """Whether a setting says how a program is to run."""
        return any(pattern.search(setting.canonical) for pattern in (_PROFILE, _DEBUG, _JVM))

    @property
    def is_for_developers(self) -> bool:
        """Whether it is a mode for development: `dev`, `local`, a debugger that listens."""
        if _JVM.search(self.setting.canonical):
            return bool(_AGENT.search(self.value))
        if _DEBUG.search(self.setting.canonical):
            return self.value.lower() in _TRUE
        return any(word in _DEVELOPERS for word in re.split(r"[^a-z0-9]+", self.value.lower()))
