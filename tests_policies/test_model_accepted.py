"""Methods and web ACLs, by what CloudFront takes of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from judged_terraform import told

_PROVIDERS = 'provider "aws" {\n region = "eu-west-1"\n}\nprovider "aws" {\n alias = "edge"\n region = "us-east-1"\n}\n'
_PASSED, _FAILED, _OPEN = "passed", "failed", "not judged"


def _distribution(inner: str = "", behaviour: str = "") -> str:
    return f'resource "aws_cloudfront_distribution" "d" {{\n{inner}\n default_cache_behavior {{\n target_origin_id = "o"\n{behaviour}\n }}\n}}\n'


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        ('allowed_methods = ["HEAD", "GET"]\ncached_methods = ["GET", "HEAD", "OPTIONS"]', _PASSED),
        ('allowed_methods = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]', _PASSED),
        ('allowed_methods = ["GET", "HEAD", "POST"]', _FAILED),
        ('allowed_methods = ["GET"]', _FAILED),
        ('allowed_methods = ["get", "head"]', _FAILED),
        ('allowed_methods = ["GET", "HEAD"]\ncached_methods = ["GET", "HEAD", "POST"]', _FAILED),
        ("allowed_methods = var.methods", _OPEN),
        ('allowed_methods = ["GET", var.method]', _OPEN),
    ],
)
def test_methods(tmp_path: Path, behaviour: str, outcome: str) -> None:
    """Three sets to allow, two to cache, in any order."""
    text = _PROVIDERS + 'variable "methods" {}\nvariable "method" {}\n' + _distribution(behaviour=behaviour)
    assert told(tmp_path, text, "CDN-06t") == {"CDN-06t": [outcome]}


@pytest.mark.parametrize(
    ("web_acl", "body", "outcome"),
    [
        ("aws_wafv2_web_acl.w.arn", 'provider = aws.edge\n scope = "CLOUDFRONT"', _PASSED),
        ("aws_wafv2_web_acl.w.arn", 'region = "us-east-1"\n scope = "CLOUDFRONT"', _PASSED),
        ("aws_wafv2_web_acl.w.arn", 'scope = "CLOUDFRONT"', _FAILED),
        ("aws_wafv2_web_acl.w.arn", 'provider = aws.edge\n scope = "REGIONAL"', _FAILED),
        ("aws_wafv2_web_acl.w.arn", "provider = aws.edge\n scope = var.scope", _OPEN),
        ("aws_wafv2_web_acl.w.arn", 'count = var.on ? 1 : 0\n scope = "REGIONAL"', _OPEN),
        ('"arn:aws:wafv2:us-east-1:482915630718:global/webacl/shop/1"', "", _PASSED),
        ('"arn:aws:wafv2:eu-west-1:482915630718:regional/webacl/shop/1"', "", _FAILED),
        ("var.acl", "", _OPEN),
        ('""', "", _OPEN),
    ],
)
def test_web_acl(tmp_path: Path, web_acl: str, body: str, outcome: str) -> None:
    """Its scope and its region, as they are written, or by its ARN."""
    variables = 'variable "scope" {}\nvariable "on" {}\nvariable "acl" {}\n'
    acl = f'resource "aws_wafv2_web_acl" "w" {{\n {body}\n}}\n' if body else ""
    text = _PROVIDERS + variables + acl + _distribution(f" web_acl_id = {web_acl}")
    assert told(tmp_path, text, "CDN-07g") == {"CDN-07g": [outcome]}


def test_module_that_says_no_region(tmp_path: Path) -> None:
    """By itself a module does not say where its provider is; its scope it says."""
    module = 'terraform {\n required_providers {\n aws = {\n source = "hashicorp/aws"\n configuration_aliases = [aws.edge]\n }\n }\n}\n'
    acl = 'resource "aws_wafv2_web_acl" "w" {\n provider = aws.edge\n scope = "CLOUDFRONT"\n}\n'
    text = module + acl + _distribution(" web_acl_id = aws_wafv2_web_acl.w.arn")
    assert told(tmp_path, text, "CDN-07g") == {"CDN-07g": [_OPEN]}
