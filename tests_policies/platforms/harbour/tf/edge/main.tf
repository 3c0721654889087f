terraform {
  required_version = "~> 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.20"
    }
  }

  backend "s3" {
    bucket       = "harbour-state-206318840177"
    key          = "edge.tfstate"
    region       = "eu-north-1"
    encrypt      = true
    use_lockfile = true
  }
}

# All that CloudFront takes is here, and nothing else is: one region for the whole root.
provider "aws" {
  region = "us-east-1"
}

data "aws_secretsmanager_secret_version" "crossing" {
  secret_id = "harbour/crossing"
}

data "aws_cloudfront_cache_policy" "none" {
  name = "Managed-CachingDisabled"
}

data "aws_cloudfront_origin_request_policy" "all_but_host" {
  name = "Managed-AllViewerExceptHostHeader"
}

data "aws_cloudfront_response_headers_policy" "security" {
  name = "Managed-SecurityHeadersPolicy"
}

resource "aws_cloudfront_distribution" "harbour" {
  comment    = "harbour"
  enabled    = true
  aliases    = ["ferries.harbour.internal"]
  web_acl_id = aws_wafv2_web_acl.harbour.arn

  origin {
    origin_id   = "alb"
    domain_name = "origin.harbour.internal"

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
    }

    custom_header {
      name  = "X-Harbour-Crossing"
      value = data.aws_secretsmanager_secret_version.crossing.secret_string
    }
  }

  default_cache_behavior {
    target_origin_id           = "alb"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = data.aws_cloudfront_cache_policy.none.id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.all_but_host.id
    response_headers_policy_id = data.aws_cloudfront_response_headers_policy.security.id

    lambda_function_association {
      event_type = "viewer-request"
      lambda_arn = aws_lambda_function.gate.qualified_arn
    }
  }

  # One who has no place in the queue is not to keep the others out.
  custom_error_response {
    error_code            = 403
    error_caching_min_ttl = 0
  }

  viewer_certificate {
    acm_certificate_arn      = "arn:aws:acm:us-east-1:206318840177:certificate/5d8f0c9e-3b71-4a26-8f4c-91b2d70e6a35"
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  logging_config {
    bucket = "harbour-access-206318840177.s3.amazonaws.com"
  }
}

resource "aws_wafv2_web_acl" "harbour" {
  name  = "harbour"
  scope = "CLOUDFRONT"

  default_action {
    allow {}
  }

  rule {
    name     = "known-bad"
    priority = 1

    override_action {
      none {}
    }

    statement {
      managed_rule_group_statement {
        vendor_name = "AWS"
        name        = "AWSManagedRulesKnownBadInputsRuleSet"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "known-bad"
      sampled_requests_enabled   = true
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "harbour"
    sampled_requests_enabled   = true
  }
}
