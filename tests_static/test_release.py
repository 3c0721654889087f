"""How a release makes its images (clause 8a). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import HIGH, not_judged, requirement
from policies.model.overlays.releases import OwnImage


@requirement(
    "BASE-05a", OwnImage, clause="8a", severity=HIGH, remedy="Build and push the image in the release's workflow."
)
def test_release_builds_the_image(image):
    """An image that is built by hand is built from what lay on somebody's machine."""
    if not image.built_by and image.elsewhere:
        not_judged(image.elsewhere)
    assert image.built_by, image.evidence("no pipeline builds and pushes {}", image.name)


@requirement(
    "BASE-05b",
    OwnImage,
    clause="8a",
    severity=HIGH,
    remedy="Let the workflow set what the push reported: kustomize edit set image NAME=REGISTRY/NAME@DIGEST.",
)
def test_release_sets_the_digest(image):
    """A digest that a person copies is one day that of another image, or of yesterday's."""
    if not image.set_by and image.elsewhere:
        not_judged(image.elsewhere)
    assert image.set_by, image.evidence("no pipeline sets the digest of {} in an overlay's 'images'", image.name)
