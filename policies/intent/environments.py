"""What `platform.toml` states of environments that run."""

from __future__ import annotations

from policies.intent.values import Account, Name, OwnPath, Table, Url


class Environment(Table, frozen=True):
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
