# Nothing is kept, so nothing may be in the key, and nothing is compressed: CloudFront refuses a policy without caching that says otherwise.
resource "aws_cloudfront_cache_policy" "uncached" {
  name    = "${var.name}-uncached"
  comment = "Pages and API: nothing is kept"

  min_ttl     = 0
  default_ttl = 0
  max_ttl     = 0

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_gzip   = false
    enable_accept_encoding_brotli = false

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "none"
    }

    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

# The path alone is the key, and no more than it reaches the origin: what is kept is nobody's in particular.
resource "aws_cloudfront_cache_policy" "static" {
  name    = "${var.name}-static"
  comment = "Files whose names change with their content"

  min_ttl     = 0
  default_ttl = 86400
  max_ttl     = 31536000

  parameters_in_cache_key_and_forwarded_to_origin {
    enable_accept_encoding_gzip   = true
    enable_accept_encoding_brotli = true

    cookies_config {
      cookie_behavior = "none"
    }

    headers_config {
      header_behavior = "none"
    }

    query_strings_config {
      query_string_behavior = "none"
    }
  }
}

# All that the viewer sent: the queue entry token in its cookie or header, and Authorization, which no policy can name but as one of all. Only
# not Host: the origin's certificate is for its own name.
resource "aws_cloudfront_origin_request_policy" "viewer" {
  name    = "${var.name}-viewer"
  comment = "All that the viewer sent, but for Host"

  cookies_config {
    cookie_behavior = "all"
  }

  headers_config {
    header_behavior = "allExcept"

    headers {
      items = ["Host"]
    }
  }

  query_strings_config {
    query_string_behavior = "all"
  }
}

resource "aws_cloudfront_response_headers_policy" "this" {
  name    = "${var.name}-security"
  comment = "What browsers are told"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      preload                    = true
      override                   = true
    }

    content_security_policy {
      content_security_policy = var.content_security_policy
      override                = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = true
    }

    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = true
    }
  }

  remove_headers_config {
    items {
      header = "Server"
    }

    items {
      header = "X-Powered-By"
    }
  }
}
