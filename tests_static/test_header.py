"""The header contract between CloudFront and the gateway (clauses 7d, 8c). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, LOW, MEDIUM, not_judged, requirement
from policies.model.header.comparisons import HeaderComparison
from policies.model.header.distributions import GuardedOrigin, SendingDistribution
from policies.model.header.readers import ReadingGateway
from policies.model.header.secrets import GatewaySecret, SentValue
from policies.model.header.specification import HeaderSpecification

_ONE_FILE = "State it in one file, that Terraform reads by jsondecode(file()) and the gateway imports."

# One specification


@requirement("HDR-01a", HeaderSpecification, clause="8c", severity=MEDIUM, remedy=_ONE_FILE)
def test_header_name_is_specified_once(header):
    """A name that stands in two places is changed in one of them, and from then on the gateway believes nobody, or everybody."""
    if header.unknown:
        not_judged(header.unknown)
    places = len(header.names)
    assert places == 1, header.evidence(
        "the header's name is stated in {} places: {}",
        places,
        "; ".join(f"{leaf.value} ({leaf.location})" for leaf in header.names),
    )


@requirement("HDR-01b", HeaderSpecification, clause="8c", severity=LOW, remedy=_ONE_FILE)
def test_secret_of_the_header_is_specified_once(header):
    """Where the value comes from belongs to the contract: whoever rotates it has to find every place that reads it."""
    if header.contract is None:
        not_judged("no file specifies the header: [header] contract would name it (HDR-01a)")
    if header.contract.secret is None or not header.secrets:
        not_judged(
            "the contract names no secret that Terraform reads: [header] secret would say where it does (HDR-04a)"
        )
    others = [leaf for leaf in header.secrets if leaf.location != header.contract.secret.location]
    assert not others, header.blame_secrets(
        "{} names the secret {}, and so does {}",
        header.contract.secret.location,
        header.contract.secret.value,
        "; ".join(f"{leaf.location} ({leaf.value})" for leaf in others),
    )


# Both ends use the one name


@requirement(
    "HDR-02",
    SendingDistribution,
    clause="7d, 8c",
    severity=HIGH,
    remedy="Let the origin's custom_header take its name from the contract.",
)
def test_cloudfront_sends_the_header(distribution):
    """A header of another name is no header: the gateway cannot tell what came through CloudFront from what went round it."""
    if not distribution.agrees and distribution.unknown:
        not_judged(distribution.unknown)
    assert distribution.agrees, distribution.evidence(
        "CloudFront sends {}, where {} is expected; the gateway reads {}",
        distribution.sent,
        distribution.expected,
        distribution.read,
    )


@requirement(
    "HDR-03a",
    ReadingGateway,
    clause="7d, 8c",
    severity=HIGH,
    remedy="Let the gateway take the header's name from the contract, and compare its value with the secret.",
)
def test_gateway_expects_the_header(gateway):
    """A gateway that asks for another header than CloudFront sends refuses everybody, or was made to ask for none."""
    if not gateway.agrees and gateway.unknown and gateway.checks:
        not_judged(gateway.unknown)
    assert gateway.agrees, gateway.evidence(
        "the gateway compares {} with a secret, where {} is expected", gateway.read, ", ".join(gateway.expected)
    )


@requirement(
    "HDR-03b",
    HeaderComparison,
    clause="7d, 8c",
    severity=MEDIUM,
    remedy="Compare the bytes by MessageDigest.isEqual.",
)
def test_header_is_compared_in_constant_time(comparison):
    """A comparison that stops at the first difference tells by its time how much of a guess is right (CWE-208)."""
    used = comparison.comparison
    assert used.is_constant_time, comparison.evidence(
        "the header is compared by {}, whose time tells how much of it is right", used.by
    )


# The value


@requirement(
    "HDR-04a",
    SentValue,
    clause="+",
    severity=HIGH,
    remedy="Read the value from Secrets Manager: data aws_secretsmanager_secret_version.",
)
def test_cloudfront_takes_the_value_from_a_secret(value):
    """Whoever reads the repository can send a value that is written there, and go round CloudFront with it."""
    sent = value.sent
    assert not sent.literal, value.evidence("the value of {} is written in plain text", sent.name)
    if not sent.secrets and sent.unknown and not sent.comes_from:
        not_judged(sent.unknown)
    assert sent.secrets, value.evidence("the value of {} comes from {}, which is no secret", sent.name, value.source)


@requirement(
    "HDR-04b",
    GatewaySecret,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Give it to the container from a Secret: env valueFrom secretKeyRef.",
)
def test_gateway_takes_the_value_from_a_secret(secret):
    """A value in code, in a configuration file or in a ConfigMap is read by whoever may read those."""
    assert not secret.literals, secret.blame(
        secret.literals, "the gateway's value is written in {}", "; ".join(str(one.location) for one in secret.literals)
    )
    unset = [one for one in secret.variables if secret.given(one) is None]
    if unset and secret.check.gateway.unknown:
        not_judged(secret.check.gateway.unknown)
    assert not unset, secret.evidence("no manifest gives the gateway {}", ", ".join(unset))


@requirement(
    "HDR-04c",
    GatewaySecret,
    clause="+",
    severity=HIGH,
    remedy="Take the default out: without its secret the gateway must not start.",
)
def test_gateway_value_has_no_default(secret):
    """A default is a secret that everybody knows, and it is in force as soon as the real one is missing."""
    assert not secret.defaults, secret.blame(
        secret.defaults,
        "where {} is not set, a text that the source states is taken"
        if any(one.value for one in secret.defaults)
        else "where {} is not set, an empty text is taken, which an empty header equals",
        ", ".join(secret.variables),
    )


@requirement(
    "HDR-04d",
    GatewaySecret,
    clause="+",
    severity=HIGH,
    in_development=LOW,
    remedy="Let Terraform read the secret, and the manifests give the variable, that the contract names.",
)
def test_both_ends_take_the_value_from_one_secret(secret):
    """Two secrets are rotated one after the other, and until then the gateway refuses what CloudFront sends."""
    sent, contract = secret.sent_names, secret.ends.contract
    if not sent:
        not_judged("CloudFront's value comes from no secret whose name is known (HDR-04a)")
    if secret.literals or not secret.variables:
        not_judged("the gateway's value comes from no variable of its environment (HDR-04b)")
    if secret.aws_names:
        others = [leaf for leaf in secret.aws_names if leaf.value not in sent]
        assert not others, secret.blame_both(
            "CloudFront's value is {}, the gateway's {}", ", ".join(sent), ", ".join(str(leaf.value) for leaf in others)
        )
        return
    if contract is None or contract.secret is None or contract.variable is None:
        not_judged("nothing states that the two are one secret: [header] secret and variable would")
    stated = contract.secret.value, contract.variable.value
    found = {*sent, *secret.variables}
    assert found == set(stated), secret.blame_both(
        "the contract names {} and {}; CloudFront's value is {}, the gateway's {}",
        *stated,
        ", ".join(sent),
        ", ".join(secret.variables),
    )


# No way past it


@requirement(
    "HDR-05a",
    GuardedOrigin,
    clause="+",
    severity=HIGH,
    remedy="Give every origin of the load balancer the same custom_header.",
)
def test_origin_overrides_the_header_of_a_viewer(origin):
    """CloudFront overwrites a viewer's header only at an origin that has it as a custom header ("Add custom headers to origin requests")."""
    if not origin.distribution.matching:
        not_judged("no origin is sent the header (HDR-02)")
    assert origin.is_sent, origin.evidence(
        "{} leads to the load balancer without {}: a viewer's own passes",
        origin.origin.origin.id,
        origin.distribution.expected,
    )


@requirement(
    "HDR-05b",
    HeaderComparison,
    clause="+",
    severity=CRITICAL,
    remedy="Make the filter a @Component, or register it as a bean.",
)
def test_filter_that_asks_for_the_header_is_in_service(comparison):
    """A filter that nothing registers is code that lets everybody pass."""
    if not comparison.decisions:
        not_judged("how the comparison decides whether a request passes cannot be told from the source")
    out = comparison.out_of_service
    assert len(out) < len(comparison.decisions), comparison.blame_decisions(
        "nothing takes {} into service", ", ".join(one.type.name for one in out)
    )


@requirement(
    "HDR-05c",
    HeaderComparison,
    clause="+",
    severity=CRITICAL,
    remedy="Answer 403 and return, before the next filter is called.",
)
def test_request_without_the_header_is_refused(comparison):
    """A comparison whose result stops nobody is a comparison for the log."""
    if not comparison.decisions:
        not_judged("how the comparison decides whether a request passes cannot be told from the source")
    assert any(one.refuses for one in comparison.decisions), comparison.blame_decisions(
        "the request goes on, whatever the comparison says"
        if not any(one.success for one in comparison.decisions)
        else "a request without the header is answered {}, which is no refusal",
        ", ".join(dict.fromkeys(one.success for one in comparison.decisions if one.success)),
    )
    assert not comparison.openings, comparison.blame_openings(
        "it lets everybody pass of whom this holds: {}", "; ".join(one.shown for one in comparison.openings)
    )
