"""Secrets of Secrets Manager: which there are, how they are kept, where their values come from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import PLATFORM, Evidence, Gap, Location, Place
from policies.intent.intent import FILE
from policies.model.cloud.resources import Resource, known, resources
from policies.model.cloud.roots import roots
from policies.model.cloud.settings import whole
from policies.model.secrets.secret_values import SecretValue
from policies.platform import Platform
from policies.read.terraform import Block, Unknown
from policies.requirement import not_judged

DEFAULT_DAYS = 30
"""How long a deleted secret can be brought back where nothing is said (AWS Secrets Manager API Reference, DeleteSecret)."""

OF_AWS = "alias/aws/secretsmanager"
"""The key that AWS has for whoever names none."""

VALUES = ("secret_string", "secret_string_wo", "secret_binary", "secret_binary_wo")


class Secret(Resource):
    """A secret."""

    noun: ClassVar[str] = "secret of Secrets Manager"
    types: ClassVar[tuple[str, ...]] = ("aws_secretsmanager_secret",)

    @property
    def name(self) -> str | None:
        """Its name as far as it can be told; None where it cannot."""
        for attribute in ("name", "name_prefix"):
            value = self.block.get(attribute)
            told = value.text if isinstance(value, Unknown) else value
            if isinstance(told, str) and told:
                return told if attribute == "name" else told.rstrip("-_./")
        return None

    @property
    def recovery_days(self) -> int:
        """For how many days it can be brought back after it was deleted."""
        return whole(self.get("recovery_window_in_days"), DEFAULT_DAYS)

    @property
    def has_own_key(self) -> bool:
        """Whether a key of the account encrypts it, and not the one that AWS has for all. Raises NotJudged where that is not known."""
        value = self.block.get("kms_key_id")
        referred = self.block.refers_to("kms_key_id")
        if self.block.unknown is None and referred:
            return not any(one.get(name) == OF_AWS for one in referred for name in ("key_id", "name"))
        return isinstance(known(value), str) and value not in ("", OF_AWS)


class SecretVersion(Resource):
    """A value that Terraform gives to a secret."""

    noun: ClassVar[str] = "value of a secret"
    types: ClassVar[tuple[str, ...]] = ("aws_secretsmanager_secret_version",)

    @property
    def attribute(self) -> str:
        """The attribute that holds it."""
        return next((name for name in VALUES if self.block.attributes.get(name) is not None), VALUES[0])

    @property
    def secret_value(self) -> SecretValue:
        """It."""
        return SecretValue(self.block, self.attribute)

    def blame_value(self, message: str, *values: object) -> Evidence:
        """Give the attribute that holds it as the place."""
        return self.blame((self.attribute,), message, *values)


@dataclass(frozen=True, eq=False)
class StatedSecret:
    """A secret that `platform.toml` states, and those that there are. `unseen` says why there may be more."""

    noun: ClassVar[str] = "stated secret"
    only_in_files: ClassVar[bool] = False

    name: str
    secrets: tuple[Secret, ...]
    unseen: str | None = None

    @property
    def place(self) -> Place:
        """The platform: in which root it is made is not stated."""
        return PLATFORM

    @property
    def id(self) -> str:
        """Its name."""
        return self.name

    @property
    def is_there(self) -> bool:
        """Whether a secret has its name. Raises NotJudged where one may have it that cannot be looked at."""
        for secret in self.secrets:
            if secret.name is not None and self._is_called(secret.name):
                if secret.block.unknown is not None:
                    not_judged(secret.block.unknown.why)
                return True
        if self.unseen is not None:
            not_judged(self.unseen)
        for secret in self.secrets:
            if secret.name is None:
                known(_why(secret.block))
        return False

    def _is_called(self, name: str) -> bool:
        return name == self.name or name.endswith("/" + self.name)

    @property
    def names(self) -> str:
        """The names of those that there are."""
        return ", ".join(sorted({secret.name for secret in self.secrets if secret.name is not None})) or "none"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give where it is stated and the secrets that there are as the places."""
        places = dict.fromkeys(secret.block.locate("name") for secret in self.secrets)
        return Evidence(message.format(*values), (Location(FILE), *places))

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[StatedSecret | Gap]:
        """Yield the stated secrets; not judged where none is stated."""
        if platform.only_clusters and not roots(platform):
            return  # What runs in a cluster is no secret of Secrets Manager's.
        if platform.intent.vault is None:
            reason = "platform.toml does not state which secrets there must be: [vault] secrets"
            yield Gap("stated secrets", reason, PLATFORM)
            return
        secrets: list[Secret] = []
        unseen = None
        for deployed, blocks in resources(platform, *Secret.types):
            if isinstance(blocks, Gap):
                unseen = blocks.reason
            else:
                secrets += [Secret(deployed, block) for block in blocks]
                unseen = unseen or deployed.beyond
        for name in platform.intent.vault.secrets:
            yield cls(name, tuple(secrets), unseen)


def _why(block: Block) -> Any:
    value = block.get("name")
    return value if isinstance(value, Unknown) else Unknown(f"what {block.address} is called is not known")
