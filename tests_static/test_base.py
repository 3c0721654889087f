"""The base and its images (clauses 1.1a, 1.1b, 7a, 8a). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, LOW, MEDIUM, not_judged, requirement
from policies.model.overlays.base import BackendService, Base, Frontend, ManifestBesideKustomization
from policies.model.workloads.deployed_images import DeployedImage, OverlayImage, ReleasedImage, SourceImage


@requirement(
    "BASE-01a", BackendService, clause="1.1a", severity=HIGH, remedy="Add its manifests to the base's resources."
)
def test_backend_service_is_registered(service):
    """A service that the base does not register is in no environment, however complete its manifests are."""
    _known(service.base, service.name in service.base.workloads)
    assert service.name in service.base.workloads, service.evidence(
        "the base registers no workload {!r}; it registers {}", service.name, _listed(service.base.workloads)
    )


@requirement("BASE-01b", Frontend, clause="1.1a", severity=HIGH, remedy="Add its manifests to the base's resources.")
def test_frontend_is_registered(frontend):
    """Without its frontend a platform has no door for people."""
    _known(frontend.base, frontend.name in frontend.base.workloads)
    assert frontend.name in frontend.base.workloads, frontend.evidence(
        "the base registers no workload {!r}; it registers {}", frontend.name, _listed(frontend.base.workloads)
    )


@requirement(
    "BASE-01c",
    Base,
    clause="1.1a",
    severity=HIGH,
    remedy="Add a manifest of NetworkPolicies to the base's resources, default deny first.",
)
def test_network_policies_are_registered(base):
    """Policies that only some overlays have leave the others open: Kubernetes allows what no policy selects."""
    _known(base.registered, base.registered.policies)
    assert base.registered.policies, base.evidence("the base registers no NetworkPolicy")


@requirement(
    "BASE-01d",
    ManifestBesideKustomization,
    clause="+",
    severity=MEDIUM,
    remedy="Add it to the kustomization's resources, state its folder as [manifests.NAME], or delete it.",
)
def test_manifest_is_taken_by_a_kustomization(manifest):
    """A manifest that lies beside a kustomization, or a component that none uses, looks deployed to whoever reads the folder, and is not."""
    assert manifest.taken, manifest.evidence(
        "no kustomization takes it, so {} is deployed nowhere", _listed(manifest.objects)
    )


@requirement(
    "BASE-02a",
    SourceImage,
    clause="1.1b, 7a, 8a",
    severity=HIGH,
    in_development=LOW,
    remedy="Name the image that the service is built as; let the release set its digest.",
)
def test_source_image_is_no_placeholder(image):
    """A placeholder has to be replaced by hand at every release, and the hand that forgets it deploys nothing or another's image."""
    assert image.image.placeholder is None, image.evidence(
        "the image {!r} is a placeholder: {}", image.image.text, image.image.placeholder
    )


@requirement(
    "BASE-02b",
    DeployedImage,
    clause="1.1b, 7a, 8a",
    severity=CRITICAL,
    in_development=MEDIUM,
    remedy="Set the real name and digest by the overlay's kustomize 'images'.",
)
def test_deployed_image_is_no_placeholder(image):
    """A placeholder that reaches a cluster cannot be pulled, or is pulled from whoever took that name."""
    assert image.image.placeholder is None, image.blame(
        image.image.placeholder_part, "the image {!r} is a placeholder: {}", image.image.text, image.image.placeholder
    )


@requirement(
    "BASE-02c",
    DeployedImage,
    clause="7a, 8a",
    severity=HIGH,
    in_development=LOW,
    remedy="Set each image's own digest, as its push reported it.",
)
def test_digest_belongs_to_one_image(image):
    """Two services with one digest run the same program: a digest was copied from one to the other."""
    assert not image.twins, image.evidence("the digest {} is that of {} too", image.image.digest, _listed(image.twins))


@requirement(
    "BASE-03a",
    ReleasedImage,
    clause="8a",
    severity=HIGH,
    remedy="Let CI set the digest: kustomize edit set image NAME=REGISTRY/NAME@sha256:...",
)
def test_released_image_is_pinned_by_digest(image):
    """A tag can be moved after it was tested; a digest cannot."""
    assert image.image.digest, image.evidence("the image {!r} has no digest", image.image.text)


@requirement(
    "BASE-03b",
    OverlayImage,
    clause="8a",
    severity=LOW,
    remedy="Move the digest into the overlay's 'images', where the release can set it.",
)
def test_digest_is_set_by_kustomize_images(image):
    """A digest in one place per overlay is what a release can set and a reviewer can see; one in a manifest is neither."""
    if not image.image.digest:
        not_judged("it has no digest (BASE-03a)")
    assert image.location.via == "images entry", image.evidence(
        "the digest of {!r} is written in {}", image.image.name, _where(image.location)
    )


@requirement(
    "BASE-03c",
    DeployedImage,
    clause="8a",
    severity=HIGH,
    in_development=LOW,
    remedy="Name a version, and pin it by digest in a release.",
)
def test_image_is_not_latest(image):
    """Which program 'latest' is changes from pull to pull, so that two pods of one Deployment can run different ones."""
    shown = "tagged latest" if image.image.tag else "latest, because it has no tag"
    assert image.image.effective_tag != "latest", image.blame("tag", "the image {!r} is {}", image.image.text, shown)


def _listed(names):
    return ", ".join(sorted(names)) or "none"


def _known(base, found):
    if not found and base.unreadable:
        not_judged(f"{base.unreadable[0]}, which the base registers, cannot be read (BUILD-01c)")


def _where(location):
    return f"a {location.via}" if location.via else "the manifest"
