"""Reads what an account has of a root: as a root of its own, which requirements on Terraform are judged on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from policies.evidence import Place
from policies.live.aws.access import Account
from policies.live.aws.deployed.belonging import NEIGHBOURS
from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.found_root import root_of
from policies.live.aws.deployed.held import Held, NotHeld
from policies.live.aws.deployed.looking import Looking
from policies.live.aws.deployed.pairs import Pair
from policies.live.aws.deployed.rows import ROWS
from policies.live.aws.deployed.search import Search
from policies.live.aws.deployed.services import vault
from policies.live.aws.deployed.state import state_of
from policies.model.cloud.roots import DeployedRoot
from policies.read.terraform import Unknown

LACK = Unknown(
    "the account that the run filled has it otherwise than Terraform: it was not given it, or could not take it"
)
BEYOND = "an embedded AWS has what the roots make that it was filled from, and an account may have more"


def deployed_in(
    deployed: DeployedRoot, account: Account, stated: Iterable[str], progress: Callable[[str], None], *, filled: bool
) -> Iterator[DeployedRoot | Held | NotHeld]:
    """Yield a root as an account has it, and the account held against it; one that was `filled` by us has nothing that could have drifted.

    `stated` are the secrets that `platform.toml` states, whichever root makes them.
    """
    assert deployed.root is not None  # noqa: S101 (asked before)
    start, before = time.monotonic(), len(account.aws.calls)
    search = Search(account, deployed.root, ROWS, NEIGHBOURS)
    search.everything()
    if not filled:
        search.add(stated_secrets(search, stated))
    made = sum(block.address in search.found for block in deployed.root.resources())
    calls, seconds = len(account.aws.calls) - before, time.monotonic() - start
    progress(f"{deployed.place.name}: {made} resources read in {account.name} ({calls} calls, {seconds:.1f} s)")
    place = Place(account.name, deployed.place.stage) if account.is_environment else deployed.place
    if filled:
        forget_lacks(search)
        yield NotHeld(place)
    else:
        yield Held(place, search, state_of(search))
    yield as_root(search, deployed, place, filled=filled)


def stated_secrets(search: Search, stated: Iterable[str]) -> list[Found]:
    """Give the secrets of the account that have a stated name, as `platform.toml` means it: it is the last part of theirs."""
    names = tuple(stated)
    looking = Looking(search, search.account.region)
    listed = looking.of("secretsmanager").every("list_secrets", "SecretList") if names else []
    fits = [one for one in listed if any(one["Name"] == name or one["Name"].endswith(f"/{name}") for name in names)]
    return [found for one in fits if (found := vault.secret(looking, one["ARN"])) is not None]


def as_root(search: Search, deployed: DeployedRoot, place: Place, *, filled: bool) -> DeployedRoot:
    """Give what was found as a root. Where we filled it, what is not there was not made, and what Terraform takes from elsewhere is a stand-in."""
    taken = {block.address for block in search.root.data()} if filled else set()
    every = {**search.found, **search.beside}
    whole = {address: found for address, found in every.items() if not found.part and address not in taken}
    untold = dict(search.untold)
    if filled:
        untold |= dict.fromkeys(search.gone, "the account that the run filled has it not")
    blocks = {
        block.address: (block, untold[block.address]) for block in search.root.resources() if block.address in untold
    }
    root = root_of(f"{search.account.name} {search.account.id}", deployed.folder, whole, blocks)
    return replace(deployed, place=place, root=root, in_account=True, beyond=BEYOND if filled else None)


def forget_lacks(search: Search) -> None:
    """Take for not known what an account that was filled by us has not as Terraform has it: it was not given it, or could not take it."""
    for address, found in list(search.found.items()):
        block = search.root.find(address)
        if block is None or block.kind != "resource":
            continue
        attributes: Any = found.attributes
        for differences in Pair(search, block, found).fields.values():
            for difference in differences:
                attributes = unknown_at(attributes, difference.path)
        search.found[address] = replace(found, attributes=attributes)


def unknown_at(value: Any, path: tuple[str | int, ...]) -> Any:
    """Give a value of which what stands at a path is not known."""
    if isinstance(value, Unknown):
        return value
    if path and isinstance(value, Mapping):
        return type(value)({**value, path[0]: unknown_at(value.get(path[0]), path[1:])})  # type: ignore[call-arg]
    step = path[0] if path else None
    if isinstance(value, tuple) and isinstance(step, int) and step < len(value):
        return (*value[:step], unknown_at(value[step], path[1:]), *value[step + 1 :])
    return LACK
