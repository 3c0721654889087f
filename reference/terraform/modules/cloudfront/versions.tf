terraform {
  required_version = ">= 1.9.0, < 2.0.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.20.0, < 7.0.0"
      # CloudFront takes its functions, its web ACL and its metrics from us-east-1 alone.
      configuration_aliases = [aws, aws.us_east_1]
    }
  }
}
