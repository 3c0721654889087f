"""CloudFront as it serves, held against AWS's documentation, and distributions in other styles of Terraform than the reference platform's."""

from __future__ import annotations

from pathlib import Path

import pytest

from policies.catalogue import OWN, catalogue
from policies.model.delivery.cloudfront import Behaviour, Distribution, Origin, Request, normalised
from policies.model.delivery.policies import ALL, BUT, LISTED, CachePolicy, Choice, OriginRequestPolicy
from policies.model.delivery.resources import distribution_of
from policies.platform import Platform
from policies.read.terraform import Unknown
from policies.requirement import NotJudged
from policies.verdict import Outcome, cases, judge

CDN = [item for item in catalogue(OWN) if item.chapter == "CDN"]
UNCACHED = CachePolicy(0, 0, 0)
EVERYTHING = OriginRequestPolicy(Choice(ALL), Choice(ALL), Choice(ALL))


def distribution(*patterns: str, **default: object) -> Distribution:
    """Give a distribution with these patterns, and `*` for the rest; `default` are fields of every behaviour."""
    fields = {"cache": UNCACHED, "origin_request": EVERYTHING, **default}
    behaviours = (Behaviour(pattern, "alb", **fields) for pattern in (*patterns, "*"))  # type: ignore[arg-type]
    return Distribution(tuple(behaviours), (Origin("alb", "origin.internal", "", (("X-Verify", "secret"),)),))


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        ("*.jpg", ["/a.jpg", "/images/a.jpg", "/.jpg"], ["/LOGO.JPG", "/a.jpgx"]),
        ("images/*.jpg", ["/images/a.jpg", "/images/product1/a.jpg"], ["/image/a.jpg", "/x/images/a.jpg"]),
        ("/images/*.jpg", ["/images/a.jpg"], ["images/a.jpg"]),
        ("/a??.jpg", ["/ant.jpg", "/abe.jpg"], ["/a.jpg", "/anne.jpg"]),
        ("*.doc*", ["/x.doc", "/x.docx", "/x.docm"], ["/x.do"]),
        ("/api/*", ["/api/", "/api/x/y"], ["/api", "/API/x", "/apix"]),
        ("/api", ["/api"], ["/api/"]),
        ("/a.b+(c)", ["/a.b+(c)"], ["/aXb+(c)"]),
    ],
)
def test_path_patterns(pattern: str, fits: list[str], fits_not: list[str]) -> None:
    """The examples of "Cache behavior settings", path pattern: `*`, `?`, capitals, and a slash that may be left out."""
    behaviour = Behaviour(pattern, "alb")
    assert [path for path in fits if not behaviour.fits(path)] == []
    assert [path for path in fits_not if behaviour.fits(path)] == []


def test_the_first_pattern_that_fits_decides() -> None:
    """The documentation's example: `images/*.jpg`, `images/*`, `*.gif`, and a request for `images/sample.gif`."""
    found = distribution("images/*.jpg", "images/*", "*.gif")
    assert found.behaviour_of("/images/sample.gif").pattern == "images/*"
    assert found.behaviour_of("/sample.gif").pattern == "*.gif"
    assert found.behaviour_of("/other").pattern == "*"


@pytest.mark.parametrize(
    ("path", "normal"),
    [
        ("/a/b/../c", "/a/c"),
        ("/a/./b/.", "/a/b/"),
        ("/../../a", "/a"),
        ("/a/..", "/"),
        ("/%61pi/%7Ex", "/api/~x"),
        ("/a%2fb%2F", "/a%2Fb%2F"),
        ("/%2e%2e/api", "/api"),
        ("//a//b", "//a//b"),
        ("/", "/"),
        ("/%zz%", "/%zz%"),
    ],
)
def test_paths_are_normalised_to_choose_a_behaviour(path: str, normal: str) -> None:
    """RFC 3986, 6.2.2: letters, capital hex digits, dot segments; slashes that follow one another stay."""
    assert normalised(path) == normal


def test_the_origin_gets_the_path_as_it_was_sent() -> None:
    """CloudFront "sends the raw URI path to the origin", once it has chosen the behaviour; other readings are told apart."""
    found = distribution("/api/*")
    sent = found.request_to_origin(Request("/x/../api/%74", query="a=1&b"))
    assert sent is not None
    assert found.behaviour_of("/x/../api/%74").pattern == "/api/*"
    assert (sent[1].path, sent[1].query) == ("/x/../api/%74", "a=1&b")
    assert {one.pattern for one in found.may_meet("//api/x")} == {"*", "/api/*"}
    assert {one.pattern for one in found.may_meet("/api/x")} == {"/api/*"}


def test_a_custom_header_overrides_a_viewers() -> None:
    """CloudFront "overwrites the header value", in any case of its name and however often it was sent."""
    request = Request("/", headers=(("x-verify", "evil"), ("X-VERIFY", "worse"), ("X-Other", "a")))
    sent = distribution().request_to_origin(request)
    assert sent is not None
    assert sent[1].values("X-Verify") == ("secret",)
    assert sent[1].values("X-Other") == ("a",)


def test_headers_that_are_cloudfronts_own() -> None:
    """The table "HTTP request headers and CloudFront behavior": hop by hop, Host, User-Agent, X-Forwarded-*, X-Edge-*."""
    headers = (
        *(
            ("Host", "www.shop"),
            ("User-Agent", "curl"),
            ("Connection", "close"),
            ("Upgrade", "h2c"),
            ("TE", "trailers"),
        ),
        *(
            ("X-Forwarded-For", "203.0.113.9"),
            ("X-Forwarded-Proto", "http"),
            ("X-Real-IP", "203.0.113.9"),
            ("X-Edge-A", "b"),
        ),
        *(("Content-Type", "text/plain"), ("X-Shop", "a"), ("Authorization", "Bearer x")),
    )
    plain = distribution(origin_request=None).request_to_origin(Request("/", headers=headers), "198.51.100.7")
    every = distribution().request_to_origin(Request("/", headers=headers))
    but_host = distribution(origin_request=OriginRequestPolicy(Choice(BUT, ("Host",)))).request_to_origin(
        Request("/", headers=headers)
    )
    assert plain is not None
    assert every is not None
    assert but_host is not None
    assert [plain[1].values(name) for name in ("Host", "User-Agent", "X-Shop", "Authorization", "Content-Type")] == [
        ("origin.internal",), ("Amazon CloudFront",), (), (), ("text/plain",)
    ]  # fmt: skip
    assert [every[1].values(name) for name in ("Host", "User-Agent", "X-Shop", "Authorization")] == [
        ("www.shop",), ("curl",), ("a",), ("Bearer x",)
    ]  # fmt: skip
    assert but_host[1].values("Host") == ("origin.internal",)
    assert but_host[1].values("X-Shop") == ("a",)
    assert plain[1].values("X-Forwarded-For") == ("203.0.113.9,198.51.100.7",)
    for name in ("Upgrade", "TE", "X-Forwarded-Proto", "X-Real-IP", "X-Edge-A"):
        assert every[1].values(name) == ()


def test_cookies_and_queries_are_chosen_by_name() -> None:
    """What either policy takes goes on, in the order in which it was sent; a header that stays whole is not written anew."""
    chosen = OriginRequestPolicy(cookies=Choice(LISTED, ("tok*",)), query=Choice(LISTED, ("event",)))
    found = distribution(origin_request=chosen)
    sent = found.request_to_origin(
        Request("/", query="a=1&event=2&Event=3&event", headers=(("Cookie", "x=1; token=a=b;tok2=;Token=c"),))
    )
    assert sent is not None
    assert sent[1].values("Cookie") == ("token=a=b; tok2=",)
    assert sent[1].query == "event=2&event"
    whole = distribution().request_to_origin(Request("/", headers=(("Cookie", "a=1;b=2"), ("Cookie", "c"))))
    assert whole is not None
    assert whole[1].values("Cookie") == ("a=1;b=2", "c")
    none = distribution(origin_request=None).request_to_origin(Request("/", query="a", headers=(("Cookie", "a=1"),)))
    assert none is not None
    assert (none[1].values("Cookie"), none[1].query) == ((), "")


def test_legacy_settings_forward_headers_by_default() -> None:
    """Then "CloudFront forwards the headers to your origin by default"; Authorization with methods that have a body."""
    legacy = CachePolicy(
        0, 0, 0, headers=Choice(LISTED, ("Accept",)), cookies=Choice(LISTED, ("a",)), query=Choice(ALL), legacy=True
    )
    found = distribution(cache=legacy, origin_request=None)
    headers = (("X-Shop", "a"), ("Accept", "b"), ("Referer", "c"), ("Authorization", "d"), ("Cookie", "a=1; b=2"))
    read, written = (found.request_to_origin(Request("/", method, headers=headers)) for method in ("GET", "POST"))
    assert read is not None
    assert written is not None
    names = ("X-Shop", "Accept", "Referer", "Authorization", "Cookie")
    assert [read[1].values(name) for name in names] == [("a",), ("b",), (), (), ("a=1",)]
    assert written[1].values("Authorization") == ("d",)


def test_what_compresses_is_normalised() -> None:
    """Accept-Encoding goes on as `br,gzip`, `gzip`, or not at all ("Compression support")."""
    both = distribution(cache=CachePolicy(gzip=True, brotli=True), origin_request=None)
    for given, expected in (("gzip, deflate, br;q=0.1", ("br,gzip",)), ("deflate", ()), ("GZIP", ("gzip",))):
        sent = both.request_to_origin(Request("/", headers=(("Accept-Encoding", given),)))
        assert sent is not None
        assert sent[1].values("Accept-Encoding") == expected


def test_methods_that_are_not_allowed_reach_no_origin() -> None:
    """CloudFront answers them itself, with 403."""
    assert distribution(methods=("GET", "HEAD")).request_to_origin(Request("/", "POST")) is None


def test_what_is_not_known_decides_nothing() -> None:
    """A pattern, a policy or a secret that is not known ends in NotJudged, unless a value is given for it."""
    secret = Unknown("the secret is known only when it is applied")
    with pytest.raises(NotJudged):
        distribution(cache=Unknown("a policy")).request_to_origin(Request("/"))
    found = Distribution(
        distribution().behaviours, (Origin("alb", "origin.internal", "/shop", (("X-Verify", secret),)),)
    )
    with pytest.raises(NotJudged):
        found.request_to_origin(Request("/a"))
    sent = found.with_values({"x-verify": "s3cret"}).request_to_origin(Request("/a"))
    assert sent is not None
    assert (sent[1].path, sent[1].values("X-Verify")) == ("/shop/a", ("s3cret",))
    with pytest.raises(NotJudged):
        Behaviour(Unknown("a pattern"), "alb").fits("/")


# Terraform

START = """
provider "aws" {
  region = "us-east-1"
}
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com", "edgelambda.amazonaws.com"]
    }
  }
}
resource "aws_iam_role" "check" {
  name               = "check"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}
resource "aws_lambda_function" "check" {
  function_name = "check"
  role          = aws_iam_role.check.arn
  runtime       = "python3.13"
  handler       = "index.handler"
  filename      = "check.zip"
  publish       = true
}
"""

END = """
resource "aws_cloudfront_distribution" "cdn" {
  enabled    = true
  web_acl_id = "arn:aws:wafv2:us-east-1:482915630718:global/webacl/shop/1"
  aliases    = ["shop.internal"]
  origin {
    origin_id   = "alb"
    domain_name = %(domain)s
    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }
  }
  origin {
    origin_id   = "pages"
    domain_name = "pages.s3.eu-west-1.amazonaws.com"
    s3_origin_config {
      origin_access_identity = ""
    }
  }
  default_cache_behavior {
    target_origin_id           = "pages"
    viewer_protocol_policy     = "https-only"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = "658327ea-f89d-4fab-a63d-7e88639e58f6"
    response_headers_policy_id = "67f7725c-6f97-4210-82d7-5512b31e9d03"
  }
  ordered_cache_behavior {
    path_pattern               = "/api/*"
    target_origin_id           = "alb"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods             = ["GET", "HEAD"]
    response_headers_policy_id = "67f7725c-6f97-4210-82d7-5512b31e9d03"
%(caching)s
    lambda_function_association {
      event_type = "viewer-request"
      lambda_arn = %(arn)s
    }
  }
  custom_error_response {
    error_code            = 403
    error_caching_min_ttl = 0
  }
  logging_config {
    bucket = "logs.s3.amazonaws.com"
  }
  viewer_certificate {
    acm_certificate_arn      = "arn:aws:acm:us-east-1:482915630718:certificate/1"
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }
}
"""
POLICIES = """    cache_policy_id          = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    origin_request_policy_id = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""
LEGACY = """    min_ttl     = 0
    default_ttl = 0
    max_ttl     = 0
    forwarded_values {
      query_string = true
      headers      = ["Authorization", "X-Token"]
      cookies {
        forward = "all"
      }
    }
"""
BALANCER = """
data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}
resource "aws_security_group" "alb" {
  name = "alb"
%s
}
resource "aws_lb" "shop" {
  name               = "shop"
  load_balancer_type = "application"
  security_groups    = [aws_security_group.alb.id]
}
"""
STATED = """
[terraform.prod]
path = "infra"
stage = "release"
[edge]
protected = ["/api/tickets"]
cookie = "token"
header = "X-Token"
"""


def platform(
    root: Path, end: str = END, more: str = "", stated: str = STATED, manifest: str = "", **given: str
) -> Platform:
    """Write a root with a distribution, and open the platform."""
    values = {
        "domain": '"origin.shop.internal"',
        "caching": POLICIES,
        "arn": "aws_lambda_function.check.qualified_arn",
        **given,
    }
    (root / "infra").mkdir()
    (root / "infra" / "main.tf").write_text(START + (end % values) + more, encoding="utf-8")
    (root / "platform.toml").write_text(stated, encoding="utf-8")
    if manifest:
        (root / "k8s").mkdir()
        (root / "k8s" / "ingress.yaml").write_text(manifest, encoding="utf-8")
    return Platform.open(root)


def outcomes(platform: Platform) -> dict[str, str]:
    """Judge a platform by the chapter: the worst outcome by id, what passed left out."""
    found: dict[str, str] = {}
    for item in CDN:
        worst = [one.outcome for case in cases(item, platform) if (one := judge(case)).outcome is not Outcome.PASSED]
        if worst:
            found[item.id] = (Outcome.FAILED if Outcome.FAILED in worst else worst[0]).value
    return found


OUTSIDE = {"CDN-05": "not judged", "CDN-06m": "not judged", "CDN-06n": "not judged", "CDN-06p": "not judged"}
"""The load balancer lies outside, and no policy is the platform's own."""


@pytest.mark.parametrize("caching", [POLICIES, LEGACY])
def test_managed_policies_and_legacy_settings_do(tmp_path: Path, caching: str) -> None:
    """Policies by the ids that AWS publishes, and forwarded_values without them."""
    assert outcomes(platform(tmp_path, caching=caching)) == OUTSIDE


def test_legacy_settings_that_keep_answers(tmp_path: Path) -> None:
    """Without TTLs CloudFront keeps for a day; cookies and headers in the key make answers personal, else they are everybody's."""
    keyed, shared = tmp_path / "keyed", tmp_path / "shared"
    for folder in (keyed, shared):
        folder.mkdir()
    kept = "\n".join(line for line in LEGACY.splitlines() if "ttl" not in line) + "\n"
    assert outcomes(platform(keyed, caching=kept)) == OUTSIDE
    assert (
        outcomes(platform(shared, caching=kept.replace('forward = "all"', 'forward = "none"')))["CDN-03c"] == "failed"
    )


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ('"${aws_lambda_function.check.arn}:${aws_lambda_function.check.version}"', None),
        ('"arn:aws:lambda:us-east-1:482915630718:function:check:7"', None),
        ('"arn:aws:lambda:us-east-1:482915630718:function:check"', "failed"),
        ('"arn:aws:lambda:us-east-1:482915630718:function:check:live"', "failed"),
        ('"arn:aws:lambda:us-east-1:482915630718:function:check:$LATEST"', "failed"),
        ("aws_lambda_function.check.arn", "failed"),
        ("var.check", "not judged"),
    ],
)
def test_versions_of_the_check(tmp_path: Path, arn: str, expected: str | None) -> None:
    """A number passes, a name fails, what nobody knows is not judged."""
    found = outcomes(platform(tmp_path, arn=arn, more='\nvariable "check" {\n  type = string\n}\n'))
    assert found.get("CDN-02b") == expected


def test_a_check_behind_a_module(tmp_path: Path) -> None:
    """The function is made in a module, and its version is an output."""
    (tmp_path / "modules" / "check").mkdir(parents=True)
    module = START.partition("data ")[2]
    (tmp_path / "modules" / "check" / "main.tf").write_text(
        f'data {module}\noutput "arn" {{\n  value = aws_lambda_function.check.qualified_arn\n}}\n', encoding="utf-8"
    )
    end = END + '\nmodule "check" {\n  source = "../modules/check"\n}\n'
    found = platform(tmp_path, end, arn="module.check.arn")
    (tmp_path / "infra" / "main.tf").write_text(
        (tmp_path / "infra" / "main.tf")
        .read_text(encoding="utf-8")
        .replace(START, 'provider "aws" {\n  region = "us-east-1"\n}\n'),
        encoding="utf-8",
    )
    assert outcomes(Platform.open(found.root)) == OUTSIDE


def test_unknown_values_never_pass(tmp_path: Path) -> None:
    """Variables without values: each demand that they decide is not judged."""
    end = (
        END.replace('"TLSv1.2_2021"', "var.tls")
        .replace('"redirect-to-https"', "var.protocol")
        .replace('"https-only"\n      origin', "var.origin\n      origin")
    )
    end = end.replace("= 403", "= var.status")
    more = "".join(
        f'\nvariable "{name}" {{\n  type = string\n}}\n' for name in ("tls", "protocol", "origin", "status", "policy")
    )
    found = outcomes(platform(tmp_path, end, more, caching="    cache_policy_id = var.policy\n"))
    expected = ("CDN-01a", "CDN-01c", "CDN-01d", "CDN-03a", "CDN-03b", "CDN-03c", "CDN-04a", "CDN-04b")
    assert {id: found.get(id) for id in expected} == dict.fromkeys(expected, "not judged")


RULES = {
    "inline": (
        '  ingress {\n    from_port       = 443\n    to_port         = 443\n    protocol        = "tcp"\n'
        "    prefix_list_ids = [data.aws_ec2_managed_prefix_list.cloudfront.id]\n  }",
        "",
        None,
    ),
    "a rule": (
        "",
        'resource "aws_security_group_rule" "in" {\n  type              = "ingress"\n  security_group_id = aws_security_group.alb.id\n'
        '  from_port         = 443\n  to_port           = 443\n  protocol          = "tcp"\n'
        "  prefix_list_ids   = [data.aws_ec2_managed_prefix_list.cloudfront.id]\n}\n",
        None,
    ),
    "everybody": (
        "",
        'resource "aws_vpc_security_group_ingress_rule" "in" {\n  security_group_id = aws_security_group.alb.id\n  cidr_ipv4         = "0.0.0.0/0"\n'
        '  ip_protocol       = "-1"\n}\n',
        "failed",
    ),
    "another list": (
        '  ingress {\n    from_port       = 443\n    to_port         = 443\n    protocol        = "tcp"\n'
        "    prefix_list_ids = [data.aws_ec2_managed_prefix_list.s3.id]\n  }",
        'data "aws_ec2_managed_prefix_list" "s3" {\n  name = "com.amazonaws.eu-west-1.s3"\n}\n',
        "failed",
    ),
    "a network that is not known": (
        "",
        'variable "network" {\n  type = string\n}\nresource "aws_vpc_security_group_ingress_rule" "in" {\n'
        '  security_group_id = aws_security_group.alb.id\n  cidr_ipv4         = var.network\n  ip_protocol       = "-1"\n}\n',
        "not judged",
    ),
}


@pytest.mark.parametrize("style", RULES)
def test_load_balancers_of_terraform(tmp_path: Path, style: str) -> None:
    """Whoever makes the load balancer: its security group takes CloudFront's prefix list, however the rule is written."""
    inside, beside, expected = RULES[style]
    found = outcomes(platform(tmp_path, more=BALANCER % inside + beside, domain="aws_lb.shop.dns_name"))
    assert found.get("CDN-05") == expected


INGRESS = """apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: shop
  annotations: {%s}
spec:
  ingressClassName: alb
  rules: [{host: %s, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: door, port: {number: 80}}}}]}}]
"""
ALB = "alb.ingress.kubernetes.io/"
PLACE = '[manifests.shop]\npath = "k8s"\nstage = "release"\n'


@pytest.mark.parametrize(
    ("annotations", "expected"),
    [
        (f"{ALB}scheme: internet-facing, {ALB}security-group-prefix-lists: pl-1", None),
        (f"{ALB}scheme: internet-facing", "failed"),
        (f"{ALB}scheme: internet-facing, {ALB}inbound-cidrs: '10.0.0.0/8, 192.168.0.0/16'", None),
        (f"{ALB}scheme: internet-facing, {ALB}inbound-cidrs: 'not a network'", "failed"),
        (f"{ALB}scheme: internet-facing, {ALB}security-groups: sg-1", "not judged"),
        (f"{ALB}scheme: internal", "not judged"),
    ],
)
def test_ingresses_of_the_load_balancer_controller(tmp_path: Path, annotations: str, expected: str | None) -> None:
    """An internal one is not reached from outside: then the one behind CloudFront lies elsewhere."""
    found = platform(tmp_path, stated=STATED + PLACE, manifest=INGRESS % (annotations, "shop.internal"))
    assert outcomes(found).get("CDN-05") == expected


@pytest.mark.parametrize(
    ("host", "expected"), [("shop.internal", None), ("'*.internal'", None), ("other.internal", "failed")]
)
def test_a_host_that_the_load_balancer_serves_may_go_on(tmp_path: Path, host: str, expected: str | None) -> None:
    """With a rule for the viewer's name, AllViewer is as it should be."""
    caching = POLICIES.replace("b689b0a8-53d0-40ab-baf2-68738e2966ac", "216adef6-5c7f-47e4-b989-5492eafa07d3")
    manifest = INGRESS % (f"{ALB}scheme: internet-facing, {ALB}security-group-prefix-lists: pl-1", host)
    assert (
        outcomes(platform(tmp_path, stated=STATED + PLACE, manifest=manifest, caching=caching)).get("CDN-06q")
        == expected
    )


def test_other_ways_to_write_the_same(tmp_path: Path) -> None:
    """Logs by CloudWatch's delivery, headers by custom_headers_config and a content security policy, trust by jsonencode."""
    end = END.replace('  logging_config {\n    bucket = "logs.s3.amazonaws.com"\n  }\n', "")
    end = end.replace('"67f7725c-6f97-4210-82d7-5512b31e9d03"', "aws_cloudfront_response_headers_policy.own.id")
    more = """
resource "aws_cloudwatch_log_delivery_source" "cdn" {
  name         = "cdn"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.cdn.arn
}
resource "aws_cloudfront_response_headers_policy" "own" {
  name = "own"
  custom_headers_config {
    items {
      header   = "Strict-Transport-Security"
      override = true
      value    = "max-age=63072000"
    }
    items {
      header   = "X-Content-Type-Options"
      override = true
      value    = "nosniff"
    }
  }
  security_headers_config {
    content_security_policy {
      content_security_policy = "frame-ancestors 'none'"
      override                = true
    }
  }
}
"""
    found = platform(tmp_path, end, more)
    text = (tmp_path / "infra" / "main.tf").read_text(encoding="utf-8")
    services = '["lambda.amazonaws.com", "edgelambda.amazonaws.com"]'
    statement = f'{{ Effect = "Allow", Action = "sts:AssumeRole", Principal = {{ Service = {services} }} }}'
    trust = f"jsonencode({{ Statement = [{statement}] }})"
    (tmp_path / "infra" / "main.tf").write_text(
        text.replace("data.aws_iam_policy_document.trust.json", trust), encoding="utf-8"
    )
    assert outcomes(Platform.open(found.root)) == OUTSIDE


def test_without_statements_nothing_is_guessed(tmp_path: Path) -> None:
    """No [edge]: which header and cookie the token comes in is asked for, all else is judged."""
    stated = '[terraform.prod]\npath = "infra"\nstage = "release"\n'
    assert outcomes(platform(tmp_path, stated=stated)) == {**OUTSIDE, "CDN-03a": "not judged", "CDN-03b": "not judged"}


CHECK = """const crypto = require('crypto');
const { secret } = require('./config.json');
const holds = (token) => {
  const [head, body, mac] = (token || '').split('.');
  const due = crypto.createHmac('sha256', secret).update(`${head}.${body}`).digest('base64url');
  return mac === due && JSON.parse(Buffer.from(body, 'base64url')).exp > Date.now() / 1000;
};
exports.handler = async (event) => {
  const request = event.Records[0].cf.request;
  if (!request.uri.startsWith('/api/tickets')) return request;
  const cookie = /seat=([^;]+)/.exec((request.headers.cookie || [{ value: '' }])[0].value);
  const token = (request.headers['x-seat'] || [{}])[0].value || (cookie && cookie[1]);
  return holds(token) ? request : { status: '302', headers: { location: [{ key: 'Location', value: '/queue' }] } };
};
"""


@pytest.mark.parametrize(
    ("sends", "header", "cookie"),
    [
        ('cookie_behavior = "all"', "failed", None),
        ('cookie_behavior = "none"', "failed", "failed"),
    ],
)
def test_what_a_token_comes_in_is_asked_of_the_check(
    tmp_path: Path, sends: str, header: str, cookie: str | None
) -> None:
    """No [edge], but a check in the platform: the header and the cookie that it takes a token from must reach the gateway."""
    stated = '[terraform.prod]\npath = "infra"\nstage = "release"\n'
    (tmp_path / "check").mkdir()
    (tmp_path / "check" / "index.js").write_text(CHECK, encoding="utf-8")
    (tmp_path / "check" / "config.json").write_text('{"secret": "${secret}"}', encoding="utf-8")
    more = (
        'resource "aws_cloudfront_origin_request_policy" "own" {\n  name = "own"\n'
        '  headers_config {\n    header_behavior = "whitelist"\n    headers {\n      items = ["Accept"]\n    }\n  }\n'
        f"  cookies_config {{\n    {sends}\n  }}\n"
        '  query_strings_config {\n    query_string_behavior = "all"\n  }\n}\n'
    )
    caching = (
        '    cache_policy_id          = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"\n'
        "    origin_request_policy_id = aws_cloudfront_origin_request_policy.own.id\n"
    )
    found = outcomes(platform(tmp_path, more=more, caching=caching, stated=stated))
    assert (found.get("CDN-03a"), found.get("CDN-03b")) == (header, cookie)


def test_a_distribution_serves_as_terraform_resolves_it(tmp_path: Path) -> None:
    """Blocks become the domain's objects: the API's request goes to the load balancer, a page's to the bucket."""
    root = platform(tmp_path).terraform.roots[0]
    found = distribution_of(root.resources("aws_cloudfront_distribution")[0])
    api, page = (
        found.request_to_origin(Request(path, headers=(("X-Token", "t"), ("Host", "shop"))))
        for path in ("/api/tickets", "/x")
    )
    assert api is not None
    assert page is not None
    assert (api[0].id, api[1].values("X-Token"), api[1].values("Host")) == ("alb", ("t",), ("origin.shop.internal",))
    assert (page[0].id, page[1].values("X-Token")) == ("pages", ())


PACKED = """
data "archive_file" "check" {
  type        = "zip"
  output_path = "${path.root}/.terraform/check.zip"
  source {
    filename = "index.mjs"
    content  = file("${var.folder}/index.mjs")
  }
  source {
    filename = "settings.json"
    content  = templatefile("${var.folder}/settings.json.tftpl", { room = "/wait", key = var.key })
  }
}
"""


@pytest.mark.parametrize(
    ("folder", "outcome"),
    [
        ('default = "${path.module}/../check"', None),
        ('default = "../check"', None),
        ('default = "../rewrite"', "failed"),
        ("type = string", None),
    ],
)
def test_a_check_packed_file_by_file(tmp_path: Path, folder: str, outcome: str | None) -> None:
    """`source` blocks say by `file` and `templatefile` of whose code the package is; the names in the archive say nothing of it."""
    # A default takes no interpolation: what names the folder is a local value then.
    named = folder.partition("=")[2].strip()
    more = (
        PACKED.replace("var.folder", "local.folder") + f"\nlocals {{\n  folder = {named}\n}}\n"
        if "default" in folder
        else PACKED + f'\nvariable "folder" {{\n  {folder}\n}}\n'
    )
    stated = STATED.replace("[edge]\n", '[edge]\nhandler = "check/index.mjs"\n')
    for name in ("check", "rewrite"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.mjs").write_text(CHECK, encoding="utf-8")
    found = platform(tmp_path, more=more + '\nvariable "key" {\n  type = string\n}\n', stated=stated)
    main = tmp_path / "infra" / "main.tf"
    text = main.read_text(encoding="utf-8")
    main.write_text(text.replace('"check.zip"', "data.archive_file.check.output_path"), encoding="utf-8")
    told = outcomes(Platform.open(found.root))
    assert (told.get("CDN-02a"), told.get("CDN-02b")) == (outcome, "not judged" if outcome else None)
