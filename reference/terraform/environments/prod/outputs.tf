output "distribution_id" {
  description = "Id of the CloudFront distribution."
  value       = module.cloudfront.distribution_id
}

output "distribution_domain_name" {
  description = "CloudFront's own name of the distribution: what the aliases' DNS records lead to."
  value       = module.cloudfront.domain_name
}

output "purchase_queue_url" {
  description = "URL of the purchase queue."
  value       = module.sqs.queue_url
}

output "dead_letter_queue_name" {
  description = "Name of its dead-letter queue: where to look when the alarm calls."
  value       = module.sqs.dead_letter_queue_name
}

output "ticket_worker_name" {
  description = "Name of the worker's function."
  value       = module.lambda_worker.function_name
}

output "ticket_worker_security_group_id" {
  description = "Security group of the worker, which the ticket service's internal load balancer lets in."
  value       = module.lambda_worker.security_group_id
}

output "queue_service_role_arn" {
  description = "ARN of the queue service's role: eks.amazonaws.com/role-arn of its service account."
  value       = aws_iam_role.queue_service.arn
}
