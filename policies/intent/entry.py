"""What `platform.toml` states of the way in: the token validator, the header, the gateway."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from policies.intent.values import Name, Port, RelativePath, Table, UrlPath


class EdgeSecret(Table, frozen=True):
    """`[edge.secret]`: how the validator takes its key.

    From a JSON `file` (or Secrets Manager's JSON) under `key`, from a variable of the
    `environment`, or from `secrets-manager` by its name there.
    """

    file: RelativePath | None = None
    key: Name | None = None
    environment: Name | None = None
    secrets_manager: Name | None = None
    encoding: Literal["utf-8", "base64", "hex"] = "utf-8"


class EdgeClaims(Table, frozen=True):
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


class Edge(Table, frozen=True):
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


class Header(Table, frozen=True):
    """`[header]`: the one file (JSON or YAML) that specifies the header by which the gateway knows CloudFront's requests.

    The others are where in it to look, keys parted by dots: `name` for the header's name, `secret` for the name that its value has in
    Secrets Manager, `variable` for the variable of the environment in which the gateway gets that value.
    """

    contract: RelativePath
    name: Name
    secret: Name | None = None
    variable: Name | None = None


class GatewayIntent(Table, frozen=True):
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
