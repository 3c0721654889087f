"""What a name stands for at CloudFront's two ends: the security group that an Ingress names, and the certificate that a resource makes."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_model_delivery import ALB, END, INGRESS, PLACE, RULES, STATED, outcomes, platform

GROUP = """
data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}
locals {
  tags = { project = "shop" }
}
resource "aws_security_group" "alb" {
  name = "door"
  tags = merge(local.tags, { Name = "shop-door" })
%s
}
"""
LISTED = '  ingress = [{ from_port = 443, to_port = 443, protocol = "tcp", cidr_blocks = ["0.0.0.0/0"] }]\n'


def judged(root: Path, names: str, inside: str, beside: str = "") -> str | None:
    """Judge an Ingress whose load balancer has security groups by these names."""
    annotations = f"{ALB}scheme: internet-facing, {ALB}security-groups: '{names}'"
    manifest = INGRESS % (annotations, "shop.internal")
    found = platform(root, stated=STATED + PLACE, manifest=manifest, more=GROUP % inside + beside)
    return outcomes(found).get("CDN-05")


@pytest.mark.parametrize("style", RULES)
def test_group_that_an_ingress_names_is_read(tmp_path: Path, style: str) -> None:
    """By the tag Name, as the load balancer controller looks for it; its rules as they are written."""
    inside, beside, expected = RULES[style]
    assert judged(tmp_path, "shop-door", inside, beside) == expected


@pytest.mark.parametrize(
    ("names", "style", "expected"),
    [
        ("sg-0a1b2c3d", "everybody", "not judged"),
        ("door", "everybody", "not judged"),
        ("shop-door, sg-0a1b2c3d", "everybody", "failed"),
        ("shop-door, sg-0a1b2c3d", "inline", "not judged"),
        ("other-door", "everybody", "not judged"),
    ],
)
def test_group_that_is_no_root_s_is_not_known(tmp_path: Path, names: str, style: str, expected: str) -> None:
    """An id, or a name that no tag is: what one group opens is open all the same, whatever the others do."""
    inside, beside, _ = RULES[style]
    assert judged(tmp_path, names, inside, beside) == expected


def test_group_with_a_namesake_is_not_known(tmp_path: Path) -> None:
    """Two of one stage may be meant, and rules that are a value are not read."""
    inside, beside, _ = RULES["everybody"]
    twin = 'resource "aws_security_group" "twin" {\n  tags = { Name = "shop-door" }\n}\n'
    for folder, more, within in (("twins", beside + twin, inside), ("listed", "", LISTED)):
        (tmp_path / folder).mkdir()
        assert judged(tmp_path / folder, "shop-door", within, more) == "not judged"


CERTIFICATE = """
provider "aws" {
  alias  = "home"
  region = "eu-west-1"
}
provider "aws" {
  alias = "anywhere"
}
resource "aws_acm_certificate" "shop" {
  domain_name = "shop.internal"
  %s
}
resource "aws_acm_certificate_validation" "shop" {
  certificate_arn = aws_acm_certificate.shop.arn
  %s
}
"""
HOME = "provider = aws.home"


@pytest.mark.parametrize(
    ("provider", "arn", "expected"),
    [
        ("", "aws_acm_certificate.shop.arn", None),
        (HOME, "aws_acm_certificate.shop.arn", "failed"),
        (HOME, "aws_acm_certificate_validation.shop.certificate_arn", "failed"),
        ("", "aws_acm_certificate_validation.shop.certificate_arn", None),
        (HOME, "var.certificate", "not judged"),
        ("provider = aws.anywhere", "aws_acm_certificate.shop.arn", "not judged"),
        ('region = "eu-west-1"', "aws_acm_certificate.shop.arn", "failed"),
    ],
)
def test_certificate_is_where_its_provider_is(tmp_path: Path, provider: str, arn: str, expected: str | None) -> None:
    """The ARN of a resource says no region before it is made; its provider does."""
    written = next(line for line in END.splitlines() if "acm_certificate_arn" in line)
    end = END.replace(written, f"    acm_certificate_arn = {arn}")
    more = CERTIFICATE % (provider, provider) + '\nvariable "certificate" {\n  type = string\n}\n'
    assert outcomes(platform(tmp_path, end, more)).get("CDN-06s") == expected
