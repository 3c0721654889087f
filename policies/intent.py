"""`platform.toml`: what a platform's owners intend and what cannot be found by looking.

The classes below are the schema: their fields are the keys, their docstrings the documentation. A file that does not fit is a
usage error that names file, key and line.
"""

from __future__ import annotations

import difflib
import ipaddress
import posixpath
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from policies.errors import MissingSourceError, SourceError, StatementError
from policies.read.tree import Tree

FILE = "platform.toml"
MAXIMUM_BYTES = 1024 * 1024

RelativePath = Annotated[
    str, msgspec.Meta(pattern=r"^[^/~\0][^\0]*$", description="A path inside the platform, relative to platform.toml.")
]
Version = Annotated[
    str, msgspec.Meta(pattern=r"^1\.[0-9]{1,2}$", description="A minor version of Kubernetes, as in '1.34'.")
]
Name = Annotated[str, msgspec.Meta(min_length=1)]
UrlPath = Annotated[
    str, msgspec.Meta(pattern=r"^/[A-Za-z0-9._~/-]*[A-Za-z0-9._~-]$", description="A path, as in '/api/orders'.")
]
OwnPath = Annotated[
    str, msgspec.Meta(pattern=r"^(/|~/)[^\0]+$", description="A path outside the platform: absolute, or from '~/'.")
]
Account = Annotated[
    str, msgspec.Meta(pattern=r"^[0-9]{12}$", description="An account of AWS: twelve digits, in quotes.")
]
Url = Annotated[
    str, msgspec.Meta(pattern=r"^https?://[^/?#@\s]+/?$", description="'https://' and a host, without a path.")
]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
StageName = Literal["release", "development"]
Endpoint = Annotated[
    str,
    msgspec.Meta(pattern=r"^[A-Z]+ /[^\s?#]*$", description="A method and a path, as in 'POST /orders/{orderId}/pay'."),
]
EndingName = Literal["reported", "done"]
TierName = Literal["public", "app", "db", "cache", "streaming"]


class _Table(msgspec.Struct, frozen=True, kw_only=True, rename="kebab", forbid_unknown_fields=True):
    """A table of the file: unknown keys are errors, and keys have dashes."""


class Services(_Table, frozen=True):
    """`[services]`: the workloads that the base must register, by the name that their manifests have there.

    `gateway` is the one through which the others are reached; `slow_start` are those that take long before they serve.
    """

    backend: tuple[Name, ...] = ()
    frontend: tuple[Name, ...] = ()
    gateway: Name | None = None
    slow_start: tuple[Name, ...] = ()


class Base(_Table, frozen=True):
    """`[base]`: the kustomization that the overlays stand on."""

    path: RelativePath


class Kafka(_Table, frozen=True):
    """`[overlays.NAME.kafka]`: the workload of the brokers, how many, and how often each message is kept."""

    workload: Name
    brokers: Positive
    replication_factor: Positive
    min_insync_replicas: Positive


class Redis(_Table, frozen=True):
    """`[overlays.NAME.redis]`: the workload of a Redis cluster's nodes, how many, and how many replicas a master has."""

    workload: Name
    nodes: Positive
    cluster_replicas: Annotated[int, msgspec.Meta(ge=0)]


class StatedFlow(_Table, frozen=True):
    """`[[overlays.NAME.flows]]`: a connection that is meant and that no configuration shows.

    `from` and `to` are a workload (`NAME`, or `NAMESPACE/NAME`), a network (`10.0.0.0/8`), or `outside` for any address; `ports` are those
    of the pods, not of a Service.
    """

    from_: Name = msgspec.field(name="from")
    to: Name
    ports: tuple[Port, ...]
    protocol: Literal["TCP", "UDP", "SCTP"] = "TCP"
    why: str = ""


class PlaceIntent(_Table, frozen=True):
    """`[overlays.NAME]`, a kustomization that is deployed, or `[manifests.NAME]`, a folder of plain manifests.

    `exposed` are the Services that may be reached from outside; `infrastructure` are workloads that the place brings beside the
    base; `gateway_reaches` are Services that the gateway's environment must lead to, beside every backend service;
    `configuration` are keys that its configuration files must define; `scales` are workloads with a HorizontalPodAutoscaler,
    `core` those with a PodDisruptionBudget. `ingress_from` are the networks, or the workloads of a controller (`NAMESPACE/NAME`), from which
    connections through an Ingress, a route or a load balancer come, in a table of each by its name; `flows` are connections that no configuration shows, and
    `pod_networks` are the networks that pods have their addresses from: without them a block of addresses holds pods only where it holds every address.
    `flows_complete` says that with these all are known: what passes beyond them then fails. A key that is not stated (None) is not judged.
    """

    path: RelativePath
    stage: StageName
    exposed: tuple[Name, ...] | None = None
    kind_cluster: RelativePath | None = None
    infrastructure: tuple[Name, ...] | None = None
    gateway_reaches: tuple[Name, ...] | None = None
    configuration: tuple[Name, ...] | None = None
    scales: tuple[Name, ...] | None = None
    core: tuple[Name, ...] | None = None
    kafka: Kafka | None = None
    redis: Redis | None = None
    ingress_from: tuple[Name, ...] | dict[Name, tuple[Name, ...]] | None = None
    pod_networks: tuple[Name, ...] | None = None
    flows: tuple[StatedFlow, ...] = ()
    flows_complete: bool = False


class Terraform(_Table, frozen=True):
    """`[terraform.NAME]`: a folder that Terraform is run in; `tfvars` are files of values that it is given, relative to that folder.

    `modules` are the module calls that it must assemble, by the name that they have there.
    """

    path: RelativePath
    stage: StageName
    tfvars: tuple[RelativePath, ...] = ()
    modules: tuple[Name, ...] | None = None


class EdgeSecret(_Table, frozen=True):
    """`[edge.secret]`: how the validator takes its key.

    From a JSON `file` (or Secrets Manager's JSON) under `key`, from a variable of the
    `environment`, or from `secrets-manager` by its name there.
    """

    file: RelativePath | None = None
    key: Name | None = None
    environment: Name | None = None
    secrets_manager: Name | None = None
    encoding: Literal["utf-8", "base64", "hex"] = "utf-8"


class EdgeClaims(_Table, frozen=True):
    """`[edge.claims]`: what must stand in a token beside a time of expiry.

    `subject` names the claim of the one whom it was given to, `event` the one that must equal the path's segment after the protected prefix;
    `not_before` those whose time must not lie ahead; `leeway` are the seconds by which clocks may differ.
    """

    subject: Name | None = None
    issuer: Name | None = None
    audience: Name | None = None
    event: Name | None = None
    not_before: tuple[Name, ...] | None = None
    leeway: Annotated[int, msgspec.Meta(ge=0, le=3600)] = 0


class Edge(_Table, frozen=True):
    """`[edge]`: the function at viewer request that checks tokens, and what it promises.

    `protected` and `bypass` each hold a path and all below it, `bypass` is asked first; `queue` is where a viewer without a token is sent;
    `cookie` and `header` are in what a token comes; `removes` are headers that are taken off a request that goes on (`x-internal-*`: all
    that begin so), `adds` those put on; `case_sensitive` says that behind the edge capitals make another path. With `cookie` or `header`
    stated, one that is not stated is none.
    """

    handler: RelativePath | None = None
    folder: RelativePath | None = None
    export: Name = "handler"
    protected: tuple[UrlPath, ...] | None = None
    bypass: tuple[UrlPath, ...] | None = None
    queue: Name | None = None
    cookie: Name | None = None
    header: Name | None = None
    removes: tuple[Name, ...] = ()
    adds: tuple[Name, ...] = ()
    case_sensitive: bool = False
    secret: EdgeSecret | None = None
    claims: EdgeClaims = EdgeClaims()


class WorkerCredential(_Table, frozen=True):
    """`[worker.credential]`: the variable that holds what the service knows the worker by, or the one that names its secret in Secrets Manager.

    `key` is the key in the secret's JSON.
    """

    environment: Name | None = None
    secrets_manager: Name | None = None
    key: Name | None = None


class WorkerEndings(_Table, frozen=True):
    """`[worker.endings]`: whether a message that can never be carried out is reported, so that it becomes a dead letter, or done with.

    `unreadable` is no JSON, or lacks what its action needs; `unknown_action` asks for what there is not; `refused` was answered with 400, 404, 410 or
    422; `conflict` with 409.
    """

    unreadable: EndingName | None = None
    unknown_action: EndingName | None = None
    refused: EndingName | None = None
    conflict: EndingName | None = None


class Worker(_Table, frozen=True):
    """`[worker]`: the function that takes the queue's messages, what these ask for, and how each must end.

    `action` is where in a message stands what it asks for (keys parted by dots), `actions` are the endpoints by action (`POST /orders/{orderId}`: what
    stands in braces is where in the message the value stands), `body` is what of the message is sent on, and `message` is what else each holds.
    `url` and `timeout` are the variables with the service's address and the milliseconds (`..._SECONDS`: seconds) of a call; `header` carries the credential,
    `idempotency` what is the same for each delivery. `environment` is what else it needs. `fifo` and `partial_failures` are what Terraform says of its
    queue and mapping. `attempts` is how often at most it sends a message in one delivery.
    """

    handler: RelativePath | None = None
    folder: RelativePath | None = None
    export: Name = "handler"
    action: Name | None = None
    actions: dict[Name, Endpoint] = {}
    body: Name | None = None
    message: dict[str, Any] = {}
    url: Name | None = None
    timeout: Name | None = None
    header: Name | None = None
    idempotency: Name | None = None
    environment: dict[Name, str] = {}
    fifo: bool | None = None
    partial_failures: bool | None = None
    attempts: Positive = 1
    credential: WorkerCredential | None = None
    endings: WorkerEndings = WorkerEndings()


class Header(_Table, frozen=True):
    """`[header]`: the one file (JSON or YAML) that specifies the header by which the gateway knows CloudFront's requests.

    The others are where in it to look, keys parted by dots: `name` for the header's name, `secret` for the name that its value has in
    Secrets Manager, `variable` for the variable of the environment in which the gateway gets that value.
    """

    contract: RelativePath
    name: Name
    secret: Name | None = None
    variable: Name | None = None


class GatewayIntent(_Table, frozen=True):
    """`[gateway]`: how the gateway is run, for what it does to be seen.

    `jar` is what the build makes of it, `port` where it listens. `services` are the variables with the URLs of what stands behind it,
    `token_secret` the one in which it gets the key of the tokens; `environment` are others, beside those of its container. `refusal` is the
    status with which it refuses.
    """

    jar: RelativePath | None = None
    port: Port | None = None
    services: tuple[Name, ...] = ()
    token_secret: Name | None = None
    environment: dict[Name, str] = {}
    refusal: Annotated[int, msgspec.Meta(ge=400, le=599)] = 403


class External(_Table, frozen=True):
    """`[[external]]`: a host outside the cluster that the platform calls, its networks, and the ports that it serves."""

    host: Name
    cidr: tuple[Name, ...] = ()
    ports: tuple[Port, ...] = ()


class Namespace(_Table, frozen=True):
    """`[namespaces.NAME]`: the labels of a namespace that is none of the platform's, beside its name."""

    labels: dict[str, str] = {}


class Vpc(_Table, frozen=True):
    """`[vpc]`: the tiers that every VPC has, each with the words in tags, keys or names by which its subnets are told."""

    tiers: dict[TierName, Annotated[tuple[Name, ...], msgspec.Meta(min_length=1)]]


class Environment(_Table, frozen=True):
    """`[environments.NAME]`: something that runs, and what of the platform it was made from.

    `overlay` and `terraform` are the names of their tables. `context` and `namespace` say where it runs in Kubernetes; `kubeconfig` is a file of whoever
    runs the suite, never one of the platform's, for such a file can name programs. `account`, `region` and `profile` say where it runs in AWS, `edge_url` and
    `gateway_url` where users and CloudFront reach it. One with `production` is tried only with `--allow-production`.
    """

    overlay: Name | None = None
    terraform: Name | None = None
    context: Name | None = None
    kubeconfig: OwnPath | None = None
    namespace: Name | None = None
    account: Account | None = None
    region: Name | None = None
    profile: Name | None = None
    edge_url: Url | None = None
    gateway_url: Url | None = None
    production: bool = False


class Vault(_Table, frozen=True):
    """`[vault]`: the secrets that Secrets Manager must hold, by their names, or what stands after the last slash of these."""

    secrets: tuple[Name, ...]


class Intent(_Table, frozen=True):
    """The whole file."""

    kubernetes: Version | None = None
    services: Services | None = None
    base: Base | None = None
    overlays: dict[str, PlaceIntent] = {}
    manifests: dict[str, PlaceIntent] = {}
    terraform: dict[str, Terraform] = {}
    vpc: Vpc | None = None
    vault: Vault | None = None
    edge: Edge | None = None
    worker: Worker | None = None
    header: Header | None = None
    gateway: GatewayIntent | None = None
    external: tuple[External, ...] = ()
    namespaces: dict[str, Namespace] = {}
    environments: dict[str, Environment] = {}


def read_intent(root: Path) -> Intent | None:
    """Read the platform's `platform.toml`; None where there is none. Raises StatementError, with key and line, where it does not fit."""
    text = read_statement(root, FILE)
    return None if text is None else convert(text, FILE, Intent)


def check_paths(root: Path, intent: Intent) -> None:
    """Raise StatementError, with key and line, for a stated path that leads out of the platform."""
    stated: list[tuple[list[str | int], str | None]] = [(["base", "path"], intent.base.path if intent.base else None)]
    tables: tuple[tuple[str, dict[str, Any]], ...] = (("overlays", intent.overlays), ("manifests", intent.manifests))
    for table, items in tables:
        for name, item in items.items():
            stated += [([table, name, "path"], item.path), ([table, name, "kind-cluster"], item.kind_cluster)]
    for name, terraform in intent.terraform.items():
        files = [posixpath.join(terraform.path, file) for file in terraform.tfvars]
        stated.append((["terraform", name, "path"], terraform.path))
        stated += [(["terraform", name, "tfvars", index], file) for index, file in enumerate(files)]
    stated += [(["header", "contract"], intent.header.contract)] if intent.header is not None else []
    stated += [(["gateway", "jar"], intent.gateway.jar)] if intent.gateway is not None else []
    for key, path in stated:
        try:
            Tree(root).resolve(path or ".")
        except SourceError as error:
            line = line_of_key(read_statement(root, FILE) or "", key)
            raise StatementError(FILE, line, ".".join(map(str, key)), f"{path!r} {error.problem}") from None


def check_networks(root: Path, intent: Intent) -> None:
    """Raise StatementError, with key and line, for a stated network that is none."""
    stated: list[tuple[list[str | int], tuple[str, ...]]] = [
        (["external", index, "cidr"], external.cidr) for index, external in enumerate(intent.external)
    ]
    tables: tuple[tuple[str, dict[str, PlaceIntent]], ...] = (
        ("overlays", intent.overlays),
        ("manifests", intent.manifests),
    )
    stated += [
        ([table, name, "pod-networks"], item.pod_networks or ())
        for table, items in tables
        for name, item in items.items()
    ]
    for key, networks in stated:
        for index, network in enumerate(networks):
            try:
                ipaddress.ip_network(network, strict=False)
            except ValueError:
                line = line_of_key(read_statement(root, FILE) or "", [*key, index])
                problem = f"{network!r} is no network; write one as '10.0.0.0/8' or 'fd00::/8'"
                raise StatementError(FILE, line, ".".join(map(str, key)), problem) from None


def read_statement(root: Path, file: str) -> str | None:
    """Read a TOML file of owners, which must be a plain file of the platform. Raises StatementError where it cannot be read."""
    try:
        return Tree(root).read(file, MAXIMUM_BYTES).decode("utf-8-sig")
    except MissingSourceError:
        return None
    except SourceError as error:
        raise StatementError(file, error.line, "", error.problem) from None
    except UnicodeDecodeError as error:
        raise StatementError(file, None, "", f"is not UTF-8 (byte {error.start})") from None


Shape = TypeVar("Shape", bound=msgspec.Struct)


def convert(text: str, file: str, shape: type[Shape]) -> Shape:
    """Give the text of a TOML file as an object of `shape`. Raises StatementError with the line of the key that does not fit."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"\(at line (\d+)", str(error))
        raise StatementError(
            file, int(line[1]) if line else len(text.splitlines()), "", f"is not TOML: {error}"
        ) from None
    try:
        return msgspec.convert(data, shape)
    except msgspec.ValidationError as error:
        path, problem = _explain(str(error), data, shape)
        raise StatementError(file, line_of_key(text, path), ".".join(map(str, path)), problem) from None


def _explain(message: str, data: Any, shape: type[msgspec.Struct]) -> tuple[list[str | int], str]:
    """Turn msgspec's message into the path of the key and a sentence with the value seen."""
    problem, _, where = message.partition(" - at ")
    path: list[str | int] = []
    for name, index in re.findall(r"\.([^.\[`]+)|\[([^\]]+)\]", where):
        path.append(name or (int(index) if index.isdigit() else _culprit(data, path, shape)))
    unknown = re.match(r"Object contains unknown field `(.+)`", problem)
    if unknown:
        path.append(unknown[1])
        known = sorted(
            {field.encode_name for table in _Table.__subclasses__() for field in msgspec.structs.fields(table)}
        )
        close = difflib.get_close_matches(unknown[1], known, 1)
        return path, "is no key of this table" + (f"; did you mean {close[0]!r}?" if close else "")
    missing = re.match(r"Object missing required field `(.+)`", problem)
    if missing:
        return path, f"lacks the key {missing[1]!r}"
    seen = _value(data, path)
    return path, f"{problem[:1].lower()}{problem[1:]}" + ("" if isinstance(seen, (dict, list)) else f"; it is {seen!r}")


def _culprit(data: Any, path: list[str | int], shape: type[msgspec.Struct]) -> str:
    """Find the key that msgspec writes as `[...]`: the one with which alone the error is still there."""
    table = _value(data, path)
    for key in table:
        try:
            msgspec.convert(_with(data, path, {key: table[key]}), shape)
        except msgspec.ValidationError:
            return str(key)
    return str(next(iter(table)))


def _with(data: Any, path: list[str | int], value: Any) -> Any:
    if not path:
        return value
    return {**data, path[0]: _with(data[path[0]], path[1:], value)}


def _value(data: Any, path: list[str | int]) -> Any:
    for step in path:
        data = data[step]
    return data


def line_of_key(text: str, path: list[str | int]) -> int | None:
    """Give the line on which the value at `path` begins, or the nearest table above it.

    TOML's parser gives no lines, but a prefix of a TOML file is one too: the value begins after the longest prefix that is
    TOML and does not hold it yet.
    """
    lines = text.splitlines()
    while path:
        last_without = 0
        for count in range(1, len(lines) + 1):
            try:
                data = tomllib.loads("\n".join(lines[:count]))
            except tomllib.TOMLDecodeError:
                continue
            try:
                _value(data, path)
            except (KeyError, IndexError, TypeError):
                last_without = count
            else:
                return last_without + 1
        path = path[:-1]
    return None
