"""Clusters of EKS, their add-ons, and the providers of IAM by which their service accounts are known."""

from __future__ import annotations

from typing import Any

from policies.live.aws.deployed.found import Found
from policies.live.aws.deployed.looking import Looking, Row


def cluster(looking: Looking, name: str) -> Found | None:
    """Give a cluster by its name."""
    told = looking.ask("eks", "describe_cluster", name=name)
    if told is None:
        return None
    said = told["cluster"]
    network, issuer = (
        said.get("resourcesVpcConfig") or {},
        str(((said.get("identity") or {}).get("oidc") or {}).get("issuer") or ""),
    )
    logs = [
        type
        for one in (said.get("logging") or {}).get("clusterLogging") or ()
        if one.get("enabled")
        for type in one["types"]
    ]
    encryption = tuple(
        {
            "resources": list(one.get("resources") or ()),
            "provider": ({"key_arn": (one.get("provider") or {}).get("keyArn")},),
        }
        for one in said.get("encryptionConfig") or ()
    )
    compute = said.get("computeConfig")
    values: dict[str, Any] = {
        "id": name, "name": name, "arn": said["arn"], "version": said.get("version"), "role_arn": said.get("roleArn"),
        "vpc_config": (
            {
                "endpoint_private_access": bool(network.get("endpointPrivateAccess")),
                "endpoint_public_access": bool(network.get("endpointPublicAccess")),
                "public_access_cidrs": network.get("publicAccessCidrs") or None, "subnet_ids": network.get("subnetIds") or None,
                "security_group_ids": network.get("securityGroupIds") or None,
            },
        ),
        "encryption_config": encryption, "enabled_cluster_log_types": logs or None,
        "compute_config": ({"enabled": bool(compute.get("enabled"))},) if compute else (),
        "identity": [{"oidc": [{"issuer": issuer}]}],
    }  # fmt: skip
    return Found("aws_eks_cluster", name, looking.region, values, (issuer, issuer.removeprefix("https://")))


def addon(looking: Looking, cluster: str, name: str) -> Found | None:
    """Give an add-on of a cluster."""
    told = looking.ask("eks", "describe_addon", clusterName=cluster, addonName=name)
    if told is None:
        return None
    said = told["addon"]
    values = {
        "id": f"{cluster}:{name}", "arn": said.get("addonArn"), "addon_name": name, "cluster_name": cluster,
        "addon_version": said.get("addonVersion"), "service_account_role_arn": said.get("serviceAccountRoleArn"),
    }  # fmt: skip
    return Found("aws_eks_addon", f"{cluster}:{name}", looking.region, values)


def provider(looking: Looking, url: str) -> Found | None:
    """Give the provider of an issuer."""
    arn = f"arn:{looking.search.partition}:iam::{looking.account}:oidc-provider/{url.removeprefix('https://')}"
    told = looking.ask("iam", "get_open_id_connect_provider", OpenIDConnectProviderArn=arn)
    if told is None:
        return None
    values = {"id": arn, "arn": arn, "url": url, "client_id_list": told.get("ClientIDList") or None}
    return Found("aws_iam_openid_connect_provider", arn, looking.region, values)


ROWS: dict[str, Row] = {
    "aws_eks_cluster": lambda looking: cluster(looking, looking.name),
    "aws_eks_addon": lambda looking: addon(looking, str(looking["cluster_name"]), str(looking["addon_name"])),
    "aws_iam_openid_connect_provider": lambda looking: provider(looking, str(looking["url"])),
}
