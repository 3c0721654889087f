terraform {
  required_version = ">= 1.9"

  backend "s3" {
    bucket       = "ferry-state"
    key          = "edge.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true
  }
}

provider "aws" {
  region = "us-east-1"
}

variable "edge_word" {
  description = "What the gate knows CloudFront by."
  type        = string
  sensitive   = true
}

data "archive_file" "pass" {
  type        = "zip"
  source_dir  = "${path.module}/../edge"
  output_path = "${path.module}/pass.zip"
}

resource "aws_lambda_function" "pass" {
  function_name    = "ferry-pass"
  role             = "arn:aws:iam::111122223333:role/ferry-pass"
  filename         = data.archive_file.pass.output_path
  source_code_hash = data.archive_file.pass.output_base64sha256
  handler          = "index.handler"
  runtime          = "nodejs22.x"
  publish          = true
}

resource "aws_cloudfront_distribution" "ferry" {
  enabled = true

  origin {
    origin_id   = "gate"
    domain_name = "gate.ferry.example"

    custom_origin_config {
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      http_port              = 80
      https_port             = 443
    }

    custom_header {
      name  = "X-Ferry-Edge"
      value = var.edge_word
    }
  }

  default_cache_behavior {
    target_origin_id         = "gate"
    viewer_protocol_policy   = "https-only"
    allowed_methods          = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods           = ["GET", "HEAD"]
    cache_policy_id          = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    origin_request_policy_id = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

    lambda_function_association {
      event_type = "viewer-request"
      lambda_arn = aws_lambda_function.pass.qualified_arn
    }
  }

  viewer_certificate {
    cloudfront_default_certificate = true
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }
}
