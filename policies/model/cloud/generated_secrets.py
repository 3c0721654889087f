"""Secrets that Terraform makes at random, and how long they are."""

from __future__ import annotations

from typing import ClassVar

from policies.evidence import Evidence
from policies.model.cloud.plain_values import number
from policies.model.cloud.resources import known
from policies.model.cloud.vault import SecretVersion
from policies.read.terraform import Block
from policies.requirement import NotJudged

LEAST = 15
"""The fewest characters of a password that nothing else stands beside (NIST SP 800-63B-4, "Password Verifiers")."""

_MADE_BY = "random_password"
"""What random_string makes may be a user's name as well."""


class GeneratedSecret(SecretVersion):
    """A value of a secret that is made at random, wholly or in parts."""

    noun: ClassVar[str] = "value of a secret that is made at random"

    @property
    def made(self) -> tuple[Block, ...]:
        """What makes it, or a part of it."""
        return tuple(one for one in self.block.refers_to(self.attribute) if one.type == _MADE_BY)

    @property
    def short(self) -> tuple[Block, ...]:
        """Those that make fewer characters. Raises NotJudged where that is not known of one, and none else does."""
        found, doubt = [], None
        for one in self.made:
            try:
                found += [one] if length_of(one) < LEAST else []
            except NotJudged as why:
                doubt = why
        if doubt is not None and not found:
            raise doubt
        return tuple(found)

    def blame_short(self, found: tuple[Block, ...], message: str, *values: object) -> Evidence:
        """Give the lengths of what makes it as the places."""
        return Evidence(message.format(*values), tuple(one.locate("length") for one in found))

    @property
    def counts(self) -> bool:
        """Whether it is one."""
        return bool(self.made)


def length_of(made: Block) -> int:
    """Give how many characters are made. Raises NotJudged where that is not known."""
    return int(number(known(made.get("length"))))
