# CloudFront before a load balancer: every request is checked at viewer request, and goes on with the header by which the gateway
# knows that it was.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  origin    = "load-balancer"

  # Without these CloudFront keeps an error of one viewer for ten seconds and shows it to the others, whatever its Cache-Control says; 416 it
  # never keeps. No response code and no page: an error stays what it is.
  kept_errors = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504]
}

resource "aws_cloudfront_distribution" "this" {
  comment         = var.name
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.price_class
  aliases         = var.aliases
  web_acl_id      = aws_wafv2_web_acl.this.arn

  origin {
    origin_id   = local.origin
    domain_name = var.origin_domain_name

    custom_origin_config {
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      http_port              = 80
      https_port             = 443
      origin_read_timeout    = 30
      # Below the 60 seconds after which the load balancer closes a connection that is idle.
      origin_keepalive_timeout = 55
    }

    # Put on each request in place of what the viewer sent under this name.
    custom_header {
      name  = var.origin_header_name
      value = var.origin_header_value
    }
  }

  # The pages.
  default_cache_behavior {
    target_origin_id       = local.origin
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD", "OPTIONS"]
    cached_methods         = ["GET", "HEAD"]

    cache_policy_id            = aws_cloudfront_cache_policy.uncached.id
    origin_request_policy_id   = aws_cloudfront_origin_request_policy.viewer.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id

    lambda_function_association {
      event_type   = "viewer-request"
      lambda_arn   = aws_lambda_function.queue_check.qualified_arn
      include_body = false
    }
  }

  # The API, which the load balancer sends to the gateway.
  ordered_cache_behavior {
    path_pattern           = "/api/*"
    target_origin_id       = local.origin
    viewer_protocol_policy = "redirect-to-https"
    allowed_methods        = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods         = ["GET", "HEAD"]

    cache_policy_id            = aws_cloudfront_cache_policy.uncached.id
    origin_request_policy_id   = aws_cloudfront_origin_request_policy.viewer.id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id

    lambda_function_association {
      event_type   = "viewer-request"
      lambda_arn   = aws_lambda_function.queue_check.qualified_arn
      include_body = false
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }

  restrictions {
    geo_restriction {
      restriction_type = length(var.allowed_countries) > 0 ? "whitelist" : "none"
      locations        = var.allowed_countries
    }
  }

  # Without cookies: one of them is the queue entry token.
  logging_config {
    bucket          = aws_s3_bucket.access_logs.bucket_domain_name
    prefix          = "${var.name}/"
    include_cookies = false
  }

  # What has its content's hash in its name, and is the same for everybody. It comes from the load balancer too, so it is checked too: a path
  # that CloudFront takes for one of these may be another to the load balancer.
  dynamic "ordered_cache_behavior" {
    for_each = var.static_path_patterns

    content {
      path_pattern           = ordered_cache_behavior.value
      target_origin_id       = local.origin
      viewer_protocol_policy = "redirect-to-https"
      allowed_methods        = ["GET", "HEAD"]
      cached_methods         = ["GET", "HEAD"]
      compress               = true

      cache_policy_id            = aws_cloudfront_cache_policy.static.id
      response_headers_policy_id = aws_cloudfront_response_headers_policy.this.id

      lambda_function_association {
        event_type   = "viewer-request"
        lambda_arn   = aws_lambda_function.queue_check.qualified_arn
        include_body = false
      }
    }
  }

  dynamic "custom_error_response" {
    for_each = toset(local.kept_errors)

    content {
      error_code            = custom_error_response.value
      error_caching_min_ttl = 0
    }
  }

  # CloudFront writes there from the beginning, and asks for the grant when the distribution is made.
  depends_on = [aws_s3_bucket_acl.access_logs]
}
