"""Every overlay builds (clause 6a). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, not_judged, requirement
from policies.model.overlays.builds import Overlay, SourceFile


@requirement(
    "BUILD-01a",
    Overlay,
    clause="6a",
    severity=CRITICAL,
    remedy="Put right what kustomize names; 'kubectl kustomize' shows the same.",
)
def test_overlay_builds(overlay):
    """What does not build from a clean checkout, secrets made from their example, cannot be deployed by anybody but its author."""
    assert not overlay.refused, overlay.blame("the overlay does not build", overlay.refused)
    if overlay.charts:
        not_judged(f"{overlay.file}: {overlay.charts[0].text}")
    if overlay.remote:
        not_judged(
            f"{overlay.file}: it was built without what it would fetch (BUILD-01b), so whether it builds is not known"
        )
    assert overlay.objects, overlay.evidence("the overlay builds, and renders no object at all")


@requirement(
    "BUILD-01b", Overlay, clause="6a", severity=HIGH, remedy="Copy what is fetched into the platform and name the copy."
)
def test_overlay_fetches_nothing(overlay):
    """What is fetched while building can change or vanish without a commit: the same checkout then deploys something else."""
    assert not overlay.remote, overlay.blame("the overlay is not made from the checkout alone", overlay.remote)


@requirement(
    "BUILD-01c",
    SourceFile,
    clause="+",
    severity=HIGH,
    remedy="Write the line so that every reader takes it for the same.",
)
def test_source_file_says_what_it_means(source_file):
    """A line that is refused, dropped or taken for something else does not do what its author reads in it."""
    problems = "; ".join(f"line {line}: {text}" for line, text in source_file.problems)
    assert not source_file.problems, source_file.evidence("{}", problems)
