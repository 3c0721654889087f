"""CloudFront (clause 4.2b). PYTEST_DONT_REWRITE: the message of an assertion is its evidence."""

from policies import CRITICAL, HIGH, LOW, MEDIUM, not_judged, requirement
from policies.edge.carried import CarryingBehaviour
from policies.model.delivery.accepted import refused_firewall, refused_methods
from policies.model.delivery.answers import AnsweringBehaviour
from policies.model.delivery.checks import BalancerBehaviour, unique_check
from policies.model.delivery.distributions import RECOMMENDED_TLS, CloudFront, CloudFrontBehaviour
from policies.model.delivery.entrances import Entrance
from policies.model.delivery.errors import CachePolicyResource, ErrorResponse, OriginRequestPolicyResource
from policies.model.delivery.functions import PRINCIPALS, EdgeFunction
from policies.model.delivery.hosts import HostForwarding
from policies.model.delivery.origins import BalancerOrigin, CloudFrontOrigin
from policies.model.delivery.regions import REGION

_YEAR = 31536000

# Encrypted on both sides


@requirement(
    "CDN-01a",
    BalancerOrigin,
    clause="4.2b",
    severity=HIGH,
    remedy='Set origin_protocol_policy = "https-only".',
    maps=("[CloudFront.9] CloudFront distributions should encrypt traffic to custom origins",),
)
def test_load_balancer_is_called_by_https_alone(origin):
    """What lets a request in, the token and CloudFront's own header, crosses the internet between the two."""
    assert origin.protocol == "https-only", origin.blame(
        ("custom_origin_config", "origin_protocol_policy"),
        "{} is called by {}",
        origin.found.origin.id,
        origin.protocol,
    )


@requirement(
    "CDN-01b",
    BalancerOrigin,
    clause="4.2b",
    severity=MEDIUM,
    remedy='Set origin_ssl_protocols = ["TLSv1.2"].',
    maps=(
        "[CloudFront.10] CloudFront distributions should not use deprecated SSL protocols between edge locations and custom origins",
    ),
)
def test_load_balancer_is_called_with_current_tls(origin):
    """TLS 1.0 and 1.1 are deprecated (RFC 8996), SSL 3.0 is broken (RFC 7568)."""
    old = [one for one in origin.tls if one not in ("TLSv1.2", "TLSv1.3")]
    assert not old, origin.blame(
        ("custom_origin_config", "origin_ssl_protocols"),
        "{} may be called with {}",
        origin.found.origin.id,
        ", ".join(old),
    )


@requirement(
    "CDN-01c",
    CloudFrontBehaviour,
    clause="4.2b",
    severity=HIGH,
    remedy='Set viewer_protocol_policy = "redirect-to-https".',
    maps=("[CloudFront.3] CloudFront distributions should require encryption in transit",),
)
def test_viewers_are_sent_to_https(behaviour):
    """By plain HTTP everybody on the way reads the cookie with the token."""
    policy = behaviour.get("viewer_protocol_policy")
    assert policy in ("redirect-to-https", "https-only"), behaviour.blame(
        ("viewer_protocol_policy",), "{} is served by {}", behaviour.pattern, policy
    )


@requirement(
    "CDN-01d",
    CloudFront,
    clause="4.2b",
    severity=MEDIUM,
    remedy='Use a certificate of your own, with minimum_protocol_version = "TLSv1.2_2021".',
    maps=("[CloudFront.15] CloudFront distributions should use the recommended TLS security policy",),
)
def test_viewers_use_current_tls(distribution):
    """The security policy says which versions and ciphers the oldest client may use; CloudFront's own certificate takes TLS 1.0."""
    used = distribution.minimum_tls
    assert used in RECOMMENDED_TLS, distribution.blame(
        ("viewer_certificate", "minimum_protocol_version"), "viewers may use what {} allows", used
    )


# The check


@requirement(
    "CDN-02a",
    BalancerBehaviour,
    clause="4.2b",
    severity=CRITICAL,
    remedy="Associate the check with the behaviour at viewer-request.",
)
def test_behaviour_runs_the_check(behaviour):
    """One behaviour without the check is a door beside the queue: CloudFront adds its header to what comes through it, too."""
    unique_check(behaviour)
    assert behaviour.checks, behaviour.evidence(
        "{} reaches the load balancer and runs {} at viewer-request",
        behaviour.pattern,
        ", ".join(one.function.address for one in behaviour.associations if one.function is not None) or "nothing",
    )


@requirement(
    "CDN-02b",
    BalancerBehaviour,
    clause="4.2b",
    severity=HIGH,
    remedy="Refer to the function's qualified_arn, with publish = true.",
)
def test_check_is_a_published_version(behaviour):
    """CloudFront takes a numbered version, neither $LATEST nor an alias ("Restrictions on Lambda@Edge")."""
    if not behaviour.checks:
        not_judged("it runs no check (CDN-02a)")
    for one in behaviour.checks:
        if one.is_lambda and one.version is None:
            not_judged(f"which version of the check {one.arn} is, is known only when it is applied")
        assert not one.is_lambda or one.version == "published", behaviour.blame(
            one.path, "{} runs {} of the check", behaviour.pattern, {"latest": "$LATEST"}.get(one.version, "an alias")
        )


@requirement("CDN-02c", EdgeFunction, clause="4.2b", severity=HIGH, remedy="Set publish = true.")
def test_function_at_the_edge_is_published(function):
    """Without publish there is no version: qualified_arn then ends in $LATEST, which CloudFront refuses."""
    assert function.get("publish") is True, function.blame(("publish",), "{} is not published", function.block.address)


# What goes on, and what is kept


@requirement(
    "CDN-03a",
    CarryingBehaviour,
    clause="+",
    severity=HIGH,
    remedy="Name the header in an origin request policy, or send all of the viewer's but Host.",
)
def test_token_header_reaches_the_gateway(behaviour):
    """An app's token that CloudFront takes off is no token at the gateway ("Control origin requests with a policy")."""
    header = behaviour.carrier("header")
    assert behaviour.forwards_header(header), behaviour.blame(
        ("origin_request_policy_id",), "{} does not send {} on", behaviour.pattern, header
    )


@requirement(
    "CDN-03b",
    CarryingBehaviour,
    clause="+",
    severity=MEDIUM,
    remedy="Name the cookie in an origin request policy, or send all of the viewer's.",
)
def test_token_cookie_reaches_the_gateway(behaviour):
    """What the check saw and the gateway does not see, the gateway cannot hold against it."""
    cookie = behaviour.carrier("cookie")
    assert behaviour.forwards_cookie(cookie), behaviour.blame(
        ("origin_request_policy_id",), "{} does not send the cookie {} on", behaviour.pattern, cookie
    )


@requirement(
    "CDN-03c",
    BalancerBehaviour,
    clause="+",
    severity=CRITICAL,
    remedy="Use a cache policy with all TTLs 0, or put what makes answers personal into its key.",
)
def test_nothing_personal_is_kept(behaviour):
    """An answer that depends on who asks, and is kept for all who ask, shows one viewer's tickets to the next."""
    shared = behaviour.shared
    assert not shared, behaviour.blame(
        ("cache_policy_id",),
        "{} keeps answers for everybody, whatever {} said",
        behaviour.pattern,
        " and ".join(shared),
    )


# Refusals stay refusals


@requirement(
    "CDN-04a",
    ErrorResponse,
    clause="+",
    severity=HIGH,
    remedy="Take response_code out, or give an error for an error.",
)
def test_refusal_stays_a_refusal(response):
    """Who gets 200 for 403 takes the page for the ticket; browsers, caches and monitors all believe it."""
    assert not response.hides_refusal, response.evidence(
        "{} of the origin is answered by {}", response.status, response.answered
    )


@requirement(
    "CDN-04b",
    CloudFront,
    clause="+",
    severity=MEDIUM,
    remedy="Add custom_error_response { error_code = 403, error_caching_min_ttl = 0 }.",
)
def test_refusal_is_not_kept_for_others(distribution):
    """CloudFront keeps a 403 for ten seconds, whatever its Cache-Control says, and shows it to others whom the gateway would let in.

    "Control how long CloudFront caches errors": for all codes but 404, 410, 414 and 501 it ignores no-store, no-cache and private.
    """
    seconds = distribution.keeps_refusals
    assert seconds == 0, distribution.blame(
        ("custom_error_response",), "the gateway's 403 is kept for {} s and shown to others", seconds
    )


@requirement(
    "CDN-05",
    Entrance,
    clause="+",
    severity=HIGH,
    remedy="Let in CloudFront's prefix list alone: alb.ingress.kubernetes.io/security-group-prefix-lists, or prefix_list_ids of the security group.",
)
def test_load_balancer_takes_cloudfront_alone(entrance):
    """Whoever reaches the load balancer itself has gone round the check, the firewall and the logs."""
    if entrance.unknown:
        not_judged(entrance.unknown)
    assert not entrance.open_to, entrance.evidence("the load balancer takes {}", ", ".join(entrance.open_to))


# What CloudFront takes


def _legal(function, attribute, message, *values):
    return function.blame(attribute, "{}: " + message, function.block.address, *values)


@requirement("CDN-06a", EdgeFunction, clause="+", severity=HIGH, remedy="Make it with a provider of us-east-1.")
def test_function_at_the_edge_is_in_us_east_1(function):
    """CloudFront takes functions from there alone ("Restrictions on Lambda@Edge")."""
    assert function.region == REGION, _legal(function, ("provider",), "it is made in {}", function.region)


@requirement("CDN-06b", EdgeFunction, clause="+", severity=HIGH, remedy="Write the values into the package.")
def test_function_at_the_edge_has_no_environment(function):
    """CloudFront refuses the distribution: "The function cannot have environment variables"."""
    names = function.variables
    assert not names, _legal(function, ("environment",), "it has the variables {}", ", ".join(names))


@requirement("CDN-06c", EdgeFunction, clause="+", severity=HIGH, remedy="Take vpc_config out.")
def test_function_at_the_edge_is_in_no_vpc(function):
    """It runs in CloudFront's own places, where there is no VPC of yours ("Restrictions on Lambda@Edge")."""
    assert not function.has("vpc_config"), _legal(function, ("vpc_config",), "it is in a VPC")


@requirement("CDN-06d", EdgeFunction, clause="+", severity=HIGH, remedy="Set timeout to 5 or less.")
def test_function_at_the_edge_ends_in_time(function):
    """5 seconds at viewer events, 30 at origin events ("Quotas on Lambda@Edge")."""
    seconds, most = function.timeout
    assert seconds <= most, _legal(function, ("timeout",), "it may take {} s, where {} are allowed", seconds, most)


@requirement("CDN-06e", EdgeFunction, clause="+", severity=HIGH, remedy="Set memory_size to 128.")
def test_function_at_the_edge_is_small(function):
    """128 MB at viewer events ("Quotas on Lambda@Edge")."""
    memory, most = function.memory
    assert memory <= most, _legal(function, ("memory_size",), "it has {} MB, where {} are allowed", memory, most)


@requirement("CDN-06f", EdgeFunction, clause="+", severity=HIGH, remedy="Put what the layers hold into the package.")
def test_function_at_the_edge_has_no_layers(function):
    """CloudFront refuses a function with layers ("Restrictions on Lambda@Edge")."""
    assert not function.has("layers"), _legal(function, ("layers",), "it has layers")


@requirement("CDN-06g", EdgeFunction, clause="+", severity=HIGH, remedy="Take dead_letter_config out.")
def test_function_at_the_edge_has_no_dead_letter_queue(function):
    """It is called and waited for: CloudFront refuses a function with a queue for what failed."""
    assert not function.has("dead_letter_config"), _legal(
        function, ("dead_letter_config",), "it has a dead-letter queue"
    )


@requirement("CDN-06h", EdgeFunction, clause="+", severity=HIGH, remedy='Set architectures = ["x86_64"].')
def test_function_at_the_edge_runs_on_x86(function):
    """arm64 is not supported ("Restrictions on Lambda@Edge")."""
    other = [one for one in function.architectures if one != "x86_64"]
    assert not other, _legal(function, ("architectures",), "it runs on {}", ", ".join(other))


@requirement(
    "CDN-06i",
    EdgeFunction,
    clause="+",
    severity=HIGH,
    remedy="Let both services assume the role: lambda.amazonaws.com and edgelambda.amazonaws.com.",
)
def test_role_at_the_edge_trusts_both_services(function):
    """CloudFront copies the function to its own places, where it is another service that starts it ("Restrictions on Lambda@Edge", role)."""
    missing = function.missing_principals
    assert not missing, function.blame_role(
        "the role of {} trusts no {}; it must trust {}",
        function.block.address,
        " and no ".join(missing),
        " and ".join(PRINCIPALS),
    )


@requirement("CDN-06j", EdgeFunction, clause="+", severity=HIGH, remedy="Use a runtime of Node.js or Python.")
def test_function_at_the_edge_is_node_or_python(function):
    """Nothing else runs there ("Restrictions on Lambda@Edge", supported runtimes)."""
    if function.is_image:
        not_judged("it is a container's image (CDN-06k)")
    runtime = str(function.get("runtime"))
    assert runtime.startswith(("nodejs", "python")), _legal(function, ("runtime",), "its runtime is {}", runtime)


@requirement("CDN-06k", EdgeFunction, clause="+", severity=HIGH, remedy="Deliver it as a zip file.")
def test_function_at_the_edge_is_no_image(function):
    """CloudFront refuses functions made of container images ("Restrictions on Lambda@Edge")."""
    assert not function.is_image, _legal(function, ("package_type",), "it is a container's image")


@requirement("CDN-06l", EdgeFunction, clause="+", severity=MEDIUM, remedy="Take tracing_config out.")
def test_function_at_the_edge_is_not_traced(function):
    """X-Ray is not supported there ("Restrictions on Lambda@Edge")."""
    assert not function.is_traced, _legal(function, ("tracing_config",), "X-Ray traces it")


@requirement(
    "CDN-06m",
    CachePolicyResource,
    clause="+",
    severity=HIGH,
    remedy="Set enable_accept_encoding_gzip and enable_accept_encoding_brotli to false.",
)
def test_policy_without_caching_compresses_nothing(policy):
    """AWS refuses it: "The parameter EnableAcceptEncodingGzip is invalid for policy with caching disabled"."""
    assert policy.policy.keeps or not policy.compresses, policy.blame(
        ("parameters_in_cache_key_and_forwarded_to_origin",),
        "all its TTLs are 0, and it keeps compressed answers apart",
    )


@requirement(
    "CDN-06n",
    CachePolicyResource,
    clause="+",
    severity=HIGH,
    remedy="Take them out of the key, and send them on by an origin request policy.",
)
def test_policy_without_caching_has_an_empty_key(policy):
    """AWS refuses it: "The parameter HeaderBehavior is invalid for policy with caching disabled"; so for cookies and query strings."""
    assert policy.policy.keeps or not policy.key, policy.blame(
        ("parameters_in_cache_key_and_forwarded_to_origin",),
        "all its TTLs are 0, and its key has {}",
        ", ".join(policy.key),
    )


@requirement(
    "CDN-06o",
    CloudFrontBehaviour,
    clause="+",
    severity=HIGH,
    remedy="State either a cache policy or forwarded_values with its TTLs.",
)
def test_behaviour_states_its_caching_once(behaviour):
    """forwarded_values and TTLs belong to the legacy settings: CloudFront refuses them beside a cache policy."""
    mixes = behaviour.mixes
    assert not mixes, behaviour.blame(
        (mixes[0],), "{} has a cache policy, and {} beside it", behaviour.pattern, ", ".join(mixes)
    )


@requirement(
    "CDN-06p",
    OriginRequestPolicyResource,
    clause="+",
    severity=HIGH,
    remedy="Send all of the viewer's headers, or put Authorization into the key of a cache policy that keeps something.",
)
def test_origin_request_policy_lists_what_it_may(policy):
    """AWS refuses it: "Headers contains Authorization that is not allowed". It goes on as one of all, or by the cache's key."""
    refused = policy.refused
    assert not refused, policy.blame(("headers_config",), "it lists {}", ", ".join(refused))


@requirement(
    "CDN-06q",
    HostForwarding,
    clause="+",
    severity=MEDIUM,
    remedy="Use Managed-AllViewerExceptHostHeader, or an origin request policy of allExcept Host.",
)
def test_host_of_the_viewer_stays_at_cloudfront(behaviour):
    """With the viewer's Host the load balancer must have a certificate and rules for the viewer's name; else CloudFront answers 502."""
    assert not behaviour.forwards_host or behaviour.is_served_by_name, behaviour.blame(
        ("origin_request_policy_id",),
        "{} sends the viewer's Host on, and no rule of the load balancer names {}",
        behaviour.pattern,
        behaviour.names,
    )


@requirement("CDN-06r", CloudFrontOrigin, clause="+", severity=HIGH, remedy="Give the header another name.")
def test_custom_header_has_a_legal_name(origin):
    """CloudFront keeps some names to itself ("Custom headers that CloudFront can't add to origin requests")."""
    refused = origin.refused_headers
    assert not refused, origin.blame(("custom_header", 0, "name"), "CloudFront adds no {}", ", ".join(refused))


@requirement("CDN-06s", CloudFront, clause="+", severity=HIGH, remedy="Take a certificate of ACM in us-east-1.")
def test_certificate_is_in_us_east_1(distribution):
    """CloudFront takes certificates of ACM from there alone ("Requirements for using SSL/TLS certificates with CloudFront")."""
    region = distribution.certificate_region
    if region is None and distribution.get("viewer_certificate", "acm_certificate_arn"):
        not_judged("in which region the certificate is, its ARN does not say")
    assert region in (None, REGION), distribution.blame(
        ("viewer_certificate", "acm_certificate_arn"), "the certificate is in {}", region
    )


@requirement(
    "CDN-06t",
    CloudFrontBehaviour,
    clause="+",
    severity=HIGH,
    remedy="Allow GET and HEAD, or these and OPTIONS, or all seven; cache one of the first two.",
)
def test_methods_are_one_of_cloudfront_s_choices(behaviour):
    """CloudFront has three sets of methods to allow and two to cache, and refuses any other (API Reference, AllowedMethods and CachedMethods)."""
    refused = refused_methods(behaviour)
    assert not refused, behaviour.blame(
        (refused[0][0],),
        "{}: {}",
        behaviour.pattern,
        "; ".join(f"{name} is {', '.join(methods)}" for name, methods in refused),
    )


# Around it


@requirement(
    "CDN-07a",
    CloudFront,
    clause="+",
    severity=MEDIUM,
    remedy="Set web_acl_id to a web ACL of scope CLOUDFRONT.",
    maps=("[CloudFront.6] CloudFront distributions should have WAF enabled",),
)
def test_distribution_has_a_firewall(distribution):
    """A ticket sale draws scripts by the thousand: without limits of rate at the edge they all come to the queue."""
    assert distribution.has_firewall, distribution.blame(("web_acl_id",), "no web ACL stands before it")


@requirement(
    "CDN-07b",
    CloudFront,
    clause="+",
    severity=MEDIUM,
    remedy="Add logging_config, or a delivery source of CloudWatch for ACCESS_LOGS.",
    maps=("[CloudFront.5] CloudFront distributions should have logging enabled",),
)
def test_distribution_writes_access_logs(distribution):
    """What came round the queue is found afterwards in the access logs, or nowhere."""
    assert distribution.logs is not None, distribution.evidence("it writes no access logs")


@requirement("CDN-07c", CloudFront, clause="+", severity=MEDIUM, remedy="Set include_cookies = false.")
def test_access_logs_leave_cookies_out(distribution):
    """One of the cookies is the token: who may read the logs could enter with it."""
    if distribution.logs is None:
        not_judged("it writes no access logs (CDN-07b)")
    assert not distribution.logs_cookies, distribution.blame(
        ("logging_config", "include_cookies"), "its access logs hold the viewers' cookies"
    )


@requirement(
    "CDN-07d",
    AnsweringBehaviour,
    clause="+",
    severity=MEDIUM,
    remedy="Add strict_transport_security of a year or more to the behaviour's response headers policy.",
)
def test_browsers_come_by_https_for_a_year(behaviour):
    """Until a browser has been told so (RFC 6797), its first request may go by plain HTTP, with the cookie in it."""
    seconds = behaviour.answers.transport_seconds
    assert seconds >= _YEAR, behaviour.blame_answers(
        "{}: Strict-Transport-Security is {} s, where a year is asked", behaviour.pattern, seconds
    )


@requirement(
    "CDN-07e",
    AnsweringBehaviour,
    clause="+",
    severity=LOW,
    remedy="Add content_type_options to the behaviour's response headers policy.",
)
def test_browsers_do_not_guess_types(behaviour):
    """A browser that guesses runs as a script what was uploaded as a picture."""
    assert behaviour.answers.forbids_guessing, behaviour.blame_answers(
        "{}: no X-Content-Type-Options", behaviour.pattern
    )


@requirement(
    "CDN-07f",
    AnsweringBehaviour,
    clause="+",
    severity=MEDIUM,
    remedy="Add frame_options, or a content_security_policy with frame-ancestors, to the behaviour's response headers policy.",
)
def test_no_other_site_shows_it_in_a_frame(behaviour):
    """In an invisible frame of another site a click on a prize is a click on buy."""
    assert behaviour.answers.forbids_frames, behaviour.blame_answers(
        "{}: neither X-Frame-Options nor frame-ancestors", behaviour.pattern
    )


@requirement(
    "CDN-07g",
    CloudFront,
    clause="+",
    severity=HIGH,
    remedy="Give the web ACL the scope CLOUDFRONT, and make it with a provider of us-east-1.",
)
def test_firewall_is_one_of_cloudfront(distribution):
    """CloudFront takes no web ACL of the scope REGIONAL, and AWS WAF makes those of CLOUDFRONT in us-east-1 alone (API Reference, CreateWebACL)."""
    refused = refused_firewall(distribution)
    assert refused is None, refused
