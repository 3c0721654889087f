"""The commands of `cluster`."""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import FrameType

from host import cgroups, condition, images, keeper, life, needs, residue
from host.build import build, to_stderr
from host.places import ClusterError


def main(argv: Sequence[str]) -> int:
    """Run one command: 0 done, 1 what stands in the way is on stderr, 2 the command is not one."""
    signal.signal(signal.SIGTERM, _interrupted)
    signal.signal(signal.SIGHUP, _interrupted)
    try:
        words = list(argv)
        cut = words.index("--") if "--" in words else len(words)  # what follows is another program's
        wish = _parser().parse_args(words[:cut])
        wish.rest = words[cut + 1 :]
        return int(wish.run(wish) or 0)
    except ClusterError as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("cluster: interrupted; what was begun has been removed", file=sys.stderr)
        return 130


def _interrupted(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="cluster", description="A real one-node Kubernetes without Docker, in namespaces of its own."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, told: str, *, named: bool = True) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=told, description=told)
        added.set_defaults(run=run)
        if named:
            added.add_argument("name", nargs="?", default="default", help="the cluster's name (default: default)")
        return added

    command("check", _check, "tell what the machine lacks", named=False)
    command("build", _build, "compile the components, once a version", named=False).add_argument(
        "--again", action="store_true", help="also when built"
    )
    up = command("up", _up, "start a cluster and wait until pods can run")
    up.add_argument("--no-enforce", action="store_true", help="accept NetworkPolicies and enforce none")
    up.add_argument("--denied", choices=("drop", "reject"), default="drop", help="what happens to a denied packet")
    up.add_argument("--owner", type=int, metavar="PID", help="remove the cluster when this process ends")
    up.add_argument("--json", action="store_true", help="print the status as JSON")
    command("down", _down, "remove a cluster, whatever is left of it").add_argument(
        "--all", action="store_true", help="every cluster on this machine"
    )
    command("status", _status, "tell what became of a cluster").add_argument(
        "--json", action="store_true", help="print it as JSON"
    )
    command("list", _list, "name every cluster of which there is anything", named=False).add_argument(
        "--json", action="store_true", help="print it as JSON"
    )
    enter = command("enter", _enter, "run a command on the node: cluster enter NAME -- nft list ruleset")
    enter.add_argument("--outside", action="store_true", help="in the network outside of the cluster instead")
    load = command("load", _load, "give the node an image made of a static program: cluster load NAME probe:1=./probe")
    load.add_argument("image", help="IMAGE=PROGRAM")
    wrap = command(
        "archive", _archive, "write such an image to a file: cluster archive probe:1=./probe probe.tar", named=False
    )
    wrap.add_argument("image", help="IMAGE=PROGRAM")
    wrap.add_argument("file", type=Path)
    command("residue", _residue, "list what a cluster could leave on the machine", named=False)
    kept = commands.add_parser("keep")  # what 'up' starts; nobody else does
    kept.add_argument("name")
    kept.set_defaults(run=lambda wish: keeper.keep(wish.name))
    return parser


def _check(_: argparse.Namespace) -> int:
    for sentence in (unmet := needs.unmet()):
        print(sentence)
    return 1 if unmet else 0


def _demand(**to_build: bool) -> None:
    if unmet := needs.unmet(**to_build):
        raise ClusterError("\ncluster: ".join(unmet))


def _build(wish: argparse.Namespace) -> None:
    _demand(to_build=True) if wish.again else _demand()
    print(build(to_stderr, again=wish.again))


def _up(wish: argparse.Namespace) -> None:
    _demand()
    wanted = life.Wish(wish.name, build(to_stderr), not wish.no_enforce, wish.denied, wish.owner)
    _print(life.up(wanted), as_json=wish.json)


def _print(status: condition.Status, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(asdict(status)))
        return
    print(f"{status.name}: {status.condition}" + (f" ({status.detail})" if status.detail else ""))
    if status.kubeconfig:
        print(f"export KUBECONFIG={status.kubeconfig}")


def _down(wish: argparse.Namespace) -> None:
    for name in condition.all_names() if wish.all else [wish.name]:
        life.down(name)


def _status(wish: argparse.Namespace) -> int:
    status = condition.status(wish.name)
    _print(status, as_json=wish.json)
    return 0 if status.condition == "up" else 3


def _list(wish: argparse.Namespace) -> None:
    found = [condition.status(name) for name in condition.all_names()]
    if wish.json:
        print(json.dumps([asdict(status) for status in found]))
        return
    for status in found:
        _print(status, as_json=False)


def _enter(wish: argparse.Namespace) -> None:
    argv = [*life.entering(wish.name, outside=wish.outside), *(wish.rest or ["/bin/sh"])]
    cgroups.enter(wish.name, "node")  # it ends with the cluster
    os.execvp(argv[0], argv)


def _load(wish: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="turnstile-cluster-") as folder:
        archive = Path(folder) / "image.tar"
        images.write_program(archive, *_image(wish.image))
        life.load(wish.name, archive)


def _archive(wish: argparse.Namespace) -> None:
    images.write_program(wish.file, *_image(wish.image))


def _image(text: str) -> tuple[str, Path]:
    image, _, program = text.partition("=")
    if not program or not Path(program).is_file():
        raise ClusterError(f"{text!r} is not IMAGE=PROGRAM with a program that exists")
    return image, Path(program)


def _residue(_: argparse.Namespace) -> None:
    for kind, lines in residue.residue().items():
        print(f"# {kind}")
        print("\n".join(lines))
