output "distribution_id" {
  description = "Id of the distribution."
  value       = aws_cloudfront_distribution.this.id
}

output "distribution_arn" {
  description = "ARN of the distribution."
  value       = aws_cloudfront_distribution.this.arn
}

output "domain_name" {
  description = "CloudFront's own name of the distribution: what the aliases' DNS records lead to."
  value       = aws_cloudfront_distribution.this.domain_name
}

output "hosted_zone_id" {
  description = "Route 53's zone of that name."
  value       = aws_cloudfront_distribution.this.hosted_zone_id
}

output "queue_check_arn" {
  description = "ARN of the viewer-request function's published version."
  value       = aws_lambda_function.queue_check.qualified_arn
}

output "web_acl_arn" {
  description = "ARN of the web ACL."
  value       = aws_wafv2_web_acl.this.arn
}

output "access_logs_bucket" {
  description = "Name of the access logs' bucket."
  value       = aws_s3_bucket.access_logs.bucket
}
