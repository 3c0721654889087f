output "endpoint" {
  description = "Host name that clients connect to."
  value       = module.rds.endpoint
}

output "master_secret_arn" {
  description = "ARN of the secret with the owner's password."
  value       = module.rds.master_secret_arn
}
