"""The folders that Terraform is run in, each with its place, and what its owners state of it."""

from __future__ import annotations

import datetime
import posixpath
from dataclasses import dataclass

from policies.discovery import guess_stage, unique_names
from policies.evidence import Gap, Place, Stage
from policies.intent.cloud import Terraform
from policies.model.kept import kept
from policies.platform import Platform
from policies.read.terraform import Root


@dataclass(frozen=True, eq=False)
class DeployedRoot:
    """A root of Terraform and where it stands; `gap` says why there is nothing to judge where `root` holds nothing, `today` by which day.

    With `in_account` the root is what an account has, not what is written; `beyond` says why there may be more of it than was looked at.
    """

    place: Place
    folder: str
    root: Root | None
    statement: Terraform | None = None
    gap: Gap | None = None
    today: datetime.date | None = None
    in_account: bool = False
    beyond: str | None = None

    @property
    def is_applied(self) -> bool:
        """Whether somebody deploys it: an example only shows how a module is used, and a module that no root takes stands ready."""
        return self.root is None or not (self.root.is_example or self.root.is_module)


@kept
def roots(platform: Platform) -> tuple[DeployedRoot, ...]:
    """Give every root of a platform: those that `platform.toml` states, or else those that were found; and what nobody applies.

    Where what runs is judged these are the roots as an account has them.
    """
    if platform.only_clusters:
        return tuple(one for one in platform.observations if isinstance(one, DeployedRoot))
    known = {root.folder: root for root in platform.terraform.roots}
    stated = {posixpath.normpath(item.path): (name, item) for name, item in platform.intent.terraform.items()}
    ready = {folder for folder, root in known.items() if root.is_example or root.is_module}
    found = [folder for folder in known if folder not in stated and (not stated or folder in ready)]
    names = unique_names(found, platform.root.resolve().name)
    every = []
    for folder, (name, statement) in stated.items():
        place = Place(name, Stage(statement.stage))
        root = known.get(folder)
        gap = None
        if root is None:
            gap = Gap(name, f"platform.toml states {folder}, which holds no file of Terraform", place, promised=True)
        every.append(DeployedRoot(place, folder, root, statement, gap, platform.today))
    for folder in found:
        place = Place(names[folder], guess_stage(folder)[0])
        every.append(DeployedRoot(place, folder, known[folder], today=platform.today))
    return tuple(every)
