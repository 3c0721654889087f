"""Kubernetes of the cloud (clause 4.3b). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, MEDIUM, not_judged, requirement
from policies.model.cloud.eks_clusters import EksCluster, StatedVersion
from policies.model.cloud.eks_support import READ_ON, end_of_support
from policies.model.cloud.irsa import ServiceAccountRole

# Who reaches the API


@requirement(
    "EKS-01a", EksCluster, clause="4.3b", severity=HIGH, remedy="Set endpoint_private_access to true in vpc_config."
)
def test_api_is_reached_inside_the_vpc(cluster):
    """Without it nodes and pods call the API over the internet, and a cluster whose public endpoint is closed is reached by nobody."""
    assert cluster.has_private_endpoint, cluster.blame(
        ("vpc_config", "endpoint_private_access"), "its API has no private endpoint"
    )


@requirement(
    "EKS-01b",
    EksCluster,
    clause="4.3b",
    severity=HIGH,
    remedy="Set endpoint_public_access to false, or list in public_access_cidrs the networks of those who need it.",
)
def test_api_is_closed_to_the_internet(cluster):
    """An API that everybody reaches is one stolen token away; EKS opens it to every address unless told otherwise ("Cluster API server endpoint")."""
    if not cluster.has_public_endpoint:
        return
    wide = cluster.wide_networks
    assert not wide, cluster.blame(
        ("vpc_config", "public_access_cidrs"), "its API is reached over the internet from {}", ", ".join(wide)
    )


# What it keeps, and for whom


@requirement(
    "EKS-01c",
    EksCluster,
    clause="4.3b",
    severity=HIGH,
    remedy='Add encryption_config with resources = ["secrets"] and the ARN of a KMS key.',
    maps=("[EKS.3] EKS clusters should use encrypted Kubernetes secrets",),
)
def test_secrets_are_encrypted_by_a_key(cluster):
    """Who may use a key of one's own is said in its policy, seen in its log, and can be ended; EKS's default key is AWS's."""
    assert cluster.encrypts_secrets, cluster.blame(("encryption_config",), "no key of KMS encrypts its Secrets")


@requirement(
    "EKS-01d",
    EksCluster,
    clause="4.3b",
    severity=HIGH,
    remedy="Add an aws_iam_openid_connect_provider whose url is the cluster's issuer.",
)
def test_cluster_has_its_oidc_provider(cluster):
    """Without it no service account has a role of its own (IRSA), and pods take their node's: each may then do what any may."""
    assert cluster.providers, cluster.evidence("no OIDC provider of IAM has its issuer")


@requirement(
    "EKS-01e",
    EksCluster,
    clause="4.3b",
    severity=MEDIUM,
    remedy="Add an aws_eks_addon of the cluster for each.",
)
def test_core_addons_are_managed(cluster):
    """What EKS only put in when the cluster was made stays as it was then: nobody patches its network, DNS and proxy ("Amazon EKS add-ons")."""
    if cluster.has_built_in_addons:
        return
    missing = cluster.missing_addons
    assert not missing, cluster.evidence("EKS does not manage {}", ", ".join(missing))


@requirement(
    "EKS-01f",
    EksCluster,
    clause="+",
    severity=MEDIUM,
    remedy="List api, audit and authenticator in enabled_cluster_log_types.",
    maps=("[EKS.8] EKS clusters should have audit logging enabled",),
)
def test_control_plane_is_logged(cluster):
    """Who read a Secret and who got in as whom stands in these logs alone; they cannot be had for the past."""
    missing = cluster.missing_logs
    assert not missing, cluster.blame(("enabled_cluster_log_types",), "it does not log {}", ", ".join(missing))


# Which Kubernetes


@requirement(
    "EKS-01g",
    EksCluster,
    clause="+",
    severity=MEDIUM,
    remedy="State a version in standard support, and plan the next.",
    maps=("[EKS.2] EKS clusters should run on a supported Kubernetes version",),
)
def test_version_is_in_standard_support(cluster):
    """After its standard support a version costs six times as much, and a year later EKS upgrades it on a day of its own choosing."""
    version = cluster.version
    assert version is not None, cluster.evidence(
        "it states no version, and gets what EKS has on the day that it is made"
    )
    end = end_of_support(version)
    if end is None:
        not_judged(f"{version} is not in EKS's calendar as read on {READ_ON.isoformat()}")
    assert end >= cluster.day, cluster.blame(
        ("version",), "standard support of {} ended by {}", version, end.isoformat()
    )


@requirement(
    "EKS-01h",
    StatedVersion,
    clause="+",
    severity=MEDIUM,
    remedy="Give the cluster and platform.toml's kubernetes one version.",
)
def test_version_is_that_of_the_manifests(cluster):
    """The manifests are checked against the version that platform.toml states; on another the API may refuse what was checked."""
    if cluster.version is None:
        not_judged("it states no version (EKS-01g)")
    assert cluster.version == cluster.stated, cluster.blame(
        ("version",), "it runs {}, and platform.toml states {}", cluster.version, cluster.stated
    )


# Who its pods are to AWS


@requirement(
    "EKS-01i",
    ServiceAccountRole,
    clause="+",
    severity=HIGH,
    remedy="Compare the issuer's :sub with system:serviceaccount:NAMESPACE:NAME in the trust policy (StringEquals).",
)
def test_role_is_one_service_account_s(role):
    """Without :sub every pod of the cluster may take the role, whatever its service account ("IAM roles for service accounts")."""
    found = role.open_statements
    assert not found, role.blame_trust(found, "any service account of the cluster may take {}", role.block.address)
