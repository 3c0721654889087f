"""The header's value as subjects: the secret that CloudFront sends, the one that a gateway compares it with, and where each is from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from policies.evidence import Evidence, Gap, Place
from policies.model.header.contract import Ends
from policies.model.header.distributions import SendingDistribution
from policies.model.header.emptiness import may_be_empty
from policies.model.header.gateways import Check
from policies.model.header.leaves import Leaf
from policies.model.header.readers import ReadingGateway
from policies.model.header.senders import Sent
from policies.model.header.specification import blamed
from policies.model.header.values import Given
from policies.model.workloads.pods import listed, mapping
from policies.platform import Platform


@dataclass(frozen=True, eq=False)
class SentValue:
    """The value of the header that CloudFront sends."""

    noun: ClassVar[str] = "value of CloudFront's header"
    only_in_files: ClassVar[bool] = False

    distribution: SendingDistribution
    sent: Sent

    @property
    def place(self) -> Place:
        """The root that it stands in."""
        return self.distribution.place

    @property
    def id(self) -> str:
        """The distribution, the origin and the header."""
        return f"{self.distribution.id}:{self.sent.origin.origin.id}:{self.sent.name}"

    @property
    def source(self) -> str:
        """What it comes from, in words."""
        return ", ".join(block.address for block in self.sent.comes_from) or "nothing that is known"

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give where the value is written, and the header."""
        literal = (leaf.location for leaf in self.sent.literal)
        return blamed(message, values, literal, [self.sent.block.locate("value")])

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[SentValue | Gap]:
        """Yield the headers of the name that is expected; where none has it, those whose value is no plain text."""
        for one in SendingDistribution.collect(platform):
            if isinstance(one, Gap):
                yield one
                continue
            found = one.matching or tuple(sent for sent in one.front.sent if not sent.literal)
            yield from (cls(one, sent) for sent in found)


@dataclass(frozen=True, eq=False)
class GatewaySecret:
    """The secret that a gateway compares the header with, as it gets it in a place."""

    noun: ClassVar[str] = "secret that a gateway compares CloudFront's header with"
    only_in_files: ClassVar[bool] = True

    reading: ReadingGateway
    check: Check

    @property
    def place(self) -> Place:
        """Where it runs."""
        return self.reading.place

    @property
    def id(self) -> str:
        """The gateway and the class."""
        return f"{self.reading.id}:{self.check.comparison.scope.owner.name}"

    @property
    def ends(self) -> Ends:
        """Both ends of the header."""
        return self.reading.ends

    @property
    def literals(self) -> tuple[Leaf, ...]:
        """The texts that somebody wrote for it, what stands in where nothing else does left out."""
        return tuple(one for one in self.check.values if one.value is not None and not one.is_default)

    @property
    def defaults(self) -> tuple[Leaf, ...]:
        """The texts that stand in where nobody sets it; an empty one where nobody asks for it, which an empty header equals."""
        found = [one for one in self.check.values if one.is_default and one.value is not None]
        return tuple(one for one in found if one.value or may_be_empty(self.check.comparison))

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the environment that it comes from."""
        return tuple(dict.fromkeys(one.variable for one in self.check.values if one.variable))

    def given(self, variable: str) -> Given | None:
        """Give what the manifests give for a variable."""
        return self.check.gateway.reader.environment.get(variable)

    @property
    def aws_names(self) -> tuple[Leaf, ...]:
        """The secrets of AWS from which an operator or a driver of the cluster fills the Secret that it comes from."""
        names = {
            given.secret
            for one in self.variables
            if (given := self.given(one)) is not None and given.secret is not None
        }
        found: list[Leaf] = []
        for item in self.reading.ends.platform.deployed:
            for document in item.documents if item.place == self.place else ():
                if document.kind == "ExternalSecret":
                    target = mapping(document.get("spec", "target")).get("name") or document.name
                    for index, data in listed(document.get("spec", "data")):
                        if (str(target), str(data.get("secretKey"))) in names:
                            path = ("spec", "data", index, "remoteRef", "key")
                            found.append(Leaf(document.origin.locate(path), str(document.get(*path))))
        return tuple(found)

    @property
    def sent_names(self) -> dict[str, Any]:
        """The names of the secrets that CloudFront's value is read from, with where they are written."""
        secrets = [one for sent in self.ends.all_sent for one in sent.secrets if isinstance(one.name, str)]
        return {one.name: one for one in secrets}

    def evidence(self, message: str, *values: object) -> Evidence:
        """Give where its value ends."""
        return blamed(message, values, (one.location for one in self.check.values))

    def blame(self, leaves: tuple[Leaf, ...], message: str, *values: object) -> Evidence:
        """Give some ends of its value, and the comparison."""
        return blamed(message, values, (one.location for one in leaves), [self.check.comparison.location])

    def blame_both(self, message: str, *values: object) -> Evidence:
        """Give where both ends take their value from, and what is stated of it."""
        contract = self.ends.contract
        stated = (
            [leaf.location for leaf in (contract.secret, contract.variable) if leaf is not None]
            if contract is not None
            else []
        )
        sent = [leaf.location for one in self.sent_names.values() for leaf in one.leaves]
        aws = [leaf.location for leaf in self.aws_names]
        return blamed(message, values, stated, sent, (one.location for one in self.check.values), aws)

    @classmethod
    def collect(cls, platform: Platform) -> Iterator[GatewaySecret | Gap]:
        """Yield the secret of every comparison, in every place that runs it."""
        for one in ReadingGateway.collect(platform):
            if isinstance(one, Gap):
                yield one
                continue
            if not one.checks:
                yield Gap(one.id, "it compares no header of the request with a secret (HDR-03a)", one.place)
            yield from {check.comparison.scope.owner.name: cls(one, check) for check in one.checks}.values()
