"""The contract between CloudFront and the gateway: the one file that states the header, and what each end makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from policies.evidence import PLATFORM, Gap, Location
from policies.model.header.gateways import Check, Gateway, gateways, projects
from policies.model.header.leaves import DATA, DataFile, Leaf, data_file, merged
from policies.model.header.senders import Front, Sent, fronts
from policies.model.kept import kept
from policies.platform import Platform


@dataclass(frozen=True)
class Contract:
    """What the file states: the header's name, the secret of its value, the variable in which the gateway gets it. `stated` where owners name the file."""

    file: DataFile
    name: Leaf
    secret: Leaf | None = None
    variable: Leaf | None = None
    stated: bool = False


@dataclass(frozen=True, eq=False)
class Ends:
    """Both ends of the header in a platform, and the contract between them; `gap` says why there is no contract where owners state one."""

    platform: Platform
    fronts: tuple[Front, ...]
    gateways: tuple[Gateway, ...]
    contract: Contract | None = None
    gap: Gap | None = None

    @property
    def expected(self) -> tuple[Leaf, ...]:
        """The names that the header should have: the contract's, else those that gateways read."""
        if self.contract is not None:
            return (self.contract.name,)
        return merged(leaf for one in self.gateways for check in self.checks(one) for leaf in check.names if leaf.value)

    def sent(self, front: Front) -> tuple[Sent, ...]:
        """Give the headers of a distribution that may be the one: those of the name that is expected, else every one."""
        names = {leaf.value.lower() for leaf in self.expected if leaf.value is not None}
        own = tuple(one for one in front.sent if isinstance(one.name, str) and one.name.lower() in names)
        return own or front.sent

    def checks(self, gateway: Gateway) -> tuple[Check, ...]:
        """Give the comparisons of a gateway that may be the one: of the name that is stated or sent, of its secret, else all but the token's."""
        names = [self.contract.name.value or ""] if self.contract is not None else []
        names += [one.name for front in self.fronts for one in front.sent if isinstance(one.name, str)]
        by_name = tuple(one for one in gateway.checks if any(one.reads(name) for name in names))
        if by_name:
            return by_name
        variable = (
            self.contract.variable.value if self.contract is not None and self.contract.variable is not None else None
        )
        by_secret = tuple(
            one for one in gateway.checks if any(leaf.variable == variable for leaf in one.values if variable)
        )
        if by_secret:
            return by_secret
        token = self.platform.intent.edge.header if self.platform.intent.edge is not None else None
        settings = (one for one in gateway.checks if one.comparison.settings and one.comparison.direct)
        return tuple(one for one in settings if token is None or not one.reads(token))

    @property
    def all_checks(self) -> tuple[Check, ...]:
        """The comparisons of every gateway."""
        return tuple(check for gateway in self.gateways for check in self.checks(gateway))

    @property
    def all_sent(self) -> tuple[Sent, ...]:
        """The headers that every distribution sends."""
        return tuple(one for front in self.fronts for one in self.sent(front))

    @property
    def missing(self) -> str | None:
        """Why the ends cannot be held against each other."""
        if not self.fronts:
            return "no distribution of CloudFront before a load balancer is in the platform's Terraform"
        if not self.gateways:
            java = bool(projects(self.platform))
            which = "none of the platform's Java compares a header of the request with a secret, and [services] gateway names no project of it"
            return which if java else "the gateway's Java is not in the platform"
        return None


@kept
def ends(platform: Platform) -> Ends:
    """Give both ends of the header in a platform."""
    found = Ends(platform, fronts(platform), gateways(platform))
    stated = platform.intent.header
    if stated is None:
        return Ends(platform, found.fronts, found.gateways, _found(found))
    file = data_file(platform.tree, stated.contract)
    name = file.at(tuple(stated.name.split("."))) if file is not None else None
    secret = file.at(tuple(stated.secret.split("."))) if file is not None and stated.secret else None
    variable = file.at(tuple(stated.variable.split("."))) if file is not None and stated.variable else None
    missing = [
        key
        for key, leaf in ((stated.name, name), (stated.secret, secret), (stated.variable, variable))
        if key and leaf is None
    ]
    if file is None or name is None or missing:
        what = (
            f"has no {' and no '.join(missing)}" if file is not None else "is no file of JSON or YAML that can be read"
        )
        reason = f"platform.toml states the header's contract ([header] contract), and {stated.contract} {what}"
        gap = Gap(
            "header contract",
            reason,
            PLATFORM,
            (Location(stated.contract, 1),) if file is not None else (),
            promised=True,
        )
        return Ends(platform, found.fronts, found.gateways, gap=gap)
    return Ends(platform, found.fronts, found.gateways, Contract(file, name, secret, variable, stated=True))


def _found(found: Ends) -> Contract | None:
    """Find the file of data, outside a project of Java, that Terraform or a gateway reads the name from."""
    for leaf in _candidates(found):
        file = data_file(found.platform.tree, leaf.file)
        if file is None or leaf.value is None:
            continue
        secrets = [one.name for sent in found.all_sent for one in sent.secrets if isinstance(one.name, str)]
        variables = [value.variable for check in found.all_checks for value in check.values if value.variable]
        return Contract(
            file,
            leaf,
            next((one for name in secrets if (one := file.saying(name)) is not None), None),
            next((one for name in variables if (one := file.saying(name)) is not None), None),
        )
    return None


def _candidates(found: Ends) -> Iterator[Leaf]:
    inside = tuple(f"{one.folder}/" for one in projects(found.platform) if one.folder != ".")
    leaves = [leaf for one in found.all_sent for leaf in one.names]
    leaves += [leaf for one in found.all_checks for leaf in one.names]
    manifests = {
        path for item in found.platform.deployed if item.sources is not None for path in item.sources.manifests
    }
    yield from (
        one
        for one in leaves
        if one.file.endswith(DATA) and not one.file.startswith(inside) and one.file not in manifests
    )
